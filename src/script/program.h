#pragma once
// A program as its jail gets to know it. Internal to script.

#include <string>

#include "script/jail.h"
#include "script/script.h"

namespace aright::script {

// Fails with invalid, or with unsupported for a runtime that is not run here.
Result<> check(const Program& program);

// What a function is called, and which version of it this is: f:3 is the third one of f.
std::string function_version(const Program& program);

// Whether the function is a process of its own, which speaks HTTP with Lambda and AWS, and no Python
// in the jail's first process.
bool is_process(const Program& program);

// What it may take before its first event, beside the event's own time.
milliseconds initialisation_of(const Program& program);

// The one line that tells the jail everything: files, handler, event, environment, context, limits.
std::string program_line(const Program& program);
// The line by which a jail that has been kept gets its next event.
std::string event_line(const Program& program);
// The line that lets a jail get ready for a program that does not exist yet.
std::string preload_line();

// What the jail has to be made with.
Room room_of(const Program& program);

}  // namespace aright::script
