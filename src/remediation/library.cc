#include "remediation/library.h"

#include <filesystem>

#include "base/digest.h"
#include "base/embedded.h"
#include "base/file.h"
#include "base/text.h"

ARIGHT_EMBEDDED(runbooks)
ARIGHT_EMBEDDED(functions)

namespace aright::remediation {

namespace {

// File name → text, of a bundle that the build made.
Result<std::map<std::string, std::string>> unbundle(std::string_view bundle) {
  auto value = TRY(json::parse(bundle));
  std::map<std::string, std::string> out;
  for (const auto& item : json::items(value)) out[json::text(item, "file", "")] = json::text(item, "text", "");
  return out;
}

Result<Runbook> parse_runbook(const std::string& name, const std::string& text) {
  std::vector<runbook::Diagnostic> diagnostics;
  auto document = runbook::Document::parse(text, name, &diagnostics);
  if (document) return Runbook{std::make_shared<const runbook::Document>(std::move(*document)), text};
  std::string all = document.error().message;
  for (const auto& diagnostic : diagnostics)
    if (diagnostic.effect == runbook::Diagnostic::Effect::error) all += "\n" + diagnostic.text();
  return fail(Errc::invalid, "runbook {}: {}", name, all);
}

Result<std::map<std::string, std::string>> files_in(const std::filesystem::path& directory) {
  std::map<std::string, std::string> out;
  std::size_t bytes = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator item(directory, error), end; !error && item != end; item.increment(error)) {
    if (item->path().extension() != ".py") continue;
    auto text = TRY(read_file(item->path(), function_bytes_max));
    bytes += text.size();
    if (bytes > function_bytes_max)
      return fail(Errc::invalid, "{} holds more than {} bytes of code", directory.string(), function_bytes_max);
    out[item->path().filename().string()] = std::move(text);
  }
  if (error) return fail(Errc::not_found, "{}: {}", directory.string(), error.message());
  return out;
}

Result<Code> load(const Function& function, const std::map<std::string, std::string>& catalog) {
  Code out{.runtime = function.runtime, .handler = function.handler, .files = {}, .timeout = function.timeout,
           .hash = ""};
  if (!function.directory.empty()) {
    out.files = TRY(files_in(function.directory));
  } else if (!function.code.empty()) {
    out.files[function.handler.substr(0, function.handler.rfind('.')) + ".py"] = function.code;
  } else {
    auto found = catalog.find(function.catalog);
    if (found == catalog.end()) return fail(Errc::not_found, "the catalog has no function file '{}'", function.catalog);
    out.files[found->first] = found->second;
  }
  json::Object hashed{{"handler", out.handler}, {"runtime", out.runtime}};
  for (const auto& [name, text] : out.files) hashed["file:" + name] = text;
  out.hash = to_hex(sha256(json::canonical(hashed)));
  return out;
}

}  // namespace

Result<Library> Library::open(const Policy& policy) {
  Library out;
  auto runbooks = TRY(unbundle(embedded_runbooks()));
  for (const auto& [file, text] : runbooks) {
    auto name = std::filesystem::path(file).stem().string();
    out.runbooks_[name] = TRY(parse_runbook(name, text));
  }
  for (const auto& [name, text] : policy.runbooks) out.runbooks_[name] = TRY(parse_runbook(name, text));
  auto functions = TRY(unbundle(embedded_functions()));
  for (const auto& [name, function] : policy.functions) {
    auto code = load(function, functions);
    if (!code) return wrap(code.error(), "function {}", name);
    out.functions_[name] = std::move(*code);
  }
  return out;
}

Result<Runbook> Library::runbook(std::string_view name) const {
  auto found = runbooks_.find(name);
  if (found != runbooks_.end()) return found->second;
  std::vector<std::string_view> known;
  for (const auto& [key, value] : runbooks_) known.push_back(key);
  return fail(Errc::not_found, "there is no runbook '{}'; known are {}", name, fmt::join(known, ", "));
}

const Code* Library::function(std::string_view name) const {
  if (name.starts_with("arn:")) {  // arn:aws:lambda:region:account:function:name[:qualifier]
    auto parts = split(name, ':');
    if (parts.size() < 7) return nullptr;
    auto found = functions_.find(parts[6]);
    return found == functions_.end() ? nullptr : &found->second;
  }
  auto found = functions_.find(name);
  return found == functions_.end() ? nullptr : &found->second;
}

}  // namespace aright::remediation
