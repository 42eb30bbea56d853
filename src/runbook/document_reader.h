#pragma once
// From a document's text to its steps, noting every fault of form. What only shows when steps are seen together is
// document_check's. Internal to runbook.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runbook/document.h"

namespace aright::runbook {

inline constexpr std::size_t diagnostics_max = 100;  // of one document; more help nobody

// Collects what is wrong, with its place in the text.
class Diagnostics {
 public:
  Diagnostics(std::string file, const json::Document& source)
      : file_(std::move(file)), source_(source) {}

  void error(const std::string& pointer, std::string what, std::string mend);
  void warning(const std::string& pointer, std::string what, std::string mend);
  bool has_errors() const;
  bool full() const { return list_.size() >= diagnostics_max; }
  std::vector<Diagnostic> take() { return std::move(list_); }

 private:
  void add(Diagnostic::Effect effect, const std::string& pointer, std::string what,
           std::string mend);

  std::string file_;
  const json::Document& source_;
  std::vector<Diagnostic> list_;
};

class Reader {
 public:
  Reader(const json::Value& root, Diagnostics& diagnostics)
      : root_(root), diagnostics_(diagnostics) {}

  Document read(std::string_view name, std::string_view text);
  // A document that was never a text.
  static Document assemble(std::string_view name, std::vector<Parameter> parameters,
                           std::vector<Step> steps, std::vector<std::string> outputs);

 private:
  void read_top(Document& document);
  void read_files(Document& document);
  std::vector<Parameter> read_parameters(const json::Value& map, const std::string& pointer);
  Parameter read_parameter(std::string_view name, const json::Value& value,
                           const std::string& pointer);
  void read_limits(Parameter& parameter, const json::Value& value, const std::string& pointer);
  std::vector<Step> read_steps(const json::Value& list, const std::string& pointer, int depth);
  Step read_step(const json::Value& value, const std::string& pointer, int depth);
  void read_flow(Step& step, const json::Value& value, const std::string& pointer);
  std::vector<Output> read_outputs(const json::Value& list, const std::string& pointer);

  // Members, when of the right kind; a diagnostic otherwise.
  std::string text(const json::Value& object, std::string_view member, const std::string& pointer,
                   std::string_view otherwise = "");
  std::optional<bool> flag(const json::Value& object, std::string_view member,
                           const std::string& pointer);
  std::optional<std::int64_t> count(const json::Value& object, std::string_view member,
                                    const std::string& pointer);
  void only(const json::Value& object, const std::string& pointer, std::string_view what,
            const std::vector<std::string>& known);

  const json::Value& root_;
  Diagnostics& diagnostics_;
  std::size_t steps_ = 0;
};

}  // namespace aright::runbook
