#pragma once
// Ids that do not convert into one another. Printed as plan_01J9Z…: a prefix and a ULID, so that they sort by
// time. parse() checks the prefix.

#include <compare>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"

namespace aright {

// 26 characters of Crockford base 32: 48 bits of time, 80 random bits. Thread-safe.
std::string ulid(Timestamp now);

template <typename Tag>
class Id {
 public:
  Id() = default;
  static Id make(Timestamp now) { return Id(std::string(Tag::prefix) + ulid(now)); }
  static Result<Id> parse(std::string_view text) {
    if (!text.starts_with(Tag::prefix) || text.size() <= std::string_view(Tag::prefix).size())
      return fail(Errc::invalid, "'{}' is not an id of the form {}…", text, Tag::prefix);
    return Id(std::string(text));
  }
  // For ids that are derived from what they name, and so are the same every time.
  static Id derived(std::string_view suffix) { return Id(std::string(Tag::prefix) + std::string(suffix)); }

  const std::string& str() const { return text_; }
  bool empty() const { return text_.empty(); }
  auto operator<=>(const Id&) const = default;

 private:
  explicit Id(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

struct SignalTag { static constexpr const char* prefix = "sig_"; };
struct FindingTag { static constexpr const char* prefix = "fnd_"; };
struct RemediationTag { static constexpr const char* prefix = "rem_"; };
struct PlanTag { static constexpr const char* prefix = "plan_"; };
struct ExecutionTag { static constexpr const char* prefix = "exec_"; };

using SignalId = Id<SignalTag>;
using FindingId = Id<FindingTag>;
using RemediationId = Id<RemediationTag>;
using PlanId = Id<PlanTag>;
using ExecutionId = Id<ExecutionTag>;

// An RFC 4122 version 4 UUID, for ids whose form AWS prescribes.
std::string uuid();
// A UUID that is a function of `seed`: idempotency tokens that survive a crash.
std::string uuid_from(std::string_view seed);

}  // namespace aright

template <typename Tag>
struct std::hash<aright::Id<Tag>> {
  std::size_t operator()(const aright::Id<Tag>& id) const { return std::hash<std::string>()(id.str()); }
};
