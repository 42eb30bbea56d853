// Functions that are processes of their own: what Lambda promises them, and what they cannot reach.

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>

#include "script/fake_door.h"
#include "script/run.h"

namespace aright::script {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Program lambda(std::string runtime, std::string file, std::string text, std::string handler) {
  return {.convention = Program::Convention::lambda,
          .runtime = std::move(runtime),
          .files = {{std::move(file), std::move(text)}},
          .handler = std::move(handler),
          .event = json::Object{{"name", "Ana"}},
          .account = "111122223333",
          .region = "eu-central-1",
          .function_name = "greet",
          .request_id = "8c1f4a5e-0000-4000-8000-000000000001",
          .limits = {.wall = milliseconds(20'000)}};
}

class Node : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists("/usr/bin/node")) GTEST_SKIP() << "needs Debian's nodejs";
  }
  static Program program(std::string text, std::string file = "index.js") {
    return lambda("nodejs20.x", std::move(file), std::move(text), "index.handler");
  }
};

TEST_F(Node, GivesEventAndContextToAHandlerAndTakesItsResult) {
  auto outcome = run(program(R"(exports.handler = async (event, context) => ({
    hello: event.name, id: context.awsRequestId, name: context.functionName, arn: context.invokedFunctionArn,
    left: context.getRemainingTimeInMillis() > 10000, region: process.env.AWS_REGION});)"));
  ASSERT_TRUE(outcome.ok) << outcome.error_message << outcome.log;
  EXPECT_EQ(json::canonical(outcome.result),
            R"({"arn":"arn:aws:lambda:eu-central-1:111122223333:function:greet","hello":"Ana",)"
            R"("id":"8c1f4a5e-0000-4000-8000-000000000001","left":true,"name":"greet","region":"eu-central-1"})");
}

TEST_F(Node, TakesCallbacksModulesAndNothing) {
  EXPECT_EQ(run(program("exports.handler = (event, context, tell) => setTimeout(() => tell(null, 7), 5)")).result, 7);
  EXPECT_EQ(run(program("exports.handler = (event, context) => context.succeed('done')")).result, "done");
  EXPECT_EQ(run(program("export const handler = async () => [1, 2]", "index.mjs")).result, json::Value({1, 2}));
  EXPECT_TRUE(run(program("exports.handler = () => {}")).ok);
  auto nested = program("module.exports = {deep: {handler: async () => 'deep'}}", "src/app.js");
  nested.handler = "src/app.deep.handler";
  EXPECT_EQ(run(nested).result, "deep");
}

TEST_F(Node, TellsWhatItsHandlerThrew) {
  auto thrown = run(program("exports.handler = async () => { throw new RangeError('too far') }"));
  EXPECT_FALSE(thrown.ok);
  EXPECT_EQ(thrown.error_type, "RangeError");
  EXPECT_EQ(thrown.error_message, "too far");
  EXPECT_THAT(thrown.stack.at(1), HasSubstr("/var/task/index.js:1"));
  EXPECT_EQ(run(program("exports.handler = (e, c, callback) => callback('no')")).error_message, "no");
  auto rejected =
      run(program("exports.handler = () => { Promise.reject(new Error('x')); setTimeout(() => {}, 5000) }"));
  EXPECT_EQ(rejected.error_type, "Runtime.UnhandledPromiseRejection");
  EXPECT_EQ(run(program("exports.handler = () => { setTimeout(() => { throw new TypeError('late') }, 1) }")).error_type,
            "TypeError");
}

TEST_F(Node, TellsWhatIsWrongWithItsCode) {
  EXPECT_EQ(run(program("exports.other = 1")).error_type, "Runtime.HandlerNotFound");
  EXPECT_EQ(run(program("exports.handler = (", "index.js")).error_type, "Runtime.UserCodeSyntaxError");
  EXPECT_EQ(run(program("", "other.js")).error_type, "Runtime.ImportModuleError");
  auto missing = run(program("require('@aws-sdk/client-s3')"));
  EXPECT_EQ(missing.error_type, "Runtime.ImportModuleError");
  EXPECT_THAT(missing.error_message, HasSubstr("put @aws-sdk/client-s3 into the package or into a layer"));
}

TEST_F(Node, FindsModulesOfItsLayersEitherWay) {
  auto required = program("exports.handler = async () => require('tool').name");
  required.layers = {{"nodejs/node_modules/tool/index.js", "exports.name = 'from a layer'"}};
  EXPECT_EQ(run(required).result, "from a layer");
  auto imported = program("import tool from 'tool'; export const handler = async () => tool.name", "index.mjs");
  imported.layers = required.layers;
  EXPECT_EQ(run(imported).result, "from a layer");
}

TEST_F(Node, DrawsTheSameChanceWithTheSameRequestId) {
  auto drawing = program("exports.handler = async () => [Math.random(), require('crypto').randomUUID()]");
  auto first = run(drawing).result, again = run(drawing).result;
  drawing.request_id = "8c1f4a5e-0000-4000-8000-000000000002";
  EXPECT_EQ(first, again);
  EXPECT_NE(first, run(drawing).result);
}

TEST_F(Node, IsStoppedAtItsTime) {
  auto endless = program("exports.handler = () => new Promise(() => setInterval(() => {}, 1000))");
  endless.limits.wall = milliseconds(1'500);
  EXPECT_EQ(run(endless).error_type, "Sandbox.Timedout");
}

TEST_F(Node, HasTimeOfItsOwnBeforeItsFirstEvent) {
  auto slow = program(R"(await new Promise((resolve) => setTimeout(resolve, 2000));
export const handler = async (event, context) => context.getRemainingTimeInMillis();)", "index.mjs");
  slow.limits.wall = milliseconds(1'000);
  auto outcome = run(slow);
  ASSERT_TRUE(outcome.ok) << outcome.error_type << outcome.error_message << outcome.log;
  EXPECT_GT(json::integer(outcome.result), 0);
  EXPECT_LE(json::integer(outcome.result), 1'000);
  EXPECT_GE(outcome.initialised_in, milliseconds(2'000));
}

TEST_F(Node, IsStoppedWhenItHoldsTooMuch) {
  auto greedy =
      program("const all = []; exports.handler = async () => { for (;;) all.push(Buffer.alloc(1 << 22, 1)) }");
  greedy.limits.memory_bytes = 200u << 20;
  EXPECT_EQ(run(greedy).error_type, "Runtime.OutOfMemory");
}

TEST_F(Node, LogsAsLambdaDoes) {
  EXPECT_THAT(run(program("exports.handler = async () => console.warn('mind', {the: 'gap'})")).log,
              HasSubstr("\t8c1f4a5e-0000-4000-8000-000000000001\tWARN\tmind { the: 'gap' }\n"));
}

// AWS as any SDK asks for it: over HTTP, with a signature that names service and region.
constexpr auto ask_aws = R"(
const ask = (service, headers, body) => fetch(process.env.AWS_ENDPOINT_URL, {method: 'POST', body, headers: {
  Authorization: `AWS4-HMAC-SHA256 Credential=execution/20260101/us-west-2/${service}/aws4_request, ` +
    'SignedHeaders=host;x-amz-date, Signature=00', 'X-Amz-Date': '20260101T000000Z', ...headers}});
)";

TEST_F(Node, ReachesAwsThroughItsDoorOnly) {
  FakeDoor door([](const aws::Call&, const Context&) {
    return json::Object{{"Item", json::Object{{"id", {{"S", "1"}}}}}};
  });
  auto outcome = run_through(door, program(std::string(ask_aws) + R"(exports.handler = async () => {
    const answer = await ask('dynamodb', {'X-Amz-Target': 'DynamoDB_20120810.GetItem',
      'Content-Type': 'application/x-amz-json-1.0'}, '{"TableName": "t", "Key": {"id": {"S": "1"}}}');
    return [answer.status, (await answer.json()).Item.id.S];
  };)"));
  EXPECT_EQ(outcome.result, json::Value({200, "1"})) << outcome.error_message << outcome.log;
  ASSERT_EQ(door.calls.size(), 1u);
  EXPECT_EQ(door.calls[0].name(), "dynamodb:GetItem");
  EXPECT_EQ(door.calls[0].region, "us-west-2");
  EXPECT_EQ(door.calls[0].account, "111122223333");
  EXPECT_EQ(json::text(door.calls[0].input, "TableName"), "t");
}

TEST_F(Node, HearsErrorsAsTheServiceSaysThem) {
  FakeDoor door([](const aws::Call&, const Context&) -> Result<json::Object> {
    return fail({.code = Errc::denied, .message = "not in the plan", .number = "AR-0004"});
  });
  auto outcome = run_through(door, program(std::string(ask_aws) + R"(exports.handler = async () => {
    const answer = await ask('iam', {'Content-Type': 'application/x-www-form-urlencoded'},
      'Action=DeleteUser&Version=2010-05-08&UserName=ana');
    const unknown = await ask('nothing', {}, '');
    return [answer.status, (await answer.text()).includes('<Code>AccessDenied</Code>'), unknown.status];
  };)"));
  EXPECT_EQ(outcome.result, json::Value({403, true, 404})) << outcome.error_message << outcome.log;
}

// A runtime of one's own: any program that speaks the Runtime API. Here in Python, by hand.
class Provided : public ::testing::Test {
 protected:
  static Program program(const std::string& body) {
    auto out = lambda("provided.al2023", "bootstrap", R"(#!/usr/bin/python3
import http.client, json, os, socket, sys
def ask(method, path, body=None, **headers):
  line = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
  line.request(method, "/2018-06-01/runtime" + path, body, headers)
  answer = line.getresponse()
  return answer.status, answer.read(), answer.headers
def take():
  status, body, headers = ask("GET", "/invocation/next")
  return headers["Lambda-Runtime-Aws-Request-Id"], json.loads(body), headers
)" + body, "anything");
    out.executables = {"/var/task/bootstrap"};
    return out;
  }
};

TEST_F(Provided, TakesItsEventAndGivesItsResult) {
  auto outcome = run(program(R"(
id, event, headers = take()
told = {"event": event, "arn": headers["Lambda-Runtime-Invoked-Function-Arn"],
        "deadline": int(headers["Lambda-Runtime-Deadline-Ms"]) > 1700000000000, "handler": os.environ["_HANDLER"]}
print(ask("POST", f"/invocation/{id}/response", json.dumps(told))[:2], flush=True)
)"));
  ASSERT_TRUE(outcome.ok) << outcome.error_message << outcome.log;
  EXPECT_EQ(json::text(outcome.result, "arn", ""), "arn:aws:lambda:eu-central-1:111122223333:function:greet");
  EXPECT_TRUE(json::truth(json::at(outcome.result, "deadline")));
  EXPECT_EQ(json::text(outcome.result, "handler", ""), "anything");
}

TEST_F(Provided, MayTellThatItFailed) {
  auto failed = run(program(R"(
id, event, headers = take()
ask("POST", f"/invocation/{id}/error", json.dumps({"errorMessage": "no such file", "errorType": "Missing", "stackTrace": ["a", "b"]}))
)"));
  EXPECT_EQ(failed.error_type, "Missing");
  EXPECT_EQ(failed.error_message, "no such file");
  EXPECT_THAT(failed.stack, ElementsAre("a", "b"));
  auto unready = run(program(R"(ask("POST", "/init/error", "{}", **{"Lambda-Runtime-Function-Error-Type": "Runtime.NoLibrary"}))"));
  EXPECT_EQ(unready.error_type, "Runtime.NoLibrary");
}

TEST_F(Provided, EndsWithAnErrorWhenItGoesWithoutAWord) {
  auto left = run(program("take(); sys.exit(3)"));
  EXPECT_EQ(left.error_type, "Runtime.ExitError");
  EXPECT_THAT(left.error_message, HasSubstr("exit status 3"));
  EXPECT_THAT(run(program("os.kill(os.getpid(), 9)")).error_message, HasSubstr("signal: 9"));
  auto plain = program("");
  plain.executables.clear();
  EXPECT_EQ(run(plain).error_type, "Runtime.InvalidEntrypoint");
  EXPECT_THAT(run(plain).error_message, HasSubstr("permission denied"));
  plain.files = {{"other", "x"}};
  EXPECT_THAT(run(plain).error_message, HasSubstr("no such file"));
}

TEST_F(Provided, IsHeldToTheRulesOfTheRuntimeApi) {
  auto outcome = run(program(R"(
early = ask("POST", "/invocation/x/response", "1")[0]
id, event, headers = take()
codes = [early, ask("POST", "/invocation/other/response", "1")[0], ask("GET", "/nothing")[0],
         ask("POST", "/init/error", "{}")[0]]
if os.fork() == 0:
  ask("GET", "/invocation/next")
  print("a second event", flush=True)
ask("POST", f"/invocation/{id}/response", json.dumps(codes))
)"));
  EXPECT_EQ(outcome.result, json::Value({400, 400, 404, 403})) << outcome.error_message << outcome.log;
  EXPECT_THAT(outcome.log, IsEmpty());
}

TEST_F(Provided, CannotGiveMoreThanLambdaTakes) {
  auto outcome = run(program(R"(
id, event, headers = take()
ask("POST", f"/invocation/{id}/response", '"' + "x" * (6 << 20) + '"')
)"));
  EXPECT_EQ(outcome.error_type, "Function.ResponseSizeTooLarge");
}

TEST_F(Provided, MayStandInALayerAndHoldAnyBytes) {
  auto program = Provided::program(R"(
id, event, headers = take()
ask("POST", f"/invocation/{id}/response", json.dumps([sys.argv[0], open("/var/task/data.bin", "rb").read().hex()]))
)");
  program.layers = {{"bootstrap", program.files.at("bootstrap")}};
  program.files = {{"data.bin", std::string("\x00\xff\x80", 3)}};
  program.executables = {"/opt/bootstrap"};
  EXPECT_EQ(run(program).result, json::Value({"/opt/bootstrap", "00ff80"}));
}

// A host's own service on loopback, which no jail may reach.
class Listening {
 public:
  Listening() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in any{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {::htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    socklen_t size = sizeof any;
    ::bind(socket_, reinterpret_cast<sockaddr*>(&any), size);
    ::listen(socket_, 1);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&any), &size);
    port = ntohs(any.sin_port);
  }
  ~Listening() { ::close(socket_); }
  int port = 0;

 private:
  int socket_;
};

TEST_F(Provided, ReachesNothingButItsOwnLoopback) {
  Listening host;
  auto attempts = program(fmt::format(R"(
def attempt(what, *arguments):
  try: return str(what(*arguments))
  except OSError as error: return type(error).__name__
def connect(address):
  line = socket.socket(); line.settimeout(3); line.connect(address); return "connected"
id, event, headers = take()
found = [attempt(connect, ("127.0.0.1", {})), attempt(connect, ("169.254.169.254", 80)), attempt(connect, ("10.0.0.1", 443)),
         attempt(socket.socket, socket.AF_UNIX), attempt(socket.socket, socket.AF_NETLINK, socket.SOCK_RAW),
         attempt(socket.socket, socket.AF_INET, socket.SOCK_RAW, 1), attempt(socket.socket, socket.AF_PACKET, socket.SOCK_RAW),
         os.path.exists("/proc/self"), os.path.exists("/etc/passwd"), os.getuid() == 0]
ask("POST", f"/invocation/{{id}}/response", json.dumps(found))
)", host.port));
  auto outcome = run(attempts);
  EXPECT_EQ(json::print(outcome.result),
            R"(["ConnectionRefusedError","OSError","OSError","PermissionError","PermissionError","PermissionError",)"
            R"("PermissionError",false,false,false])")
      << outcome.error_message << outcome.log;
}

TEST_F(Provided, HasNoMoreProcessesThanItMay) {
  auto outcome = run(program(R"(
import signal
id, event, headers = take()
born = 0
try:
  while born < 1000:
    if os.fork() == 0: signal.pause()
    born += 1
except OSError: pass
ask("POST", f"/invocation/{id}/response", json.dumps(born < 40))
)"));
  EXPECT_EQ(outcome.result, true) << outcome.error_message << outcome.log;
}

TEST(Layers, GivePythonItsModules) {
  auto program =
      lambda("python3.12", "app.py", "import tool\ndef handler(event, context): return tool.name", "app.handler");
  program.layers = {{"python/tool.py", "name = 'from a layer'"}};
  EXPECT_EQ(run(program).result, "from a layer");
}

}  // namespace
}  // namespace aright::script
