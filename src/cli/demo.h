#pragma once
// The practice's four examples, played on a house over the sandbox: broken by a person's calls, found, set right, and
// taken back again.

#include <functional>
#include <string>
#include <vector>

#include "cli/house.h"

namespace aright::cli {

inline constexpr milliseconds example_timeout{120'000};

struct Played {
  std::string name, title;
  std::vector<RemediationId> remediations;
  bool resolved = false;      // all of them, each verified by a fresh read
  bool restored = false;      // and taken back: everything equals its before-image
  double seconds = 0;         // from the first signal to the last verification
  std::string fault;          // why not, when not

  bool good() const { return resolved && restored && fault.empty(); }
};
json::Object to_json(const Played& played);

class Demonstration {
 public:
  using Say = std::function<void(const std::string&)>;

  // `url` is where the house serves; `seeded` is what seed() gave for demo_account(); `say` gets
  // explanations for people.
  Demonstration(House& house, json::Object seeded, Say say);

  // Sets right, each after the other.
  std::vector<Played> play();
  // Takes back what play() did, last first, and compares.
  void take_back(std::vector<Played>& played);

 private:
  using Example = Result<std::vector<RemediationId>> (Demonstration::*)();
  Played play_one(const char* name, const char* title, Example example);

  Result<std::vector<RemediationId>> public_bucket();
  Result<std::vector<RemediationId>> open_ports();
  Result<std::vector<RemediationId>> suspect_instance();
  Result<std::vector<RemediationId>> orchestration();

  Result<> put_event(const json::Object& event);
  // A person's call, as it would come from outside.
  Result<json::Object> as_deploy(std::string service, std::string operation, json::Object input);
  Result<RemediationId> remediation_of(std::string_view control, const std::string& resource);
  Result<remediation::State> wait_for(const RemediationId& id,
                                      const std::function<bool(const remediation::State&)>& there);
  Result<> wait_resolved(const RemediationId& id);
  Result<bool> was_deferred(const RemediationId& id);
  Result<> approve_plan(const RemediationId& id);
  Result<> approve_step(const RemediationId& id);
  std::string seeded(std::string_view name, std::string_view member) const;

  House& house_;
  json::Object seeded_;
  Say say_;
};

}  // namespace aright::cli
