#pragma once
// What happened while rules were judged, as a tree: of failures alone, or of everything where
// somebody wants to see it. Points into the program and the data. Internal to guard.

#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "guard/program.h"
#include "guard/status.h"

namespace aright::guard {

// What a query came to in one place: a value, or the last value on the way to one that is not
// there.
struct Found {
  enum class Kind : std::uint8_t { literal, resolved, unresolved };
  Kind kind = Kind::resolved;
  const Value* value = nullptr;
  const Query* query = nullptr;  // of what is unresolved: which step found nothing
  std::uint32_t step = 0;

  bool is_resolved() const { return kind != Kind::unresolved; }
};
using Findings = std::vector<Found>;

// One value that did not stand a clause.
struct Check {
  enum class Kind {
    passed,
    unary,             // exists, empty, is_…
    compared,          // with `to`, or with nothing where `from` is not there
    among,             // not among `others`, or among them
    nothing_selected,  // the selection is empty, and should not be
    reference,         // a rule that did not pass
    missing,           // a block over a value that is not there
  };
  Kind kind = Kind::passed;
  Found from;
  std::optional<Found> to;
  std::vector<const Value*> others;
};

struct Record {
  enum class Kind {
    file,
    rule,
    rule_when,
    type,
    type_when,
    type_item,
    filter,
    when,
    when_conditions,
    either,
    nested,
    clause,
    value,
  };
  using Of = std::variant<std::monostate, const Rule*, const Comparison*, const Reference*,
                          const Nested*, const TypeBlock*>;
  Kind kind = Kind::file;
  Of of;
  Status status = Status::skip;
  const std::string* message = nullptr;  // of the call, for a rule that was called
  std::unique_ptr<Check> check;
  std::vector<Record> children;
};

class Recorder {
 public:
  explicit Recorder(bool everything) : everything_(everything) {}

  void open(Record::Kind kind, Record::Of of = {});
  void close(Status status);
  void name_message(const std::string& rule, const std::string* message);
  void leaf(Record::Of of, Check check);
  bool is_on() const { return everything_ || muted_ == 0; }
  // The whole tree; nothing is open any more.
  Record take();

  // While it lives nothing is recorded: failures of filters and conditions are nobody's fault.
  class Mute {
   public:
    explicit Mute(Recorder& recorder) : muted_(recorder.muted_) { ++muted_; }
    ~Mute() { --muted_; }
    Mute(const Mute&) = delete;
    Mute& operator=(const Mute&) = delete;

   private:
    int& muted_;
  };

 private:
  void add(Record record);

  bool everything_;
  int muted_ = 0;
  std::vector<Record> open_;
  Record last_;
};

}  // namespace aright::guard
