#include "remediation/library.h"

#include <algorithm>
#include <filesystem>

#include "base/digest.h"
#include "base/embedded.h"
#include "base/file.h"
#include "base/known.h"
#include "base/text.h"
#include "script/archive.h"
#include "script/package.h"

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

// The attachments that the document declares and that stand in this folder. One that is not there is missed by the
// step that needs it, and by no other.
Result<std::map<std::string, std::string>> attachments_in(const std::filesystem::path& folder,
                                                          const runbook::Document& document) {
  std::map<std::string, std::string> out;
  if (document.files().size() > attachments_max)
    return fail(Errc::invalid, "{} declares more than {} files", document.name(), attachments_max);
  for (const auto& [name, checksum] : document.files()) {
    std::error_code error;
    auto path = folder / std::filesystem::path(name).filename();
    if (std::filesystem::exists(path, error)) out[name] = TRY(read_file(path, attachment_bytes_max));
  }
  return out;
}

Result<Runbook> parse_runbook(const std::string& name, const std::string& text,
                              const std::filesystem::path& folder = {}) {
  std::vector<runbook::Diagnostic> diagnostics;
  auto document = runbook::Document::parse(text, name, &diagnostics);
  if (document) {
    if (!folder.empty()) CHECK_OK(document->attach(TRY(attachments_in(folder, *document))));
    return Runbook{std::make_shared<const runbook::Document>(std::move(*document)), text};
  }
  std::string all = document.error().message;
  for (const auto& diagnostic : diagnostics)
    if (diagnostic.effect == runbook::Diagnostic::Effect::error) all += "\n" + diagnostic.text();
  return fail(Errc::invalid, "runbook {}: {}", name, all);
}

script::Package one_file(std::string name, std::string text) {
  script::Package out;
  out.files[std::move(name)] = std::move(text);
  return out;
}

Result<script::Package> package_of(const Function& function, const std::map<std::string, std::string>& catalog) {
  if (!function.path.empty()) return script::read_package(function.path);
  if (!function.zip.empty()) return script::unzip(function.zip);
  if (!function.code.empty()) {
    auto extension = function.runtime.starts_with("nodejs") ? ".js" : ".py";
    return one_file(function.handler.substr(0, function.handler.rfind('.')) + extension, function.code);
  }
  auto found = catalog.find(function.catalog);
  if (found == catalog.end()) return fail(Errc::not_found, "the catalog has no function file '{}'", function.catalog);
  return one_file(found->first, found->second);
}

std::string hash_of(const script::Program& program) {
  json::Object hashed{{"handler", program.handler}, {"runtime", program.runtime}};
  for (const auto& [name, value] : program.environment) hashed["environment:" + name] = value;
  for (const auto& [name, bytes] : program.files) hashed["file:" + name] = to_hex(sha256(bytes));
  for (const auto& [name, bytes] : program.layers) hashed["layer:" + name] = to_hex(sha256(bytes));
  return to_hex(sha256(json::canonical(hashed)));
}

Result<Code> load(const Function& function, const std::map<std::string, std::string>& catalog) {
  Code out;
  out.program.convention = script::Program::Convention::lambda;
  out.program.runtime = function.runtime;
  out.program.handler = function.handler;
  out.program.environment = function.environment;
  out.program.limits.wall = function.timeout;
  out.program.limits.memory_bytes = function.memory_mib << 20;
  put_files(out.program, TRY(package_of(function, catalog)));
  for (const auto& layer : function.layers) put_layer(out.program, TRY(script::read_package(layer)));
  out.hash = hash_of(out.program);
  return out;
}

// As controls of the catalog name it. A policy may register it otherwise.
Function of_catalog(const std::string& file) {
  auto name = std::filesystem::path(file).stem().string();
  return {.name = name, .runtime = "python3.11", .handler = name + ".handler", .path = {}, .code = {}, .catalog = file,
          .zip = {}, .layers = {}, .environment = {}};
}

}  // namespace

json::Object source_of(std::string_view name, const Runbook& runbook) {
  json::Object out{{"runbook", name}, {"text", runbook.text}};
  json::Object attachments;
  for (const auto& [file, content] : runbook.document->attachments()) attachments[file] = to_base64(content);
  if (!attachments.empty()) out["attachments"] = std::move(attachments);
  return out;
}

Result<Runbook> runbook_from(const json::Object& source) {
  auto text = json::text(source, "text");
  auto document = TRY(runbook::Document::parse(text, json::text(source, "runbook")));
  std::map<std::string, std::string> attachments;
  for (const auto& [file, content] : json::members(json::at(source, "attachments")))
    attachments[std::string(file)] = TRY(from_base64(json::text(content)));
  CHECK_OK(document.attach(std::move(attachments)));
  return Runbook{std::make_shared<const runbook::Document>(std::move(document)), std::move(text)};
}

std::vector<std::string> catalog_runbooks() {
  std::vector<std::string> out;
  if (auto all = unbundle(embedded_runbooks()))
    for (const auto& [file, text] : *all) out.push_back(std::filesystem::path(file).stem().string());
  std::ranges::sort(out);
  return out;
}

Result<Library> Library::open(const Policy& policy) {
  Library out;
  auto runbooks = TRY(unbundle(embedded_runbooks()));
  for (const auto& [file, text] : runbooks) {
    auto name = std::filesystem::path(file).stem().string();
    out.runbooks_[name] = TRY(parse_runbook(name, text));
  }
  for (const auto& [name, text] : policy.runbooks) {
    auto folder = policy.runbook_folders.find(name);
    auto known = folder != policy.runbook_folders.end();
    out.runbooks_[name] = TRY(parse_runbook(name, text, known ? folder->second : std::filesystem::path()));
  }
  auto functions = TRY(unbundle(embedded_functions()));
  for (const auto& [file, text] : functions) {
    const Function function = of_catalog(file);
    out.functions_[function.name] = TRY(load(function, functions));
  }
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
  std::vector<std::string> known;
  for (const auto& [key, value] : runbooks_) known.push_back(key);
  auto meant = nearest(name, known);
  return fail(Errc::not_found, "there is no runbook '{}'{}; `aright runbook list` has them", name,
              meant.empty() ? "" : fmt::format("; did you mean '{}'?", meant));
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
