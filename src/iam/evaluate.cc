#include "iam/evaluate.h"

#include <algorithm>

#include "iam/match.h"

namespace aright::iam {

namespace {

constexpr std::string_view broken_name = "a policy that cannot be read";

// What one layer says.
struct Said {
  Naming allowed = Naming::none;  // the closest naming among the statements that allow
  std::optional<Match> denied, allowing;

  void join(const Said& other) {
    allowed = std::max(allowed, other.allowed);
    if (!denied) denied = other.denied;
    if (!allowing) allowing = other.allowing;
  }
};

class Judge {
 public:
  Judge(const Request& request, const Policies& policies)
      : request_(request), policies_(policies) {}

  Verdict verdict() {
    auto control = service_control();
    auto resource_control = levels(policies_.resource_control, Layer::resource_control);
    auto resource_layer =
        policies_.resource_kind == Resource::trust ? Layer::trust : Layer::resource;
    auto resource = policies_.resource ? listen(*policies_.resource, resource_layer) : Said();
    auto identity = by_identity();
    auto boundary = optional_layer(policies_.boundary, Layer::boundary);
    auto session = optional_layer(policies_.session, Layer::session);

    for (const auto* said :
         {&control.said, &resource_control.said, &resource, &identity, &boundary, &session})
      if (said->denied) return explicit_deny(*said->denied);
    if (!control.all_allow) return implicit_deny(Layer::service_control);
    if (!resource_control.all_allow) return implicit_deny(Layer::resource_control);
    return weigh(resource, identity, boundary, session, resource_layer);
  }

 private:
  struct Levels {
    Said said;
    bool all_allow = true;
  };

  Said listen(const NamedPolicy& policy, Layer layer) {
    Said said;
    if (!policy.broken.empty()) {
      said.denied = Match{.layer = layer,
                          .policy = policy.name,
                          .sid = std::string(broken_name),
                          .effect = Effect::deny};
      return said;
    }
    bool variables = policy.policy.variables();
    for (std::size_t i = 0; i < policy.policy.statements.size(); ++i) {
      const auto& statement = policy.policy.statements[i];
      auto naming = named(statement, request_);
      if (naming == Naming::none || !action_matches(statement, request_) ||
          !resource_matches(statement, request_, variables) ||
          !conditions_hold(statement, request_, variables))
        continue;
      Match match{layer, policy.name, i + 1, statement.sid, statement.effect};
      verdict_.matches.push_back(match);
      if (statement.effect == Effect::deny) {
        if (!said.denied) said.denied = std::move(match);
      } else {
        said.allowed = std::max(said.allowed, naming);
        if (!said.allowing) said.allowing = std::move(match);
      }
    }
    return said;
  }

  Said listen(const std::vector<NamedPolicy>& policies, Layer layer) {
    Said said;
    for (const auto& policy : policies)
      said.join(listen(policy, layer));
    return said;
  }

  Said optional_layer(const std::optional<std::vector<NamedPolicy>>& policies, Layer layer) {
    if (policies) return listen(*policies, layer);
    return Said{.allowed = Naming::itself, .denied = {}, .allowing = {}};
  }

  Levels levels(const std::vector<std::vector<NamedPolicy>>& all, Layer layer) {
    Levels out;
    for (const auto& level : all) {
      auto said = listen(level, layer);
      out.all_allow &= said.allowed != Naming::none;
      out.said.join(said);
    }
    return out;
  }

  Levels service_control() {
    bool bound = !request_.caller.service_linked && request_.caller.kind != Caller::Kind::service &&
                 request_.caller.kind != Caller::Kind::anonymous;
    return bound ? levels(policies_.service_control, Layer::service_control) : Levels();
  }

  // The root of an account may do what nothing forbids.
  Said by_identity() {
    if (request_.caller.kind == Caller::Kind::root)
      return Said{.allowed = Naming::itself, .denied = {}, .allowing = {}};
    return listen(policies_.identity, Layer::identity);
  }

  Verdict weigh(const Said& resource, const Said& identity, const Said& boundary,
                const Said& session, Layer resource_layer) {
    bool stranger = request_.caller.kind == Caller::Kind::service ||
                    request_.caller.kind == Caller::Kind::anonymous;
    if (stranger)
      return resource.allowed == Naming::none ? implicit_deny(resource_layer) : allow(resource);
    bool same =
        request_.resource_account.empty() || request_.resource_account == request_.caller.account;
    bool resource_decides = !same || policies_.resource_kind != Resource::usual;
    if (resource_decides && resource.allowed == Naming::none)
      return implicit_deny(!same && identity.allowed == Naming::none ? Layer::identity
                                                                     : resource_layer);
    // Named itself, within the account: neither boundary nor session holds that.
    if (same && resource.allowed >= Naming::everyone) return allow(resource);
    bool by_resource = same && resource.allowed > Naming::account;
    if (identity.allowed == Naming::none && !by_resource) return implicit_deny(Layer::identity);
    if (boundary.allowed == Naming::none) return implicit_deny(Layer::boundary);
    if (session.allowed == Naming::none) return implicit_deny(Layer::session);
    return allow(identity.allowing ? identity : resource);
  }

  Verdict explicit_deny(const Match& match) {
    verdict_.outcome = Outcome::explicit_deny;
    verdict_.layer = match.layer;
    verdict_.policy = match.policy;
    verdict_.statement = match.statement;
    return std::move(verdict_);
  }
  Verdict implicit_deny(Layer layer) {
    verdict_.outcome = Outcome::implicit_deny;
    verdict_.layer = layer;
    return std::move(verdict_);
  }
  Verdict allow(const Said& by) {
    verdict_.outcome = Outcome::allowed;
    if (by.allowing) {
      verdict_.layer = by.allowing->layer;
      verdict_.policy = by.allowing->policy;
      verdict_.statement = by.allowing->statement;
    }
    return std::move(verdict_);
  }

  const Request& request_;
  const Policies& policies_;
  Verdict verdict_;
};

std::string_view article(Layer layer) {
  if (layer == Layer::trust) return "the";
  return layer == Layer::identity ? "an" : "a";
}

}  // namespace

std::string_view name(Layer layer) {
  switch (layer) {
    case Layer::service_control:
      return "service control policy";
    case Layer::resource_control:
      return "resource control policy";
    case Layer::resource:
      return "resource-based policy";
    case Layer::identity:
      return "identity-based policy";
    case Layer::boundary:
      return "permissions boundary";
    case Layer::session:
      return "session policy";
    case Layer::trust:
      return "role trust policy";
  }
  return "policy";
}

std::string_view name(Outcome outcome) {
  switch (outcome) {
    case Outcome::allowed:
      return "allowed";
    case Outcome::explicit_deny:
      return "explicitDeny";
    case Outcome::implicit_deny:
      return "implicitDeny";
  }
  return "implicitDeny";
}

Verdict evaluate(const Request& request, const Policies& policies) {
  return Judge(request, policies).verdict();
}

std::string reason(const Verdict& verdict, const Request& request) {
  switch (verdict.outcome) {
    case Outcome::allowed:
      return "";
    case Outcome::explicit_deny:
      return fmt::format("with an explicit deny in {} {}", article(verdict.layer),
                         name(verdict.layer));
    case Outcome::implicit_deny:
      return fmt::format("because no {} allows the {} action", name(verdict.layer), request.action);
  }
  return "";
}

std::string message(const Verdict& verdict, const Request& request) {
  // S3 and the older services put the resource into quotes.
  bool quoted = request.action.starts_with("s3:");
  auto resource = quoted ? fmt::format("\"{}\"", request.resource) : request.resource;
  const auto& caller = request.caller.arn;
  return fmt::format("User: {} is not authorized to perform: {} on resource: {} {}",
                     caller.empty() ? "anonymous" : caller, request.action, resource,
                     reason(verdict, request));
}

}  // namespace aright::iam
