#pragma once
// What rules compare: values of a data file and of a rules file. Guard tells ints from floats, and
// knows regular expressions, ranges and single characters, which JSON does not; and each value
// knows where it stands.
//
// A value keeps a pointer to the one that holds it, so a tree stays where it was built: Document
// owns it. Read a finished tree from any thread.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "guard/diagnostic.h"
#include "guard/regex.h"

namespace aright::guard {

struct Value;
struct Member;

enum class Kind : std::uint8_t {
  null,
  boolean,
  integer,
  real,
  text,
  regex,
  character,
  range,
  list,
  map
};
std::string_view name(Kind kind);

struct Range {
  std::variant<std::int64_t, double, char32_t> lower, upper;  // of one type
  bool with_lower = false, with_upper = false;
  bool operator==(const Range&) const = default;
};

using List = std::vector<Value>;

// Members in the order they were written. Lookup takes constant time in large maps too.
class Map {
 public:
  // The value of a key that is already there is replaced, in its old place.
  void set(std::string key, Place place, Value value);
  const Value* find(std::string_view key) const;
  const std::vector<Member>& members() const { return members_; }
  std::vector<Member>& members() { return members_; }
  void shrink();  // gives back what growing took too much

 private:
  static constexpr std::size_t indexed_from = 12;  // below it, looking at each is quicker
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>()(key);
    }
  };
  using Index = std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>>;

  std::vector<Member> members_;
  std::unique_ptr<Index> index_;  // of large maps
};

struct Value {
  // In the order of Kind.
  using Data = std::variant<std::monostate, bool, std::int64_t, double, std::string,
                            std::shared_ptr<const Regex>, char32_t, std::shared_ptr<const Range>,
                            List, std::shared_ptr<Map>>;
  Data data;
  Place place;
  const Value* parent = nullptr;
  std::uint32_t position = 0;  // among the items or members of the parent

  Value() = default;
  explicit Value(Data given, Place where = {}) : data(std::move(given)), place(where) {}

  Kind kind() const { return static_cast<Kind>(data.index()); }
  bool is(Kind wanted) const { return kind() == wanted; }
  bool is_scalar() const { return kind() != Kind::list && kind() != Kind::map; }
  const std::string* text() const { return std::get_if<std::string>(&data); }
  const List* list() const { return std::get_if<List>(&data); }
  const Map* map() const {
    auto* held = std::get_if<std::shared_ptr<Map>>(&data);
    return held ? held->get() : nullptr;
  }
  // "/Resources/Bucket/Tags/0"; "" for the root and for literals of a rules file.
  std::string path() const;
};

struct Member {
  std::string key;
  Place place;  // of the key
  Value value;
};

// Points the values of a finished tree to their holders. Maps are shared by copies of a value, so a
// copy must be made with deep_copy when it gets another holder.
void adopt(Value& root);
Value deep_copy(const Value& value);

// One line of JSON, a regex as "/…/", a range as "[1,5)"; cut off after `bytes_max`.
std::string print(const Value& value, std::size_t bytes_max = static_cast<std::size_t>(-1));
// Digits as the engine's authors know them: the shortest that mean this number, and never an
// exponent.
std::string print_real(double number);

}  // namespace aright::guard
