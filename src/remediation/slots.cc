#include "remediation/slots.h"

#include <algorithm>

namespace aright::remediation {

std::optional<Hold> Slots::held_by(const Limit& limit, const std::string& key, int allowed,
                                   std::vector<Timestamp> latest, const std::string& who, Timestamp now) {
  std::lock_guard lock(mutex_);
  auto& line = lines_[fmt::format("{}/{}/{}", key, limit.window.count(), allowed)];
  std::erase_if(line, [&](const auto& one) { return one.second.at + slot_grace < now; });
  auto own = line.find(who);
  auto ticket = own == line.end() ? tickets_ : own->second.ticket;
  for (const auto& [other, slot] : line)
    if (other != who && slot.ticket < ticket) latest.push_back(std::max(slot.at, now));  // about to start, if not yet
  auto nth = static_cast<std::size_t>(allowed) - 1;  // of the newest first: the one that held_by() looks at
  if (nth < latest.size()) std::ranges::nth_element(latest, latest.begin() + allowed - 1, std::greater{});
  auto hold = remediation::held_by(limit, allowed, latest, now);
  if (hold && (own != line.end() || line.size() < slots_max))
    line[who] = {own == line.end() ? tickets_++ : ticket, hold->until};
  return hold;
}

void Slots::leave(const std::string& who) {
  std::lock_guard lock(mutex_);
  for (auto& [key, line] : lines_) line.erase(who);
  std::erase_if(lines_, [](const auto& one) { return one.second.empty(); });
}

void Slots::clear() {
  std::lock_guard lock(mutex_);
  lines_.clear();
}

}  // namespace aright::remediation
