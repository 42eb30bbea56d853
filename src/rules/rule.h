#pragma once
// A rule judges one snapshot and gives an evaluation. Pure and total: what it needs and cannot see makes the evaluation
// INSUFFICIENT_DATA, never COMPLIANT.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cloud/snapshot.h"
#include "json/value.h"

namespace aright::rules {

enum class Compliance { compliant, non_compliant, not_applicable, insufficient_data };
std::string_view name(Compliance compliance);  // COMPLIANT, NON_COMPLIANT … as Config writes them

struct Evaluation {
  Compliance compliance = Compliance::insufficient_data;
  std::string annotation;  // why, in one sentence; at most annotation_chars_max, as Config has it
};
inline constexpr std::size_t annotation_chars_max = 256;

// What a rule may look at: the resource, the pseudo-resource of its account (null when it was not read), and the
// resources that Rule::related asks for.
struct Subject {
  const cloud::Snapshot& resource;
  const cloud::Snapshot* account = nullptr;
  std::vector<cloud::Snapshot> related = {};
};

// Resources of another type that have to be seen beside the one that is judged. Which ones, one of these says; where
// none does, it is all of the same account and region. One that is gone is left out.
struct Related {
  std::string type;
  std::string ids;                   // those whose ids this property of the judged one lists
  std::vector<std::string> aspects;  // of each, that are read; empty: all
  std::string by = {};               // those in which this place holds the judged one's id or ARN: GroupSet[]
  std::vector<std::string> same = {};  // those with these ids, made of the judged one's: "{arn}", "table/{id}"
};

// A function that judges, as Config's custom rules have it. It is called with Config's event and says what it judged by
// PutEvaluations.
struct ByFunction {
  std::string function;  // its ARN, or its name
  std::string rule_name, rule_arn;
  // It is told of no resource, but that it is time, and looks for them itself: each resource that it names is judged.
  bool scheduled = false;
  std::chrono::seconds every{0};  // then: how often it is asked by itself
};

struct Rule {
  std::string identifier;  // Config's managed-rule identifier
  std::string resource_type;
  std::vector<std::string> aspects;          // of the snapshot, that it reads; empty: all
  std::vector<std::string> account_aspects;  // of AWS::::Account; empty: the account is not read
  std::vector<Related> related;
  std::function<Evaluation(const Subject&, const json::Object& parameters)> judge;
  std::shared_ptr<const ByFunction> by_function = {};  // in place of `judge`
};

// Those written in C++. Null when there is no such rule. One that judges several types is there for each; without a
// type, the first of them is meant.
const Rule* managed_rule(std::string_view identifier, std::string_view resource_type = "");
const std::vector<Rule>& managed_rules();  // sorted by identifier

}  // namespace aright::rules
