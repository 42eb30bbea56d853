#include "aws/wire.h"

#include <gmock/gmock.h>

#include "aws/wire_error.h"
#include "aws/wire_value.h"
#include "base/digest.h"

namespace aright::aws {
namespace {

using testing::HasSubstr;

struct Named {
  model::Service service;
  model::Operation operation;
};

Named named(std::string_view service, std::string_view operation) {
  auto found = *model::Models::embedded().service(service);
  return {found, *found.operation(operation)};
}

json::Object json_object(std::string_view text) {
  return json::parse(text)->as_object();
}

Result<Encoded> encode(std::string_view service, std::string_view operation,
                       std::string_view input) {
  auto [found, op] = named(service, operation);
  return encode_request(found, op, json_object(input));
}

std::string encode_refusal(std::string_view service, std::string_view operation, std::string_view input) {
  auto encoded = encode(service, operation, input);
  return encoded ? "" : encoded.error().message;
}

std::string decoded(std::string_view service, std::string_view operation,
                    const net::Response& response) {
  auto [found, op] = named(service, operation);
  auto output = decode_response(found, op, response);
  return output ? json::print(*output) : output.error().text();
}

std::string routed(std::string_view service, std::string method, std::string target,
                   net::Headers headers = {}, std::string_view host_bucket = "") {
  auto found = *model::Models::embedded().service(service);
  net::Request request{.method = method, .target = target, .headers = headers};
  auto route = route_request(found, request, host_bucket);
  return route ? std::string(route->operation.name()) : "";
}

TEST(Wire, WritesEc2InItsOwnDialect) {
  auto encoded = encode("ec2", "DescribeInstances",
                        R"({"Filters":[{"Name":"vpc-id","Values":["a","b"]}],"DryRun":true})");
  EXPECT_EQ(encoded->request.body,
            "Action=DescribeInstances&Version=2016-11-15&Filter.1.Name=vpc-id&Filter.1.Value.1=a&"
            "Filter.1.Value.2=b&DryRun=true");
  EXPECT_EQ(encoded->request.headers.get("Content-Type"),
            "application/x-www-form-urlencoded; charset=utf-8");
}

TEST(Wire, WritesQueryWithMembersAndEntries) {
  auto encoded = encode("sns", "CreateTopic",
                        R"({"Name":"t","Attributes":{"K":"V"},"Tags":[{"Key":"a","Value":""}]})");
  EXPECT_EQ(encoded->request.body,
            "Action=CreateTopic&Version=2010-03-31&Name=t&Attributes.entry.1.key=K&"
            "Attributes.entry.1.value=V&Tags.member.1.Key=a&Tags.member.1.Value=");
}

TEST(Wire, WritesJsonWithItsTarget) {
  auto encoded = encode("ssm", "GetParameter", R"({"Name":"/a","WithDecryption":true})");
  EXPECT_EQ(encoded->request.headers.get("X-Amz-Target"), "AmazonSSM.GetParameter");
  EXPECT_EQ(encoded->request.headers.get("Content-Type"), "application/x-amz-json-1.1");
  EXPECT_EQ(encoded->request.body, R"({"Name":"/a","WithDecryption":true})");
}

TEST(Wire, WritesS3InPathStyleWithXmlAndChecksum) {
  auto encoded = encode("s3", "PutPublicAccessBlock",
                        R"({"Bucket":"logs","PublicAccessBlockConfiguration":
                           {"BlockPublicAcls":true}})");
  EXPECT_EQ(encoded->request.method, "PUT");
  EXPECT_EQ(encoded->request.target, "/logs?publicAccessBlock");
  EXPECT_THAT(encoded->request.body, HasSubstr("<PublicAccessBlockConfiguration "
                                               "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                                               "<BlockPublicAcls>true</BlockPublicAcls>"
                                               "</PublicAccessBlockConfiguration>"));
  EXPECT_EQ(encoded->request.headers.get("Content-MD5"), to_base64(md5(encoded->request.body)));
}

TEST(Wire, AnnouncedChecksumsAreComputed) {
  auto sum = [](std::string algorithm) {
    auto encoded = encode("s3", "PutObject",
                          R"({"Bucket":"b","Key":"k","Body":"MTIzNDU2Nzg5","ChecksumAlgorithm":")" +
                              algorithm + "\"}");
    return to_hex(*from_base64(encoded->request.headers.get("x-amz-checksum-" + algorithm)));
  };
  // The check values that both sums are published with.
  EXPECT_EQ(sum("CRC32"), "cbf43926");
  EXPECT_EQ(sum("CRC32C"), "e3069283");
  EXPECT_EQ(sum("SHA1"), to_hex(sha1("123456789")));
  EXPECT_EQ(sum("SHA256"), to_hex(sha256("123456789")));
  EXPECT_THAT(encode_refusal("s3", "PutObject", R"({"Bucket":"b","Key":"k","ChecksumAlgorithm":"MD6"})"),
              HasSubstr("MD6 is unknown"));
}

TEST(Wire, AttributesCarryTheirNamespace) {
  auto encoded = encode("s3", "PutBucketAcl",
                        R"({"Bucket":"b","AccessControlPolicy":{"Grants":[
                           {"Grantee":{"Type":"CanonicalUser","ID":"x"},"Permission":"READ"}]}})");
  EXPECT_THAT(encoded->request.body,
              HasSubstr("<Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
                        "xsi:type=\"CanonicalUser\"><ID>x</ID></Grantee>"));
}

TEST(Wire, LabelsAreEncodedAndGreedyOnesKeepTheirSlashes) {
  auto json_object = encode("s3", "GetObject", R"({"Bucket":"b","Key":"a b/ü+~//c"})");
  EXPECT_EQ(json_object->request.target, "/b/a%20b/%C3%BC%2B~//c");
  auto function = encode("lambda", "GetFunction", R"({"FunctionName":"arn:aws:lambda:x:1:f/1"})");
  EXPECT_EQ(function->request.target, "/2015-03-31/functions/arn%3Aaws%3Alambda%3Ax%3A1%3Af%2F1");
}

TEST(Wire, HostPrefixesAreFilled) {
  auto encoded = encode("s3control", "GetPublicAccessBlock", R"({"AccountId":"123456789012"})");
  EXPECT_EQ(encoded->host_prefix, "123456789012.");
  EXPECT_EQ(encoded->request.headers.get("x-amz-account-id"), "123456789012");
  EXPECT_THAT(encode_refusal("s3control", "GetPublicAccessBlock", R"({"AccountId":"evil.com/"})"),
              HasSubstr("goes into the host's name"));
}

TEST(Wire, MissingTokensAreMadeUp) {
  auto token = encode("efs", "CreateFileSystem", "{}");
  EXPECT_THAT(token->request.body,
              testing::MatchesRegex(".*\"CreationToken\":\"[0-9a-f-]{36}\".*"));
}

TEST(Wire, GivenTokensStay) {
  EXPECT_THAT(encode("efs", "CreateFileSystem", R"({"CreationToken":"mine"})")->request.body,
              HasSubstr("\"CreationToken\":\"mine\""));
}

TEST(Wire, BadInputIsRefusedByName) {
  EXPECT_EQ(encode_refusal("s3", "PutBucketAcl", R"({"Buckett":"b"})"), "Bucket is missing");
  EXPECT_EQ(encode_refusal("s3", "GetBucketAcl", R"({"Bucket":"b","bucketowner":1,"Foo":2})"),
            "bucketowner is unknown");
  EXPECT_EQ(encode_refusal("ec2", "DescribeInstances", R"({"InstanceId":["i-1"]})"),
            "InstanceId is unknown; InstanceIds is known");
  EXPECT_EQ(encode_refusal("ec2", "DescribeInstances", R"({"Filters":[{"Name":"a","Values":"b"}]})"),
            "Filters[0].Values: must be a list, not text");
  EXPECT_EQ(encode_refusal("ec2", "DescribeInstances", R"({"MaxResults":"5"})"),
            "MaxResults: must be a whole number, not text");
  EXPECT_EQ(encode_refusal("s3", "GetObject", R"({"Bucket":"b","Key":""})"),
            "Key goes into the path and may not be empty");
  EXPECT_EQ(encode_refusal("s3", "PutObject", R"({"Bucket":"b","Key":"k","CacheControl":"a\r\nx: y"})"),
            "CacheControl goes into a header and may have no line breaks");
  EXPECT_EQ(encode_refusal("sts", "GetCallerIdentity", R"({"A":1})"), "A is unknown");
}

TEST(Wire, InputIsNestedNoDeeperThanItsLimit) {
  std::string nested = R"({"S":"x"})";
  for (int i = 0; i < 40; ++i)
    nested = R"({"L":[)" + nested + "]}";
  EXPECT_THAT(encode_refusal("dynamodb", "PutItem", R"({"TableName":"t","Item":{"a":)" + nested + "}}"),
              HasSubstr("is nested deeper than 64"));
}

TEST(Wire, EventStreamsAreRefused) {
  EXPECT_THAT(decoded("bedrock-agent-runtime", "InvokeAgent", {.status = 200, .body = "{}"}),
              HasSubstr("answers with an event stream"));
}

TEST(Wire, ReadsBucketLocationsBareElement) {
  net::Response response{.status = 200,
                         .body = "<LocationConstraint xmlns=\"x\">eu-west-1</LocationConstraint>"};
  EXPECT_EQ(decoded("s3", "GetBucketLocation", response), R"({"LocationConstraint":"eu-west-1"})");
  response.body = "<LocationConstraint xmlns=\"x\"/>";
  EXPECT_EQ(decoded("s3", "GetBucketLocation", response), "{}");
}

TEST(Wire, ReadsHeadersOfAnswers) {
  net::Response response{.status = 200,
                         .headers = {{"Content-Length", "5"},
                                     {"ETag", "\"e\""},
                                     {"x-amz-meta-Owner", "me"},
                                     {"Last-Modified", "Tue, 29 Apr 2014 18:30:38 GMT"}},
                         .body = "hello"};
  EXPECT_EQ(decoded("s3", "GetObject", response),
            R"({"LastModified":"2014-04-29T18:30:38Z","ContentLength":5,"ETag":"\"e\"",)"
            R"("Metadata":{"Owner":"me"},"Body":"aGVsbG8="})");
}

TEST(Wire, ReadsEveryWayToSayATime) {
  for (std::string_view text :
       {"\"2014-04-29T18:30:38Z\"", "\"2014-04-29T20:30:38+02:00\"", "1398796238", "1398796238.0",
        "\"1398796238\"", "\"Tue, 29 Apr 2014 18:30:38 GMT\""}) {
    auto time = read_time(*json::parse(text));
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(iso_text(*time), "2014-04-29T18:30:38Z");
  }
  EXPECT_FALSE(read_time("yesterday"));
  EXPECT_FALSE(read_time(1e300));
}

struct ErrorCase {
  const char* what;
  net::Response response;
  const char* text;
  Errc code;
};

TEST(WireError, IsReadInEveryProtocol) {
  const ErrorCase cases[] = {
      {"S3",
       {.status = 404,
        .body = "<Error><Code>NoSuchBucket</Code><Message>gone</Message><BucketName>b</BucketName>"
                "</Error>"},
       "NoSuchBucket: gone",
       Errc::not_found},
      {"query",
       {.status = 400,
        .body = "<ErrorResponse xmlns=\"x\"><Error><Type>Sender</Type><Code>AccessDenied</Code>"
                "<Message>no</Message></Error><RequestId>1</RequestId></ErrorResponse>"},
       "AccessDenied: no",
       Errc::denied},
      {"ec2",
       {.status = 400,
        .body = "<?xml version=\"1.0\"?>\n<Response><Errors><Error><Code>InvalidGroup.Duplicate"
                "</Code><Message>twice</Message></Error></Errors></Response>"},
       "InvalidGroup.Duplicate: twice",
       Errc::conflict},
      {"json",
       {.status = 400, .body = R"({"__type":"com.amazonaws.ssm#ParameterNotFound","Message":"m"})"},
       "ParameterNotFound: m",
       Errc::not_found},
      {"rest-json",
       {.status = 429,
        .headers = {{"x-amzn-errortype", "TooManyRequestsException:http://internal/x/"}},
        .body = R"({"message":"slow"})"},
       "TooManyRequestsException: slow",
       Errc::throttled},
      {"json that spoke query",
       {.status = 400,
        .headers = {{"x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender"}},
        .body = R"({"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"m"})"},
       "AWS.SimpleQueueService.NonExistentQueue: m",
       Errc::not_found},
      {"HEAD", {.status = 404}, "404: HTTP status 404", Errc::not_found},
      {"not modified", {.status = 304}, "304: HTTP status 304", Errc::invalid},
      {"a proxy",
       {.status = 502, .body = "<html><body>Bad Gateway"},
       "502: HTTP status 502",
       Errc::unavailable},
  };
  for (const ErrorCase& one : cases) {
    auto error = read_error(one.response);
    EXPECT_EQ(error.text(), one.text) << one.what;
    EXPECT_EQ(error.code, one.code) << one.what;
    EXPECT_EQ(error.http_status, one.response.status) << one.what;
  }
}

TEST(WireError, BrokenServersMayHaveDoneTheirWork) {
  EXPECT_EQ(read_error({.status = 500}).retry, Retry::unknown_outcome);
  EXPECT_EQ(read_error({.status = 503}).retry, Retry::later);
  EXPECT_EQ(read_error({.status = 400}).retry, Retry::never);
}

TEST(WireError, S3MayFailAfterItSaid200) {
  net::Response response{.status = 200, .body = "<Error><Code>InternalError</Code></Error>"};
  EXPECT_EQ(decoded("s3", "CompleteMultipartUpload", response), "InternalError: HTTP status 500");
  // But what somebody stored is theirs.
  EXPECT_THAT(decoded("s3", "GetObject", response), HasSubstr("\"Body\":"));
}

TEST(WireError, ComesBackInEveryProtocol) {
  Error error{.code = Errc::not_found,
              .message = "no <such> thing",
              .wire_code = "NoSuchThing",
              .http_status = 404};
  for (std::string_view name : {"s3", "s3control", "iam", "ec2", "ssm", "lambda", "route53"}) {
    auto service = *model::Models::embedded().service(name);
    auto read = read_error(encode_error(service, error, "r-1"));
    EXPECT_EQ(read.text(), error.text()) << name;
    EXPECT_EQ(read.http_status, 404) << name;
  }
}

TEST(WireError, HasTodaysNameInTheBodyAndTheOldOneInTheHeader) {
  Error error{.code = Errc::not_found, .message = "m", .wire_code = "AWS.SimpleQueueService.NonExistentQueue",
              .http_status = 400};
  auto service = *model::Models::embedded().service("sqs");
  auto response = write_error(service, model::Protocol::json, error, "r-1");
  EXPECT_EQ(response.headers.get("x-amzn-query-error"), "AWS.SimpleQueueService.NonExistentQueue;Sender");
  EXPECT_THAT(response.body, HasSubstr("\"__type\":\"QueueDoesNotExist\""));
  EXPECT_EQ(read_error(response).wire_code, error.wire_code);
}

TEST(WireError, HasTheOldNameInTheHeaderWhereAQueryServiceIsSpokenToInJson) {
  Error error{.code = Errc::invalid, .message = "m", .wire_code = "InvalidParameterValue", .http_status = 400};
  auto service = *model::Models::embedded().service("cloudwatch");
  EXPECT_EQ(write_error(service, model::Protocol::json, error, "r-1").headers.get("x-amzn-query-error"),
            "InvalidParameterValue;Sender");
}

TEST(Route, TellsS3OperationsApart) {
  EXPECT_EQ(routed("s3", "GET", "/"), "ListBuckets");
  EXPECT_EQ(routed("s3", "GET", "/b"), "ListObjects");
  EXPECT_EQ(routed("s3", "GET", "/b/"), "ListObjects");
  EXPECT_EQ(routed("s3", "GET", "/b?list-type=2&prefix=a"), "ListObjectsV2");
  EXPECT_EQ(routed("s3", "GET", "/b?list-type=2&prefix="), "ListObjectsV2");
  EXPECT_EQ(routed("s3", "GET", "/b?policy"), "GetBucketPolicy");
  EXPECT_EQ(routed("s3", "GET", "/b?policyStatus"), "GetBucketPolicyStatus");
  EXPECT_EQ(routed("s3", "PUT", "/b?acl="), "PutBucketAcl");
  EXPECT_EQ(routed("s3", "PUT", "/b/k"), "PutObject");
  EXPECT_EQ(routed("s3", "PUT", "/b/k?partNumber=1&uploadId=u"), "UploadPart");
  EXPECT_EQ(routed("s3", "PUT", "/b/k", {{"x-amz-copy-source", "b/o"}}), "CopyObject");
  EXPECT_EQ(routed("s3", "GET", "/b/k?uploadId=u"), "ListParts");
  EXPECT_EQ(routed("s3", "GET", "/b/k?x-id=GetObject"), "GetObject");
  EXPECT_EQ(routed("s3", "HEAD", "/b/k"), "HeadObject");
  EXPECT_EQ(routed("s3", "PUT", "/k/l", {}, "b"), "PutObject");
  EXPECT_EQ(routed("s3", "GET", "/", {}, "b"), "ListObjects");
  EXPECT_EQ(routed("s3", "GET", "/?encryption", {}, "b"), "GetBucketEncryption");
}

TEST(Route, NewerSubresourcesAreNoOldOperation) {
  EXPECT_EQ(routed("s3", "PUT", "/b?metadataTable"), "");
  EXPECT_EQ(routed("s3", "DELETE", "/b?metadataTable="), "");
  EXPECT_EQ(routed("s3", "POST", "/b"), "");
}

TEST(Route, ReadsTargetsAndActions) {
  EXPECT_EQ(routed("ssm", "POST", "/", {{"X-Amz-Target", "AmazonSSM.GetParameter"}}),
            "GetParameter");
  EXPECT_EQ(routed("ssm", "POST", "/", {{"X-Amz-Target", "Other.GetParameter"}}), "");
  for (const auto* prefix : {"com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101", "CloudTrail_20131101"}) {
    auto target = fmt::format("{}.ListTrails", prefix);
    EXPECT_EQ(routed("cloudtrail", "POST", "/", {{"X-Amz-Target", target}}), "ListTrails");
  }
  EXPECT_EQ(routed("iam", "GET", "/?Action=GetUser&Version=2010-05-08"), "GetUser");
  EXPECT_EQ(routed("iam", "GET", "/?Action=Frobnicate"), "");
  EXPECT_EQ(routed("sqs", "GET", "/1/q?Action=PurgeQueue"), "PurgeQueue");
  EXPECT_EQ(routed("lambda", "GET", "/2015-03-31/functions/f"), "GetFunction");
  EXPECT_EQ(routed("lambda", "GET", "/2015-03-31/functions/"), "ListFunctions");
}

TEST(Wire, StreamedBodiesAreJoined) {
  auto s3 = *model::Models::embedded().service("s3");
  net::Request request{.method = "PUT",
                       .target = "/b/k",
                       .headers = {{"X-Amz-Content-Sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"},
                                   {"Content-Encoding", "gzip,aws-chunked"},
                                   {"x-amz-decoded-content-length", "8"}},
                       .body =
                           "5\r\nhello\r\n3;x=y\r\n, w\r\n0\r\n"
                           "x-amz-checksum-crc32:AAAAAA==\r\n\r\n"};
  auto routed = *route_request(s3, request);
  auto input = decode_request(s3, routed, request);
  ASSERT_TRUE(input) << input.error().text();
  EXPECT_EQ(json::text(*input, "Body"), to_base64("hello, w"));
  EXPECT_EQ(json::text(*input, "ContentEncoding"), "gzip");
  EXPECT_EQ(json::text(*input, "ChecksumCRC32"), "AAAAAA==");
  request.headers.set("x-amz-decoded-content-length", "9");
  EXPECT_FALSE(decode_request(s3, routed, request));
  for (std::string_view body : {"", "5\r\nhell", "5\r\nhelloo\r\n0\r\n\r\n", "x\r\n",
                                "ffffffffffffffffff\r\n", "0\r\nnothing\r\n"}) {
    request.body = body;
    EXPECT_FALSE(decode_request(s3, routed, request)) << body;
  }
}

TEST(Wire, AServerNamesWhatIsWrong) {
  auto ec2 = *model::Models::embedded().service("ec2");
  net::Request request{.method = "POST",
                       .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                       .body = "Action=DescribeInstances&Filter.x.Name=a"};
  auto input = decode_request(ec2, *route_request(ec2, request), request);
  ASSERT_FALSE(input);
  EXPECT_EQ(input.error().message, "Filter.x: a list's items are numbered");
  EXPECT_EQ(input.error().wire_code, "InvalidParameterValue");
  EXPECT_EQ(input.error().http_status, 400);
}

TEST(Wire, AnAnswerSpeaksAsItWasSpokenTo) {
  auto [sqs, op] = named("sqs", "GetQueueAttributes");
  net::Request request{.method = "POST",
                       .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                       .body = "Action=GetQueueAttributes&QueueUrl=u&AttributeName.1=All"};
  auto route = route_request(sqs, request);
  EXPECT_EQ(json::print(*decode_request(sqs, *route, request)),
            R"({"QueueUrl":"u","AttributeNames":["All"]})");
  auto output = json_object(R"({"Attributes":{"DelaySeconds":"0"}})");
  EXPECT_THAT(encode_response(sqs, op, output, "1", route->protocol).body,
              HasSubstr("<Attribute><Name>DelaySeconds</Name><Value>0</Value></Attribute>"));
  EXPECT_THAT(encode_response(sqs, op, output, "1").body, HasSubstr("{\"Attributes\""));
}

}  // namespace
}  // namespace aright::aws
