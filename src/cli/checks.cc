#include "cli/checks.h"

#include <algorithm>

#include "base/known.h"
#include "net/http.h"
#include "store/postgres.h"

namespace aright::cli {

namespace {

constexpr std::size_t hash_digits = 64;
constexpr std::size_t hash_beginning_digits_min = 8;
constexpr std::size_t region_characters_max = 32;

bool consists_of(std::string_view text, std::string_view characters) {
  return !text.empty() && text.find_first_not_of(characters) == std::string_view::npos;
}

}  // namespace

CLI::Validator one_of(const std::string& what, std::vector<std::string> known) {
  auto shown = fmt::format("{{{}}}", fmt::join(known, ","));
  return {[what, known = std::move(known)](std::string& word) {
            return std::ranges::find(known, word) != known.end() ? "" : unknown_word(what, word, known);
          },
          shown};
}

CLI::Validator id_of(std::vector<std::string> prefixes, std::vector<std::string> other) {
  return {[prefixes = std::move(prefixes), other = std::move(other)](std::string& word) -> std::string {
            auto is = [&](const std::string& one) {
              return one.ends_with('/') ? word.starts_with(one) && word.size() > one.size() : word == one;
            };
            bool good = std::ranges::any_of(other, is) ||
                        std::ranges::any_of(prefixes, [&](const auto& prefix) { return has_id_form(word, prefix); });
            if (good) return "";
            std::vector<std::string> forms;
            for (const auto& one : other) forms.push_back(one.ends_with('/') ? one + "…" : one);
            for (const auto& prefix : prefixes) forms.push_back(prefix + "…");
            return fmt::format("'{}' is not an id; write {}", word, fmt::join(forms, ", or "));
          },
          ""};
}

CLI::Validator hash() {
  return {[](std::string& word) -> std::string {
            if (word.size() == hash_digits && consists_of(word, "0123456789abcdef")) return "";
            return fmt::format("'{}' is not the hash of a plan, which has {} hexadecimal digits", word, hash_digits);
          },
          ""};
}

CLI::Validator beginning_of_hash() {
  return {[](std::string& word) -> std::string {
            if (is_beginning_of_hash(word)) return "";
            return fmt::format("'{}' is not the beginning of a plan's hash, of {} hexadecimal digits or more", word,
                               hash_beginning_digits_min);
          },
          ""};
}

bool is_beginning_of_hash(std::string_view word) {
  return word.size() >= hash_beginning_digits_min && word.size() <= hash_digits &&
         consists_of(word, "0123456789abcdef");
}

CLI::Validator region() {
  return {[](std::string& word) -> std::string {
            if (word.size() <= region_characters_max && consists_of(word, "abcdefghijklmnopqrstuvwxyz0123456789-"))
              return "";
            return fmt::format("'{}' is not a region such as us-east-1", word);
          },
          ""};
}

CLI::Validator store() {
  return {[](std::string& word) -> std::string {
            if (store::is_postgres_url(word)) return "";
            return fmt::format("'{}' is not the URL of a PostgreSQL database, such as postgresql:///aright", word);
          },
          ""};
}

CLI::Validator endpoint() {
  return {[](std::string& word) -> std::string {
            auto parsed = net::parse_endpoint(word);
            return parsed ? "" : parsed.error().message;
          },
          ""};
}

}  // namespace aright::cli
