#pragma once
// A Systems Manager Automation document (schema 0.3): read, checked, and ready to be run. Immutable after parse; any
// thread.
// The published semantics: AWS Systems Manager User Guide, "Automation" and "Automation actions reference".

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "json/value.h"
#include "json/yaml.h"

namespace aright::runbook {

inline constexpr std::size_t document_bytes_max = 256 * 1024;  // 64 KiB is the quota of who is not AWS
inline constexpr std::size_t steps_max = 1000;                // nested ones counted
inline constexpr int nesting_max = 5;                         // of executeAutomation, and of loops

// One thing that is wrong with a document, and how to mend it.
struct Diagnostic {
  enum class Effect { error, warning };
  Effect effect = Effect::error;
  std::string file;
  int line = 0, column = 0;  // from 1; 0: unknown
  std::string pointer;       // RFC 6901, into the document
  std::string what, mend;

  std::string text() const;  // file:line:column: error: what (mend)
};
json::Object to_json(const Diagnostic& diagnostic);

struct Parameter {
  std::string name, type, description;
  std::optional<json::Value> otherwise;  // the default
  json::Array allowed_values;
  std::string allowed_pattern;
  std::optional<std::int64_t> items_min, items_max, chars_min, chars_max;
};

struct Output {
  std::string name, selector, type = "String";
};

struct Step {
  std::string name, action, description;
  json::Object inputs;
  std::vector<Output> outputs;
  int attempts_max = 1;
  std::optional<json::Value> timeout_seconds;  // a number, or a text with a {{ reference }}
  std::string on_failure = "Abort";            // Abort, Continue, step:<name>
  std::string on_cancel = "Abort";
  std::optional<bool> critical;
  bool end = false;
  std::string next;                            // "": the next in the list
  std::vector<Step> steps;                     // of aws:loop
  std::string pointer;                         // where it stands in the document
};

class Document {
 public:
  // JSON or YAML. Fails with invalid; `diagnostics`, when given, gets all that is wrong (errors and warnings).
  static Result<Document> parse(std::string_view text, std::string_view name,
                                std::vector<Diagnostic>* diagnostics = nullptr);

  const std::string& name() const { return name_; }
  const std::string& description() const { return description_; }
  const std::string& assume_role() const { return assume_role_; }
  const std::vector<Parameter>& parameters() const { return parameters_; }
  const std::vector<Parameter>& variables() const { return variables_; }
  const std::vector<Step>& steps() const { return steps_; }
  const std::vector<std::string>& outputs() const { return outputs_; }
  const std::string& hash() const { return hash_; }  // SHA-256 of the text, hexadecimal
  // Attachments that `files` declares: name → SHA-256 in hexadecimal.
  const std::map<std::string, std::string>& files() const { return files_; }
  // What they hold, where whoever read the document had them: name → content.
  const std::map<std::string, std::string>& attachments() const { return attachments_; }
  // Fails with invalid when `files` names another checksum for one of them.
  Result<> attach(std::map<std::string, std::string> attachments);

  const Step* find(std::string_view step) const;  // also within loops

 private:
  friend class Reader;
  std::string name_, description_, assume_role_, hash_;
  std::vector<Parameter> parameters_, variables_;
  std::vector<Step> steps_;
  std::vector<std::string> outputs_;
  std::map<std::string, std::string> files_, attachments_;
};

// The values that an execution starts with: what was given, checked against types, patterns and limits, over the
// defaults. `given` may hold natural values or StartAutomationExecution's lists of texts; `store`: the values of
// Parameter Store parameters, by name, for defaults that refer to them. Fails with invalid and the wire code
// InvalidAutomationExecutionParametersException, naming the parameter.
Result<json::Object> resolve_parameters(const Document& document, const json::Object& given,
                                        const json::Object& store = {});
// Names of Parameter Store parameters that defaults refer to ({{ssm:name}}) and nobody gave.
std::vector<std::string> store_references(const Document& document, const json::Object& given);

}  // namespace aright::runbook
