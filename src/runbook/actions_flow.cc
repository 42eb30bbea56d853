// What only moves within the document: aws:branch, aws:updateVariable, aws:sleep, aws:pause.

#include "runbook/action.h"
#include "runbook/branch.h"
#include "runbook/duration.h"

namespace aright::runbook {

namespace {

class Branch final : public Action {
 public:
  Move begin(const Scene& scene) override {
    const auto& choices = json::at(scene.inputs, "Choices");
    if (!choices.is_array()) return bad_input("Choices is a list");
    auto chosen = choose(choices.get_array());
    if (!chosen) return bad_input(chosen.error().message);
    Done done;
    done.jump = chosen->value_or(json::text(scene.inputs, "Default"));
    if (!done.jump.empty()) done.outputs["NextStep"] = done.jump;
    return done;
  }
};

class UpdateVariable final : public Action {
 public:
  Move begin(const Scene& scene) override {
    constexpr std::string_view prefix = "variable:";
    auto name = json::text(scene.inputs, "Name");
    if (!name.starts_with(prefix)) return bad_input("Name is written variable:<name>");
    Done done;
    done.assign = std::pair(name.substr(prefix.size()), json::at(scene.inputs, "Value"));
    return done;
  }
};

class Sleep final : public Action {
 public:
  Move begin(const Scene& scene) override {
    auto until = due(scene);
    if (!until) return bad_input(until.error().message);
    if (*until <= scene.now) return Done{};
    return again_at(*until);
  }

 private:
  static Result<Timestamp> due(const Scene& scene) {
    constexpr milliseconds longest = seconds(604'799);  // Systems Manager's own bound
    Timestamp until;
    if (scene.inputs.contains("Duration")) {
      auto duration = TRY(parse_duration(json::text(scene.inputs, "Duration")));
      if (duration > longest) return fail(Errc::invalid, "aws:sleep sleeps at most 604799 seconds");
      until = scene.now + duration;
    } else {
      until = TRY(parse_timestamp(json::text(scene.inputs, "Timestamp")));
    }
    if (until > scene.now + longest)
      return fail(Errc::invalid, "aws:sleep sleeps at most 604799 seconds");
    return until;
  }

  Move again_at(Timestamp until) {
    WaitUntil wait;
    wait.due = until;
    wake_then([until, this](const Scene& now) -> Move {
      if (now.now < until) return again_at(until);
      return Done{};
    });
    return wait;
  }
};

class Pause final : public Action {
 public:
  Move begin(const Scene& scene) override {
    AwaitSignal wait;
    wait.kind = AwaitSignal::Kind::pause;
    wait.message = json::text(scene.inputs, "Message");
    return wait;
  }

  Result<Move> signalled(const Scene& scene, const Signalled& signal) override {
    if (signal.type != "Resume") return Action::signalled(scene, signal);
    return Move(Done{});
  }
};

}  // namespace

std::unique_ptr<Action> make_branch() {
  return std::make_unique<Branch>();
}
std::unique_ptr<Action> make_update_variable() {
  return std::make_unique<UpdateVariable>();
}
std::unique_ptr<Action> make_sleep() {
  return std::make_unique<Sleep>();
}
std::unique_ptr<Action> make_pause() {
  return std::make_unique<Pause>();
}

}  // namespace aright::runbook
