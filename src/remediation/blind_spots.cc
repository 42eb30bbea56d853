#include "remediation/blind_spots.h"

#include <algorithm>

#include "cloud/permission_data.h"

namespace aright::remediation {

namespace {

const cloud::Aspect* described_aspect(const cloud::Catalog& catalog, std::string_view type, std::string_view name) {
  if (const auto* known = catalog.type(type)) return known->aspect(name);
  for (const auto* one : catalog.types())  // those of an account are of several types
    if (one->account_fact)
      if (const auto* aspect = one->aspect(name)) return aspect;
  return nullptr;
}

bool looks_at(const std::vector<std::string>& aspects, std::string_view name) {
  return aspects.empty() || std::ranges::any_of(aspects, [&](std::string_view one) {
           return one == name || (one.starts_with("Facts.") && one.substr(6) == name);
         });
}

void add_unreadable(const std::string& control, const cloud::Snapshot& snapshot,
                    const std::vector<std::string>& aspects, const cloud::Catalog& catalog,
                    std::vector<inventory::Gap>& out) {
  for (const auto& [name, why] : snapshot.unreadable) {
    if (!looks_at(aspects, name)) continue;
    auto action = reading_action(catalog, snapshot.ref.type, name);
    auto what = fmt::format("{} of {} for {}", name, snapshot.ref.key(), control);
    if (!action.empty()) what += fmt::format(" ({})", action);
    out.push_back({.what = std::move(what), .why = why, .where = snapshot.ref, .control = control, .aspect = name,
                   .action = std::move(action)});
  }
}

}  // namespace

std::string reading_action(const cloud::Catalog& catalog, std::string_view type, std::string_view name) {
  const auto* aspect = described_aspect(catalog, type, name);
  if (!aspect) return "";
  const auto* view = aspect->type->get ? &*aspect->type->get : aspect->type->list ? &*aspect->type->list : nullptr;
  if (!aspect->read && !view) return "";
  auto needed = cloud::permissions_of(aspect->type->service, aspect->read ? aspect->read->op.name : view->op.name);
  return needed.empty() ? "" : needed.front().action;
}

std::vector<inventory::Gap> blind_spots(const std::string& control, const rules::Evaluation& evaluation,
                                        const cloud::Snapshot& resource, const std::vector<std::string>& aspects,
                                        const cloud::Snapshot* account, const cloud::Catalog& catalog) {
  std::vector<inventory::Gap> out;
  if (evaluation.compliance != rules::Compliance::insufficient_data) return out;
  add_unreadable(control, resource, aspects, catalog, out);
  if (account) add_unreadable(control, *account, {}, catalog, out);
  if (out.empty())
    out.push_back({.what = control + " of " + resource.ref.key(), .why = evaluation.annotation, .where = resource.ref,
                   .control = control});
  return out;
}

}  // namespace aright::remediation
