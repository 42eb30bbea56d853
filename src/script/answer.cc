#include "script/answer.h"

#include "base/digest.h"
#include "base/utf8.h"
#include "script/program.h"

namespace aright::script {

namespace {

constexpr int ok_status = 200;

// An exception of the code has a stack, if an empty one; an end that the code did not see has none.
bool seen_by_code(const Outcome& outcome) {
  return !outcome.error_type.starts_with("Sandbox.") && outcome.error_type != "Runtime.ExitError" &&
         outcome.error_type != "Runtime.OutOfMemory";
}

json::Value failure(const Program& program, const Outcome& outcome) {
  json::Object out{{"errorMessage", outcome.error_message}, {"errorType", outcome.error_type}};
  if (!seen_by_code(outcome)) return out;
  out["requestId"] = program.request_id;
  out["stackTrace"] = json::Array(outcome.stack.begin(), outcome.stack.end());
  return out;
}

// Its end, beginning with a whole character.
std::string_view end_of(std::string_view text) {
  if (text.size() <= log_result_bytes_max) return text;
  text.remove_prefix(text.size() - log_result_bytes_max);
  while (!text.empty() && (static_cast<unsigned char>(text.front()) & 0xC0) == 0x80)
    text.remove_prefix(1);
  return text;
}

}  // namespace

std::string invocation_log(const Program& program, const Outcome& outcome) {
  const auto& id = program.request_id;
  auto out = fmt::format("START RequestId: {} Version: {}\n{}", id, function_version(program), outcome.log);
  if (!out.ends_with('\n')) out += '\n';
  if (!outcome.ok) {
    out += fmt::format("[ERROR] {}: {}\n", outcome.error_type, outcome.error_message);
    if (!outcome.stack.empty())
      out += fmt::format("Traceback (most recent call last):\n{}\n", fmt::join(outcome.stack, ""));
  }
  auto ms = (outcome.took - outcome.initialised_in).count();
  out += fmt::format("END RequestId: {0}\nREPORT RequestId: {0}\tDuration: {1} ms\tBilled Duration: {1} ms\t"
                     "Memory Size: {2} MB",
                     id, ms, program.limits.memory_bytes >> 20);
  if (auto before = outcome.initialised_in.count(); before > 0) out += fmt::format("\tInit Duration: {} ms", before);
  return out + '\n';
}

json::Object invoke_answer(const Program& program, const Outcome& outcome, bool tail) {
  auto payload = outcome.ok ? outcome.result : failure(program, outcome);
  json::Object answer{{"StatusCode", ok_status},
                      {"ExecutedVersion", function_version(program)},
                      {"Payload", to_base64(json::print(payload))}};
  if (!outcome.ok) answer["FunctionError"] = "Unhandled";
  if (tail) {
    auto log = valid_utf8(invocation_log(program, outcome));
    answer["LogResult"] = to_base64(end_of(log));
  }
  return answer;
}

}  // namespace aright::script
