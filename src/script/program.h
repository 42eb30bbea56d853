#pragma once
// A program as its jail gets to know it. Internal to script.

#include <string>

#include "script/script.h"

namespace aright::script {

// Fails with invalid, or with unsupported for another runtime than Python 3.
Result<> check(const Program& program);

// The one line that tells the jail everything: files, handler, event, environment, context, limits.
std::string program_line(const Program& program);
// The line that lets a jail get ready for a program that does not exist yet.
std::string preload_line();

// Room that the files need in /var/task.
std::size_t task_bytes(const Program& program);

}  // namespace aright::script
