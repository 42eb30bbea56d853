#include "witness.h"

#include <algorithm>

#include "base/digest.h"
#include "cloud/classify.h"
#include "remediation/plan.h"

namespace aright::simulation {

namespace {

constexpr std::size_t page_entries = 1'000;

bool is_rollback(std::string_view stream) { return !stream.starts_with("exec_"); }

const std::string* value_at(const Leaves& leaves, const std::string& pointer) {
  auto found = leaves.find(pointer);
  return found == leaves.end() ? nullptr : &found->second;
}

bool same(const std::string* one, const std::string* other) {
  return one && other ? *one == *other : one == other;
}

void put(Leaves& leaves, const std::string& pointer, const std::string* value) {
  if (value) leaves[pointer] = *value;
  else leaves.erase(pointer);
}

// What the fix changed is as before, and what others changed since is left to them.
Leaves taken_back(Leaves now, const std::vector<std::pair<const Leaves*, const Leaves*>>& effects) {
  for (auto effect = effects.rbegin(); effect != effects.rend(); ++effect) {
    const auto& [before, after] = *effect;
    std::set<std::string> pointers;
    for (const auto& [pointer, value] : *before) pointers.insert(pointer);
    for (const auto& [pointer, value] : *after) pointers.insert(pointer);
    for (const auto& pointer : pointers) {
      const auto* was = value_at(*before, pointer);
      const auto* became = value_at(*after, pointer);
      if (!same(was, became) && same(value_at(now, pointer), became)) put(now, pointer, was);
    }
  }
  return now;
}

bool lies_between(const Leaves& found, const Leaves& one, const Leaves& other) {
  std::set<std::string> pointers;
  for (const auto* leaves : {&found, &one, &other})
    for (const auto& [pointer, value] : *leaves) pointers.insert(pointer);
  return std::ranges::all_of(pointers, [&](const std::string& pointer) {
    const auto* value = value_at(found, pointer);
    return same(value, value_at(one, pointer)) || same(value, value_at(other, pointer));
  });
}

std::string difference(const Leaves& expected, const Leaves& found) {
  std::string out;
  for (const auto& [pointer, value] : expected)
    if (!same(value_at(found, pointer), &value))
      out += fmt::format(" {} should be {} and is {};", pointer, value,
                         found.contains(pointer) ? found.at(pointer) : "absent");
  for (const auto& [pointer, value] : found)
    if (!expected.contains(pointer)) out += fmt::format(" {} is {} and should be absent;", pointer, value);
  return out;
}

}  // namespace

Witness::Witness(sandbox::Cloud& cloud, Estate& estate)
    : cloud_(cloud), estate_(estate),
      chronicle_([this](const std::string& what, const std::string& stream) { accuse(what, stream); }) {}

Witness::~Witness() {
  if (ledger_) ledger_->unsubscribe(subscription_);
}

void Witness::attend(ledger::Ledger& ledger) {
  ledger_ = &ledger;
  subscription_ = ledger.subscribe([this](const std::vector<ledger::Entry>& entries) {
    for (const auto& entry : entries)
      if (entry.position == position_ + 1) read(entry);
  });
}

void Witness::catch_up() {
  while (true) {
    auto entries = ledger_->read(position_ + 1, page_entries);
    if (!entries) return accuse("the ledger cannot be read: " + entries.error().text(), "");
    for (const auto& entry : *entries) read(entry);
    if (entries->size() < page_entries) return;
  }
}

void Witness::accuse(const std::string& what, const std::string& stream) {
  violations_.push_back({what, stream, position_});
}

void Witness::read(const ledger::Entry& entry) {
  position_ = entry.position;
  if (entry.kind == "call_intended") {
    auto key = key_of(json::at(entry.body, "call"));
    intended_[key].push_back(entry.stream);
    tokens_[entry.stream + json::text(entry.body, "token", "")] = key;
  } else if (entry.kind == "call_returned") {
    auto& streams = intended_[tokens_[entry.stream + json::text(entry.body, "token", "")]];
    auto stream = std::ranges::find(streams, entry.stream);
    if (stream == streams.end()) return accuse("a call came back that was never intended", entry.stream);
    streams.erase(stream);
  }
  if (entry.kind == "remediation_opened") mirages_before_[entry.stream] = mirages_;
  chronicle_.read(entry);
  if (entry.kind == "rolled_back")
    if (const auto* story = chronicle_.find(entry.stream))
      judge_rollback(*story, !json::items(json::at(entry.body, "conflicts")).empty());
  if (entry.kind == "rollback_failed") before_rollback_.erase(entry.stream);
}

std::string Witness::stream_of(const std::string& key) const {
  auto found = intended_.find(key);
  return found == intended_.end() || found->second.empty() ? "" : found->second.back();
}

Thing* Witness::thing_of(const Story& story) {
  const auto& resource = story.resource;
  return estate_.find(resource.account, resource.region, resource.type, resource.id);
}

Result<json::Object> Witness::call(const aws::Call& call, const Context& context) {
  if (cloud::classify(call, cloud::Catalog::embedded()).reads()) return cloud_.call(call, context);
  ++writes_;
  auto key = key_of(remediation::to_json(call));
  trace_ = sha256(trace_ + key);
  auto stream = stream_of(key);
  const auto* story = chronicle_.owner_of(stream);
  if (stream.empty() || !story) {
    accuse("a write that no entry intends: " + key, stream);
    return cloud_.call(call, context);
  }
  judge_write(call, stream, *story);
  auto* thing = thing_of(*story);
  if (!thing) {
    accuse("a write for a resource that nobody owns: " + key, stream);
    return cloud_.call(call, context);
  }
  auto before = estate_.look(*thing);
  if (is_rollback(stream)) before_rollback_.try_emplace(story->id, Before{before, thing, thing->touched});
  auto answer = cloud_.call(call, context);
  if (answer) note_effect(stream, key, *story, before, estate_.look(*thing));
  return answer;
}

void Witness::judge_write(const aws::Call& call, const std::string& stream, const Story& story) {
  if (chronicle_.halted(story, call.service)) accuse("a write during a halt: " + call.name(), stream);
  if (call.account != story.resource.account) accuse("a write to another account: " + call.name(), stream);
  if (is_rollback(stream)) {
    if (!story.rollback_asked) accuse("a rollback that nobody asked for: " + call.name(), stream);
    return;
  }
  if (story.execution != stream) accuse("a write of an execution that is not under way: " + call.name(), stream);
  if (!story.writes.contains(key_of(remediation::to_json(call))))
    accuse("a write that the plan does not hold: " + call.name(), stream);
}

// A write of what is there already is no effect. After others undid it, it is another one.
void Witness::note_effect(const std::string& stream, const std::string& key, const Story& story, const Leaves& before,
                          Leaves after) {
  auto* thing = thing_of(story);
  auto& made = made_[stream + " " + key];
  if (made.times > 0 && made.touched != thing->touched) made.times = 0;
  auto planned = story.writes.find(key);
  bool once_more = planned != story.writes.end() && made.times >= planned->second;
  if (before == after) {
    again_ += once_more ? 1 : 0;
    if (once_more && made.mirages == mirages_ && !is_rollback(stream))
      accuse("a write was made again, though reading back shows it: " + key, stream);
    return;
  }
  for (auto& [id, rollback] : before_rollback_)
    if (id != story.id && rollback.thing == thing) rollback.alone = false;
  ++made.times;
  made.touched = thing->touched;
  if (is_rollback(stream)) return;
  made.mirages = mirages_;
  if (once_more) accuse("a write was made twice: " + key, stream);
  effects_[story.id].push_back({before, std::move(after)});
}

// Where others changed the very thing, more of it than that may stay as it is; that was reported then.
void Witness::judge_rollback(const Story& story, bool conflicts) {
  auto* thing = thing_of(story);
  if (!thing) return;
  auto found = estate_.look(*thing);
  auto began = before_rollback_.find(story.id);
  bool whole = began == before_rollback_.end() || (began->second.touched == thing->touched && began->second.alone);
  auto now = began == before_rollback_.end() ? found : began->second.leaves;
  before_rollback_.erase(story.id);
  // Others changed it in the midst of it, or the engine was shown what was not so: nobody can tell what should be.
  if (!whole || mirages_before_[story.id] != mirages_) return;
  std::vector<std::pair<const Leaves*, const Leaves*>> effects;
  for (const auto& effect : effects_[story.id]) effects.emplace_back(&effect.before, &effect.after);
  auto expected = taken_back(now, effects);
  ++compared_;
  if (expected == found || (conflicts && lies_between(found, now, expected))) return;
  accuse("after the rollback:" + difference(expected, found), story.id);
}

}  // namespace aright::simulation
