#include "cli/sandbox_accounts.h"

#include <algorithm>

#include "base/text.h"
#include "sandbox/principal.h"

namespace aright::cli {

namespace {

constexpr std::size_t account_digits = 12;
constexpr const char* usual = "test";

bool is_account(const std::string& text) {
  return text.size() == account_digits && text.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace

Result<std::vector<SandboxAccount>> sandbox_accounts(const std::vector<std::string>& asked) {
  if (asked.empty()) return std::vector{SandboxAccount{sandbox::default_account, usual, usual}};
  std::vector<SandboxAccount> out;
  for (const auto& text : asked) {
    auto parts = split(text, ':');
    if (!is_account(parts[0]) || (parts.size() != 1 && parts.size() != 3))
      return fail(Errc::invalid, "--account takes 12 digits, or ID:KEY:SECRET, and not '{}'", text);
    SandboxAccount one{parts[0], out.empty() ? usual : parts[0], usual};
    if (parts.size() == 3) one = {parts[0], parts[1], parts[2]};
    if (one.key.empty() || one.secret.empty() || std::ranges::find(out, one.key, &SandboxAccount::key) != out.end())
      return fail(Errc::invalid, "--account {}: keys must differ, and be there", one.id);
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace aright::cli
