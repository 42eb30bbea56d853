// The past of a world, for reads that are not up to date.
#include "sandbox/world.h"

namespace aright::sandbox {

void World::hold_past(milliseconds duration) {
  past_held_ = duration;
  if (duration <= milliseconds(0)) past_.clear();
}

// Called before what changed is forgotten.
void World::hold(Timestamp now) {
  if (past_held_ <= milliseconds(0)) return;
  while (!past_.empty() && (past_.front().until < now - past_held_ || past_.size() >= past_max)) past_.pop_front();
  for (const auto& [place, before] : before_) past_.push_back({now, place, before});
}

void World::exchange(Past& past) {
  auto found = resources_.find(past.place);
  auto present = found == resources_.end() ? std::nullopt : std::optional(std::move(found->second));
  if (past.was)
    resources_.insert_or_assign(past.place, std::move(*past.was));
  else if (found != resources_.end())
    resources_.erase(found);
  past.was = std::move(present);
}

void World::rewind(Timestamp then, std::string_view service) {
  for (auto it = past_.rbegin(); it != past_.rend() && it->until > then; ++it) {
    const auto* type = catalog_->type(it->place.type);
    if (type == nullptr || type->service != service) continue;
    exchange(*it);
    rewound_.push_back(&*it);
  }
}

void World::return_to_present() {
  for (auto it = rewound_.rbegin(); it != rewound_.rend(); ++it) exchange(**it);
  rewound_.clear();
}

}  // namespace aright::sandbox
