#include "script/script.h"

#include <gtest/gtest.h>

#include "script/fake_door.h"

namespace aright::script {
namespace {

TEST(Script, HandsBackWhatTheHandlerReturns) {
  FakeDoor door;
  auto outcome = run(script("def main(events, context):\n  print('seen')\n  return {'sum': events['a'] + 1}\n",
                            json::Object{{"a", 41}}),
                     door, Context());
  ASSERT_TRUE(outcome) << outcome.error().text();
  EXPECT_TRUE(outcome->ok) << outcome->error_type << outcome->error_message;
  EXPECT_EQ(outcome->result, (json::Value{{"sum", 42}}));
  EXPECT_EQ(outcome->log, "seen\n");
}

TEST(Script, CallsAwsThroughItsDoor) {
  FakeDoor door([](const aws::Call&, const Context&) {
    return json::Object{{"Buckets", json::Array{{{"Name", "logs"}, {"CreationDate", "2024-05-01T10:00:00Z"}}}}};
  });
  auto outcome = run(script("import boto3\ndef main(events, context):\n"
                            "  b = boto3.client('s3').list_buckets()['Buckets'][0]\n"
                            "  return [b['Name'], b['CreationDate'].isoformat()]\n"),
                     door, Context());
  ASSERT_TRUE(outcome) << outcome.error().text();
  EXPECT_EQ(outcome->result, (json::Value{"logs", "2024-05-01T10:00:00+00:00"}))
      << outcome->error_type << outcome->error_message << outcome->log;
}

}  // namespace
}  // namespace aright::script
