#pragma once
// What a person sees: words in colour where there is a terminal, tables, one line of progress. Standard output carries
// results; progress and errors go to standard error.

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "json/value.h"

namespace aright::cli {

enum class Tone { plain, strong, faint, good, bad, warn, accent };
// Coloured when standard output is a terminal and NO_COLOR is not set.
std::string tone(Tone tone, std::string_view text);
Tone tone_of_severity(std::string_view severity);
Tone tone_of_stage(std::string_view stage);

// Names, tags and messages are written by anybody: of control characters only line ends, tabs and our own colours pass,
// so that no text moves the cursor, renames the window or hides what stands before it.
std::string harmless(std::string_view text);
void print_line(std::string_view text = "");
void print_whole(std::string_view text);  // whether it ends its last line itself or not
void print_bytes(std::string_view bytes);  // as they are
void print_json(const json::Value& value);
void note(std::string_view text);  // one line to standard error, where standard output is somebody else's to read
// To standard error, with the page that explains the number.
void print_error(const Error& error, bool as_json);
// Tells how a command failed, and gives its exit code: 2 for what was asked wrongly, such as a word that nobody knows;
// 1 for what could not be done.
int failed(const Error& error, bool as_json);
// Asks on standard error; yes is what the answer says, and nothing else.
bool confirmed(std::string_view question);
// A command's exit code, or its failure, told.
int told(const Result<int>& code, bool as_json);

// A member of what is shown, as text; "" where there is none.
inline std::string text_of(const json::Value& value, std::string_view member) { return json::text(value, member, ""); }

class Table {
 public:
  explicit Table(std::vector<std::string> heads) : heads_(std::move(heads)) {}
  struct Cell {
    std::string text;
    Tone tone = Tone::plain;
  };
  void row(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }
  void print() const;

 private:
  std::vector<std::string> heads_;
  std::vector<std::vector<Cell>> rows_;
};

// One line on a terminal, overwritten; nothing elsewhere.
class Progress {
 public:
  explicit Progress(bool quiet);
  ~Progress();
  void say(std::string_view text);
  void clear();

 private:
  bool on_;
  bool shown_ = false;
};

}  // namespace aright::cli
