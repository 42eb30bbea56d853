#pragma once
// What may stand where the command line asks for a word, an id or an address. Whoever writes something else is told
// which ones there are.

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace aright::cli {

// `what` with its article: "a severity".
CLI::Validator one_of(const std::string& what, std::vector<std::string> known);
// An id with one of these prefixes, or one of `other` as it is.
CLI::Validator id_of(std::vector<std::string> prefixes, std::vector<std::string> other = {});
CLI::Validator hash();      // of a plan
CLI::Validator beginning_of_hash();
bool is_beginning_of_hash(std::string_view word);
CLI::Validator region();
CLI::Validator store();     // a PostgreSQL URL
CLI::Validator endpoint();  // http or https, host, port

}  // namespace aright::cli
