#include "guard/spelling.h"

#include <algorithm>
#include <vector>

#include "guard/unicode.h"

namespace aright::guard {

namespace {

std::vector<char32_t> characters(std::string_view text) {
  std::vector<char32_t> out;
  for (std::size_t at = 0; at < text.size();) {
    auto [code, bytes] = decode(text, at);
    out.push_back(code);
    at += bytes;
  }
  while (!out.empty() && !is_alphanumeric(out.back()))
    out.pop_back();
  return out;
}

char32_t ascii_upper(char32_t code) {
  return code >= 'a' && code <= 'z' ? code - 32 : code;
}
char32_t ascii_lower(char32_t code) {
  return code >= 'A' && code <= 'Z' ? code + 32 : code;
}

struct Words {
  bool first_capital = true;
  bool digits_break = true;  // a digit ends a word
  char between = '\0';       // words
};

// A word begins after anything but letters and digits, and at a capital after a small letter.
std::string joined(std::string_view key, Words how) {
  std::string out;
  bool begins = how.first_capital, first = how.between != '\0', started = false;
  char32_t before = ' ';
  for (auto code : characters(key)) {
    bool separator = !is_alphanumeric(code);
    if (separator) {
      if (started) begins = true;
      continue;
    }
    started = true;
    if (how.digits_break && is_numeric(code)) {
      begins = true;
      append(out, code);
    } else if (begins || (is_lower(before) && is_upper(code))) {
      if (how.between != '\0' && !first) out += how.between;
      append(out, ascii_upper(code));
      begins = first = false;
    } else {
      before = code;
      append(out, ascii_lower(code));
    }
  }
  return out;
}

std::string separated(std::string_view key, char separator) {
  std::string out;
  auto codes = characters(key);
  auto small = [&](std::size_t at) { return at < codes.size() && is_lower(codes[at]); };
  bool first = true;
  for (std::size_t at = 0; at < codes.size(); ++at) {
    auto code = codes[at];
    if (!is_alphanumeric(code)) {
      if (!first) out += separator;
      first = true;
      continue;
    }
    bool capital = code == ascii_upper(code);
    if (!first && capital && (small(at + 1) || (at > 0 && small(at - 1)))) out += separator;
    first = false;
    append(out, ascii_lower(code));
  }
  return out;
}

// English plurals, the most particular first: an ending, what stands for it, and what may stand
// before.
struct Plural {
  std::string_view ending, singular;
  std::string_view after = "";      // one of these letters, when there are any
  std::string_view not_after = "";  // none of these
};
constexpr Plural plurals[] = {{"databases", "database"},
                              {"quizzes", "quiz"},
                              {"matrices", "matrix"},
                              {"vertices", "vertex"},
                              {"indices", "index"},
                              {"aliases", "alias"},
                              {"alias", "alias"},
                              {"statuses", "status"},
                              {"status", "status"},
                              {"octopus", "octopus"},
                              {"octopi", "octopus"},
                              {"virus", "virus"},
                              {"viri", "virus"},
                              {"crisis", "crisis"},
                              {"crises", "crisis"},
                              {"testis", "testis"},
                              {"testes", "testis"},
                              {"shoes", "shoe"},
                              {"buses", "bus"},
                              {"bus", "bus"},
                              {"mice", "mouse"},
                              {"lice", "louse"},
                              {"xes", "x"},
                              {"ches", "ch"},
                              {"sses", "ss"},
                              {"shes", "sh"},
                              {"movies", "movie"},
                              {"series", "series"},
                              {"quies", "quy"},
                              {"ies", "y", "", "aeiouy"},
                              {"lves", "lf"},
                              {"rves", "rf"},
                              {"tives", "tive"},
                              {"hives", "hive"},
                              {"ves", "fe", "", "f"},
                              {"analyses", "analysis"},
                              {"analysis", "analysis"},
                              {"bases", "basis"},
                              {"basis", "basis"},
                              {"diagnoses", "diagnosis"},
                              {"diagnosis", "diagnosis"},
                              {"parentheses", "parenthesis"},
                              {"parenthesis", "parenthesis"},
                              {"prognoses", "prognosis"},
                              {"prognosis", "prognosis"},
                              {"synopses", "synopsis"},
                              {"synopsis", "synopsis"},
                              {"theses", "thesis"},
                              {"thesis", "thesis"},
                              {"ta", "tum"},
                              {"ia", "ium"},
                              {"oes", "o"},
                              {"news", "news"},
                              {"ss", "ss"},
                              {"s", ""}};

std::string singular(std::string_view word) {
  for (const auto& plural : plurals) {
    if (!word.ends_with(plural.ending)) continue;
    auto stem = word.substr(0, word.size() - plural.ending.size());
    bool needs_letter = !plural.not_after.empty();
    if (needs_letter &&
        (stem.empty() || plural.not_after.find(stem.back()) != std::string_view::npos))
      continue;
    return std::string(stem) + std::string(plural.singular);
  }
  return std::string(word);
}

// Only the last word is made singular.
std::string class_case(std::string_view key) {
  auto pascal = joined(key, {});
  std::size_t last = 0;
  for (std::size_t at = 0; at < pascal.size();) {
    auto [code, bytes] = decode(pascal, at);
    if (is_upper(code)) last = at;
    at += bytes;
  }
  return pascal.substr(0, last) + singular(std::string_view(pascal).substr(last));
}

}  // namespace

std::array<std::string, spellings_count> spellings(std::string_view key) {
  return {joined(key, {.first_capital = false}),
          class_case(key),
          separated(key, '-'),
          joined(key, {}),
          separated(key, '_'),
          joined(key, {.digits_break = false, .between = ' '}),
          joined(key, {.between = '-'})};
}

}  // namespace aright::guard
