#pragma once
// For tests: what a script of testdata/ prints, one JSON value a line; none without botocore.

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "json/value.h"

namespace aright::aws {

inline bool has_botocore() {
  return std::system("/usr/bin/python3 -c 'import botocore' 2>/dev/null") == 0;
}

// What any program prints, given a script.
inline std::vector<json::Value> oracle(const std::string& program, const std::string& script) {
  auto command = program + " " + script;
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::string text;
  char piece[4096];
  while (auto got = std::fread(piece, 1, sizeof piece, pipe.get()))
    text.append(piece, got);
  std::vector<json::Value> lines;
  for (const std::string& line : split(text, '\n')) {
    if (!line.empty()) lines.push_back(*json::parse(line));
  }
  return lines;
}

inline std::vector<json::Value> oracle(const std::string& script) {
  return oracle("/usr/bin/python3", ARIGHT_SOURCE_DIR "/src/aws/testdata/" + script);
}

}  // namespace aright::aws
