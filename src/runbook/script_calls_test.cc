#include "runbook/script_calls.h"

#include <gmock/gmock.h>

#include <fmt/format.h>

namespace aright::runbook {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> calls(std::string_view script) {
  std::vector<std::string> out;
  for (const auto& call : look_at_script(script).calls) out.push_back(call.service + "." + call.method);
  return out;
}

TEST(ScriptCalls, AreThoseOfAClientByItsName) {
  EXPECT_THAT(calls("import boto3\n"
                    "def main(events, context):\n"
                    "  ec2 = boto3.client('ec2', region_name=events['Region'])  # ec2.terminate_instances()\n"
                    "  if ec2.describe_instances()['Reservations']:\n"
                    "    ec2.stop_instances(InstanceIds=['i'])\n"
                    "    ec2.stop_instances(InstanceIds=['j'])\n"),
              ElementsAre("ec2.describe_instances", "ec2.stop_instances"));
}

TEST(ScriptCalls, AreFoundWithoutAName) {
  EXPECT_THAT(calls("boto3.client(\"sts\").get_caller_identity()"), ElementsAre("sts.get_caller_identity"));
}

TEST(ScriptCalls, OfSeveralClientsInOneAssignment) {
  EXPECT_THAT(calls("a, b = boto3.client('iam'), boto3.client('s3', config=Config(x=(1, 2)))\n"
                    "a.list_users()\nb.list_buckets()\n"),
              ElementsAre("iam.list_users", "s3.list_buckets"));
}

TEST(ScriptCalls, OfClientsThatAFunctionMakes) {
  EXPECT_THAT(calls("def connect_to_rds():\n  return boto3.client('rds', config=C)\n"
                    "def main(e, c):\n  rds = connect_to_rds()\n  rds.describe_db_instances()\n"
                    "  connect_to_rds().stop_db_instance()\n"),
              ElementsAre("rds.stop_db_instance", "rds.describe_db_instances"));
}

TEST(ScriptCalls, OfClientsThatAreDeclaredAndHandedOut) {
  EXPECT_THAT(calls("def connect() -> S3Client:\n  s3: S3Client = boto3.client('s3')\n  return s3\n"
                    "def main(e, c):\n  mine = connect()\n  mine.list_buckets()\n"),
              ElementsAre("s3.list_buckets"));
}

TEST(ScriptCalls, OfMembersSessionsAndPaginators) {
  EXPECT_THAT(calls("session = boto3.Session()\n"
                    "class A:\n  def __init__(self):\n    self.logs = session.client(service_name='logs')\n"
                    "  def go(self):\n"
                    "    for page in self.logs.get_paginator('describe_log_groups').paginate(): pass\n"),
              ElementsAre("logs.describe_log_groups"));
}

TEST(ScriptCalls, InTextAreNone) {
  EXPECT_THAT(calls("x = '''\ns3 = boto3.client('s3')\ns3.list_buckets()\n'''\n"), IsEmpty());
}

TEST(ScriptCalls, ThatCannotBeToldAreSaidSo) {
  auto look = look_at_script("s3 = boto3.resource('s3')\n"
                             "c = boto3.client(name)\n"
                             "ec2 = boto3.client('ec2')\n"
                             "getattr(ec2, operation)()\n"
                             "ec2.get_waiter('instance_stopped').wait()\n");
  EXPECT_THAT(look.calls, IsEmpty());
  EXPECT_EQ(look.unknown.size(), 4u);
}

TEST(ScriptCalls, OfBrokenScriptsDoNotMatter) {
  for (const char* text : {"'", "\"\"\"", "boto3.client(", "= boto3.client('s3')", "(((", ")",
                           "a, = boto3.client('s3')", "\\"})
    look_at_script(text);
}

}  // namespace
}  // namespace aright::runbook
