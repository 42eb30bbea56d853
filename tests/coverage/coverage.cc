// Prints docs/coverage.md from the service descriptions that the binary carries; `coverage --check FILE` compares.
#include <cstdio>
#include <map>
#include <set>

#include "base/file.h"
#include "cloud/catalog.h"
#include "cloud/classify.h"
#include "server/aws_desk.h"

namespace aright::cloud {
namespace {

constexpr std::size_t page_bytes_max = 4u << 20;

constexpr std::string_view introduction = R"(# Coverage

Made by `build/release/coverage > docs/coverage.md` from [`catalog/services`](../catalog/services); a test compares.
How a service is described: [service descriptions](reference/service-descriptions.md).

aright's client speaks every operation of every service. This page says which of them it understands:

| word | meaning |
|---|---|
| known | operations of the service's model |
| read, write, action | described as such; an action does something but changes no described state, and cannot be taken back |
| sandbox | the emulated cloud answers it; the rest is refused there with 501 |
| snapshot | scans call it to list resources or to read an aspect of one |
| inverse | a write of which there is a way back for at least one state before it |
| types, aspects | resource types, and their separately read and written parts |
| hooks | places where data could not say it, and C++ does |

An operation that is in no list here is an irreversible write to aright, unless IAM's action data calls it a read; a plan says so.
)";

// What is known of one operation.
struct Covered {
  Effect effect = Effect::unknown;
  bool sandbox = false, snapshot = false, inverse = false;
};

bool asked_by_scans(const Meaning& meaning, std::string_view operation) {
  const auto& type = *meaning.type;
  auto is = [&](const std::optional<View>& view) { return view && view->op.name == operation; };
  if (is(type.list) || is(type.get)) return true;
  return std::ranges::any_of(type.aspects, [&](const Aspect& aspect) {
    return aspect.read && (aspect.read->op.name == operation ||
                           (aspect.read->each && aspect.read->each->name == operation));
  });
}

Effect effect_of(const Meaning& meaning) {
  if (meaning.remove != nullptr) return Effect::remove;
  if (meaning.create != nullptr) return Effect::create;
  return meaning.writes.empty() && meaning.touch == nullptr ? Effect::read : Effect::write;
}

Covered covered(const Catalog& catalog, const Description& service, const std::string& operation) {
  Covered out;
  const auto& emulated = service.hooks.emulate;
  out.sandbox = std::ranges::find(emulated, operation) != emulated.end();
  auto listed = [&](const std::vector<std::string>& names) {
    return std::ranges::find(names, operation) != names.end();
  };
  if (listed(service.reads)) out.effect = Effect::read;
  if (listed(service.actions)) out.effect = Effect::action;
  for (const auto& meaning : catalog.meanings(service.service, operation)) {
    out.sandbox = true;
    out.snapshot = out.snapshot || asked_by_scans(meaning, operation);
    auto effect = effect_of(meaning);
    bool writes = effect != Effect::read;
    if (writes) out.inverse = out.inverse || has_way_back(meaning);
    if (writes || out.effect == Effect::unknown) out.effect = effect;
  }
  return out;
}

struct Counts {
  std::size_t known = 0, described = 0, reads = 0, writes = 0, actions = 0, sandbox = 0, snapshot = 0, inverse = 0;
  std::size_t types = 0, aspects = 0, hooks = 0;

  void add(const Covered& one) {
    if (one.effect == Effect::unknown) return;
    ++described;
    ++(one.effect == Effect::read ? reads : one.effect == Effect::action ? actions : writes);
    sandbox += one.sandbox;
    snapshot += one.snapshot;
    inverse += one.inverse;
  }
  void add(const Counts& other) {
    known += other.known, described += other.described, reads += other.reads, writes += other.writes;
    actions += other.actions, sandbox += other.sandbox, snapshot += other.snapshot, inverse += other.inverse;
    types += other.types, aspects += other.aspects, hooks += other.hooks;
  }
  std::string row(std::string_view name) const {
    return fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", name, known, described, reads,
                       writes, actions, sandbox, snapshot, inverse, types, aspects, hooks);
  }
};

struct Service {
  const Description* description;
  std::map<std::string, Covered> operations;  // that are described
  std::vector<const ResourceType*> types;
  Counts counts;
};

Service look(const Catalog& catalog, const Description& description) {
  Service out{.description = &description};
  auto service = catalog.models().service(description.service);
  for (const auto& operation : service->operations()) {
    std::string name(operation.name());
    auto one = covered(catalog, description, name);
    ++out.counts.known;
    out.counts.add(one);
    if (one.effect != Effect::unknown) out.operations[name] = one;
  }
  for (const auto* type : catalog.types()) {
    if (type->service != description.service) continue;
    out.types.push_back(type);
    ++out.counts.types;
    out.counts.aspects += type->aspects.size();
  }
  out.counts.hooks = description.hooks.count();
  return out;
}

std::string types_of(const Service& service) {
  std::string out;
  for (const auto* type : service.types) {
    std::vector<std::string> aspects;
    for (const auto& aspect : type->aspects)
      aspects.push_back(aspect.mutable_after_creation() ? "**" + aspect.name + "**" : aspect.name);
    if (aspects.empty()) aspects.push_back("no aspects");
    out += fmt::format("- `{}`: {}\n", type->name, fmt::join(aspects, ", "));
  }
  return out;
}

std::string operations_of(const Service& service) {
  auto mark = [](bool yes) { return yes ? "✓" : ""; };
  std::string out = "| operation | is | sandbox | snapshot | inverse |\n|---|---|---|---|---|\n";
  for (const auto& [name, one] : service.operations)
    out += fmt::format("| {} | {} | {} | {} | {} |\n", name, cloud::name(one.effect), mark(one.sandbox),
                       mark(one.snapshot), mark(one.inverse));
  return out;
}

std::string page(const Catalog& catalog) {
  std::vector<Service> services;
  Counts all;
  for (const auto* description : catalog.services()) {
    services.push_back(look(catalog, *description));
    all.add(services.back().counts);
  }
  std::string out(introduction);
  out += fmt::format("\n{} services, {} resource types with {} aspects, {} operations.\n\n", services.size(), all.types,
                     all.aspects, all.described);
  out += "| service | known | described | read | write | action | sandbox | snapshot | inverse | types | aspects "
         "| hooks |\n"
         "|---|---|---|---|---|---|---|---|---|---|---|---|\n";
  for (const auto& service : services)
    out += service.counts.row(fmt::format("[{0}](#{0})", service.description->service));
  out += all.row("**all**");
  out += "\nAspects in **bold** have described writes; the others are chosen at creation, or derived.\n";
  for (const auto& service : services)
    out += fmt::format("\n## {}\n{}\n{}", service.description->service, types_of(service), operations_of(service));
  return out;
}

constexpr std::string_view answered = R"(
# What aright itself answers
`aright serve` answers these operations of AWS's APIs, for [who may](guide/aws-services.md#who-may-do-what). The engine answers those
marked so; what the others put is kept and becomes part of the policy.

| service | viewer | operator | approver | admin |
|---|---|---|---|---|
)";

// The operations of one service that one role may call, and no lesser one.
std::string cell(const model::Service& service, server::Role role, const std::vector<std::string>& own) {
  std::vector<std::string> names;
  for (const auto& operation : service.operations()) {
    aws::Call call{.service = std::string(service.name()), .operation = std::string(operation.name()), .region = "",
                   .account = "", .input = {}};
    if (server::role_for(call) != role) continue;
    bool by_engine = std::ranges::find(own, call.service + ":" + call.operation) != own.end();
    const auto& catalog = Catalog::embedded();
    const auto* described = catalog.service(call.service);
    if (!by_engine && (!described || !covered(catalog, *described, call.operation).sandbox)) continue;
    names.push_back(by_engine ? call.operation + " (engine)" : call.operation);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string desk_page() {
  std::string out(answered);
  const auto own = server::own_aws_operations();
  for (auto name : server::desk_services()) {
    auto service = model::Models::embedded().service(name);
    out += fmt::format("| {} |", name);
    for (auto role : {server::Role::viewer, server::Role::operator_, server::Role::approver, server::Role::admin})
      out += fmt::format(" {} |", cell(*service, role, own));
    out += "\n";
  }
  return out;
}

int run(const std::vector<std::string>& arguments) {
  auto text = page(Catalog::embedded()) + desk_page();
  if (arguments.empty()) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return 0;
  }
  if (arguments.size() != 2 || arguments[0] != "--check") {
    fmt::print(stderr, "coverage [--check FILE]\n");
    return 2;
  }
  auto there = read_file(arguments[1], page_bytes_max);
  if (there && *there == text) return 0;
  fmt::print(stderr, "{} is not what the descriptions say; run coverage > {}\n", arguments[1], arguments[1]);
  return 1;
}

}  // namespace
}  // namespace aright::cloud

int main(int argc, char** argv) { return aright::cloud::run({argv + 1, argv + argc}); }
