#pragma once
// Arbitrary values of an API shape, for property tests of descriptions: the same seed gives the
// same values. Pure.

#include <cstdint>

#include "base/random.h"
#include "cloud/description.h"
#include "json/value.h"
#include "model/model.h"

namespace aright::cloud {

class Arbitrary {
 public:
  explicit Arbitrary(std::uint64_t seed) : random_(seed) {}

  // Structures hold their required members and some of the others, lists one to three items, down
  // to a bounded depth.
  json::Value value(const model::Shape& shape);
  // A value that `write` can bring about, as it stands in the input at `at`; null when the shape is
  // not known. Items of a set have different identities, and documents are JSON.
  json::Value written(const Aspect& aspect, const Write& write, const model::Models& models);
  std::string word();

 private:
  json::Value value(const model::Shape& shape, int depth);
  json::Value identified(const Aspect& aspect, const model::Shape& shape);
  json::Value amendments(const Write& write);

  Random random_;
};

}  // namespace aright::cloud
