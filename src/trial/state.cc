#include "trial/state.h"

#include "json/path.h"
#include "trial/expect.h"
#include "trial/seed.h"

namespace aright::trial {

namespace {

std::optional<std::string> unmet_answer(const std::string& name, const json::Value& look, const json::Object& answer,
                                        const json::Object& kept) {
  json::Value found = answer;
  if (auto at = json::text(look, "at", ""); !at.empty()) {
    auto path = json::Path::parse(at);
    auto there = path ? path->get(found) : std::unexpected(path.error());
    if (!there) return name + ": " + there.error().message;
    found = there->value_or(json::Value());
  }
  auto wanted = filled(json::at(look, "is"), kept);
  if (!wanted) return name + ": " + wanted.error().message;
  return unmet(*wanted, found, name);
}

std::optional<std::string> unmet_look(aws::Caller& cloud, const json::Value& look, const json::Object& kept,
                                      const std::string& account, const std::string& region) {
  auto name = json::text(look, "call", "");
  auto input = filled(json::at(look, "input"), kept);
  if (!input) return name + ": " + input.error().message;
  auto colon = name.find(':');
  aws::Call call{.service = name.substr(0, colon),
                 .operation = colon == std::string::npos ? "" : name.substr(colon + 1),
                 .region = json::text(look, "region", region),
                 .account = account,
                 .input = json::members(*input)};
  auto answer = cloud.call(call, {});
  auto fails = json::text(look, "fails", "");
  if (answer) return fails.empty() ? unmet_answer(name, look, *answer, kept)
                                   : fmt::format("{} did not fail with {}", name, fails);
  if (!fails.empty() && answer.error().wire_code == fails) return std::nullopt;
  return name + ": " + answer.error().message;
}

}  // namespace

std::vector<std::string> unmet_state(aws::Caller& cloud, const json::Value& looks, const json::Object& kept,
                                     const std::string& account, const std::string& region) {
  std::vector<std::string> out;
  for (const auto& look : json::items(looks))
    if (auto what = unmet_look(cloud, look, kept, account, region)) out.push_back(std::move(*what));
  return out;
}

}  // namespace aright::trial
