#include "script/script.h"

#include <gtest/gtest.h>

#include "script/fake_door.h"

namespace aright::script {
namespace {

Program python_function(std::string text, std::string handler = "app.handler") {
  return {.convention = Program::Convention::lambda,
          .runtime = "python3.12",
          .files = {{"app.py", std::move(text)}},
          .handler = std::move(handler),
          .event = json::Object(),
          .account = "111122223333",
          .region = "eu-central-1",
          .function_name = "fix-it",
          .request_id = "8f5d"};
}

TEST(Script, HandsTheEventInAndTheResultOut) {
  Outcome outcome =
      run(script("def main(events, context):\n  print('seen')\n  return {'sum': events['a'] + 1}\n",
                 json::Object{{"a", 41}}));
  EXPECT_TRUE(outcome.ok) << outcome.error_type << outcome.error_message;
  EXPECT_TRUE(json::equal(outcome.result, {{"sum", 42}}));
  EXPECT_EQ(outcome.log, "seen\n");
  EXPECT_GT(outcome.took, milliseconds(0));
}

TEST(Script, ThatReturnsNothingSucceedsWithNull) {
  Outcome outcome = run(script("def main(events, context):\n  pass\n"));
  EXPECT_TRUE(outcome.ok);
  EXPECT_TRUE(outcome.result.is_null());
}

TEST(Script, KeepsEveryKindOfJson) {
  json::Value event = *json::parse(
      R"({"n":null,"t":true,"i":-9007199254740993,"d":0.1,"s":"\u00e4\u20ac\ud83d\ude00\n\u0000","a":[1,[2]],"o":{}})");
  Outcome outcome = run(script("def main(events, context):\n  return events\n", event));
  EXPECT_EQ(json::print(outcome.result), json::print(event));
}

TEST(Script, OfARunbookSeesTheExecutionsVariablesInItsContext) {
  Program program = script(
      "def main(events, context):\n"
      "  return [context['automation:EXECUTION_ID'], context.get('global:REGION'), context.get('none', 'x'),\n"
      "          sorted(context), context.get_remaining_time_in_millis() > 0]\n");
  program.variables = {{"automation:EXECUTION_ID", "e-1"}, {"global:REGION", "eu-west-1"}};
  Outcome outcome = run(program);
  ASSERT_TRUE(outcome.ok) << outcome.error_message;
  EXPECT_EQ(json::print(outcome.result), R"(["e-1","eu-west-1","x",["automation:EXECUTION_ID","global:REGION"],true])");
}

TEST(Script, SleepsInNoTimeWhereTimeIsVirtual) {
  Program program = script(
      "import time\ndef main(events, context):\n  before = time.time()\n  time.sleep(120)\n"
      "  return time.time() - before\n");
  milliseconds passed{0};
  program.pass_time = [&](milliseconds time) { passed += time; };
  program.limits.wall = milliseconds(200'000);
  Outcome outcome = run(program);
  ASSERT_TRUE(outcome.ok) << outcome.error_message;
  EXPECT_GE(outcome.result.to_number<double>(), 120);
  EXPECT_EQ(passed, milliseconds(120'000));
  EXPECT_LT(outcome.took, milliseconds(120'000));
}

TEST(Script, CannotSleepLongerThanItMayRunInVirtualTimeEither) {
  Program program = script(
      "import time\ndef main(events, context):\n"
      "  try:\n    time.sleep(700)\n  except Exception:\n    return 'awake'\n");
  program.pass_time = [](milliseconds) {};
  Outcome outcome = run(program);
  EXPECT_FALSE(outcome.ok);
  EXPECT_EQ(outcome.error_type, "Sandbox.Timedout");
}

TEST(Script, TakesItsHandlerFromAnAttachmentToo) {
  Program program = script("");
  program.files = {
      {"fix.py", "from helper import two\ndef handle(events, context):\n  return two()\n"},
      {"helper/__init__.py", "def two():\n  return 2\n"}};
  program.handler = "fix.handle";
  EXPECT_EQ(run(program).result, json::Value(2));
  program.files.erase("helper/__init__.py");
  program.files["fix.py"] = "def handle(events, context):\n  return 3\n";
  program.handler = "handle";
  EXPECT_EQ(run(program).result, json::Value(3));
}

TEST(Script, KeepsOutputAndErrorsInOrder) {
  Outcome outcome = run(script(R"(
import logging, subprocess, sys
def main(events, context):
  print("one")
  print("two", file=sys.stderr)
  subprocess.run(["/usr/bin/echo", "three"])
  logging.warning("four")
  print("five", end="")
)"));
  EXPECT_EQ(outcome.log, "one\ntwo\nthree\nWARNING:root:four\nfive");
}

TEST(Script, ReportsWhatItRaises) {
  Outcome outcome =
      run(script("class Broken(Exception): pass\n\ndef main(events, context):\n  raise "
                 "Broken('no\\u00e4')\n"));
  EXPECT_FALSE(outcome.ok);
  EXPECT_EQ(outcome.error_type, "Broken");
  EXPECT_EQ(outcome.error_message, "no\u00e4");
  EXPECT_EQ(
      outcome.stack,
      (std::vector<std::string>{
          "  File \"/var/task/script.py\", line 4, in main\n    raise Broken('no\\u00e4')\n"}));
}

TEST(Script, BoundsWhatItSaysOfAnError) {
  Outcome outcome = run(script("def main(e, c):\n  raise ValueError('x' * (20 << 20))\n"));
  EXPECT_EQ(outcome.error_type, "ValueError");
  EXPECT_EQ(outcome.error_message.size(), 32u << 10);
  outcome = run(script("def main(e, c):\n  main(e, c)\n"));
  EXPECT_EQ(outcome.error_type, "RecursionError");
  EXPECT_LE(outcome.stack.size(), 100u);
}

struct Failing {
  const char* text;
  const char* type;
  const char* message;
};
class FailsAsInLambda : public testing::TestWithParam<Failing> {};
INSTANTIATE_TEST_SUITE_P(
    Script, FailsAsInLambda,
    testing::Values(
        Failing{"import nothing_like_it", "Runtime.ImportModuleError",
                "Unable to import module 'app': No module named 'nothing_like_it'"},
        Failing{"def handler(", "Runtime.UserCodeSyntaxError",
                "Syntax error in module 'app': '(' was never closed (app.py, line 1)"},
        Failing{"x = 1", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"},
        Failing{"x = 1 / 0", "ZeroDivisionError", "division by zero"},
        Failing{"import sys\ndef handler(e, c):\n  sys.exit(4)", "Runtime.ExitError",
                "Runtime exited with error: exit status 4"},
        Failing{"def handler(e, c):\n  exit('nothing to mend')", "Runtime.ExitError",
                "Runtime exited with error: exit status 1: nothing to mend"},
        Failing{
            "from datetime import datetime\ndef handler(e, c):\n  return {'at': datetime.now()}",
            "Runtime.MarshalError",
            "Unable to marshal response: Object of type datetime is not JSON serializable"},
        Failing{"def handler(e, c):\n  return {1, 2}", "Runtime.MarshalError",
                "Unable to marshal response: Object of type set is not JSON serializable"},
        Failing{"def handler(e, c):\n  return float('nan')", "Runtime.MarshalError",
                "Unable to marshal response: Out of range float values are not JSON compliant"},
        Failing{"def handler(e, c):\n  return handler(e, c)", "RecursionError",
                "maximum recursion depth exceeded"},
        Failing{"def handler(e, c):\n  raise KeyboardInterrupt('x')", "KeyboardInterrupt", "x"},
        Failing{"def handler(e, c):\n  return '\\ud800'", "Runtime.MarshalError",
                "Unable to marshal response: 'utf-8' codec can't encode character '\\ud800' in "
                "position 1: surrogates not "
                "allowed"},
        Failing{"def handler(e, c):\n  raise ValueError('\\udcff')", "ValueError", "?"},
        Failing{"class Odd(Exception):\n  def __str__(self): return 1\ndef handler(e, c):\n  raise "
                "Odd()",
                "Odd", "it cannot say what went wrong"},
        Failing{"def handler(e, c):\n  a = []; a.append(a); return a", "Runtime.MarshalError",
                "Unable to marshal response: Circular reference detected"}));

TEST_P(FailsAsInLambda, WithTheSameErrorObject) {
  Outcome outcome = run(python_function(GetParam().text));
  EXPECT_FALSE(outcome.ok);
  EXPECT_EQ(outcome.error_type, GetParam().type);
  EXPECT_EQ(outcome.error_message, GetParam().message);
}

TEST(Lambda, ReturnsDecimalsAsNumbers) {
  EXPECT_EQ(
      run(python_function("from decimal import Decimal\ndef handler(e, c):\n  return [Decimal('1.5')]"))
          .result,
      (json::Value{1.5}));
}

TEST(Lambda, GivesTheContextObject) {
  Program program = python_function(R"(
def handler(event, context):
  left = context.get_remaining_time_in_millis()
  return [context.aws_request_id, context.function_name, context.function_version, context.invoked_function_arn,
          context.memory_limit_in_mb, context.log_group_name, context.client_context, 0 < left <= 30000]
)");
  program.limits.wall = milliseconds(30'000);
  EXPECT_EQ(run(program).result,
            (json::Value{"8f5d", "fix-it", "$LATEST",
                         "arn:aws:lambda:eu-central-1:111122223333:function:fix-it", "512",
                         "/aws/lambda/fix-it", nullptr, true}));
}

TEST(Lambda, GivesTheEnvironment) {
  Program program = python_function(R"(
import os, time
def handler(event, context):
  names = ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_LAMBDA_FUNCTION_NAME", "AWS_EXECUTION_ENV", "_HANDLER", "LAMBDA_TASK_ROOT",
           "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_INITIALIZATION_TYPE", "_X_AMZN_TRACE_ID", "MINE",
           "AWS_ACCESS_KEY_ID", "PYTHONPATH")
  return [os.environ.get(name) for name in names] + [os.getcwd(), time.tzname[0], __file__]
)");
  program.environment = {{"MINE", "\u00e4=1"}, {"AWS_REGION", "not this"}};
  EXPECT_EQ(run(program).result,
            (json::Value{"eu-central-1", "eu-central-1", "fix-it", "AWS_Lambda_python3.12",
                         "app.handler", "/var/task", "512", "on-demand",
                         "Root=1-00000000-000000000000000000000000;Sampled=0", "\u00e4=1", nullptr, nullptr,
                         "/var/task", "UTC", "/var/task/app.py"}));
}

TEST(Lambda, RepeatsItsChoicesWhenTheSameRequestRunsAgain) {
  Program program = python_function(R"(
import random, secrets, uuid
def handler(event, context):
  return [random.random(), str(uuid.uuid4()), list({"one", "two", "three", "four"}), secrets.token_hex()]
)");
  json::Array first = run(program).result.as_array(), again = run(program).result.as_array();
  program.request_id = "another";
  json::Array other = run(program).result.as_array();
  EXPECT_EQ(first[0], again[0]);
  EXPECT_EQ(first[1], again[1]);
  EXPECT_EQ(first[2], again[2]);
  EXPECT_NE(first[3], again[3]);
  EXPECT_NE(first[0], other[0]);
  EXPECT_NE(first[1], other[1]);
}

TEST(Lambda, FindsAHandlerInAFolder) {
  Program program = python_function("");
  program.files = {{"src/main.py", "def go(event, context):\n  return __name__\n"}};
  program.handler = "src/main.go";
  EXPECT_EQ(run(program).result, json::Value("src.main"));
}

TEST(Lambda, HasTimeOfItsOwnBeforeItsFirstEvent) {
  auto slow = python_function(R"(
import time
time.sleep(2)
def handler(event, context):
  return context.get_remaining_time_in_millis()
)");
  slow.limits.wall = milliseconds(1'000);
  auto outcome = run(slow);
  ASSERT_TRUE(outcome.ok) << outcome.error_type << outcome.error_message;
  EXPECT_GT(json::integer(outcome.result), 500);
  EXPECT_LE(json::integer(outcome.result), 1'000);
  EXPECT_GE(outcome.initialised_in, milliseconds(2'000));
}

TEST(Lambda, IsStoppedAtItsTimeThatBeginsWithItsEvent) {
  auto slow = python_function(R"(
import time
time.sleep(1)
def handler(event, context):
  print("left", context.get_remaining_time_in_millis() > 500, flush=True)
  time.sleep(30)
)");
  slow.limits.wall = milliseconds(1'000);
  auto outcome = run(slow);
  EXPECT_EQ(outcome.error_type, "Sandbox.Timedout");
  EXPECT_EQ(outcome.log, "left True\n");
  EXPECT_LT(outcome.took, milliseconds(8'000)) << "the rest of the other time is not added";
}

// Where time is virtual, none of this takes any.
TEST(Lambda, TakesFromItsEventWhatItsInitialisationTakesTooLong) {
  auto after = [](const char* pause) {
    auto slow = python_function(fmt::format(R"(
import time
time.sleep({})
def handler(event, context):
  return context.get_remaining_time_in_millis()
)", pause));
    slow.limits.wall = milliseconds(5'000);
    slow.pass_time = [](milliseconds) {};
    return run(slow);
  };
  auto longer = after("12");
  ASSERT_TRUE(longer.ok) << longer.error_type << longer.error_message;
  EXPECT_GT(json::integer(longer.result), 2'000);
  EXPECT_LE(json::integer(longer.result), 3'000);
  EXPECT_EQ(after("16").error_type, "Sandbox.Timedout");
}

TEST(Lambda, NeedsAModuleInItsHandler) {
  EXPECT_EQ(run(python_function("def handler(e, c): pass", "handler")).error_type,
            "Runtime.MalformedHandlerName");
}

void expect_refused(const Program& program, Errc code, std::string_view part) {
  FakeDoor door;
  auto outcome = run(program, door, Context());
  ASSERT_FALSE(outcome) << part;
  EXPECT_EQ(outcome.error().code, code) << part;
  EXPECT_NE(outcome.error().message.find(part), std::string::npos) << outcome.error().message;
}

TEST(Program, OfAnotherRuntimeIsUnsupported) {
  Program program = script("");
  program.runtime = "PowerShell Core 6.0";
  expect_refused(program, Errc::unsupported, "PowerShell scripts are not run here");
  for (const char* runtime : {"ruby3.3", "python2.7", "python3", "python3.x", ""}) {
    program.runtime = runtime;
    expect_refused(program, Errc::unsupported, "is not run here; python3.x, nodejs… and provided… are");
  }
}

TEST(Program, OfARunbookIsWrittenForPython) {
  Program program = script("");
  program.runtime = "provided.al2023";
  expect_refused(program, Errc::unsupported, "write it for Python 3");
}

TEST(Program, WithAFileOutsideItsFolderIsRefused) {
  for (const char* name :
       {"../a.py", "/etc/a.py", "a/../b.py", "a//b.py", "", ".", "a/", "\xff.py"}) {
    Program program = script("");
    program.files[name] = "x";
    expect_refused(program, Errc::invalid, "is no file name");
  }
}

TEST(Program, ThatIsTooLargeIsRefused) {
  Program program = script(std::string(code_bytes_max + 1, '#'));
  expect_refused(program, Errc::invalid, "bytes, more than 52428800");
  program = script("", json::Value(std::string(payload_bytes_max, 'x')));
  expect_refused(program, Errc::invalid, "the event has more than");
  program = script("");
  program.files.clear();
  expect_refused(program, Errc::invalid, "no files");
}

TEST(Program, CannotBringCredentialsOrCodeInItsEnvironment) {
  Program program = script("");
  program.environment = {{"AWS_SECRET_ACCESS_KEY", "x"}};
  expect_refused(program, Errc::invalid, "AWS_SECRET_ACCESS_KEY is reserved");
  program.environment = {{"A=B", "x"}};
  expect_refused(program, Errc::invalid, "no name of an environment variable");
}

TEST(Program, WithoutTimeIsRefused) {
  Program program = script("");
  program.limits.wall = milliseconds(0);
  expect_refused(program, Errc::invalid, "needs some time");
}

}  // namespace
}  // namespace aright::script
