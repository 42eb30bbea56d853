// guard validate.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <optional>

#include "base/clock.h"
#include "base/file.h"
#include "cli/guard_commands.h"
#include "cli/guard_files.h"
#include "cli/settings.h"
#include "cli/terminal.h"
#include "guard/formats.h"
#include "guard/unicode.h"
#include "json/yaml.h"

namespace aright::cli {

namespace fs = std::filesystem;

namespace {

using guard::Diagnostic;
using guard::Document;
using guard::Judgement;
using guard::Status;

void complain(const std::string& text) {
  fmt::print(stderr, "{}\n", text);
}

struct RulesText {
  std::string name, text;
};

Error error_of(const Diagnostic& diagnostic) {
  return {.code = Errc::invalid, .message = diagnostic.text()};
}

class Validation {
 public:
  explicit Validation(const GuardValidate& options) : options_(options) {
    for (const auto& word : options.summary) {
      if (word == "none") shown_ = {.fail = false};
      if (word == "none") break;
      shown_.pass = shown_.pass || word == "pass" || word == "all";
      shown_.skip = shown_.skip || word == "skip" || word == "all";
      shown_.fail = shown_.fail || word == "fail" || word == "all";
    }
  }

  Result<int> run() {
    CHECK_OK(check_options());
    if (options_.payload) {
      CHECK_OK(read_payload());
    } else {
      CHECK_OK(read_files());
    }
    CHECK_OK(read_parameters());
    return options_.structured ? judge_structured() : judge_one_by_one();
  }

 private:
  Result<> check_options() {
    bool text = options_.format == text_format;
    if (options_.structured && shown_.any())
      return fail(Errc::invalid, "--structured needs --show-summary none");
    if (options_.structured && text)
      return fail(Errc::invalid, "--structured needs --output-format json, yaml, junit or sarif");
    bool needs_structured = options_.format == "junit" || options_.format == "sarif";
    if (needs_structured && !options_.structured)
      return fail(Errc::invalid, "{} needs --structured", options_.format);
    return {};
  }

  Result<> add_document(const fs::path& path, const std::string& name, std::vector<Document>& to) {
    if (!has_ending(name, guard_data_endings)) {
      complain(fmt::format("{}: left out: a data file ends in .yaml, .yml, .json, .jsn or .template",
                       path.string()));
      return {};
    }
    auto text = TRY(read_file(path, guard::data_bytes_max));
    return add_document_text(text, name, to);
  }

  static Result<> add_document_text(std::string_view text, const std::string& name,
                                    std::vector<Document>& to) {
    auto document = guard::read_document(text, name);
    if (!document) return fail(error_of(document.error()));
    to.push_back(std::move(*document));
    return {};
  }

  Result<> read_files() {
    for (const auto& given : options_.data) {
      for (const auto& path : TRY(files_below(given, options_.order))) {
        std::error_code code;
        CHECK_OK(add_document(path, fs::weakly_canonical(path, code).string(), data_));
      }
    }
    if (options_.data.empty()) {
      auto text = TRY(read_standard_input(guard::data_bytes_max));
      CHECK_OK(add_document_text(text, "STDIN", data_));
    }
    for (const auto& given : options_.rules) {
      for (const auto& path : TRY(files_below(given, options_.order))) {
        if (path != fs::path(given) && !has_ending(path, guard_rule_endings)) continue;
        auto text = read_file(path);
        if (!text || !guard::is_utf8(*text)) {
          complain(fmt::format("{}: left out: {}", path.string(),
                           text ? "not UTF-8" : text.error().message));
          continue;
        }
        rules_.push_back({path.filename().string(), std::move(*text)});
      }
    }
    return {};
  }

  Result<> read_payload() {
    auto text = TRY(read_standard_input(guard::data_bytes_max));
    auto payload = json::parse(text);
    if (!payload) return wrap(payload.error(), "the payload");
    auto lists = [&](std::string_view member) { return json::at(*payload, member).is_array(); };
    if (!lists("rules") || !lists("data")) {
      return fail(Errc::invalid,
                  "the payload must be {{\"rules\": [TEXT, …], \"data\": [TEXT, …]}}");
    }
    for (const auto& rule : json::texts(json::at(*payload, "rules")))
      rules_.push_back({fmt::format("RULES_STDIN[{}]", rules_.size() + 1), rule});
    for (const auto& one : json::texts(json::at(*payload, "data")))
      CHECK_OK(add_document_text(one, fmt::format("DATA_STDIN[{}]", data_.size() + 1), data_));
    return {};
  }

  Result<> read_parameters() {
    std::vector<Document> parts;
    for (const auto& given : options_.parameters)
      for (const auto& path : TRY(files_below(given, options_.order)))
        CHECK_OK(add_document(path, path.filename().string(), parts));
    if (parts.empty()) return {};
    auto parameters = parts.front();
    for (std::size_t at = 1; at < parts.size(); ++at) {
      auto merged = guard::merge(parameters, parts[at]);
      if (!merged) return fail(error_of(merged.error()));
      parameters = std::move(*merged);
    }
    for (auto& document : data_) {
      auto merged = guard::merge(parameters, document);
      if (!merged) return fail(error_of(merged.error()));
      document = std::move(*merged);
    }
    return {};
  }

  // Nothing: the file does not parse, which has been told, or it is empty.
  std::optional<guard::Rules> parsed(const RulesText& file, bool& broken) {
    auto rules = guard::parse_rules(file.text, file.name);
    broken = !rules;
    if (broken) complain(rules.error().text());
    if (broken || rules->empty()) return std::nullopt;
    return std::move(*rules);
  }

  Result<Judgement> judge(const guard::Rules& rules, const Document& document) {
    auto before = std::chrono::steady_clock::now();
    guard::Options options{.now_s = SystemClock().now().ms / 1000,
                           .trace = options_.verbose || options_.print_json};
    auto report = guard::evaluate(rules, document, options);
    if (!report) return fail(error_of(report.error()));
    auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - before);
    return Judgement{rules.name(), document.name(), std::move(*report), took.count()};
  }

  // Reports appear as they are made; the last code that is not 0 stays.
  Result<int> judge_one_by_one() {
    int code = exit_ok;
    for (const auto& file : rules_) {
      bool broken = false, failed = false;
      auto rules = parsed(file, broken);
      if (broken) code = guard_rules_broken;
      if (!rules) continue;
      for (const auto& document : data_) {
        auto judgement = TRY(judge(*rules, document));
        failed = failed || judgement.report.status == Status::fail;
        print(judgement);
      }
      if (failed) code = guard_rules_failed;
    }
    return code;
  }

  void print(const Judgement& judgement) {
    if (auto text = guard::summary_text(judgement, shown_); !text.empty()) print_whole(text);
    if (options_.format == text_format) {
      if (auto text = guard::failures_text(judgement); !text.empty()) print_whole(text);
    } else {
      auto report = guard::report_json({judgement.data, {&judgement}});
      options_.format == "json" ? print_json(report) : print_whole(json::print_yaml(report));
    }
    if (options_.verbose) print_whole(judgement.report.trace);
    if (options_.print_json) print_json(json::Object{{"trace", judgement.report.trace}});
  }

  // One report for each data file, when all are there. A failure outweighs a file that does not
  // parse, but in JUnit.
  Result<int> judge_structured() {
    int code = exit_ok;
    std::vector<guard::Rules> all;
    for (const auto& file : rules_) {
      bool broken = false;
      auto rules = parsed(file, broken);
      if (broken) code = guard_rules_broken;
      if (rules) all.push_back(std::move(*rules));
    }
    std::deque<Judgement> judgements;
    std::vector<guard::FileReport> reports;
    for (const auto& document : data_) {
      auto& report = reports.emplace_back(guard::FileReport{document.name(), {}});
      for (const auto& rules : all) {
        judgements.push_back(TRY(judge(rules, document)));
        report.judgements.push_back(&judgements.back());
        bool outweighs = code == exit_ok || options_.format != "junit";
        if (judgements.back().report.status == Status::fail && outweighs) code = guard_rules_failed;
      }
    }
    print(reports);
    return code;
  }

  void print(const std::vector<guard::FileReport>& reports) {
    if (options_.format == "junit") return print_whole(guard::junit(reports));
    if (options_.format == "sarif") return print_json(guard::sarif(reports, ARIGHT_VERSION));
    json::Array out;
    for (const auto& report : reports)
      out.push_back(guard::report_json(report));
    options_.format == "json" ? print_json(out) : print_whole(json::print_yaml(out));
  }

  const GuardValidate& options_;
  guard::Shown shown_{.fail = false};
  std::vector<RulesText> rules_;
  std::vector<Document> data_;
};

}  // namespace

int guard_validate(const GuardValidate& asked) {
  if (asked.rules.empty() && !asked.payload) {
    print_error({.code = Errc::invalid, .message = "say --rules or --payload"}, asked.json);
    return exit_usage;
  }
  auto options = asked;
  if (options.json && options.format == text_format) {
    options.format = "json";
    options.structured = true;
    options.summary = {"none"};
  }
  auto code = Validation(options).run();
  if (code) return *code;
  print_error(code.error(), options.json);
  return guard_stopped;
}

}  // namespace aright::cli
