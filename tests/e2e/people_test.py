"""People who are asked: several have to agree, each in their own name; and how they hear of it: webhooks, mail, digests."""

import base64
import email
import hashlib
import http.server
import json
import socketserver
import threading

from harness import Server, Story, serving

BUCKET = "s3-bucket-public-read-prohibited"
POLICY = """
targets: [{{account: "111122223333", regions: [us-east-1]}}]
controls: [{{id: s3-bucket-public-read-prohibited}}]
principals:
{people}
groups:
  platform: {{members: [ana, ben], tell: chat}}
  security: {{members: [carl]}}
ladders:
  four-eyes: [{{group: platform, needed: 2, wait_s: 86000}}, {{group: security, needed: 1}}]
decide: [{{name: ask, decision: approval, ladder: four-eyes}}]
notify:
  - {{name: chat, webhook: "{chat}", format: slack, allow_internal: true, on: [nothing]}}
  - {{name: post, mail: {{server: "{mail}", from: "aright <aright@example.com>", to: ["ana@example.com"], plaintext: true}},
     on: [approval_requested, resolved]}}
"""


def token(name):
    return f"token of {name}"


def policy(chat, mail):
    people = "".join(f"  - {{name: {name}, roles: [approver], token_sha256: {hashlib.sha256(token(name).encode()).hexdigest()}}}\n"
                     for name in ("ana", "ben", "carl"))
    return POLICY.format(people=people, chat=chat, mail=mail)


class Chat:
    """A webhook."""

    def __init__(self):
        self.heard = []
        chat = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                chat.heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/services/T/B/secret"


class Post:
    """An SMTP server, as much of RFC 5321 as a client needs."""

    def __init__(self):
        self.mails = []
        post = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                self.say("220 post")
                to = []
                while line := self.rfile.readline().decode().strip():
                    verb = line.split()[0].upper()
                    if verb == "QUIT":
                        return self.say("221 bye")
                    if verb == "RCPT":
                        to.append(line.split(":", 1)[1])
                    if verb == "DATA":
                        self.say("354 go on")
                        text = b""
                        while (part := self.rfile.readline()) != b".\r\n":
                            text += part
                        post.mails.append((to, email.message_from_bytes(text)))
                    self.say("250 ok")

            def say(self, text):
                self.wfile.write(text.encode() + b"\r\n")

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"smtp://127.0.0.1:{self.server.server_address[1]}"


class People(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chat, cls.post = Chat(), Post()
        for one in (cls.chat, cls.post):
            threading.Thread(target=one.server.serve_forever, daemon=True).start()
            cls.addClassCleanup(one.server.server_close)
            cls.addClassCleanup(one.server.shutdown)
        (cls.home / "aright.yaml").write_text(policy(cls.chat.url, cls.post.url))
        cls.cloud = cls.enterClassContext(Server(cls.home, "sandbox"))
        cls.server = cls.enterClassContext(serving(cls.home, cls.cloud))

    def waits(self):
        return self.eventually("something waits", lambda: self.aright("approvals", "--json").json["approvals"])

    def as_person(self, name, *words, code=0):
        return self.aright(*words, "--server", self.server.url, "--token", token(name), code=code)

    def test_two_people_agree_each_in_their_own_name(self):
        one = self.waits()[0]
        remediation = one["remediation"]
        self.assertEqual((one["approval"]["needed"], one["approvers"]), (2, ["ana", "ben"]))
        self.assertIn("AR-0019", self.as_person("carl", "approve", remediation, code=1).err)


        told = self.as_person("ana", "approve", remediation, "--plan", one["plan_hash"], "-m", "seen", "--json").json
        self.assertEqual(told["stage"], "awaiting_approval")
        self.assertIn("AR-0020", self.as_person("ana", "approve", remediation, code=1).err)
        listed = self.aright("approvals").out
        self.assertRegex(listed, r"1 of 2: ana +ana, ben")

        told = self.as_person("ben", "approve", remediation, "--json").json
        self.assertEqual(told["stage"], "resolved")
        self.assertEqual([who["principal"] for who in told["approvals"]], ["ana", "ben"])
        self.assertNotIn(remediation, [item["remediation"] for item in self.aright("approvals", "--json").json["approvals"]])

        asked = self.eventually("the group hears of it", lambda: [said for said in self.chat.heard if "Approve the fix" in said["text"]])
        self.assertEqual(asked[0]["blocks"][0]["type"], "header")
        mails = self.eventually("mails", lambda: len(self.post.mails) > 1 and self.post.mails)
        to, mail = mails[0]
        self.assertEqual((to, mail["From"]), (["<ana@example.com>"], "aright <aright@example.com>"))
        self.assertIn("Approve the fix of AWS::S3::Bucket", mail["Subject"])
        self.assertIn(f"control: {BUCKET}", base64.b64decode(mail.get_payload()).decode())

    def test_channels_are_listed_and_tried(self):
        listed = self.aright("notify", "list", "--json").json["channels"]
        self.assertEqual([(one["name"], one["kind"], one["format"]) for one in listed],
                         [("chat", "webhook", "slack"), ("post", "mail", "aright")])
        self.assertNotIn("secret", json.dumps(listed), "what lets others write there stays here")
        self.assertIn("took a test message", self.aright("notify", "test", "chat").out)
        self.assertIn("tries the channel chat", " ".join(one["text"] for one in self.chat.heard))
        self.assertIn("no channel 'nowhere'", self.aright("notify", "test", "nowhere", code=1).err)
