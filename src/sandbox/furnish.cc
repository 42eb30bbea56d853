#include "sandbox/furnish.h"

#include "base/digest.h"
#include "sandbox/ec2.h"
#include "sandbox/emulate.h"

namespace aright::sandbox {

namespace {

std::uint64_t seed_of(std::string_view account, std::string_view region, std::uint64_t seed) {
  std::uint64_t out = 0;
  for (char c : sha256(fmt::format("furnish {} {} {}", seed, account, region)).substr(0, sizeof out))
    out = out << 8 | static_cast<std::uint8_t>(c);
  return out;
}

}  // namespace

Result<> furnish(World& world, const cloud::Catalog& catalog, std::string_view account, std::string_view region,
                 std::uint64_t seed, Timestamp now) {
  Ids ids(seed_of(account, region, seed));
  const aws::Call call{.service = "ec2",
                       .operation = "CreateDefaultVpc",
                       .region = std::string(region),
                       .account = std::string(account),
                       .input = {}};
  const Principal root{.account = call.account, .arn = "", .user_id = call.account};
  const std::string endpoint;
  const std::deque<WriteRecord> history;
  Scene scene(world, ids, catalog, call, root, now, endpoint, history);
  if (default_vpc(scene) != nullptr) return {};
  auto made = emulate(scene);
  return made ? Result<>() : fail(made.error());
}

}  // namespace aright::sandbox
