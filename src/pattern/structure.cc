#include "pattern/structure.h"

#include <simdjson.h>

#include <algorithm>

namespace aright::pattern {

namespace {

constexpr std::size_t depth_any = 1;  // the first pass does not look at depth
constexpr std::size_t capacity_min = 8'192;

}  // namespace

struct Structure::Parser {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> pass;
  std::size_t capacity = 0;
};

Structure::Structure() : parser_(std::make_unique<Parser>()) {}
Structure::~Structure() = default;
Structure::Structure(Structure&&) noexcept = default;
Structure& Structure::operator=(Structure&&) noexcept = default;

std::span<std::uint32_t> Structure::find(std::string_view text) {
  auto& [pass, capacity] = *parser_;
  if (text.empty()) return {};
  if (text.size() > capacity) {
    capacity = 0;
    const auto wanted = std::max(text.size() * 2, capacity_min);
    const auto& reader = simdjson::get_active_implementation();
    if (reader->create_dom_parser_implementation(wanted, depth_any, pass) != simdjson::SUCCESS) return {};
    capacity = wanted;
  }
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  if (pass->stage1(bytes, text.size(), simdjson::stage1_mode::regular) != simdjson::SUCCESS) return {};
  return {pass->structural_indexes.get(), pass->n_structural_indexes};
}

}  // namespace aright::pattern
