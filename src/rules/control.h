#pragma once
// A control as the catalog describes it (catalog/controls/<id>/control.yaml): what is required, how bad it is when it
// is not met, which rule judges it, and what sets it right. Its rule stands beside it in rule.guard, or is one in C++.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "json/value.h"
#include "rules/parameter.h"
#include "rules/rule.h"

namespace aright::rules {

struct Control {
  std::string id;             // s3-bucket-public-read-prohibited
  std::string title, description;
  std::string rule;           // managed-rule identifier
  std::string resource_type;
  std::string severity;       // informational … critical
  std::string risk;           // of the fix: low, medium, high
  std::string complexity;     // of the fix: simple, moderate, complex
  std::map<std::string, std::string> references;  // "Security Hub": "S3.2", "CIS": …
  json::Object parameters;    // of the rule, with defaults; texts, as in Config. Null: there is no default
  ParameterTypes types;       // what the rule sees each as; others stay texts
  json::Object remediation;   // {"runbook" | "function": name, "parameters": {…}}, or empty
  std::string may_break;      // what the fix may break, for the approver
  std::string own_runbook;    // the text of its folder's runbook.yaml, which `remediation` names
  std::shared_ptr<const Rule> own_rule;  // where its folder holds a rule.guard; else the C++ rule of this identifier
  bool on_signal_only = false;  // holds only for resources that a signal names; scans leave it out
  bool containment = false;  // of a resource under suspicion: on a signal only, with approval unless the policy decides
};

class Controls {
 public:
  // From the embedded catalog. Aborts only when the build is broken: the catalog is checked by tests.
  static const Controls& embedded();
  // From one bundle: JSON array of {"file", "text"}: <id>/control.yaml, <id>/rule.guard, <id>/runbook.yaml. Fails
  // with invalid, naming file, line and column. That a Guard rule is sound shows when it is first used.
  static Result<Controls> load(const json::Value& bundle);
  // These and those of another bundle, which take the place of those with the same id. Fails as load() does.
  Result<Controls> with(const json::Value& bundle) const;
  // These and those, which take the place of those with the same id.
  Controls with(std::vector<Control> others) const;
  // Null when nothing here judges it.
  static const Rule* rule_of(const Control& control);

  Controls(Controls&&) = default;
  Controls& operator=(Controls&&) = default;

  const Control* find(std::string_view id) const;
  // "S3.2". Where several controls have it, the one that judges this type.
  const Control* by_security_hub_id(std::string_view id, std::string_view resource_type) const;
  // Sorted by id.
  const std::vector<const Control*>& for_type(std::string_view resource_type) const;
  // Those whose rules see resources of this type beside the one that they judge (Related).
  const std::vector<const Control*>& beside_type(std::string_view resource_type) const;
  const std::map<std::string, Control, std::less<>>& all() const { return controls_; }

 private:
  using Index = std::map<std::string, std::vector<const Control*>, std::less<>>;

  Controls() = default;
  void index();

  std::map<std::string, Control, std::less<>> controls_;
  Index by_type_, by_type_beside_;  // into controls_
};

}  // namespace aright::rules
