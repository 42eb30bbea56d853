// The command line.

#include "cli/command_line.h"

int main(int argc, char** argv) {
  aright::cli::CommandLine line;
  return line.run({argv + 1, argv + argc});
}
