#include "cli/known_calls.h"

#include <functional>

#include "base/known.h"
#include "json/yaml.h"
#include "model/model.h"
#include "runbook/calls.h"

namespace aright::cli {

namespace {

struct Unknown {
  const char* input;  // of the step
  std::string what, mend;
};

std::string perhaps(const std::string& word, const std::vector<std::string>& known, const char* otherwise) {
  auto near = nearest(word, known);
  return near.empty() ? otherwise : fmt::format("did you mean {}?", near);
}

std::optional<Unknown> unknown_in(const runbook::Step& step) {
  auto [name, api] = runbook::named_call(step.inputs);
  if (name.empty() || api.empty() || name.contains("{{") || api.contains("{{")) return std::nullopt;
  const auto& models = model::Models::embedded();
  auto service = models.service(name);
  std::vector<std::string> known;
  if (!service) {
    for (const auto& one : models.services()) known.emplace_back(one.name());
    return Unknown{"Service", fmt::format("no service is known as {}", name),
                   perhaps(name, known, "write it as boto3 names its client")};
  }
  if (service->operation(api)) return std::nullopt;
  for (const auto& one : service->operations()) known.emplace_back(one.name());
  return Unknown{"Api", fmt::format("{} is known to have no operation {}", service->name(), api),
                 perhaps(api, known, "write it as its API reference does")};
}

void each_step(const std::vector<runbook::Step>& steps, const std::function<void(const runbook::Step&)>& visit) {
  for (const auto& step : steps) {
    visit(step);
    each_step(step.steps, visit);
  }
}

}  // namespace

std::vector<runbook::Diagnostic> unknown_calls(const runbook::Document& document, std::string_view text) {
  std::vector<runbook::Diagnostic> out;
  auto source = json::parse_yaml(text);
  if (!source) return out;
  each_step(document.steps(), [&](const runbook::Step& step) {
    auto unknown = unknown_in(step);
    if (!unknown) return;
    auto pointer = fmt::format("{}/inputs/{}", step.pointer, unknown->input);
    auto [line, column] = source->locate(pointer);
    out.push_back({.effect = runbook::Diagnostic::Effect::warning,
                   .file = document.name(),
                   .line = line,
                   .column = column,
                   .pointer = std::move(pointer),
                   .what = std::move(unknown->what),
                   .mend = std::move(unknown->mend)});
  });
  return out;
}

}  // namespace aright::cli
