// Our words and botocore's are the same: what it sends is what we read and would send, and it reads
// in our answers what we put there. For all services: ARIGHT_ORACLE=all.

#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <pugixml.hpp>
#include <sstream>

#include "aws/quirks.h"
#include "aws/random_value.h"
#include "aws/wire.h"
#include "base/file.h"
#include "base/text.h"
#include "net/url.h"

namespace aright::aws {
namespace {

// Every protocol, and the services whose resources are most often mended.
constexpr std::string_view usual_services[] = {
    "apigateway", "autoscaling", "cloudfront", "cloudtrail",  "cloudwatch", "config",  "dynamodb",
    "ec2",        "ecr",         "efs",        "eks",         "elbv2",      "glacier", "guardduty",
    "iam",        "kms",         "lambda",     "lex-runtime", "logs",       "rds",     "redshift",
    "route53",    "s3",          "s3control",  "sns",         "sqs",        "ssm",     "sts"};

// Where the two packages' models say different things; which of them is older varies.
constexpr std::string_view models_differ[] = {"chime-sdk-messaging:UpdateChannelReadMarker",
                                              "codecatalyst:ListDevEnvironments",
                                              "dataexchange:SendApiAsset",
                                              "dlm:DeleteLifecyclePolicy",
                                              "dlm:GetLifecyclePolicy",
                                              "ec2:DescribeInstanceTypes",
                                              "ec2:ModifyVerifiedAccessTrustProvider",
                                              "nimble:StartStreamingSession",
                                              "nimble:StopStreamingSession",
                                              "quicksight:ListIAMPolicyAssignments",
                                              "securitylake:CreateAwsLogSource",
                                              "securitylake:CreateCustomLogSource",
                                              "securitylake:CreateSubscriber",
                                              "securitylake:DeleteAwsLogSource",
                                              "securitylake:DeleteCustomLogSource",
                                              "securitylake:DeleteSubscriber",
                                              "securitylake:ListLogSources",
                                              "servicecatalog-appregistry:AssociateResource",
                                              "sesv2:ListContacts",
                                              "sesv2:ListImportJobs"};

constexpr int reports_max = 40;

json::Value text_value(std::string_view text) {
  return json::Value(json::String(text));
}

json::Object response_json(const net::Response& response) {
  json::Object headers;
  for (const auto& [name, value] : response.headers)
    headers[name] = value;
  return {{"status", response.status},
          {"headers", std::move(headers)},
          {"body", text_value(to_base64(response.body))}};
}

const Error refused{.code = Errc::invalid, .message = "no <such> thing", .wire_code = "NoThing"};

json::Array make_cases(bool all) {
  json::Array cases;
  Random random(9);
  for (const model::Service& service : model::Models::embedded().services()) {
    if (!all && std::ranges::count(usual_services, service.name()) == 0) continue;
    for (const model::Operation& operation : service.operations()) {
      auto name = fmt::format("{}:{}", service.name(), operation.name());
      bool left_out = std::ranges::count(models_differ, name) > 0 ||
                      is_overshadowed(service, operation) || is_streamed(operation.input()) ||
                      is_streamed(operation.output()) || is_bare_location(service, operation);
      if (left_out) continue;
      RandomValue values(random, {.empty = false, .fractions = false, .awkward = false});
      auto input = values.message(operation.input());
      // What botocore does before its serializer, in handlers of its own.
      adjust_input(service, input);
      restore_input(service, input);
      auto output = values.message(operation.output());
      // Debian's botocore still speaks query to SQS.
      std::optional<model::Protocol> spoken;
      if (service.name() == "sqs") spoken = model::Protocol::query;
      auto response = encode_response(service, operation, output, "4f1c", spoken);
      if (auto length = response.headers.find("Content-Length")) {
        output["ContentLength"] = std::stoll(*length);
      }
      auto failure = encode_error(service, refused, "4f1c", spoken);
      cases.push_back(json::Object{{"service", text_value(service.name())},
                                   {"operation", text_value(operation.name())},
                                   {"input", std::move(input)},
                                   {"output", std::move(output)},
                                   {"response", response_json(response)},
                                   {"failure", response_json(failure)}});
    }
  }
  return cases;
}

net::Request sent_request(const json::Value& one) {
  net::Request request{.method = json::text(one, "method", ""),
                       .target = json::text(one, "target", ""),
                       .body = *from_base64(json::text(one, "body", ""))};
  for (const auto& [name, value] : json::members(json::at(one, "headers")))
    request.headers.set(std::string_view(name), json::text(value));
  return request;
}

// The same document, whatever the order of its attributes and how it is written.
void write_plain(std::string& out, pugi::xml_node node) {
  if (node.type() == pugi::node_pcdata) out += node.value();
  if (node.type() != pugi::node_element) return;
  std::vector<std::string> attributes;
  for (pugi::xml_attribute attribute : node.attributes())
    attributes.push_back(fmt::format(" {}='{}'", attribute.name(), attribute.value()));
  std::ranges::sort(attributes);
  out += fmt::format("<{}{}>", node.name(), fmt::join(attributes, ""));
  for (pugi::xml_node child : node.children())
    write_plain(out, child);
  out += "</>";
}

std::string plain_body(const net::Request& request) {
  if (request.body.starts_with("<")) {
    pugi::xml_document document;
    document.load_buffer(request.body.data(), request.body.size(),
                         pugi::parse_default | pugi::parse_ws_pcdata_single);
    std::string out;
    write_plain(out, document.document_element());
    return out;
  }
  if (auto parsed = json::parse(request.body)) return json::canonical(*parsed);
  if (request.body.starts_with("Action=")) {
    auto form = net::parse_query(request.body, true);
    std::ranges::sort(form);
    return net::build_query(form);
  }
  return request.body;
}

// Method, path, query, body, and those of the model's own headers that one has and the other not.
std::string plain_request(const net::Request& request, const model::Operation& operation) {
  auto query = net::parse_query(request.query());
  std::ranges::sort(query);
  auto out = fmt::format("{} {}?{}\n{}\n", request.method, percent_decode(request.path()),
                         net::build_query(query), plain_body(request));
  if (!operation.input()) return out;
  for (const model::Member& member : operation.input().members()) {
    bool derived = member.name() == "CopySource" || member.name() == "ContentMD5" ||
                   member.name() == "ChecksumSHA256" || lower(member.location_name()) == "accept";
    if (member.location() != model::Location::header || derived) continue;
    if (const std::string* text = request.headers.find(member.location_name())) {
      out += fmt::format("{}: {}\n", lower(member.location_name()), *text);
    }
  }
  return out;
}

std::string differ_in(std::string_view what, std::string_view ours, std::string_view theirs) {
  constexpr std::size_t before = 50, shown = 130;
  auto parted = static_cast<std::size_t>(std::ranges::mismatch(ours, theirs).in1 - ours.begin());
  auto from = parted - std::min(parted, before);
  return fmt::format(" {}\n  ours   …{}\n  theirs …{}", what, ours.substr(from, shown),
                     theirs.substr(std::min(from, theirs.size()), shown));
}

// A token that botocore's older model does not know: ours would send one.
bool misses_token(const model::Operation& operation, const json::Object& input) {
  return operation.input() &&
         std::ranges::any_of(operation.input().members(), [&](const model::Member& member) {
           return member.idempotency_token() && !input.contains(member.name());
         });
}

// "" when ours and botocore's are the same.
std::string judge(const model::Service& service, const model::Operation& operation,
                  const json::Value& answer) {
  if (auto failed = json::text(answer, "failed", ""); failed != refused.text()) {
    return " the error came as " + failed;
  }
  auto theirs = sent_request(json::at(answer, "request"));
  auto input = json::members(json::at(answer, "input"));
  auto routed = route_request(service, theirs);
  if (!routed) return " no route for " + theirs.method + " " + theirs.target;
  if (routed->operation.name() != operation.name()) {
    return fmt::format(" {} went to {}", theirs.target, routed->operation.name());
  }
  auto decoded = decode_request(service, *routed, theirs);
  if (!decoded) return " refused: " + decoded.error().message;
  restore_input(service, input);
  // A structure that is the whole body and empty may as well not be there.
  for (std::string_view name : {operation.input() ? operation.input().payload() : ""}) {
    const json::Value& payload = json::at(*decoded, name);
    if (payload.is_object() && payload.get_object().empty()) decoded->erase(name);
  }
  auto sent = json::canonical(input), came = json::canonical(*decoded);
  if (sent != came) return differ_in("input", came, sent);
  auto output = json::canonical(json::at(answer, "output"));
  auto parsed = json::canonical(json::at(answer, "parsed"));
  bool comparable = routed->protocol == service.protocol() && !misses_token(operation, input);
  if (!comparable || output != parsed) {
    return output == parsed ? "" : differ_in("output", output, parsed);
  }
  auto ours = encode_request(service, operation, input);
  if (!ours) return " not encoded: " + ours.error().message;
  auto own = plain_request(ours->request, operation);
  auto other = plain_request(theirs, operation);
  return own == other ? "" : differ_in("request", own, other);
}

TEST(WireOracle, BotocoreAndWeUnderstandEachOther) {
  if (std::system("/usr/bin/python3 -c 'import botocore' 2>/dev/null") != 0)
    GTEST_SKIP() << "needs botocore";
  const char* wanted = std::getenv("ARIGHT_ORACLE");
  auto cases = make_cases(wanted && std::string_view(wanted) == "all");
  TemporaryDirectory folder;
  auto asked = (folder.path() / "asked.json").string();
  auto answered = (folder.path() / "answered.json").string();
  ASSERT_TRUE(write_file(asked, json::print(cases)));
  auto command = "/usr/bin/python3 " ARIGHT_SOURCE_DIR "/src/aws/testdata/wire_oracle.py " + asked +
                 " " + answered;
  ASSERT_EQ(std::system(command.c_str()), 0);
  auto answers = json::parse(*read_file(answered));
  ASSERT_TRUE(answers);
  EXPECT_GT(json::items(*answers).size(), 1000u);
  std::vector<std::string> reports;
  for (const json::Value& answer : json::items(*answers)) {
    auto service = model::Models::embedded().service(json::text(answer, "service", ""));
    auto operation = service->operation(json::text(answer, "operation", ""));
    auto fault = judge(*service, *operation, answer);
    if (!fault.empty()) {
      reports.push_back(fmt::format("{}:{}:{}", service->name(), operation->name(), fault));
    }
  }
  auto count = reports.size();
  reports.resize(std::min<std::size_t>(count, reports_max));
  EXPECT_EQ(count, 0u) << "of " << json::items(*answers).size() << "\n"
                       << fmt::format("{}", fmt::join(reports, "\n"));
}

}  // namespace
}  // namespace aright::aws
