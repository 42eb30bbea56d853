#pragma once
// Who is asked to approve, in which order, and whose voice counts. Pure; docs/guide/approvals.md.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "json/value.h"

namespace aright::remediation {

inline constexpr int voices_max = 20;  // that one approval may need
inline constexpr std::size_t rungs_max = 10;

struct Group {
  std::vector<std::string> members;  // principals of the policy
  std::string tell;                  // a channel that hears what the group is asked, whatever else it wants; or ""
};

// One group after the other is asked, each beside those before it, until enough have agreed.
struct Rung {
  std::string group;
  int needed = 1;      // voices, of all groups asked so far
  seconds wait{0};     // until the next rung; 0 on the last
};
using Ladder = std::vector<Rung>;

// For a while, somebody speaks for somebody else.
struct Delegation {
  std::string from, to;
  Timestamp begins, ends;
};

struct Approvers {
  std::map<std::string, Group> groups;
  std::map<std::string, Ladder> ladders;
  std::vector<Delegation> delegations;
  seconds expires{24 * 3600};
  seconds remind{0};  // between reminders; 0: none
};

// What is asked for, of whom and until when.
struct Request {
  std::string ladder;              // "": anybody who has the role may approve, and one does
  std::size_t rung = 0;
  int needed = 1;
  std::vector<std::string> asked;  // members of the groups so far; empty: anybody
  Timestamp expires;
  std::optional<Timestamp> escalates, reminds;
};
json::Object to_json(const Request& request);
Request request_from_json(const json::Value& value);  // of an entry of any age

// Of the first rung of a ladder, or of none ("").
Request first_request(const Approvers& approvers, const std::string& ladder, Timestamp now);
// The next rung is asked as well.
Request escalated(const Approvers& approvers, Request request, Timestamp now);
Request reminded(const Approvers& approvers, Request request, Timestamp now);
// The channels of the groups that are asked, without those of the rungs before `from`.
std::vector<std::string> channels_of(const Approvers& approvers, const Request& request, std::size_t from);

// Who rejects says why, for whoever asked. Fails with invalid where nothing is said.
Result<> check_reason(std::string_view comment);

struct Approval {
  std::string principal, comment;
  std::string voice;  // whose it is: the principal's, or of whom they speak for
  Timestamp at;
};

// In whose name the person may agree. Fails with denied: AR-0012 when it would be the requester's own voice, AR-0019
// when nobody asked them; and with conflict, AR-0020, when their voice is counted already.
Result<std::string> voice_of(const Approvers& approvers, const Request& request,
                             const std::vector<Approval>& given, std::string_view requester, std::string_view person,
                             Timestamp now);

}  // namespace aright::remediation
