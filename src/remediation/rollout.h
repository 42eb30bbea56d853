#pragma once
// How the policy lets a fix make its way: what it may earn, and how it is verified. Plain data; track.h and
// verification.h say what follows from it.

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"

namespace aright::remediation {

// What a control may do where `decide` says `earned`. Each level is reached by the share of good fixes that its record
// vouches for.
struct Autonomy {
  double approval = 0.3, canary = 0.7, automatic = 0.9;  // two, nine and thirty-five good ones without a bad one
};

// Something outside the resource that must go well before and after a fix.
struct HealthCheck {
  enum class Kind { http, tcp, alarm, function };
  std::string name;
  Kind kind = Kind::http;
  std::string subject;           // a URL, HOST:PORT, or the name of a CloudWatch alarm or of a function
  int status = 0;                // of HTTP; 0: any 2xx
  std::string holds;             // of HTTP: a text in the body; or ""
  std::string account, region;   // of an alarm or a function; "": the resource's
  seconds timeout{10};
  bool allow_internal = false;   // addresses of the own network
};
std::string_view name(HealthCheck::Kind kind);

// How fixes of some resources are verified. The first one that is about a fix holds.
struct Care {
  std::vector<std::string> controls, accounts;  // empty: all
  std::map<std::string, std::string> tags;
  std::vector<std::string> health;              // names of checks
  seconds soak{0};                              // so long it has to stay good
  seconds every{60};                            // between looks meanwhile
  bool take_back = false;                       // a fix that is not good is rolled back before a person is told
};

}  // namespace aright::remediation
