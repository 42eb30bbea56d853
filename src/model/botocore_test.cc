// Our models against botocore's, which were published by the same people at another time: names
// that both have must mean the same on the wire. Names that only one has are newer or gone, and are
// counted.

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <set>

#include "model/model.h"

namespace aright::model {
namespace {

using Words = std::vector<std::string>;

constexpr double absent_share_max = 0.04;  // of botocore's names; more would mean that we lost some

Words split(const std::string& line) {
  Words words(1);
  for (const char c : line) {
    if (c == '\t') {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  return words;
}

std::vector<Words> botocore_says(const std::string& arguments) {
  const auto command =
      "/usr/bin/python3 " ARIGHT_SOURCE_DIR "/src/model/testdata/boto3_models.py " + arguments;
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::vector<Words> lines;
  std::string line;
  for (int c; (c = std::fgetc(pipe.get())) != EOF;) {
    if (c != '\n') {
      line += static_cast<char>(c);
      continue;
    }
    lines.push_back(split(line));
    line.clear();
  }
  return lines;
}

std::string_view word(Type type) {
  switch (type) {
    case Type::structure:
      return "structure";
    case Type::list:
      return "list";
    case Type::map:
      return "map";
    case Type::string:
      return "string";
    case Type::integer:
      return "integer";
    case Type::floating:
      return "floating";
    case Type::boolean:
      return "boolean";
    case Type::timestamp:
      return "timestamp";
    case Type::blob:
      return "blob";
  }
  return {};
}

std::string_view word(Location location) {
  switch (location) {
    case Location::body:
      return "";
    case Location::uri:
      return "uri";
    case Location::querystring:
      return "querystring";
    case Location::header:
      return "header";
    case Location::headers:
      return "headers";
    case Location::status_code:
      return "statusCode";
  }
  return {};
}

std::string_view word(TimestampFormat format) {
  switch (format) {
    case TimestampFormat::by_protocol:
      return "";
    case TimestampFormat::iso8601:
      return "iso8601";
    case TimestampFormat::rfc822:
      return "rfc822";
    case TimestampFormat::unix_timestamp:
      return "unixTimestamp";
  }
  return {};
}

std::string marks(const Member& member) {
  std::string said;
  const auto mark = [&](bool holds, std::string_view name) {
    if (holds) (said += said.empty() ? "" : " ") += name;
  };
  mark(member.flattened() || member.shape().flattened(), "flattened");
  mark(member.xml_attribute(), "xmlAttribute");
  mark(member.idempotency_token(), "idempotencyToken");
  mark(member.streaming(), "streaming");
  mark(member.host_label(), "hostLabel");
  mark(member.json_value(), "jsonvalue");
  return said;
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const auto& word : words)
    (all += all.empty() ? "" : " ") += word;
  return all;
}

// Follows botocore's lines through our models.
class Comparison {
 public:
  void follow(const Words& line) {
    if (line[0] == "service") return service(line);
    if (!service_) return;
    if (line[0] == "waiter") return waiter(line);
    if (line[0] == "operation") return operation(line);
    if (!operation_) return;
    if (line[0] == "payload") return payload(line);
    if (line[0] == "member") return member(line);
  }

  std::vector<std::string> disagreements;
  std::set<std::string> services_absent;
  std::size_t services = 0, names = 0, names_absent = 0;

 private:
  void expect(std::string_view what, std::string_view ours, std::string_view theirs) {
    if (ours == theirs) return;
    disagreements.push_back(fmt::format("{} {}: {} is \"{}\", botocore says \"{}\"",
                                        service_->name(), operation_ ? operation_->name() : "",
                                        what, ours, theirs));
  }

  bool found(bool there) {
    ++names;
    if (!there) ++names_absent;
    return there;
  }

  void service(const Words& line) {
    ++services;
    operation_.reset();
    service_ = Models::embedded().service(line[1]);
    if (!service_) services_absent.insert(line[1]);
    if (service_) expect("client name", service_->name(), line[1]);
  }

  void operation(const Words& line) {
    operation_ = service_->operation(line[1]);
    shapes_.clear();
    if (!found(operation_.has_value())) return;
    expect("operation by its snake_case name", service_->operation(line[2]) ? line[1] : "absent",
           line[1]);
    expect("method", operation_->method(), line[3]);
    expect("uri", operation_->uri(), line[4]);
    expect("host prefix", operation_->host_prefix(), line[5]);
    expect("input wrapper", operation_->input_wrapper(), line[6]);
    expect("result wrapper", operation_->result_wrapper(), line[7]);
    const auto pages = operation_->pagination();
    if (pages && !line[8].empty()) expect("page tokens", joined(pages->input_tokens), line[8]);
    expect("auth type", operation_->auth_type(), line[9]);
    if (operation_->input()) shapes_["input"] = operation_->input();
    if (operation_->output()) shapes_["output"] = operation_->output();
  }

  void waiter(const Words& line) {
    operation_.reset();
    const auto ours = service_->waiter(line[1]);
    if (!found(ours.has_value())) return;
    expect("operation of " + line[1], ours->operation, line[2]);
    expect("attempts of " + line[1], std::to_string(ours->attempts_max), line[4]);
  }

  void payload(const Words& line) {
    const auto shape = shapes_.find(line[1]);
    if (shape != shapes_.end()) expect("payload of " + line[1], shape->second.payload(), line[2]);
  }

  void member(const Words& line) {
    const auto parent = shapes_.find(line[1]);
    if (parent == shapes_.end()) return;  // counted where it went missing
    const auto path = line[1] + line[3];
    const auto& step = line[3];
    if (step == "[]")
      return part(path, parent->second.element(), parent->second.element_name(), line);
    if (step == "{}")
      return part(path, parent->second.element(), parent->second.value_name(), line);
    if (step == "{key}") return part(path, parent->second.key(), parent->second.key_name(), line);
    const auto ours = parent->second.member(line[2]);
    if (!found(ours.has_value())) return;
    shapes_[path] = ours->shape();
    expect("wire name of " + path, ours->location_name(), line[4]);
    expect("type of " + path, word(ours->shape().type()), line[5]);
    expect("location of " + path, word(ours->location()), line[6]);
    expect("timestamp format of " + path, word(ours->timestamp_format()), line[7]);
    expect("marks of " + path, marks(*ours), line[8]);
  }

  void part(const std::string& path, Shape shape, std::string_view wire_name, const Words& line) {
    if (!shape) return expect("type of " + line[1], "neither list nor map", "list or map");
    shapes_[path] = shape;
    expect("wire name of " + path, wire_name, line[4]);
    expect("type of " + path, word(shape.type()), line[5]);
  }

  std::optional<Service> service_;
  std::optional<Operation> operation_;
  std::map<std::string, Shape> shapes_;  // of the operation, by path
};

// Where the two publications differ though both are right.
bool known_skew(std::string_view disagreement) {
  static constexpr std::array<std::string_view, 5> known = {
      "SSECustomerKey is \"blob\"",                 // botocore encodes the key outside of the model
      "input.DhcpConfigurations[].Key is \"Key\"",  // "Key" in the query either way
      "InferenceAcceleratorInfo.Accelerators is \"item\"",  // corrected since
      "sts AssumeRoleWith",  // unsigned, which botocore's client knows
      "kinesis ListStreams: page tokens is \"NextToken\"",  // the newer token
  };
  return std::ranges::any_of(
      known, [&](auto text) { return disagreement.find(text) != disagreement.npos; });
}

// SQS is not among them: it has moved to the json protocol since, and its names with it.
constexpr auto compared_services =
    "s3 s3control ec2 rds iam sts dynamodb lambda route53 cloudfront elbv2 sns kms ssm cloudtrail "
    "kinesis";
constexpr auto depth = "4 ";

TEST(Botocore, AgreesOnEveryNameThatBothHave) {
  if (std::system("/usr/bin/python3 -c 'import botocore' 2>/dev/null") != 0) {
    GTEST_SKIP() << "needs botocore";
  }
  Comparison comparison;
  for (const auto& line : botocore_says(std::string(depth) + compared_services))
    comparison.follow(line);
  std::erase_if(comparison.disagreements, known_skew);

  EXPECT_THAT(comparison.disagreements, testing::IsEmpty());
  EXPECT_THAT(comparison.services_absent, testing::IsEmpty());
  EXPECT_GT(comparison.names, 30'000u);
  EXPECT_LT(comparison.names_absent, absent_share_max * comparison.names);
}

TEST(Botocore, NamesItsClientsAsWeDo) {
  if (std::system("/usr/bin/python3 -c 'import botocore' 2>/dev/null") != 0) {
    GTEST_SKIP() << "needs botocore";
  }
  Comparison comparison;
  for (const auto& line : botocore_says("--clients"))
    comparison.follow(line);
  std::cout << fmt::format("services that only botocore has: {}\n",
                           fmt::join(comparison.services_absent, " "));

  EXPECT_THAT(comparison.disagreements, testing::IsEmpty());
  EXPECT_GT(comparison.services, 300u);
  EXPECT_LT(comparison.services_absent.size(), absent_share_max * comparison.services);
}

}  // namespace
}  // namespace aright::model
