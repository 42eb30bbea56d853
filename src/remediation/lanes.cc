#include "remediation/lanes.h"

#include <algorithm>
#include <vector>

namespace aright::remediation {

namespace {

std::string name_of(const std::string& account, const std::string& region) { return account + "/" + region; }

}  // namespace

// How many more may come in.
std::size_t Lanes::room_in(const Lane& lane) const {
  auto limit = std::max(1U, workers_ * share_max_percent / 100);
  bool slow = !lane.under_way.empty() &&
              (lane.turn >= slow_turn || clock_.now() - *lane.under_way.begin() >= slow_turn);
  if (!slow) return std::max<std::size_t>(workers_, 1);
  auto share = std::clamp<std::size_t>((workers_ + lanes_.size() - 1) / lanes_.size(), 1, limit);
  return share - std::min(share, lane.under_way.size());
}

Lanes::Pass Lanes::enter(const std::string& account, const std::string& region, const std::string& who) {
  auto name = name_of(account, region);
  std::lock_guard lock(mutex_);
  auto& lane = lanes_[name];
  auto own = lane.tickets.find(who);
  if (room_in(lane) == 0) {
    if (own == lane.tickets.end()) own = lane.tickets.emplace(who, tickets_++).first;
    lane.line[own->second] = who;  // who was called too early has its place again
    return {};
  }
  if (own != lane.tickets.end()) {
    lane.line.erase(own->second);
    lane.tickets.erase(own);
  }
  auto now = clock_.now();
  lane.under_way.insert(now);
  return {*this, std::move(name), now};
}

bool Lanes::has_called(const std::string& account, const std::string& region, const std::string& who) {
  std::lock_guard lock(mutex_);
  auto lane = lanes_.find(name_of(account, region));
  if (lane == lanes_.end()) return true;
  auto own = lane->second.tickets.find(who);
  return own == lane->second.tickets.end() || !lane->second.line.contains(own->second);
}

void Lanes::leave(const std::string& name, Timestamp begun) {
  std::vector<std::string> called;
  {
    std::lock_guard lock(mutex_);
    auto& lane = lanes_[name];
    lane.under_way.erase(lane.under_way.find(begun));
    lane.turn = (lane.turn * 3 + (clock_.now() - begun)) / 4;
    // Others may have nothing more to do, and the share is a larger one now. Some who were called are not here yet; but
    // they may never come, so one is called in any case.
    auto room = room_in(lane), expected = lane.tickets.size() - lane.line.size();
    for (auto more = std::max<std::size_t>(room - std::min(room, expected), 1); more > 0 && !lane.line.empty(); --more)
      called.push_back(std::move(lane.line.extract(lane.line.begin()).mapped()));
    if (lane.under_way.empty() && called.empty()) lanes_.erase(name);
  }
  for (const auto& who : called) wake_(who);
}

}  // namespace aright::remediation
