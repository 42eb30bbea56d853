// What can be said to the guard commands.

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/guard_commands.h"

namespace aright::cli {

namespace {

using Choose = std::function<void(std::function<int()>)>;

const CLI::IsMember formats({"single-line-summary", "json", "yaml", "junit", "sarif"});
const CLI::IsMember test_formats({"single-line-summary", "json", "yaml", "junit"});

constexpr const char* group_footer = R"(Examples:
  aright guard validate -r rules.guard -d template.yaml   are they kept
  aright guard test -r rules.guard -t rules_tests.yaml    do they say what they should
  aright guard parse-tree -r rules.guard                  how they are read)";

constexpr const char* validate_footer = R"(Examples:
  aright guard validate -r rules.guard -d template.yaml
  aright guard validate -r rules/ -d templates/ --structured -S none -o sarif
  terraform show -json plan.out | aright guard validate -r plan.guard
  echo '{"rules":["rule r { a == 1 }"],"data":["a: 1"]}' | aright guard validate --payload

Exit codes: 0 all passed or were skipped, 19 some rule failed, 5 a rules file did not parse, 255 a file is missing or
could not be judged, 2 asked wrongly.)";

constexpr const char* test_footer = R"(Examples:
  aright guard test -r rules.guard -t rules_tests.yaml
  aright guard test -d rules/        rules/NAME.guard is tested by rules/tests/NAME*.yaml

Exit codes: 0 as expected, 7 not as expected, 1 a file could not be read, 255 could not be judged, 2 asked wrongly.)";

constexpr const char* tree_footer = R"(Examples:
  aright guard parse-tree -r rules.guard
  aright guard parse-tree -r rules.guard --print-json -o tree.json)";

void add_order(CLI::App* sub, GuardOrder& order) {
  auto* by_name = sub->add_flag("-a,--alphabetical", order.alphabetical,
                                "Files of a directory by name; the default");
  sub->add_flag("-m,--last-modified", order.last_modified, "Files of a directory by time of change")
      ->excludes(by_name);
}


void add_validate(CLI::App* parent, const bool& json, const Choose& choose) {
  auto given = std::make_shared<GuardValidate>();
  auto* sub = parent->add_subcommand("validate", "Judge data files by rules");
  sub->fallthrough()->footer(validate_footer);
  auto* rules = sub->add_option("-r,--rules", given->rules,
                                "Rules files, or directories of .guard and .ruleset files");
  auto* data = sub->add_option("-d,--data", given->data,
                               "Data files, or directories of .yaml, .yml, .json, .jsn and "
                               ".template files; else standard input");
  sub->add_option(
      "-i,--input-parameters,--input-params", given->parameters,
      "Files whose keys are joined with those of each data file; no key may be in both");
  sub->add_option("-t,--type", given->type, "Taken for cfn-guard's sake; changes nothing")
      ->check(CLI::IsMember({"CFNTemplate"}));
  sub->add_option("-o,--output-format", given->format, "single-line-summary, json, yaml, junit or sarif")
      ->check(formats)
      ->capture_default_str();
  sub->add_option("-S,--show-summary", given->summary,
                  "Rules to sum up by status: all, pass, fail, skip, none; several with commas")
      ->delimiter(',')
      ->check(CLI::IsMember({"all", "pass", "fail", "skip", "none"}))
      ->capture_default_str();
  add_order(sub, given->order);
  auto* verbose = sub->add_flag("-v,--verbose", given->verbose, "Print everything that was judged");
  auto* print = sub->add_flag("-p,--print-json", given->print_json, "The same, in JSON");
  sub->add_flag("-P,--payload", given->payload,
                "Read {\"rules\": [TEXT], \"data\": [TEXT]} from standard input")
      ->excludes(rules)
      ->excludes(data);
  sub->add_flag("-z,--structured", given->structured,
                "One document of JSON, YAML, JUnit or SARIF; with -S none")
      ->excludes(verbose)
      ->excludes(print);
  sub->callback([given, &json, choose] {
    given->json = json;
    choose([given] { return guard_validate(*given); });
  });
}

void add_test(CLI::App* parent, const bool& json, const Choose& choose) {
  auto given = std::make_shared<GuardTest>();
  auto* sub =
      parent->add_subcommand("test", "Test rules: inputs, and what each rule should come to");
  sub->fallthrough()->footer(test_footer);
  sub->add_option("-r,--rules-file", given->rules, "Rules file");
  sub->add_option("-t,--test-data", given->tests, "Test file, or a directory of them");
  sub->add_option("-d,--dir", given->directory,
                  "Directory of rules files, each with tests in a folder tests beside it");
  sub->add_option("-o,--output-format", given->format, "single-line-summary, json, yaml or junit")
      ->check(test_formats)
      ->capture_default_str();
  add_order(sub, given->order);
  sub->add_flag("-v,--verbose", given->verbose, "Print everything that was judged");
  sub->callback([given, &json, choose] {
    given->json = json;
    choose([given] { return guard_test(*given); });
  });
}

void add_parse_tree(CLI::App* parent, const bool& json, const Choose& choose) {
  auto given = std::make_shared<GuardParseTree>();
  auto* sub =
      parent->add_subcommand("parse-tree", "Print a rules file as the tree it is read into");
  sub->fallthrough()->footer(tree_footer);
  sub->add_option("-r,--rules", given->rules, "Rules file; else standard input");
  sub->add_option("-o,--output", given->output, "Write to this file");
  sub->add_flag("-p,--print-json", given->as_json, "As JSON");
  sub->add_flag("-y,--print-yaml", given->as_yaml, "As YAML; the default");
  sub->callback([given, &json, choose] {
    given->json = json;
    choose([given] { return guard_parse_tree(*given); });
  });
}

}  // namespace

void add_guard(CLI::App& app, const bool& json, const Choose& choose) {
  auto* guard =
      app.add_subcommand("guard", "CloudFormation Guard rules, on templates and other documents");
  guard->require_subcommand(1)->fallthrough()->footer(group_footer);
  add_validate(guard, json, choose);
  add_test(guard, json, choose);
  add_parse_tree(guard, json, choose);
}

}  // namespace aright::cli
