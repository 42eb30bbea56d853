#pragma once
// What one comparison came to, value by value. Internal to guard.

#include "guard/evaluator.h"

namespace aright::guard {

class Evaluator::Tally {
 public:
  Tally(const Comparison& comparison, Recorder& recorder)
      : comparison_(comparison), recorder_(recorder) {}

  bool negated() const { return comparison_.comparator.negated; }

  bool accepts(Order order) const {
    switch (comparison_.comparator.sign) {
      case Operator::less:
        return order == Order::less;
      case Operator::less_equal:
        return order == Order::less || order == Order::equal;
      case Operator::greater:
        return order == Order::greater;
      default:
        return order == Order::greater || order == Order::equal;
    }
  }

  void pass() {
    ++passes_;
    recorder_.leaf(&comparison_, {.kind = Check::Kind::passed});
  }
  // `holds` is what the operator says; != and not in turn it around.
  void judge(bool holds, const Value& left, const Value& right) {
    if (holds != negated()) return pass();
    fail(left, right);
  }
  void fail(const Value& left, const Value& right) {
    ++fails_;
    if (recorder_.is_on())
      recorder_.leaf(&comparison_, {Check::Kind::compared, at(left), at(right), {}});
  }
  void fail_among(const Value& left, const std::vector<const Value*>& others) {
    ++fails_;
    if (recorder_.is_on()) recorder_.leaf(&comparison_, {Check::Kind::among, at(left), {}, others});
  }
  void missing_left(const Found& left) {
    ++fails_;
    if (recorder_.is_on()) recorder_.leaf(&comparison_, {Check::Kind::compared, left, {}, {}});
  }
  void missing_right(const Value& left, const Found& right) {
    ++fails_;
    if (recorder_.is_on())
      recorder_.leaf(&comparison_, {Check::Kind::compared, at(left), right, {}});
  }

  Status status() const {
    bool passed = comparison_.query.all ? fails_ == 0 : passes_ > 0;
    return passed ? Status::pass : Status::fail;
  }

 private:
  static Found at(const Value& value) { return {.kind = Found::Kind::resolved, .value = &value}; }

  const Comparison& comparison_;
  Recorder& recorder_;
  std::size_t passes_ = 0, fails_ = 0;
};

}  // namespace aright::guard
