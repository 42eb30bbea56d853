"""People sign in through an identity provider: a small issuer on loopback, signing with the openssl command."""

import base64
import hashlib
import http.server
import json
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from harness import Server, Story, request, serving

POLICY = """
public_url: https://aright.example.com
targets: [{{account: "111122223333", regions: [us-east-1]}}]
principals: [{{name: ana, arn: "arn:aws:iam::111122223333:role/SecurityApprover", roles: [approver]}}]
oidc:
  issuer: {issuer}
  client_id: aright
  client_secret: "it's a secret"
  name_claim: preferred_username
  scopes: [profile]
  roles: [{{groups: [cloud-security], roles: [operator]}}]
  allow_internal: true
"""


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Issuer(http.server.ThreadingHTTPServer):
    """Knows one person, and gives one code for each sign-in that was begun."""

    daemon_threads = True

    def __init__(self, home):
        super().__init__(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.key = home / "issuer.pem"
        openssl("genrsa", "-out", self.key, "2048")
        self.modulus = bytes.fromhex(openssl("rsa", "-in", self.key, "-noout", "-modulus").decode().split("=")[1])
        self.begun = {}  # what was asked for, by code
        self.person = "ana"
        self.groups = ["cloud-security"]

    def authorize(self, url):
        """As if the person had said yes: (state, code)."""
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
        code = f"code-{len(self.begun)}"
        self.begun[code] = asked
        return asked["state"], code

    def token(self, asked):
        now = int(time.time())
        claims = {"iss": self.url, "aud": "aright", "sub": "17", "iat": now, "exp": now + 60, "nonce": asked["nonce"],
                  "preferred_username": self.person, "groups": self.groups}
        text = ".".join(base64url(json.dumps(part).encode()) for part in ({"alg": "RS256", "kid": "one"}, claims))
        signature = openssl("dgst", "-sha256", "-sign", self.key, text=text.encode())
        return f"{text}.{base64url(signature)}"


def openssl(*arguments, text=b""):
    return subprocess.run(["openssl", *map(str, arguments)], input=text, capture_output=True, check=True).stdout


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        issuer = self.server
        if self.path == "/.well-known/openid-configuration":
            return self.say({"issuer": issuer.url, "authorization_endpoint": f"{issuer.url}/authorize?tenant=acme",
                             "token_endpoint": f"{issuer.url}/token", "jwks_uri": f"{issuer.url}/keys"})
        key = {"kty": "RSA", "kid": "one", "use": "sig", "n": base64url(issuer.modulus), "e": "AQAB"}
        return self.say({"keys": [key]})

    def do_POST(self):
        said = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        asked = self.server.begun.pop(said["code"], None)
        challenge = base64url(hashlib.sha256(said["code_verifier"].encode()).digest())
        basic = base64.b64encode(b"aright:it%27s%20a%20secret").decode()
        if not asked or challenge != asked["code_challenge"] or self.headers["Authorization"] != f"Basic {basic}":
            return self.say({"error": "invalid_grant"}, 400)
        return self.say({"id_token": self.server.token(asked), "token_type": "Bearer", "access_token": "x"})

    def say(self, value, status=200):
        text = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def place_of(url, cookie=""):
    """(where it leads, the cookie that it sets)."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)
    try:
        opener.open(urllib.request.Request(url, headers={"Cookie": cookie}), timeout=60)
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.headers["Location"], (answer.headers["Set-Cookie"] or "").split(";")[0]
    raise AssertionError(f"{url} leads nowhere")


class SignOn(Story):
    def setUp(self):
        self.issuer = Issuer(self.home)
        threading.Thread(target=self.issuer.serve_forever, daemon=True).start()
        self.addCleanup(self.issuer.server_close)
        self.addCleanup(self.issuer.shutdown)
        (self.home / "aright.yaml").write_text(POLICY.format(issuer=self.issuer.url))

    def sign_in(self, server):
        """What the console is given in its fragment."""
        there, cookie = place_of(f"{server.url}/oidc/begin?page=/approvals")
        self.assertTrue(there.startswith(f"{self.issuer.url}/authorize?tenant=acme&response_type=code"), there)
        state, code = self.issuer.authorize(there)
        back, _ = place_of(f"{server.url}/oidc/back?state={state}&code={code}", cookie)
        self.assertTrue(back.startswith("https://aright.example.com/#"), back)
        return dict(urllib.parse.parse_qsl(back.split("#")[1]))

    def test_a_person_comes_and_goes(self):
        cloud = self.enterContext(Server(self.home, "sandbox"))
        with serving(self.home, cloud) as server:
            self.assertEqual(json.loads(request(f"{server.url}/oidc")[2]), {"issuer": self.issuer.url})
            given = self.sign_in(server)
            self.assertEqual(given["page"], "/approvals")
            who = json.loads(request(f"{server.url}/api/v1/session", token=given["token"])[2])
            self.assertEqual(who["principal"], "ana")
            self.assertEqual(who["arn"], "arn:aws:iam::111122223333:role/SecurityApprover")
            self.assertEqual(who["may"], ["viewer", "operator", "approver"])

            self.issuer.person, self.issuer.groups = "eve", ["sales"]
            self.assertEqual(self.sign_in(server), {"page": "/approvals", "refused": "denied"})

            self.assertEqual(request(f"{server.url}/oidc/end", "POST", {}, token=given["token"])[0], 200)
            self.assertEqual(request(f"{server.url}/api/v1/session", token=given["token"])[0], 401)
