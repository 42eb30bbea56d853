#pragma once
// What lambda:Invoke answers about a run: the documented members, with the payload of a failure in
// the shape that Lambda's Python runtime gives it. Pure.

#include "script/script.h"

namespace aright::script {

inline constexpr std::string_view out_of_time = "Sandbox.Timedout";  // the error type of what ran for too long
inline constexpr std::size_t log_result_bytes_max = 4u << 10;  // of the log, in the answer: its end

// StatusCode, ExecutedVersion, Payload and, where they belong, FunctionError and LogResult; blobs
// in base64.
json::Object invoke_answer(const Program& program, const Outcome& outcome, bool tail);
// The log as Lambda keeps it: what was printed, between START and REPORT.
std::string invocation_log(const Program& program, const Outcome& outcome);

}  // namespace aright::script
