#include "aws/sqs_query.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"

namespace aright::aws {

namespace {

struct Name {
  std::string_view query, model, key;  // of a map also what its keys are called
};

constexpr std::array request_names = {
    Name{"AWSAccountId", "AWSAccountIds", ""},
    Name{"ActionName", "Actions", ""},
    Name{"Attribute", "Attributes", "Name"},
    Name{"AttributeName", "AttributeNames", ""},
    Name{"ChangeMessageVisibilityBatchRequestEntry", "Entries", ""},
    Name{"DeleteMessageBatchRequestEntry", "Entries", ""},
    Name{"MessageAttribute", "MessageAttributes", "Name"},
    Name{"MessageAttributeName", "MessageAttributeNames", ""},
    Name{"MessageSystemAttribute", "MessageSystemAttributes", "Name"},
    Name{"MessageSystemAttributeName", "MessageSystemAttributeNames", ""},
    Name{"SendMessageBatchRequestEntry", "Entries", ""},
    Name{"Tag", "Tags", "Key"},
    Name{"TagKey", "TagKeys", ""},
    Name{"Tags", "Tags", "Key"},
};

constexpr std::array answer_names = {
    Name{"Attribute", "Attributes", "Name"},
    Name{"BatchResultErrorEntry", "Failed", ""},
    Name{"ListMessageMoveTasksResultEntry", "Results", ""},
    Name{"Message", "Messages", ""},
    Name{"MessageAttribute", "MessageAttributes", "Name"},
    Name{"QueueUrl", "QueueUrls", ""},
    Name{"QueueUrl", "queueUrls", ""},
    Name{"Tag", "Tags", "Key"},
};

std::string model_name(std::string_view name, std::string_view operation) {
  auto parts = split(name, '.');
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    auto found = std::ranges::find(request_names, parts[i], &Name::query);
    if (found == request_names.end()) continue;
    parts[i] = operation == "CreateQueue" && found->model == "Tags" ? "tags" : found->model;
    if (found->key.empty() || i + 2 >= parts.size()) continue;
    std::string& side = parts[i + 2];
    if (side == found->key) side = "key";
    if (side == "Value") side = "value";
  }
  return fmt::format("{}", fmt::join(parts, "."));
}

}  // namespace

net::Query with_model_names(const net::Query& parameters, std::string_view operation) {
  net::Query renamed;
  for (const auto& [name, value] : parameters)
    renamed.emplace_back(model_name(name, operation), value);
  return renamed;
}

void use_query_names(pugi::xml_node result, std::string_view operation) {
  for (pugi::xml_node child : result.children()) {
    if (std::string_view(child.name()) == "Successful") {
      child.set_name(fmt::format("{}ResultEntry", operation).c_str());
    }
    auto found = std::ranges::find(answer_names, std::string_view(child.name()), &Name::model);
    if (found != answer_names.end()) child.set_name(std::string(found->query).c_str());
    if (found != answer_names.end() && !found->key.empty()) {
      child.child("key").set_name(std::string(found->key).c_str());
      child.child("value").set_name("Value");
    }
    use_query_names(child, operation);
  }
}

}  // namespace aright::aws
