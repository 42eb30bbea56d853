#pragma once
// Reports as people and tools read them: text, and the JSON, SARIF and JUnit shapes that
// cfn-guard's reports have. Pure functions.

#include <cstdint>
#include <string>
#include <vector>

#include "guard/guard.h"
#include "json/value.h"

namespace aright::guard {

// One rules file, judged on one data file.
struct Judgement {
  std::string rules;
  std::string data;
  Report report;
  std::int64_t took_ms = 0;
};

// All rules files on one data file.
struct FileReport {
  std::string data;
  std::vector<const Judgement*> judgements;
};

struct Shown {
  bool pass = false, fail = true, skip = false;  // which rules the summary names
  bool any() const { return pass || fail || skip; }
};

// "t.yaml Status = FAIL", and the rules by status; "" when none of them is to be shown.
std::string summary_text(const Judgement& judgement, Shown shown);
// Each failure with its place in the data and in the rules; "" when nothing failed.
std::string failures_text(const Judgement& judgement);

json::Value report_json(const FileReport& report);
json::Value sarif(const std::vector<FileReport>& reports, const std::string& version);
std::string junit(const std::vector<FileReport>& reports);

// A rule's name after the file it stands in: "net.guard/default" stays, "open" becomes
// "net.guard/open".
std::string qualified(const std::string& rules, const std::string& rule);
std::string xml_escaped(std::string_view text);
// Regular expressions and ranges become texts.
json::Value to_json(const Value& value);

}  // namespace aright::guard
