// Signature version 4 by what AWS publishes: the examples of its documentation, and its test suite, as AWS's own SDK
// for JavaScript carries it (tests/clients pins the version).

#include <gtest/gtest.h>

#include <map>
#include <ranges>

#include "aws/oracle.h"
#include "aws/signature.h"
#include "base/text.h"

namespace aright::aws {
namespace {

std::string signed_as(net::Request request, const Credentials& credentials, Scope scope,
                      std::string_view when) {
  sign(request, credentials, scope, *parse_timestamp(when));
  return request.headers.get("Authorization");
}

std::string signature_in(const std::string& authorization) {
  return authorization.substr(authorization.rfind('=') + 1);
}

const Credentials general{.access_key_id = "AKIDEXAMPLE",
                          .secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")};
const Credentials of_s3{.access_key_id = "AKIAIOSFODNN7EXAMPLE",
                        .secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")};

// https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
TEST(SignatureExamples, ListUsers) {
  net::Request request{
      .target = "/?Action=ListUsers&Version=2010-05-08",
      .headers = {{"Host", "iam.amazonaws.com"},
                  {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}}};
  auto authorization = signed_as(request, general, {.region = "us-east-1", .service = "iam"},
                                 "2015-08-30T12:36:00Z");
  EXPECT_EQ(authorization,
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
            "SignedHeaders=content-type;host;x-amz-date, "
            "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
TEST(SignatureExamples, S3Headers) {
  struct Example {
    net::Request request;
    const char* signature;
  };
  auto host = std::pair<std::string, std::string>("Host", "examplebucket.s3.amazonaws.com");
  const Example examples[] = {
      {{.target = "/test.txt", .headers = {host, {"Range", "bytes=0-9"}}},
       "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
      {{.method = "PUT",
        .target = "/test%24file.text",
        .headers = {host,
                    {"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                    {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
        .body = "Welcome to Amazon S3."},
       "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
      {{.target = "/?lifecycle", .headers = {host}},
       "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
      {{.target = "/?max-keys=2&prefix=J", .headers = {host}},
       "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
  };
  for (const Example& one : examples) {
    auto authorization = signed_as(one.request, of_s3, {.region = "us-east-1", .service = "s3"},
                                   "2013-05-24T00:00:00Z");
    EXPECT_EQ(signature_in(authorization), one.signature) << one.request.target;
  }
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
TEST(SignatureExamples, S3Presigned) {
  net::Request request{.target = "/test.txt",
                       .headers = {{"Host", "examplebucket.s3.amazonaws.com"}}};
  presign(request, of_s3, {.region = "us-east-1", .service = "s3"},
          *parse_timestamp("2013-05-24T00:00:00Z"), seconds(86400));
  EXPECT_EQ(signature_in(request.target),
            "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and
// …-streaming-trailers.html
net::Request streamed(std::string payload, std::string authorization,
                      std::vector<std::string> sums) {
  const std::string pieces[] = {std::string(65536, 'a'), std::string(1024, 'a'), ""};
  net::Request request{.method = "PUT",
                       .target = "/examplebucket/chunkObject.txt",
                       .headers = {{"Host", "s3.amazonaws.com"},
                                   {"x-amz-date", "20130524T000000Z"},
                                   {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
                                   {"Content-Encoding", "aws-chunked"},
                                   {"x-amz-decoded-content-length", "66560"},
                                   {"x-amz-content-sha256", payload}}};
  for (std::size_t i = 0; i < std::size(pieces); ++i) {
    request.body +=
        fmt::format("{:x};chunk-signature={}\r\n{}", pieces[i].size(), sums[i], pieces[i]);
    if (!pieces[i].empty()) request.body += "\r\n";
  }
  request.headers.set("Authorization",
                      "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/"
                      "aws4_request," +
                          authorization);
  return request;
}

const Timestamp of_examples = *parse_timestamp("2013-05-24T00:00:00Z");

TEST(SignatureExamples, S3Streaming) {
  auto request =
      streamed("STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
               "SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;"
               "x-amz-decoded-content-length;x-amz-storage-class,"
               "Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
               {"ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
                "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
                "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"});
  request.headers.set("Content-Length", "66824");
  request.body += "\r\n";
  auto verified = verify(request, of_s3.secret_access_key, of_examples);
  EXPECT_TRUE(verified) << verified.error().text();
  request.body[100] = 'b';
  EXPECT_FALSE(verify(request, of_s3.secret_access_key, of_examples));
}

TEST(SignatureExamples, S3StreamingWithTrailers) {
  auto request =
      streamed("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
               "SignedHeaders=content-encoding;host;x-amz-content-sha256;x-amz-date;"
               "x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer,"
               "Signature=106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
               {"b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
                "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
                "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992"});
  request.headers.set("x-amz-trailer", "x-amz-checksum-crc32c");
  request.body +=
      "x-amz-checksum-crc32c:sOO8/Q==\r\n"
      "x-amz-trailer-signature:"
      "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n";
  auto verified = verify(request, of_s3.secret_access_key, of_examples);
  EXPECT_TRUE(verified) << verified.error().text();
  request.body = replace_all(request.body, "sOO8", "sOO9");
  EXPECT_FALSE(verify(request, of_s3.secret_access_key, of_examples));
}

// A request as it stands on the wire. A line that is indented has another value of the header before it: so does the
// suite read them.
net::Request read_request(const std::string& text) {
  net::Request request;
  auto end = text.find("\n\n");
  if (end != text.npos) request.body = text.substr(end + 2);
  auto lines = split(text.substr(0, end), '\n');
  auto space = lines.front().find(' ');
  request.method = lines.front().substr(0, space);
  request.target = lines.front().substr(space + 1);
  std::vector<std::pair<std::string, std::string>> headers;
  for (const std::string& line : lines | std::views::drop(1)) {
    if (line.starts_with(' '))
      headers.emplace_back(headers.back().first, trim(line));
    else if (!line.empty())
      headers.emplace_back(line.substr(0, line.find(':')), line.substr(line.find(':') + 1));
  }
  for (auto& [name, value] : headers)
    request.headers.add(name, value);
  return request;
}

const Scope of_suite{.region = "us-east-1", .service = "service"};
constexpr const char* when_of_suite = "2015-08-30T12:36:00Z";

struct Published {
  net::Request request;
  std::string authorization;
};

// By name. The SDK keeps the cases as it sees requests: a header with its values joined, a query taken apart.
std::map<std::string, Published> suite() {
  std::map<std::string, Published> cases;
  for (const json::Value& one : oracle("node", ARIGHT_SOURCE_DIR "/tests/clients/signatures.mjs")) {
    net::Request request{.method = json::text(json::at(one, "method")),
                         .target = json::text(json::at(one, "target")),
                         .body = json::text(json::at(one, "body"))};
    for (const auto& [name, value] : json::members(json::at(one, "headers")))
      request.headers.set(std::string_view(name), json::text(value));
    cases[json::text(json::at(one, "name"))] = {std::move(request), json::text(json::at(one, "authorization"))};
  }
  return cases;
}

TEST(SignatureSuite, EveryCaseIsSignedAsPublished) {
  auto cases = suite();
  ASSERT_GE(cases.size(), 24u) << "tests/clients has no node_modules: tools/build release clients";
  for (auto& [name, published] : cases) {
    auto credentials = general;
    auto token = published.request.headers.get("x-amz-security-token");
    if (!token.empty()) credentials.session_token = Secret(token);
    EXPECT_EQ(signed_as(published.request, credentials, of_suite, when_of_suite), published.authorization) << name;
  }
}

// What the SDK normalizes before it signs, as it comes in: headers said twice, on two lines, with spaces.
TEST(SignatureSuite, HeadersAreReadFromTheWireAsPublished) {
  const std::map<std::string, std::string> wire{
      {"get-header-key-duplicate", "My-Header1:value2\nMy-Header1:value2\nMy-Header1:value1\n"},
      {"get-header-value-multiline", "My-Header1:value1\n  value2\n     value3\n"},
      {"get-header-value-order", "My-Header1:value4\nMy-Header1:value1\nMy-Header1:value3\nMy-Header1:value2\n"},
      {"get-header-value-trim", "My-Header1: value1\nMy-Header2: \"a   b   c\"\n"},
  };
  auto cases = suite();
  for (const auto& [name, headers] : wire) {
    auto request = read_request("GET /\nHost:example.amazonaws.com\n" + headers + "X-Amz-Date:20150830T123600Z\n");
    ASSERT_TRUE(cases.contains(name)) << name;
    EXPECT_EQ(signature_in(signed_as(request, general, of_suite, when_of_suite)),
              signature_in(cases[name].authorization))
        << name;
  }
}

// The suite's folder normalize-path: paths that are one another's.
TEST(SignatureSuite, PathsAreNormalizedButForS3) {
  auto signature = [](const std::string& path, const std::string& service = "service") {
    auto request = read_request("GET " + path + "\nHost:example.amazonaws.com\n");
    return signature_in(signed_as(request, general, {.region = "us-east-1", .service = service}, when_of_suite));
  };
  const auto vanilla = signature_in(suite()["get-vanilla"].authorization);
  for (const char* root : {"/", "/example/..", "/example1/example2/../..", "//", "/./"})
    EXPECT_EQ(signature(root), vanilla) << root;
  EXPECT_EQ(signature("/./example"), signature("/example"));
  EXPECT_EQ(signature("//example//"), signature("/example/"));
  EXPECT_NE(signature("/example/"), signature("/example"));
  EXPECT_NE(signature("/example/..", "s3"), signature("/", "s3"));
  EXPECT_NE(signature("//", "s3"), signature("/", "s3"));
}

}  // namespace
}  // namespace aright::aws
