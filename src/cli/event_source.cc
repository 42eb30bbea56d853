// events put: events from files, directories and standard input, one JSON object a line, told to a running aright. Each
// is on record there before the next is sent.

#include <algorithm>
#include <filesystem>

#include "bus/inbound.h"
#include "cli/desk.h"
#include "cli/event_commands.h"
#include "cli/lines.h"
#include "cli/terminal.h"

namespace aright::cli {

namespace {

namespace fs = std::filesystem;

// A directory stands for its .json and .jsonl files, in the order of their names.
Result<std::vector<std::string>> files_of(const std::vector<std::string>& said) {
  std::vector<std::string> out;
  for (const auto& one : said) {
    std::error_code fault;
    if (!fs::is_directory(one, fault)) {
      out.push_back(one);
      continue;
    }
    std::vector<std::string> inside;
    for (fs::directory_iterator entry(one, fault), end; !fault && entry != end; entry.increment(fault))
      if (auto ending = entry->path().extension(); ending == ".json" || ending == ".jsonl")
        inside.push_back(entry->path().string());
    if (fault) return fail(Errc::denied, "{}: {}", one, fault.message());
    std::ranges::sort(inside);
    std::ranges::move(inside, std::back_inserter(out));
  }
  if (out.empty()) out.emplace_back("-");
  return out;
}

Result<std::size_t> put_file(Desk& desk, const std::string& file) {
  auto lines = TRY(Lines::open(file));
  std::size_t put = 0;
  std::string_view line;
  while (true) {
    bool more = TRY(lines.next(line));
    if (!more) return put;
    auto told = bus::read_inbound(line);
    if (!told) return wrap(told.error(), "{}:{}", lines.name(), lines.number());
    for (auto& event : told->events) {
      auto answer = desk.post("/signals", std::move(event));
      if (!answer) return wrap(answer.error(), "{}:{}", lines.name(), lines.number());
      ++put;
    }
  }
}

Result<std::size_t> put_all(const Settings& settings, const std::vector<std::string>& said) {
  auto files = TRY(files_of(said));
  auto desk = TRY(open_desk(settings));
  std::size_t put = 0;
  for (const auto& file : files) put += TRY(put_file(*desk, file));
  return put;
}

}  // namespace

int events_put(const Settings& settings, const std::vector<std::string>& files) {
  auto put = put_all(settings, files);
  if (!put) return failed(put.error(), settings.json);
  settings.json ? print_json(json::Object{{"events", *put}}) : print_line(fmt::format("{} events are on record", *put));
  return exit_ok;
}

}  // namespace aright::cli
