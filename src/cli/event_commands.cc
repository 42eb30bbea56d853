#include "cli/event_commands.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "base/file.h"
#include "cli/lines.h"
#include "cli/terminal.h"
#include "json/diff.h"
#include "pattern/pattern.h"

namespace aright::cli {

namespace {

using pattern::Matcher;
using pattern::Pattern;
using pattern::Workspace;
using Stopwatch = std::chrono::steady_clock;

constexpr std::size_t faults_max = 20;  // of a rules file, told at once
constexpr std::size_t output_bytes = 256u << 10;
constexpr std::size_t bench_bytes_max = std::size_t{2} << 30;
constexpr double warm_up_s = 0.5;

static_assert(line_padding >= pattern::padding_bytes);

double seconds_since(Stopwatch::time_point start) {
  return std::chrono::duration<double>(Stopwatch::now() - start).count();
}

Result<Matcher::Entry> read_rule(std::string_view line) {
  auto rule = TRY(json::parse(line));
  if (!rule.is_object()) return fail(Errc::invalid, "a rule is an object with id and pattern");
  for (const auto& member : rule.get_object())
    if (member.key() != "id" && member.key() != "pattern")
      return fail(Errc::invalid, "/{}: unknown member", json::pointer_escape(member.key()));
  auto id = json::text(rule, "id", "");
  if (id.empty()) return fail(Errc::invalid, "/id: a text is expected");
  const auto& source = json::at(rule, "pattern");
  if (source.is_null()) return fail(Errc::invalid, "/pattern: an object, or its JSON text, is expected");
  auto compiled = source.is_string() ? Pattern::parse(json::text(source)) : Pattern::compile(source);
  if (!compiled) return wrap(compiled.error(), "/pattern");
  return Matcher::Entry{.id = std::move(id), .pattern = std::move(*compiled)};
}

// Every fault with its line, until there are faults_max of them.
Result<Matcher> read_rules(const std::string& file) {
  auto lines = TRY(Lines::open(file));
  std::vector<Matcher::Entry> entries;
  std::string faults;
  std::size_t count = 0;
  for (std::string_view line; count < faults_max;) {
    bool more = TRY(lines.next(line));
    if (!more) break;
    auto rule = read_rule(line);
    if (rule) {
      entries.push_back(std::move(*rule));
      continue;
    }
    faults += fmt::format("{}{}:{}: {}", count++ ? "\n" : "", lines.name(), lines.number(), rule.error().message);
  }
  if (count > 0) return fail(Errc::invalid, "{}", faults);
  return Matcher(std::move(entries));
}

// Bytes for standard output, some at a time.
class Output {
 public:
  ~Output() { flush(); }
  void put(std::string_view bytes) {
    buffer_ += bytes;
    if (buffer_.size() >= output_bytes) flush();
  }
  void flush() {
    print_bytes(buffer_);
    buffer_.clear();
  }

 private:
  std::string buffer_;
};

// What each event comes to: a line, or a share of the totals.
class Sink {
 public:
  Sink(const Matcher& matcher, bool count) : matcher_(matcher), count_(count), totals_(matcher.ids(), 0) {
    if (count_) return;
    for (std::size_t rule = 0; rule < matcher.ids(); ++rule)
      quoted_.push_back(json::print(json::Value(matcher.id(static_cast<pattern::RuleNumber>(rule)))));
  }

  void take(std::span<const pattern::RuleNumber> rules) {
    ++events_;
    matched_ += !rules.empty();
    if (count_) {
      for (auto rule : rules)
        ++totals_[rule];
      return;
    }
    char separator = '[';
    for (auto rule : rules) {
      line_ += separator;
      line_ += quoted_[rule];
      separator = ',';
    }
    if (rules.empty()) line_ += '[';
    line_ += "]\n";
    output_.put(line_);
    line_.clear();
  }
  void take_bad() {
    if (!count_) output_.put("null\n");
  }
  void flush() { output_.flush(); }

  void print_totals(bool as_json) const {
    if (as_json) {
      json::Object rules;
      for (std::size_t rule = 0; rule < totals_.size(); ++rule)
        rules[id(rule)] = totals_[rule];
      print_json(json::Object{{"events", events_}, {"matched", matched_}, {"rules", std::move(rules)}});
      return;
    }
    Table table({"RULE", "EVENTS"});
    for (std::size_t rule = 0; rule < totals_.size(); ++rule)
      table.row({{id(rule), Tone::strong}, {std::to_string(totals_[rule])}});
    table.print();
    print_line(fmt::format("{} of {} events match a rule", matched_, events_));
  }

 private:
  const std::string& id(std::size_t rule) const { return matcher_.id(static_cast<pattern::RuleNumber>(rule)); }

  const Matcher& matcher_;
  bool count_;
  std::vector<std::string> quoted_;  // ids as JSON
  std::vector<std::uint64_t> totals_;
  std::uint64_t events_ = 0, matched_ = 0;
  std::string line_;
  Output output_;
};

Error placed(const Lines& lines, Error error) {
  error.message = fmt::format("{}:{}: {}", lines.name(), lines.number(), error.message);
  return error;
}

// The exit code: bad lines are told, and spoil it.
Result<int> match_all(const Settings& settings, const EventMatching& matching, const Matcher& matcher) {
  Sink sink(matcher, matching.count);
  Workspace workspace;
  int code = exit_ok;
  for (const auto& file : matching.events) {
    auto lines = TRY(Lines::open(file));
    for (std::string_view line;;) {
      bool more = TRY(lines.next(line));
      if (!more) break;
      auto rules = matcher.match_padded(line, workspace);
      if (rules) {
        sink.take(*rules);
        continue;
      }
      if (!matching.keep_going) return fail(placed(lines, rules.error()));
      print_error(placed(lines, rules.error()), settings.json);
      sink.take_bad();
      code = exit_usage;
    }
  }
  sink.flush();
  if (matching.count) sink.print_totals(settings.json);
  return code;
}

// All events in one text, and where each stands in it.
struct Held {
  std::string bytes;
  std::vector<std::pair<std::size_t, std::size_t>> events;  // offset, size
};

Result<Held> hold(const std::vector<std::string>& files) {
  Held held;
  for (const auto& file : files) {
    auto lines = TRY(Lines::open(file));
    for (std::string_view line;;) {
      bool more = TRY(lines.next(line));
      if (!more) break;
      if (held.bytes.size() + line.size() > bench_bytes_max)
        return fail(Errc::invalid, "--bench holds at most {} bytes of events in memory", bench_bytes_max);
      held.events.emplace_back(held.bytes.size(), line.size());
      held.bytes += line;
      held.bytes += '\n';
    }
  }
  held.bytes.append(line_padding, '\0');
  if (held.events.empty()) return fail(Errc::invalid, "--bench needs at least one event");
  return held;
}

struct Speed {
  double events_per_s = 0, bytes_per_s = 0;
  std::uint64_t matches = 0;  // of one round over all events
};

Result<Speed> race(const Held& held, const Matcher& matcher, double for_s) {
  Workspace workspace;
  Speed out;
  std::uint64_t events = 0, bytes = 0, ignored = 0;
  const auto start = Stopwatch::now();
  double spent = 0;
  for (bool first = true; first || spent < for_s; first = false) {
    for (const auto& [at, size] : held.events) {
      auto rules = matcher.match_padded({held.bytes.data() + at, size}, workspace);
      if (!rules) return fail(rules.error());
      (first ? out.matches : ignored) += rules->size();
      bytes += size;
    }
    events += held.events.size();
    spent = seconds_since(start);
  }
  out.events_per_s = static_cast<double>(events) / spent;
  out.bytes_per_s = static_cast<double>(bytes) / spent;
  return out;
}

Result<int> bench(const Settings& settings, const EventMatching& matching, const Matcher& matcher) {
  auto held = TRY(hold(matching.events));
  CHECK_OK(race(held, matcher, std::min(warm_up_s, matching.bench_s)));
  auto speed = TRY(race(held, matcher, matching.bench_s));
  const auto size = matcher.compiled_size();
  const double each = static_cast<double>(speed.matches) / static_cast<double>(held.events.size());
  if (settings.json) {
    print_json(json::Object{{"events_per_second", speed.events_per_s},
                            {"bytes_per_second", speed.bytes_per_s},
                            {"events", held.events.size()},
                            {"rules", matcher.size()},
                            {"sub_rules", size.sub_rules},
                            {"matches_per_event", each},
                            {"matcher_bytes", size.bytes}});
    return exit_ok;
  }
  print_line(fmt::format("{:.0f} events/s, {:.0f} MB/s, one thread, for {} s", speed.events_per_s,
                         speed.bytes_per_s / 1e6, matching.bench_s));
  print_line(fmt::format("{} events, {} rules ({} sub-rules), {:.2f} matches per event, matcher of {} KiB",
                         held.events.size(), matcher.size(), size.sub_rules, each, size.bytes / 1024));
  return exit_ok;
}

// A text that begins like an object is one; anything else names a file.
Result<std::string> text_or_file(const std::string& argument) {
  const auto begin = argument.find_first_not_of(" \t\r\n");
  if (begin != std::string::npos && argument[begin] == '{') return argument;
  if (argument != "-") return read_file(argument);
  auto lines = TRY(Lines::open("-"));
  std::string out;
  for (std::string_view line;;) {
    bool more = TRY(lines.next(line));
    if (!more) return out;
    out += line;
    out += '\n';
  }
}

}  // namespace

int events_match(const Settings& settings, const EventMatching& matching) {
  auto run = [&]() -> Result<int> {
    auto given = matching;
    if (given.events.empty()) given.events = {"-"};
    auto matcher = TRY(read_rules(given.rules));
    return given.bench_s > 0 ? bench(settings, given, matcher) : match_all(settings, given, matcher);
  };
  auto code = run();
  if (code) return *code;
  print_error(code.error(), settings.json);
  return code.error().code == Errc::unavailable ? exit_failed : exit_usage;
}

int events_test_pattern(const Settings& settings, const std::string& pattern, const std::string& event) {
  auto run = [&]() -> Result<bool> {
    auto pattern_text = TRY(text_or_file(pattern));
    auto event_text = TRY(text_or_file(event));
    auto compiled = Pattern::parse(pattern_text);
    if (!compiled) return wrap(compiled.error(), "pattern");
    std::vector<Matcher::Entry> entries;
    entries.push_back({.id = "pattern", .pattern = std::move(*compiled)});
    auto matched = Matcher(std::move(entries)).match(event_text);
    if (!matched) return wrap(matched.error(), "event");
    return !matched->empty();
  };
  auto matched = run();
  if (!matched) {
    print_error(matched.error(), settings.json);
    return exit_usage;
  }
  if (settings.json)
    print_json(json::Object{{"matches", *matched}});
  else
    print_line(*matched ? "matches" : "does not match");
  return *matched ? exit_ok : exit_non_compliant;
}

}  // namespace aright::cli
