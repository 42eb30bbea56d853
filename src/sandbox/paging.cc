#include "sandbox/paging.h"

#include <charconv>

#include "base/digest.h"

namespace aright::sandbox {

namespace {

constexpr std::size_t mark_digits = 8;

}  // namespace

std::string page_token(std::string_view operation, std::string_view place) {
  auto mark = to_hex(sha256(fmt::format("{}\n{}", operation, place))).substr(0, mark_digits);
  return to_base64(mark + std::string(place));
}

std::optional<std::string> read_page_token(std::string_view operation, std::string_view token) {
  auto text = from_base64(token);
  if (!text || text->size() < mark_digits) return std::nullopt;
  auto place = text->substr(mark_digits);
  return page_token(operation, place) == token ? std::optional(place) : std::nullopt;
}

Result<std::size_t> page_start(const Scene& scene, std::string_view member, std::string_view error) {
  auto token = scene.text(member);
  if (token.empty()) return std::size_t{0};
  std::size_t start = 0;
  auto place = read_page_token(scene.call.operation, token);
  if (!place) return fail(scene.error(error, fmt::format("The {} is not valid", member)));
  std::from_chars(place->data(), place->data() + place->size(), start);
  return start;
}

}  // namespace aright::sandbox
