#pragma once
// Fills an account by calls, as anybody would make them: catalog/demo/account.yaml is one such list.

#include <string_view>

#include "aws/call.h"
#include "base/clock.h"
#include "json/yaml.h"
#include "sandbox/cloud.h"

namespace aright::trial {

inline constexpr milliseconds seed_timeout{60'000};  // for an account such as the demonstration's

// What tests may do beside calls: let time go by, and set what no call can make.
struct Stagehand {
  VirtualClock& clock;
  sandbox::Cloud& cloud;
};

// A list of {call: service:Operation, input: {…}, as: name}. `as` keeps the answer; ${name.Member} takes from it. A
// call may name an `account` and a `region` of its own. Gives all kept answers by name. Fails with the first call that
// fails, naming its place.
Result<json::Object> seed(aws::Caller& cloud, std::string_view yaml, std::string_view account, std::string_view region,
                          const Context& context);
// The same for the list at `pointer` of a document, with answers that are known already. Where there is a stagehand, an
// item may be {wait: 100d}, too: so much time goes by; or {resource: type, id: …, aspects: {…}, internals: {…}}: these
// are so from then on, as in the emulated cloud's state. What is null is not there.
Result<> seed(aws::Caller& cloud, const json::Document& document, const std::string& pointer, json::Object& kept,
              std::string_view account, std::string_view region, const Context& context,
              Stagehand* stagehand = nullptr);

// ${name.Member.0.Other} anywhere within texts, taken from the kept answers; a text that is one such place takes its
// value with its type. Fails with invalid when nothing is known by that name.
Result<json::Value> filled(const json::Value& value, const json::Object& kept);

}  // namespace aright::trial
