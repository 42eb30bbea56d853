// Plays each test of the catalog's runbooks again, with the answers of one of its operations lost: once after each
// write took effect, and once before. What is expected still has to be so, and no write may be made once more: counted
// at the cloud. Where nothing can be read back, as of a message that was published, aright stops and leaves it to a
// person. Where all is to be seen already that a write would bring about, as after a reboot, it takes the write for
// made.
//
//   lost_answers            all tests of the catalog
//   lost_answers --tell     and says which were left to a person

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "json/yaml.h"
#include "trial/runbook_cases.h"

namespace aright::trial {
namespace {

using Counts = std::map<std::string, int>;

Counts counted(const std::vector<std::string>& names) {
  Counts out;
  for (const auto& name : names) ++out[name];
  return out;
}

struct Tally {
  int tests = 0, writes = 0, losses = 0, plays = 0, converged = 0, unseen = 0, left = 0, failures = 0;
  std::set<std::string> unseen_of, left_of;  // the operations
};

class Losing {
 public:
  explicit Losing(bool tells) : tells_(tells) {}

  void play(const std::string& file, const std::string& text) {
    auto document = json::parse_yaml(text);
    if (!document) return failed(file, document.error().message);
    auto tests = json::items(json::at(document->value, "tests"));
    for (const auto& test : tests) {
      if (!json::at(test, "faults").is_null()) continue;  // it has troubles of its own
      auto alone = document->value.as_object();
      alone["tests"] = json::Array{test};
      play_test(file + ": " + json::text(test, "name", ""), alone);
    }
  }

  int told() const {
    fmt::print("{} tests with {} writes; {} answers lost in {} plays: {} as without, {} with a write left out that "
               "changes nothing to be seen ({}), {} left to a person ({}); {} failures\n",
               tally_.tests, tally_.writes, tally_.losses, tally_.plays, tally_.converged, tally_.unseen,
               fmt::join(tally_.unseen_of, ", "), tally_.left, fmt::join(tally_.left_of, ", "), tally_.failures);
    return tally_.failures == 0 && tally_.converged > 0 ? 0 : 1;
  }

 private:
  void failed(const std::string& what, const std::string& why) {
    ++tally_.failures;
    fmt::print("{}: {}\n", what, why);
  }

  static Result<Verdict> verdict_of(const json::Object& document) {
    auto verdicts = TRY(test_runbook("", json::print(document), {}));
    return verdicts.at(0);
  }

  void play_test(const std::string& name, const json::Object& document) {
    auto whole = verdict_of(document);
    if (!whole || !whole->passed()) return failed(name, "does not pass without any loss");
    auto expected = counted(whole->made);
    if (expected.empty()) return;
    ++tally_.tests;
    tally_.writes += static_cast<int>(whole->made.size());
    for (const auto& [operation, count] : expected)
      for (const char* when : {"after", "before"}) lose(name, document, expected, operation, count, when);
  }

  void lose(const std::string& name, json::Object document, const Counts& expected, const std::string& operation,
            int count, const char* when) {
    auto& test = document["tests"].as_array()[0].as_object();
    test["faults"] = json::Array{json::Object{{"call", operation}, {"lost", when}, {"times", count}}};
    auto what = fmt::format("{}: the answers of {} lost {} the effect", name, operation, when);
    auto played = verdict_of(document);
    if (!played) return failed(what, played.error().message);
    ++tally_.plays;
    tally_.losses += count;
    auto made = counted(played->made);
    for (const auto& [other, times] : made) {
      auto planned = expected.find(other);
      if (planned == expected.end() || times > planned->second) return failed(what, other + " was made once more");
    }
    if (played->passed() && made == expected) {
      ++tally_.converged;
      return;
    }
    if (played->passed() && std::string_view(when) == "before") {
      ++tally_.unseen;
      tally_.unseen_of.insert(operation);
      return;
    }
    auto status = json::text(played->execution, "AutomationExecutionStatus", "");
    auto unmet = fmt::format("{}", fmt::join(played->unmet, "; "));
    if (status == "Success") return failed(what, "it says Success, and " + unmet);
    ++tally_.left;
    tally_.left_of.insert(operation);
    if (tells_) fmt::print("{}: {}\n", what, unmet);
  }

  const bool tells_;
  Tally tally_;
};

}  // namespace
}  // namespace aright::trial

int main(int argc, char** argv) {
  aright::trial::Losing losing(argc > 1 && std::string_view(argv[1]) == "--tell");
  for (const auto& [file, text] : aright::trial::catalog_runbook_tests()) losing.play(file, text);
  return losing.told();
}
