#include "cli/permissions.h"

#include <algorithm>
#include <set>

#include "cloud/catalog.h"
#include "native/explanation.h"
#include "remediation/dependents.h"
#include "rules/related.h"

namespace aright::cli {

namespace {

constexpr std::string_view account_type = "AWS::::Account";

class Gathering {
 public:
  Gathering(const remediation::Policy& policy, const remediation::Library& library)
      : policy_(policy), library_(library) {}

  void control(const rules::Control& control) {
    const auto* rule = rules::Controls::rule_of(control);
    if (rule == nullptr) return;
    list(control.resource_type);
    look(control.resource_type, rule->aspects);
    tags(control.resource_type);
    if (!rule->account_aspects.empty()) look(account_type, rule->account_aspects);
    for (const auto& related : rule->related) beside(related);
    fix(control);
  }

  std::set<std::string> reads;  // actions
  native::Explanation writes;
  std::set<std::string> unknown;

 private:
  void read(const std::string& service, const std::string& operation) {
    for (const auto& permission : cloud::permissions_of(service, operation)) reads.insert(permission.action);
  }
  void read(const cloud::ResourceType& type, const cloud::Operation& op) { read(type.service, op.name); }

  void beside(const rules::Related& related) {
    list(related.type);
    look(related.type, rules::aspects_beside(related));
  }

  // What finds all resources of the type.
  void list(const std::string& name) {
    const auto* type = catalog_.type(name);
    if (type == nullptr || !listed_.insert(name).second) return;
    if (!type->parent.empty()) list(type->parent);
    if (type->region) read(*type, type->region->op);
    if (!type->list) return;
    read(*type, type->list->op);
    for (const auto& [other, member] : type->list->of) list(other);
  }

  // What shows that one is there, and what it shows of it.
  void show(const cloud::ResourceType& type) {
    if (type.get)
      read(type, type.get->op);
    else if (!type.glances.empty())
      read(type, type.glances.front().op);
    else if (type.list)
      read(type, type.list->op);
  }

  void look(const cloud::ResourceType& type, const cloud::Aspect& aspect) {
    if (!aspect.read) return show(type);
    read(type, aspect.read->op);
    if (aspect.read->each) read(type, *aspect.read->each);
  }

  void look(std::string_view name, const std::vector<std::string>& aspects) {
    auto wanted = [&](const cloud::Aspect& aspect) {
      if (aspects.empty()) return !aspect.hidden;
      return std::ranges::any_of(aspects, [&](const std::string& one) {
        return one == aspect.name || one == "Facts." + aspect.name;
      });
    };
    for (const auto* type : catalog_.types()) {
      if (name == account_type ? !type->account_fact : type->name != name) continue;
      for (const auto& aspect : type->aspects)
        if (wanted(aspect)) look(*type, aspect);
      if (name != account_type) show(*type);
    }
  }

  // Rules of the policy may ask for them.
  void tags(const std::string& name) {
    if (const auto* type = catalog_.type(name))
      for (const auto& aspect : type->aspects)
        if (aspect.tags) look(*type, aspect);
  }

  void fix(const rules::Control& control) {
    const auto* configured = policy_.remediation_for(control.id);
    auto runbook = configured != nullptr ? configured->target_id : json::text(control.remediation, "runbook", "");
    auto function = configured != nullptr ? "" : json::text(control.remediation, "function", "");
    if (runbook.empty() && function.empty()) return;
    if (auto known = remediation::usages().find(control.resource_type); known != remediation::usages().end()) {
      for (const auto& related : known->second.named) beside(related);
      const auto& used = known->second.used;
      if (!used.empty()) look(control.resource_type, {used.substr(0, used.find('.', used.find('.') + 1))});
    }
    if (!fixes_.insert(runbook + function).second) return;
    if (!function.empty()) return code(function);
    auto found = library_.runbook(runbook);
    if (found)
      calls(native::explain(*found->document, library_));
    else
      unknown.insert(found.error().message);
  }

  // A function's files, looked at as a runbook's script is.
  void code(const std::string& name) {
    const auto* function = library_.function(name);
    if (function == nullptr) {
      unknown.insert("the policy has no function " + name);
      return;
    }
    json::Array steps;
    for (const auto& [file, text] : function->program.files)
      steps.push_back(json::Object{{"name", "Step" + std::to_string(steps.size() + 1)},
                                   {"action", "aws:executeScript"},
                                   {"inputs", json::Object{{"Runtime", function->program.runtime},
                                                           {"Handler", "handler"},
                                                           {"Script", text}}}});
    auto text = json::print(json::Object{{"schemaVersion", "0.3"}, {"mainSteps", std::move(steps)}});
    auto document = runbook::Document::parse(text, name);
    if (document)
      calls(native::explain(*document, library_));
    else
      unknown.insert(fmt::format("{}: {}", name, document.error().message));
  }

  void calls(const native::Explanation& explanation) {
    for (const auto& call : explanation.calls) {
      if (!call.known) continue;
      if (call.reads)
        read(call.service, call.operation);
      else
        write(call);
    }
    for (const auto& note : explanation.unknown)
      unknown.insert(fmt::format("{}{}{}: {}", note.document, note.step.empty() ? "" : ", ", note.step, note.what));
  }

  // Its rehearsal reads what it changes. The way back is one of the other writes of the same.
  void write(const native::Explanation::Call& call) {
    writes.calls.push_back(call);
    for (const auto& meaning : catalog_.meanings(call.service, call.operation)) {
      const auto& type = *meaning.type;
      show(type);
      for (const auto& depended : type.depends) look(depended, {});
      for (const auto& [aspect, how] : meaning.writes) {
        look(type, *aspect);
        for (const auto& other : aspect->writes) back(type, other.op);
      }
      if (meaning.create != nullptr || meaning.remove != nullptr) {
        look(type.name, {});
        for (const auto& create : type.creates) back(type, create.op);
        for (const auto& remove : type.removes) back(type, remove.op);
      }
    }
  }

  void back(const cloud::ResourceType& type, const cloud::Operation& op) {
    writes.calls.push_back({.document = "", .step = "", .service = type.service, .operation = op.name});
  }

  const cloud::Catalog& catalog_ = cloud::Catalog::embedded();
  const remediation::Policy& policy_;
  const remediation::Library& library_;
  std::set<std::string> listed_, fixes_;
};

}  // namespace

Permissions permissions_for(const remediation::Policy& policy, const remediation::Library& library, bool with_fixes) {
  Gathering gathering(policy, library);
  for (const auto& enabled : policy.controls)
    if (const auto* control = policy.known->find(enabled.id)) gathering.control(*control);
  json::Array statements;
  if (!gathering.reads.empty())
    statements.push_back(json::Object{{"Sid", "Look"},
                                      {"Effect", "Allow"},
                                      {"Action", json::Array(gathering.reads.begin(), gathering.reads.end())},
                                      {"Resource", "*"}});
  auto fixes = with_fixes ? native::policy_of(gathering.writes) : json::Object();
  for (const auto& statement : json::items(json::at(fixes, "Statement"))) statements.push_back(statement);
  return {{{"Version", "2012-10-17"}, {"Statement", std::move(statements)}},
          {gathering.unknown.begin(), gathering.unknown.end()}};
}

}  // namespace aright::cli
