#include "native/explanation.h"

#include <algorithm>
#include <map>
#include <set>

#include "cloud/classify.h"

namespace aright::native {

namespace {

class Explainer {
 public:
  explicit Explainer(const remediation::Library& library) : library_(library) {}

  void add(const runbook::Document& document) {
    auto found = runbook::calls_of(document);
    for (const auto& call : found.calls) out.calls.push_back(named(document.name(), call));
    for (auto& note : found.unknown) out.unknown.push_back({document.name(), note.step, std::move(note.what)});
    for (const auto& child : found.children) add_child(document.name(), child);
  }

  Explanation out;

 private:
  void add_child(const std::string& parent, const std::string& name) {
    if (std::ranges::find(out.documents, name) != out.documents.end()) return;
    if (out.documents.size() >= explained_documents_max) return;
    out.documents.push_back(name);
    auto child = library_.runbook(name);
    if (child)
      add(*child->document);
    else
      out.unknown.push_back({parent, "", fmt::format("it starts the document {}, which is not here", name)});
  }

  static Explanation::Call named(const std::string& document, const runbook::DocumentCall& call) {
    Explanation::Call out{.document = document, .step = call.step, .service = call.service,
                          .operation = call.operation};
    auto service = model::Models::embedded().service(call.service);
    auto operation = service ? service->operation(call.operation) : std::nullopt;
    out.known = operation.has_value();
    if (!operation) return out;
    out.service = service->name();
    out.operation = operation->name();
    aws::Call asked{.service = out.service, .operation = out.operation, .region = "", .account = "", .input = {}};
    out.reads = cloud::classify(asked).reads();
    return out;
  }

  const remediation::Library& library_;
};

// arn:${Partition}:s3:::${BucketName} as a pattern. One star for each gap, and one for neighbours. IAM takes none for
// the partition.
std::string pattern_of(std::string_view arn, const Somewhere& somewhere) {
  std::string out;
  auto put = [&](std::string_view text) {
    if (text != "*" || !out.ends_with('*')) out += text;
  };
  while (!arn.empty()) {
    auto open = arn.find("${");
    out += arn.substr(0, open);
    if (open == std::string_view::npos) break;
    auto close = std::min(arn.find('}', open), arn.size() - 1);
    auto name = arn.substr(open + 2, close - open - 2);
    put(name == "Partition" ? somewhere.partition
        : name == "Region"  ? somewhere.region
        : name == "Account" ? somewhere.account
                            : std::string_view("*"));
    arn.remove_prefix(close + 1);
  }
  return out;
}

// Actions on anything, such as ec2:CreateTags, list every type there is. Then all of a place stand for them.
std::set<std::string> gathered(const std::set<std::string>& patterns) {
  constexpr std::size_t patterns_max = 8;
  if (patterns.size() <= patterns_max) return patterns;
  std::set<std::string> out;
  for (const auto& pattern : patterns) {
    std::size_t at = 0;
    for (int colons = 0; colons < 5 && at != std::string::npos; ++colons) at = pattern.find(':', at + 1);
    out.insert(at == std::string::npos ? pattern : pattern.substr(0, at + 1) + "*");
  }
  return out;
}

}  // namespace

Explanation explain(const runbook::Document& document, const remediation::Library& library) {
  Explainer explainer(library);
  explainer.add(document);
  return std::move(explainer.out);
}

json::Object policy_of(const Explanation& explanation, const Somewhere& somewhere) {
  std::map<std::string, std::set<std::string>> resources;  // action → patterns
  for (const auto& call : explanation.calls) {
    if (!call.known) continue;
    for (const auto& permission : cloud::permissions_of(call.service, call.operation)) {
      auto& patterns = resources[permission.action];
      for (const auto& arn : permission.arns) patterns.insert(pattern_of(arn, somewhere));
    }
  }
  if (!explanation.documents.empty()) {
    resources["ssm:StartAutomationExecution"] = {};
    resources["ssm:GetAutomationExecution"] = {};
  }
  std::map<std::set<std::string>, std::vector<std::string>> actions;  // of the same resources
  for (const auto& [action, patterns] : resources) actions[gathered(patterns)].push_back(action);
  json::Array statements;
  for (const auto& [patterns, list] : actions) {
    json::Array on(patterns.begin(), patterns.end());
    if (on.empty()) on.push_back("*");
    statements.push_back(json::Object{{"Effect", "Allow"},
                                      {"Action", json::Array(list.begin(), list.end())},
                                      {"Resource", std::move(on)}});
  }
  return {{"Version", "2012-10-17"}, {"Statement", std::move(statements)}};
}

}  // namespace aright::native
