#pragma once
// What can be said at the command line: one parser, put together of groups of commands. command_line.cc has the parser
// itself, command_story.cc the commands of the story and of people, command_tools.cc the tools.

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/event_commands.h"
#include "cli/function_commands.h"
#include "cli/guard_commands.h"
#include "cli/native_commands.h"
#include "cli/pack_commands.h"

namespace aright::cli {

// Everything that can be said, filled by the parser.
struct Said {
  Settings settings{.state = default_state_directory(), .region = "us-east-1"};
  bool aws = false;
  ExceptionOrder exception;
  std::string id, reason, until, channel, file, stream, document, only, shell, status, own, pack;
  std::vector<std::string> list, parameters;
  FindingFilter filter;
  ReportOptions report;
  EvidenceOrder evidence;
  PolicyQuestion question;
  bool fixes = false;
  Waiting waiting;
  Listen listen;
  ServeOptions serve;
  DoctorOrder doctor;
  BackupOrder copy;
  SandboxOptions sandbox;
  DemoOptions demo;
  FunctionChoice function;
  EventMatching matching;
  ReplayOptions replay;
  std::string pattern, event;
  FixOrder fix;
  Answer answer;
  HaltOrder halted;
  RollbackOrder back;
  PackOptions conformance;
  NativeOptions native;
  LedgerCheck check;
  StoreMigration migration;
  std::string directory;
  ForEach for_each;
  bool yes = false, picture = false;
  long from = 0;
  int limit = 50;
};

using Action = std::function<int()>;

class CommandLine {
 public:
  CommandLine();
  // Parses, and does what was asked for. The exit code.
  int run(std::vector<std::string> words);

 private:
  // Those that are neither options nor the values of options that stand before the command.
  std::vector<std::string> plain_words(const std::vector<std::string>& words) const;
  // Says what is wrong, and where the help to it stands.
  int asked_wrongly(const CLI::ParseError& error, const std::vector<std::string>& words) const;
  void common();
  // Of commands; its help shows the examples of all of them.
  CLI::App* group(const char* name, const char* what);
  CLI::App* command(const char* name, const char* what, const Action& does, CLI::App* parent = nullptr);
  void for_each(CLI::App* sub);
  void waiting(CLI::App* sub);
  void listen(CLI::App* sub);

  // Groups of commands.
  void story();
  void reports();
  void brake_commands();
  void rollbacks();
  // To what waits for a person.
  void answers();
  void notifications();
  void running();
  // Of those who keep it running.
  void operations();
  void functions();
  void policy();
  void controls();
  void packs();
  // Towards running without aright.
  void natives();
  void tools();
  void events();
  void replays(CLI::App* parent);
  void ledger();
  void stores();
  // What can be shown to those who do not hold it.
  void proofs(CLI::App* ledger);

  CLI::App app;
  Said said;
  Action action;
};

}  // namespace aright::cli
