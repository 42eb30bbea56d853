#include "runbook/document.h"

#include <algorithm>
#include <charconv>

#include "base/digest.h"
#include "runbook/document_check.h"
#include "runbook/document_reader.h"

namespace aright::runbook {

namespace {

// A text that begins as JSON does is meant as JSON; YAML would tell of it in words of its own.
bool means_json(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  auto brace = text.find_first_not_of(blank);
  if (brace == std::string_view::npos || text[brace] != '{') return false;
  auto first = text.find_first_not_of(blank, brace + 1);
  return first == std::string_view::npos || text[first] == '"';
}

// "line 3, column 4: …" as the parsers of json write it.
Diagnostic syntax_fault(std::string_view file, std::string_view text, const Error& error) {
  auto message = error.message;
  const bool json = means_json(text);
  if (auto parsed = json ? json::parse(text) : Result<json::Value>(json::Value()); !parsed)
    message = parsed.error().message;
  Diagnostic fault{.file = std::string(file), .what = message};
  fault.mend = json ? "close every bracket, brace and quote that is open, and put commas between members"
                    : "check indentation, quotes and brackets there; quote a text that begins with { or holds ': '";
  auto number_after = [&](std::string_view word, std::size_t from) {
    int number = 0;
    auto at = message.find(word, from);
    if (at == std::string::npos) return number;
    const char* begin = message.data() + at + word.size();
    std::from_chars(begin, message.data() + message.size(), number);
    return number;
  };
  auto line = message.find("line ");
  if (line == std::string::npos) return fault;
  fault.line = number_after("line ", line);
  fault.column = number_after("column ", line);
  auto colon = message.find(": ", line);
  if (colon != std::string::npos) fault.what = message.substr(colon + 2);
  return fault;
}

const Step* find_in(const std::vector<Step>& steps, std::string_view name) {
  for (const auto& step : steps) {
    if (step.name == name) return &step;
    if (const auto* inner = find_in(step.steps, name)) return inner;
  }
  return nullptr;
}

std::unexpected<Error> refuse_document(const std::vector<Diagnostic>& faults) {
  auto is_error = [](const Diagnostic& each) { return each.effect == Diagnostic::Effect::error; };
  auto first = std::ranges::find_if(faults, is_error);
  auto more = std::ranges::count_if(faults, is_error) - 1;
  auto message = first->text();
  if (more > 0) message += fmt::format(" (and {} more)", more);
  return fail({.code = Errc::invalid,
               .message = std::move(message),
               .wire_code = "InvalidDocumentContent",
               .http_status = 400});
}

}  // namespace

std::string Diagnostic::text() const {
  std::string place = file;
  if (line > 0) place += fmt::format(":{}:{}", line, column);
  auto kind = effect == Effect::error ? "error" : "warning";
  auto told = fmt::format("{}: {}: {}", place, kind, what);
  return mend.empty() ? told : fmt::format("{} ({})", told, mend);
}

json::Object to_json(const Diagnostic& diagnostic) {
  return {{"effect", diagnostic.effect == Diagnostic::Effect::error ? "error" : "warning"},
          {"file", diagnostic.file},
          {"line", diagnostic.line},
          {"column", diagnostic.column},
          {"pointer", diagnostic.pointer},
          {"what", diagnostic.what},
          {"mend", diagnostic.mend}};
}

const Step* Document::find(std::string_view step) const {
  return find_in(steps_, step);
}

Result<Document> Document::parse(std::string_view text, std::string_view name,
                                 std::vector<Diagnostic>* diagnostics) {
  std::vector<Diagnostic> faults;
  auto end = [&](std::vector<Diagnostic> found) {
    faults = std::move(found);
    if (diagnostics) *diagnostics = faults;
  };
  if (text.size() > document_bytes_max) {
    end({{.file = std::string(name),
          .what = fmt::format("a document may have at most {} bytes", document_bytes_max),
          .mend = "move scripts into attachments, or steps into a document of their own"}});
    return refuse_document(faults);
  }
  auto source = json::parse_yaml(text);
  if (!source) {
    end({syntax_fault(name, text, source.error())});
    return refuse_document(faults);
  }
  Diagnostics collected{std::string(name), *source};
  auto document = Reader(source->value, collected).read(name, text);
  check(document, collected);
  const bool wrong = collected.has_errors();
  end(collected.take());
  if (wrong) return refuse_document(faults);
  return document;
}

Result<> Document::attach(std::map<std::string, std::string> attachments) {
  for (const auto& [name, content] : attachments) {
    auto declared = files_.find(name);
    if (declared == files_.end() || declared->second.empty()) continue;
    if (to_hex(sha256(content)) != declared->second)
      return fail(Errc::invalid, "the attachment {} has another checksum than {} says", name, name_);
  }
  attachments_ = std::move(attachments);
  return {};
}

}  // namespace aright::runbook
