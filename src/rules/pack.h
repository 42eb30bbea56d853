#pragma once
// Packs: lists of controls that a standard asks for, each with what the standard calls it (catalog/packs/<id>.yaml).

#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "json/value.h"

namespace aright::rules {

struct Pack {
  struct Entry {
    std::string control;
    std::vector<std::string> references;  // "S3.2"; "AC-4", "SC-7"
  };
  std::string id, title, description, source;
  std::vector<Entry> controls;  // sorted by id

  const Entry* find(std::string_view control) const;
};

using Packs = std::map<std::string, Pack, std::less<>>;

// From the embedded catalog. Aborts only when the build is broken: the catalog is checked by tests.
const Packs& packs();
// From one bundle: JSON array of {"file", "text"}. Fails with invalid, naming the file.
Result<Packs> load_packs(const json::Value& bundle);

}  // namespace aright::rules
