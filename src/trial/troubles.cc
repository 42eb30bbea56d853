#include "trial/troubles.h"

#include <algorithm>

#include "aws/retry.h"

namespace aright::trial {

namespace {

constexpr milliseconds first_pause{250}, pause_max{8'000};
constexpr milliseconds asks_for{25'000};  // as long as Systems Manager lets one call of a step take

}  // namespace

Result<std::vector<Trouble>> troubles_from_json(const json::Value& list) {
  std::vector<Trouble> out;
  for (const auto& item : json::items(list)) {
    for (const auto& [key, value] : json::members(item))
      if (key != "call" && key != "error" && key != "lost" && key != "message" && key != "status" && key != "times")
        return fail(Errc::invalid, "a fault has call, error or lost, message, status and times, not '{}'",
                    std::string_view(key));
    Trouble trouble{.call = json::text(item, "call", ""),
                    .error = json::text(item, "error", ""),
                    .lost = json::text(item, "lost", ""),
                    .message = json::text(item, "message", "as the test asked for"),
                    .status = static_cast<int>(json::integer(json::at(item, "status"), 400)),
                    .times = static_cast<int>(json::integer(json::at(item, "times"), 1))};
    bool losing = trouble.lost == "before" || trouble.lost == "after";
    if (trouble.call.empty() || trouble.error.empty() == trouble.lost.empty() || (!trouble.lost.empty() && !losing))
      return fail(Errc::invalid, "a fault has a call, and an error or lost: before | after");
    out.push_back(std::move(trouble));
  }
  return out;
}

Result<json::Object> Troubled::call(const aws::Call& call, const Context& context) {
  auto found = std::ranges::find_if(troubles_, [&](const Trouble& trouble) {
    return trouble.times > 0 && trouble.call == call.name();
  });
  if (found == troubles_.end()) return below_.call(call, context);
  --found->times;
  if (found->error.empty()) {
    if (found->lost == "after") (void)below_.call(call, context);
    return fail({.code = Errc::deadline, .message = "the answer got lost", .retry = Retry::unknown_outcome});
  }
  Error error{.code = found->status == 403 ? Errc::denied : Errc::invalid,
              .message = found->message,
              .wire_code = found->error,
              .http_status = found->status};
  if (aws::is_throttling(error)) error.code = Errc::throttled;
  if (aws::is_passing(error)) error.retry = Retry::later;
  return fail(std::move(error));
}

Result<json::Object> Patient::call(const aws::Call& call, const Context& context) {
  auto pause = first_pause;
  for (milliseconds waited{0};; waited += pause, pause = std::min(pause * 2, pause_max)) {
    auto answer = below_.call(call, context);
    const bool again = !answer && answer.error().retry == Retry::later && aws::is_passing(answer.error());
    if (!again || waited + pause > asks_for) return answer;
    clock_.advance(pause);
  }
}

std::vector<std::string> Troubled::unmet() const {
  std::vector<std::string> out;
  for (const auto& trouble : troubles_)
    if (trouble.times > 0) out.push_back(trouble.call);
  return out;
}

}  // namespace aright::trial
