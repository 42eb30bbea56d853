// aws:approve: who may decide, who has, and what follows.

#include <algorithm>
#include <set>

#include "base/text.h"
#include "runbook/action.h"
#include "runbook/approvers.h"

namespace aright::runbook {

namespace {

constexpr std::size_t approvers_max = 10;

struct Arn {
  std::string account, kind;
  std::vector<std::string> path;  // of the resource, after its kind
};

// arn:aws:sts::1234:assumed-role/Name/session
std::optional<Arn> parse_arn(std::string_view text) {
  auto parts = split(text, ':');
  if (parts.size() != 6 || parts[0] != "arn") return std::nullopt;
  auto path = split(parts[5], '/');
  if (path.size() < 2) return std::nullopt;
  return Arn{parts[4], path[0], {path.begin() + 1, path.end()}};
}

// Who stands behind a principal: a session stands for its role.
bool is_same_role(const Arn& principal, const Arn& approver) {
  if (principal.account != approver.account || principal.kind != "assumed-role") return false;
  if (approver.kind == "role") return principal.path[0] == approver.path.back();
  return approver.kind == "assumed-role" && principal.path[0] == approver.path[0] &&
         (approver.path.size() < 2 || approver.path == principal.path);
}

bool is_meant(const std::string& approver, const std::string& principal,
              const std::string& account) {
  if (approver == principal) return true;
  auto who = parse_arn(principal);
  if (!who) return false;
  if (auto meant = parse_arn(approver)) return is_same_role(*who, *meant);
  return who->kind == "user" && who->account == account && who->path.back() == approver;
}

// Automation has one word for every signal that does not count; our own API says that the person may not.
std::unexpected<Error> refuse_stranger(const std::string& principal, const std::string& step,
                                       const std::vector<std::string>& approvers) {
  return fail({.code = Errc::denied,
               .message = fmt::format("{} is no approver of {}; its approvers are {}", principal, step,
                                      fmt::join(approvers, ", ")),
               .wire_code = "InvalidAutomationSignalException",
               .http_status = 400,
               .number = "AR-0016"});
}

std::unexpected<Error> refuse_signal(std::string message) {
  return fail({.code = Errc::invalid,
               .message = std::move(message),
               .wire_code = "InvalidAutomationSignalException",
               .http_status = 400});
}

class Approve final : public Action {
 public:
  Move begin(const Scene& scene) override {
    const auto& approvers = json::at(scene.inputs, "Approvers");
    approvers_ =
        approvers.is_string() ? std::vector{json::text(approvers)} : json::texts(approvers);
    auto wanted = json::at(scene.inputs, "MinRequiredApprovals");
    approvals_min_ = static_cast<int>(json::integer(wanted, wanted.is_null() ? 1 : 0));
    if (approvers_.empty() || approvers_.size() > approvers_max) {
      return bad_input(fmt::format("Approvers names 1 to {} approvers", approvers_max));
    }
    std::set<std::string> distinct(approvers_.begin(), approvers_.end());
    if (approvals_min_ < 1 || approvals_min_ > static_cast<int>(distinct.size())) {
      return bad_input("MinRequiredApprovals lies between 1 and the number of approvers");
    }
    return wait(scene);
  }

  // Each approver decides once. A session counts for its role, whoever is behind it.
  Result<Move> signalled(const Scene& scene, const Signalled& signal) override {
    if (signal.type != "Approve" && signal.type != "Reject")
      return Action::signalled(scene, signal);
    auto meant = approvers_meant(approvers_, signal.principal, scene.start.account);
    if (meant.empty())
      return refuse_stranger(signal.principal, scene.step.name, approvers_);
    if (std::ranges::any_of(meant, [&](const auto& each) { return decided_.contains(each); })) {
      return refuse_signal(fmt::format("{} has decided already", signal.principal));
    }
    decided_.insert(meant.begin(), meant.end());
    const bool approves = signal.type == "Approve";
    decisions_.push_back(json::Object{{"Approver", signal.principal},
                                      {"Decision", approves ? "Approved" : "Rejected"},
                                      {"Comment", signal.comment},
                                      {"DecisionTime", scene.now.iso_seconds()}});
    if (!approves) {
      status_ = "Rejected";
      return Move(Fault{.message = fmt::format("rejected by {}", signal.principal), .final = true});
    }
    if (++approvals_ < approvals_min_) return wait(scene);
    status_ = "Approved";
    return Move(Done{.outputs = outputs()});
  }

  json::Object outputs() const override {
    return {{"ApprovalStatus", status_}, {"ApproverDecisions", decisions_}};
  }

 private:
  Move wait(const Scene& scene) const {
    AwaitSignal signal;
    signal.approvers = approvers_;
    signal.approvals_min = approvals_min_;
    signal.message = json::text(scene.inputs, "Message");
    signal.notification_arn = json::text(scene.inputs, "NotificationArn");
    return signal;
  }

  std::vector<std::string> approvers_;
  int approvals_min_ = 1, approvals_ = 0;
  std::set<std::string> decided_;
  json::Array decisions_;
  std::string status_ = "Waiting";
};

}  // namespace

std::vector<std::string> approvers_meant(const std::vector<std::string>& approvers, const std::string& principal,
                                         const std::string& account) {
  std::vector<std::string> out;
  for (const auto& approver : approvers)
    if (is_meant(approver, principal, account)) out.push_back(approver);
  return out;
}

std::unique_ptr<Action> make_approve() {
  return std::make_unique<Approve>();
}

}  // namespace aright::runbook
