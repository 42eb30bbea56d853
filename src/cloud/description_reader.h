#pragma once
// From the YAML of a service description to its parts in memory. What needs the service models is
// checked later, by description_check.h. Pure.

#include <string>
#include <vector>

#include "cloud/description.h"
#include "json/yaml.h"

namespace aright::cloud {

// Collects what is wrong in a file, so that all of it is told at once.
class Diagnostics {
 public:
  Diagnostics(std::string file, const json::Document& document)
      : file_(std::move(file)), document_(document) {}
  void add(std::string_view pointer, std::string text);
  const std::vector<std::string>& list() const { return list_; }  // "s3.yaml:12:5: …"

 private:
  std::string file_;
  const json::Document& document_;
  std::vector<std::string> list_;
};

// `pointer` of each part is kept so that the check can say where.
struct ReadDescription {
  Description description;
  std::vector<ResourceType> types;
};
ReadDescription read_description(const std::string& file, const json::Document& document,
                                 Diagnostics& diagnostics);

}  // namespace aright::cloud
