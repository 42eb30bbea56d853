#include "cloud/classify.h"

#include <gmock/gmock.h>

namespace aright::cloud {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Classification of(std::string service, std::string operation,
                  std::string_view input = R"({"Bucket":"logs"})") {
  return classify({.service = std::move(service),
                   .operation = std::move(operation),
                   .region = "eu-west-1",
                   .account = "111122223333",
                   .input = json::members(*json::parse(input))});
}

TEST(Classify, TellsEffectAndWayBackOfTheOperationsOfS3) {
  struct Case {
    const char* operation;
    Effect effect;
    bool invertible;
    const char* input = R"({"Bucket":"logs"})";
  };
  for (const auto& [operation, effect, invertible, input] : std::initializer_list<Case>{
           {"ListBuckets", Effect::read, false, "{}"},
           {"HeadBucket", Effect::read, false},
           {"GetBucketAcl", Effect::read, false},
           {"GetBucketPolicyStatus", Effect::read, false},
           {"GetObject", Effect::read, false, R"({"Bucket":"logs","Key":"a"})"},
           {"ListObjectsV2", Effect::read, false},
           {"PutBucketAcl", Effect::write, true, R"({"Bucket":"logs","ACL":"private"})"},
           {"PutBucketTagging", Effect::write, true,
            R"({"Bucket":"logs","Tagging":{"TagSet":[]}})"},
           {"DeleteBucketPolicy", Effect::write, true},
           {"PutPublicAccessBlock", Effect::write, true,
            R"({"Bucket":"logs","PublicAccessBlockConfiguration":{}})"},
           {"CreateBucket", Effect::create, true},
           {"DeleteBucket", Effect::remove, false},
           {"PutObject", Effect::create, true, R"({"Bucket":"logs","Key":"a","Body":""})"},
           {"DeleteObject", Effect::remove, false, R"({"Bucket":"logs","Key":"a"})"},
           {"PutBucketNotification", Effect::unknown, false},
           {"NoSuchOperation", Effect::unknown, false},
       }) {
    auto what = of("s3", operation, input);
    EXPECT_EQ(what.effect, effect) << operation;
    EXPECT_EQ(what.invertible, invertible) << operation << ": " << what.why_not;
    EXPECT_EQ(what.reads(), effect == Effect::read) << operation;
  }
}

TEST(Classify, NamesResourceAndAspects) {
  auto what = of("s3", "DeletePublicAccessBlock");
  ASSERT_EQ(what.touches.size(), 1u);
  EXPECT_EQ(what.touches[0].resource,
            (ResourceRef{"111122223333", "eu-west-1", "AWS::S3::Bucket", "logs"}));
  EXPECT_THAT(what.touches[0].aspects, ElementsAre("PublicAccessBlockConfiguration"));
}

TEST(Classify, TakesOnlyTheAspectsThatTheInputEngages) {
  auto plain = of("s3", "CreateBucket");
  EXPECT_THAT(plain.touches.at(0).aspects, ElementsAre("OwnershipControls"));
  auto open = of("s3", "CreateBucket", R"({"Bucket":"logs","ACL":"public-read"})");
  EXPECT_THAT(open.touches.at(0).aspects, ElementsAre("Acl", "OwnershipControls"));
}

TEST(Classify, AnActionChangesNothingDescribedAndCannotBeUndone) {
  auto what = of("sts", "AssumeRole", R"({"RoleArn":"arn:aws:iam::1:role/x"})");
  EXPECT_EQ(what.effect, Effect::action);
  EXPECT_FALSE(what.invertible);
  EXPECT_TRUE(what.writes());
}

TEST(Classify, WhereNoDescriptionSaysAnythingTheActionDataTellsReads) {
  EXPECT_EQ(of("appstream", "DescribeFleets", "{}").effect, Effect::read);
  EXPECT_EQ(of("dynamodb", "DescribeTable", R"({"TableName":"t"})").effect, Effect::read);
  EXPECT_EQ(of("elbv2", "DescribeLoadBalancers", "{}").effect, Effect::read);
  EXPECT_EQ(of("appstream", "DeleteFleet", R"({"Name":"f"})").effect, Effect::unknown);
  EXPECT_EQ(of("sqs", "ReceiveMessage", R"({"QueueUrl":"q"})").reads(),
            false);  // hides what it shows
  EXPECT_EQ(of("sts", "GetSessionToken", "{}").effect,
            Effect::action);  // a description has the word
}

TEST(Classify, InputThatNothingExplainsTakesTheWayBackAway) {
  auto odd = of("s3", "PutBucketVersioning",
                R"({"Bucket":"logs","VersioningConfiguration":{},"Surprise":1})");
  EXPECT_EQ(odd.effect, Effect::write);
  EXPECT_FALSE(odd.invertible);
  EXPECT_THAT(odd.why_not, HasSubstr("Surprise"));
  auto known = of(
      "s3", "PutBucketVersioning",
      R"({"Bucket":"logs","VersioningConfiguration":{},"ExpectedBucketOwner":"1","ContentMD5":"x"})");
  EXPECT_TRUE(known.invertible) << known.why_not;
}

// One operation for many types of resource, told apart by their ids.
const Catalog& tagging() {
  static const Catalog catalog = *Catalog::load(std::map<std::string, std::string>{{"ec2.yaml", R"(
service: ec2
resources:
  AWS::EC2::SecurityGroup: &group
    key: GroupId
    id: "sg-{hex17}"
    arn: "arn:{partition}:ec2:{region}:{account}:security-group/{GroupId}"
    missing: InvalidGroup.NotFound
    create: {op: CreateSecurityGroup, id: GroupId}
    delete: DeleteSecurityGroup
    list: {op: DescribeSecurityGroups, each: "SecurityGroups[]", id: GroupId}
    aspects:
      Tags:
        shown: Tags
        identity: Key
        add: {op: CreateTags, by: "Resources[]", at: "Tags[]"}
        drop: {op: DeleteTags, by: "Resources[]", at: "Tags[]", whole: true}
  AWS::EC2::Volume:
    key: VolumeId
    id: "vol-{hex17}"
    arn: "arn:{partition}:ec2:{region}:{account}:volume/{VolumeId}"
    missing: InvalidVolume.NotFound
    list: {op: DescribeVolumes, each: "Volumes[]", id: VolumeId}
    aspects:
      Tags:
        shown: Tags
        identity: Key
        add: {op: CreateTags, by: "Resources[]", at: "Tags[]"}
        drop: {op: DeleteTags, by: "Resources[]", at: "Tags[]", whole: true}
)"}});
  return catalog;
}

Classification tag(std::string_view resources) {
  aws::Call call{
      .service = "ec2", .operation = "CreateTags", .region = "eu-west-1", .account = "1"};
  call.input = {{"Resources", *json::parse(resources)},
                {"Tags", *json::parse(R"([{"Key":"k","Value":"v"}])")}};
  return classify(call, tagging());
}

TEST(Classify, ToldByThePrefixOfTheId) {
  auto what = tag(R"(["sg-1","vol-1","sg-2"])");
  std::vector<std::string> found;
  for (const auto& touch : what.touches)
    found.push_back(touch.resource.type + " " + touch.resource.id);
  EXPECT_THAT(found, ElementsAre("AWS::EC2::SecurityGroup sg-1", "AWS::EC2::SecurityGroup sg-2",
                                 "AWS::EC2::Volume vol-1"));
  EXPECT_TRUE(what.invertible) << what.why_not;
}

TEST(Classify, AResourceOfNoDescribedTypeTakesTheWayBackAway) {
  auto what = tag(R"(["sg-1","vgw-1"])");
  EXPECT_EQ(what.effect, Effect::write);
  EXPECT_FALSE(what.invertible);
  EXPECT_THAT(what.why_not, HasSubstr("vgw-1"));
  EXPECT_EQ(tag(R"(["vgw-1"])").effect, Effect::unknown);
}

}  // namespace
}  // namespace aright::cloud
