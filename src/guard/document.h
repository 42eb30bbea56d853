#pragma once
// A data file as rules see it: YAML or JSON, or a value that somebody already holds. Cheap to copy;
// the values are shared and never change, so any thread may read them.

#include <memory>
#include <string>
#include <string_view>

#include "guard/value.h"
#include "json/value.h"

namespace aright::guard {

inline constexpr std::size_t data_bytes_max = 256u << 20;
inline constexpr std::size_t data_nodes_max = 20'000'000;
inline constexpr std::size_t data_depth_max = 500;  // of nested lists and maps

class Document {
 public:
  Document(std::string name, Value root);

  const std::string& name() const { return name_; }
  const Value& root() const { return *root_; }

 private:
  std::string name_;
  std::shared_ptr<const Value> root_;
};

// A template, a Terraform plan, or any other YAML or JSON. Short forms (!GetAtt) become what they
// stand for; aliases and merge keys are refused; only the first document of a file counts. Without
// an empty file: that is a fault.
std::expected<Document, Diagnostic> read_document(std::string_view text, const std::string& name);
// The same values as read_document would give for its JSON, without places.
Document document_of(const json::Value& value, const std::string& name);
// Parameters and data as one: the members, or items, of both. A key in both is a fault.
std::expected<Document, Diagnostic> merge(const Document& parameters, const Document& data);

// Test files and json_parse: YAML 1.2, with aliases within bounds.
std::expected<Value, Diagnostic> read_core_yaml(std::string_view text, const std::string& name);

}  // namespace aright::guard
