#pragma once
// What a service asks of an input beyond its shape: enumerations, patterns, lengths and ranges, as its published model
// says them. tools/modelc/constraints.py writes them down, for the services that aright answers itself; of any other
// nothing is asked. Any thread may call this; what one service asks is read when it is first needed, and kept.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"

namespace aright::model {

// One demand that is not met, in the words that AWS has for it.
struct Breach {
  std::string where;  // opsItemFilters.1.member.key: members begin small, and items count from 1
  std::optional<std::string> value;  // as it was given, *** where the model calls it sensitive; nothing: it is missing
  std::string demand;  // Member must satisfy enum value set: [Open, InProgress, Resolved]
};

// In the model's order, and not more than `breaches_max`. A pattern that cannot be matched asks for nothing.
std::vector<Breach> breaches(std::string_view service, std::string_view operation, const json::Object& input);
inline constexpr std::size_t breaches_max = 10;

// "2 validation errors detected: Value 'x' at 'y' failed to satisfy constraint: …; …"
std::string sentence(const std::vector<Breach>& all);

// Whether the whole text is as a pattern of Java says. One that cannot be read, or takes too long, is met by all.
bool is_matched(std::string_view pattern, std::string_view text);

// How a member is called where AWS says what is wrong with it: status for Status.
std::string spoken(std::string_view member);

// The patterns of a service that are none for us: tests look at them.
std::vector<std::string> unread_patterns(std::string_view service);
// The services whose constraints are known, sorted.
std::vector<std::string> constrained_services();

}  // namespace aright::model
