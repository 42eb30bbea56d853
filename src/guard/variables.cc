// What variables stand for, and what stands on the right of a comparison.

#include <fmt/format.h>

#include <algorithm>

#include "guard/evaluator.h"

namespace aright::guard {

std::shared_ptr<Findings>* Evaluator::Scope::find(NameId name) {
  auto found =
      std::ranges::find(resolved, name, &std::pair<NameId, std::shared_ptr<Findings>>::first);
  return found == resolved.end() ? nullptr : &found->second;
}

Outcome<Findings> Evaluator::operand(const Operand& operand, Scope& scope) {
  if (const auto* literal = std::get_if<std::unique_ptr<const Value>>(&operand.what)) {
    return Findings{{.kind = Found::Kind::literal, .value = literal->get()}};
  }
  if (const auto* asked = std::get_if<Query>(&operand.what)) return query(*asked, scope);
  return call(std::get<Call>(operand.what), scope);
}

// Scopes are asked from the innermost out; a let holds in its whole block, before it too.
Outcome<Evaluator::Shared> Evaluator::resolve(NameId name, Scope& from) {
  for (Scope* scope = &from; scope != nullptr; scope = scope->parent) {
    const auto* let = scope->block ? scope->block->find(name) : nullptr;
    bool literal = let && std::holds_alternative<std::unique_ptr<const Value>>(let->value.what);
    if (auto* known = literal ? nullptr : scope->find(name)) return Shared(*known);
    if (!let) continue;
    if (literal) return std::make_shared<const Findings>(TRY(operand(let->value, *scope)));
    if (std::ranges::find(scope->resolving, name) != scope->resolving.end()) {
      return stop(
          at_,
          fmt::format("variable {} needs itself", program_.names[static_cast<std::size_t>(name)]),
          "break the circle");
    }
    Depth depth(*this);
    CHECK_OK(spend(1));
    scope->resolving.push_back(name);
    auto values = TRY(operand(let->value, *scope));
    scope->resolving.pop_back();
    const auto* asked = std::get_if<Query>(&let->value.what);
    if (asked && !asked->all) {
      std::erase_if(values, [](const Found& found) { return found.kind != Found::Kind::resolved; });
    }
    auto shared = std::make_shared<Findings>(std::move(values));
    // A capture of the same name may have come in between; what was resolved replaces it.
    if (auto* known = scope->find(name)) {
      *known = shared;
    } else {
      scope->resolved.emplace_back(name, shared);
    }
    return Shared(shared);
  }
  return stop(
      at_, fmt::format("there is no variable {}", program_.names[static_cast<std::size_t>(name)]),
      "define it with let, in the file or in a block around");
}

// Captured keys are variables of the whole file.
void Evaluator::capture(NameId name, const Value& key) {
  auto* known = file_.find(name);
  if (!known) {
    file_.resolved.emplace_back(name, std::make_shared<Findings>());
    known = &file_.resolved.back().second;
  } else if (known->use_count() > 1) {
    *known = std::make_shared<Findings>(**known);
  }
  (*known)->push_back({.kind = Found::Kind::resolved, .value = &key});
}

}  // namespace aright::guard
