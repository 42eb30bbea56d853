// On which ARNs a call is judged.
#include "cloud/needs.h"

#include <gmock/gmock.h>

#include "cloud/locate.h"
#include "json/value.h"

namespace aright::cloud {
namespace {

const Catalog& described() { return Catalog::embedded(); }
std::string arn_as_described(const ResourceRef& ref) { return described().arn(ref); }

TEST(Exploration, Gaps) {
  std::set<std::string> gaps;
  for (const auto* type : described().types()) {
    ResourceRef ref{"111122223333", "us-east-1", type->name, "x"};
    auto judge = [&](const Operation& op, std::string_view kind) {
      auto call = address(*type, op, ref);
      for (const auto& permission : permissions_of(call.service, call.operation)) {
        if (permission.arns.empty()) continue;
        if (named_arns(call, permission, described(), arn_as_described).empty()) gaps.insert(fmt::format("{} {} {} -> {} | {}", kind, call.name(), permission.action, described().arn(ref), permission.arns.front()));
      }
    };
    for (const auto& one : type->creates) judge(one.op, "create");
    for (const auto& one : type->removes) judge(one.op, "remove");
    if (type->get) judge(type->get->op, "get");
    for (const auto& aspect : type->aspects) {
      for (const auto& write : aspect.writes) judge(write.op, "write");
    }
  }
  for (const auto& gap : gaps) fmt::print("{}\n", gap);
}

}  // namespace
}  // namespace aright::cloud
