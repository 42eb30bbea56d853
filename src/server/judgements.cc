#include "server/judgements.h"

namespace aright::server {

void Judgements::hear(const std::vector<remediation::Judged>& judged, Timestamp now) {
  std::lock_guard lock(mutex_);
  for (const auto& one : judged) {
    auto& known = by_control_[one.control];
    const auto key = one.resource.key();
    if (one.evaluation.compliance == rules::Compliance::not_applicable) {
      count_ -= known.erase(key);
      continue;
    }
    bool fresh = !known.contains(key);
    if (fresh && count_ >= judgements_max) continue;
    known.insert_or_assign(key, One{.resource = one.resource, .evaluation = one.evaluation, .at = now});
    if (fresh) ++count_;
  }
}

std::vector<Judgements::One> Judgements::of(std::string_view control) const {
  std::lock_guard lock(mutex_);
  std::vector<One> out;
  if (auto found = by_control_.find(control); found != by_control_.end())
    for (const auto& [key, one] : found->second) out.push_back(one);
  return out;
}

}  // namespace aright::server
