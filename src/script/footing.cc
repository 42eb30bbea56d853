// Which way of jailing works on this machine: tried once, by a program that looks for the way out.

#include <unistd.h>

#include <filesystem>

#include "base/embedded.h"
#include "script/run.h"
#include "script/spare.h"

namespace aright::script {

ARIGHT_EMBEDDED(probe)

namespace {

class NoDoor final : public aws::Caller {
 public:
  Result<json::Object> call(const aws::Call& call, const Context&) override {
    return fail(Errc::denied, "{} from a probe", call.name());
  }
};

struct Need {
  const char* path;
  const char* mend;
};
constexpr Need needs[] = {
    {"/usr/bin/bwrap", "install bubblewrap"},
    {"/usr/bin/setpriv", "install util-linux"},
    {"/usr/bin/python3", "install python3"},
    {"/usr/lib/python3/dist-packages/boto3", "install python3-boto3"},
    {"/proc/thread-self/children", "mount /proc, of a kernel built with CONFIG_PROC_CHILDREN"},
};

// Fails with unsupported when the jail cannot be built on this footing, or can be left.
Result<> probe(const Footing& footing) {
  Program program{.files = {{"script.py", std::string(embedded_probe())}},
                  .handler = "ways_out",
                  .limits = {.wall = milliseconds(20'000), .processes_max = 8}};
  NoDoor door;
  Outcome outcome = TRY(run_on(footing, program, door, Context()));
  if (!outcome.ok)
    return fail(Errc::unsupported, "the probe fails: {}: {}", outcome.error_type,
                outcome.error_message);
  std::string ways;
  for (const std::string& way : json::texts(outcome.result))
    ways += (ways.empty() ? "" : ", ") + way;
  if (!ways.empty()) return fail(Errc::unsupported, "the jail has ways out: {}", ways);
  return {};
}

Result<Footing> find_footing() {
  for (const Need& need : needs)
    if (std::error_code code; !std::filesystem::exists(need.path, code))
      return fail(Errc::unsupported, "scripts cannot be run here: {} is missing; {}", need.path,
                  need.mend);
  const bool root = ::geteuid() == 0;
  Footing best{.user_namespace = true, .as_root = root};
  auto tried = probe(best);
  if (tried) return best;
  if (!root)
    return fail(
        Errc::unsupported,
        "scripts cannot be jailed here: {}. Allow user namespaces (sysctl "
        "user.max_user_namespaces, and "
        "kernel.unprivileged_userns_clone or the AppArmor profile of bwrap where there is one)",
        tried.error().message);
  Footing plain{.user_namespace = false, .as_root = true};
  auto tried_plain = probe(plain);
  if (tried_plain) return plain;
  return fail(Errc::unsupported,
              "scripts cannot be jailed here: with a user namespace, {}; without, {}. Give the "
              "container user "
              "namespaces or the capability SYS_ADMIN",
              tried.error().message, tried_plain.error().message);
}

}  // namespace

Result<Footing> footing() {
  static const Result<Footing> found = find_footing();
  return found;
}

Result<> can_jail() {
  Footing found = TRY(footing());
  Spares::instance().order(found);
  return {};
}

}  // namespace aright::script
