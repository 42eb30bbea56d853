#include "guard/record.h"

namespace aright::guard {

void Recorder::open(Record::Kind kind, Record::Of of) {
  if (is_on()) open_.push_back({.kind = kind, .of = of});
}

void Recorder::close(Status status) {
  if (!is_on()) return;
  auto record = std::move(open_.back());
  open_.pop_back();
  record.status = status;
  bool is_rule = record.kind == Record::Kind::rule && open_.size() == 1;
  if (status != Status::fail && !everything_) {
    if (!is_rule && !open_.empty()) return;
    if (is_rule) record.children.clear();
  }
  add(std::move(record));
}

void Recorder::leaf(Record::Of of, Check check) {
  if (!is_on()) return;
  bool passed = check.kind == Check::Kind::passed;
  if (passed && !everything_) return;
  Record record{
      .kind = Record::Kind::value, .of = of, .status = passed ? Status::pass : Status::fail};
  record.check = std::make_unique<Check>(std::move(check));
  add(std::move(record));
}

void Recorder::name_message(const std::string& rule, const std::string* message) {
  if (!is_on() || open_.empty()) return;
  const auto* of = std::get_if<const Rule*>(&open_.back().of);
  if (of && (*of)->name == rule) open_.back().message = message;
}

void Recorder::add(Record record) {
  if (open_.empty()) {
    last_ = std::move(record);
  } else {
    open_.back().children.push_back(std::move(record));
  }
}

Record Recorder::take() {
  return std::move(last_);
}

}  // namespace aright::guard
