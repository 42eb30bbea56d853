#include "remediation/lanes.h"

#include <algorithm>

namespace aright::remediation {

namespace {

std::string name_of(const std::string& account, const std::string& region) { return account + "/" + region; }

}  // namespace

bool Lanes::is_full(const Lane& lane) const {
  if (lane.under_way.empty()) return false;
  bool slow = lane.turn >= slow_turn || clock_.now() - *lane.under_way.begin() >= slow_turn;
  if (!slow) return false;
  auto even = (workers_ + lanes_.size() - 1) / lanes_.size();
  return lane.under_way.size() >=
         std::clamp<std::size_t>(even, 1, std::max(1U, workers_ * share_max_percent / 100));
}

Lanes::Pass Lanes::enter(const std::string& account, const std::string& region,
                         const std::string& who) {
  auto name = name_of(account, region);
  std::lock_guard lock(mutex_);
  auto& lane = lanes_[name];
  auto own = lane.tickets.find(who);
  if (is_full(lane)) {
    auto ticket = own == lane.tickets.end()
                      ? tickets_++
                      : own->second;  // who was called too early keeps its place
    lane.tickets[who] = ticket;
    lane.line[ticket] = who;
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
  std::string next;
  {
    std::lock_guard lock(mutex_);
    auto& lane = lanes_[name];
    lane.under_way.erase(lane.under_way.find(begun));
    lane.turn = (lane.turn * 3 + (clock_.now() - begun)) / 4;
    if (!lane.line.empty())
      next = std::move(lane.line.extract(lane.line.begin()).mapped());
    else if (lane.under_way.empty())
      lanes_.erase(name);
  }
  if (!next.empty()) wake_(next);
}

}  // namespace aright::remediation
