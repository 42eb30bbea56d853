#include "cloud/catalog.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>

#include "base/embedded.h"
#include "base/file.h"
#include "cloud/action_data.h"
#include "cloud/description_check.h"
#include "cloud/description_reader.h"
#include "cloud/locate.h"

ARIGHT_EMBEDDED(service_descriptions)

namespace aright::cloud {

const Aspect* ResourceType::aspect(std::string_view wanted) const {
  auto found = std::ranges::find(aspects, wanted, &Aspect::name);
  return found == aspects.end() ? nullptr : &*found;
}

std::string_view ResourceType::id_prefix() const {
  return std::string_view(id).substr(0, id.find('{'));
}

const json::Value& Aspect::told_by(const std::string& operation, const json::Value& output) const {
  static const json::Value nothing;
  if (auto place = told.find(operation); place != told.end()) return place->second.get(output);
  return read ? read->at.get(output) : nothing;
}

const Operation& Meaning::naming() const {
  if (create != nullptr) return create->op;
  return remove != nullptr ? remove->op : *op;
}

const Operation::Match* Meaning::match() const {
  if (remove != nullptr) return remove->op.match ? &*remove->op.match : nullptr;
  for (const auto& [aspect, write] : writes)
    if (write->op.match) return &*write->op.match;
  return nullptr;
}

struct Catalog::Impl {
  const model::Models* models = nullptr;
  std::map<std::string, Description, std::less<>> services;
  std::map<std::string, ResourceType, std::less<>> types;
  std::map<std::string, std::vector<Meaning>, std::less<>> meanings;  // by service:operation
  std::set<std::string, std::less<>> reads, actions;                  // service:operation

  Result<> add(const std::string& file, const std::string& text);
  std::vector<std::string> join(Description part);
  void index();
  std::vector<std::string> contradictions() const;
  std::vector<std::pair<std::string, std::string>> named_types() const;
  Meaning& meaning(const ResourceType& type, const Operation& op);
  Meaning* known_meaning(const ResourceType& type, const Operation& op);  // null: it has none
  void index(const ResourceType& type);
  void index(const Aspect& aspect);
};

namespace {

std::string operation_key(std::string_view service, std::string_view operation) {
  return fmt::format("{}:{}", service, operation);
}

}  // namespace

Result<> Catalog::Impl::add(const std::string& file, const std::string& text) {
  auto document = json::parse_yaml(text);
  if (!document) return wrap(document.error(), "{}", file);
  Diagnostics diagnostics(file, *document);
  auto read = read_description(file, *document, diagnostics);
  if (diagnostics.list().empty())
    check_and_complete(read.description, read.types, *models, diagnostics);
  auto faults = diagnostics.list();
  for (auto& type : read.types) {
    auto name = type.name;
    if (!types.emplace(name, std::move(type)).second)
      faults.push_back(fmt::format("{}: {} is described twice", file, name));
  }
  std::ranges::move(join(std::move(read.description)), std::back_inserter(faults));
  if (!faults.empty()) return fail(Errc::invalid, "{}", fmt::join(faults, "\n"));
  return {};
}

// A large service is told in several files: what each says beside its resources holds for all of it.
std::vector<std::string> Catalog::Impl::join(Description part) {
  auto [whole, first] = services.try_emplace(part.service, part);
  if (first) return {};
  std::vector<std::string> faults;
  auto& service = whole->second;
  for (auto& [code, text] : part.errors)
    if (!service.errors.emplace(code, std::move(text)).second)
      faults.push_back(fmt::format("{}: the error {} is described in {} already", part.file, code, service.file));
  auto append = [](std::vector<std::string>& list, const std::vector<std::string>& more) {
    list.insert(list.end(), more.begin(), more.end());
  };
  append(service.reads, part.reads);
  append(service.actions, part.actions);
  for (auto& [operation, demands] : part.checks)
    std::ranges::move(demands, std::back_inserter(service.checks[operation]));
  append(service.hooks.emulate, part.hooks.emulate);
  append(service.hooks.check, part.hooks.check);
  append(service.hooks.finish, part.hooks.finish);
  append(service.hooks.derive, part.hooks.derive);
  return faults;
}

Meaning& Catalog::Impl::meaning(const ResourceType& type, const Operation& op) {
  auto& list = meanings[operation_key(type.service, op.name)];
  auto found = std::ranges::find(list, &type, &Meaning::type);
  if (found != list.end()) return *found;
  return list.emplace_back(Meaning{.type = &type, .op = &op});
}

Meaning* Catalog::Impl::known_meaning(const ResourceType& type, const Operation& op) {
  auto list = meanings.find(operation_key(type.service, op.name));
  if (list == meanings.end()) return nullptr;
  auto found = std::ranges::find(list->second, &type, &Meaning::type);
  return found == list->second.end() ? nullptr : &*found;
}

void Catalog::Impl::index(const Aspect& aspect) {
  const auto& type = *aspect.type;
  if (aspect.read && aspect.read->elsewhere) return;
  if (aspect.read) {
    meaning(type, aspect.read->op).reads.push_back(&aspect);
    if (aspect.read->each) meaning(type, *aspect.read->each).reads.push_back(&aspect);
  } else {
    for (const auto* view : {type.get ? &*type.get : nullptr, type.list ? &*type.list : nullptr})
      if (view != nullptr) meaning(type, view->op).reads.push_back(&aspect);
    for (const auto& view : type.views)
      meaning(type, view.op).reads.push_back(&aspect);
  }
  for (const auto& other : aspect.other_reads)
    meaning(type, other.op).reads.push_back(&aspect);
  if (aspect.one) meaning(type, aspect.one->op).reads.push_back(&aspect);
  for (const auto& write : aspect.writes)
    meaning(type, write.op).writes.emplace_back(&aspect, &write);
}

void Catalog::Impl::index(const ResourceType& type) {
  for (const auto& create : type.creates)
    meaning(type, create.op).create = &create;
  for (const auto& remove : type.removes)
    meaning(type, remove.op).remove = &remove;
  if (type.list) meaning(type, type.list->op).view = &*type.list;
  if (type.get) meaning(type, type.get->op).view = &*type.get;
  for (const auto& view : type.views)
    meaning(type, view.op).view = &view;
  for (const auto& glance : type.glances)
    meaning(type, glance.op).glance = &glance;
  for (const auto& aspect : type.aspects)
    index(aspect);
  for (const auto& touch : type.touches)
    if (auto* known = known_meaning(type, touch.op)) known->touch = &touch;
}

void Catalog::Impl::index() {
  for (auto& [name, type] : types) {
    for (auto& aspect : type.aspects)
      aspect.type = &type;
    const auto& derive = services[type.service].hooks.derive;
    for (auto& aspect : type.aspects)
      aspect.derived = std::ranges::find(derive, name + "/" + aspect.name) != derive.end();
    index(type);
  }
  for (const auto& [name, service] : services) {
    for (const auto& op : service.reads)
      reads.insert(operation_key(name, op));
    for (const auto& op : service.actions)
      actions.insert(operation_key(name, op));
  }
}

// What types say of others: where, and the other's name.
std::vector<std::pair<std::string, std::string>> Catalog::Impl::named_types() const {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [name, type] : types) {
    for (const auto& create : type.creates)
      if (create.like) out.emplace_back(name, create.like->type);
    for (const auto& aspect : type.aspects)
      if (aspect.refers) out.emplace_back(name + "/" + aspect.name, aspect.refers->type);
  }
  return out;
}

// Whoever believed `reads` would let a write pass.
std::vector<std::string> Catalog::Impl::contradictions() const {
  std::vector<std::string> out;
  for (const auto* list : {&reads, &actions}) {
    for (const auto& key : *list) {
      auto found = meanings.find(key);
      if (found == meanings.end()) continue;
      bool changes = std::ranges::any_of(found->second, [](const Meaning& meaning) {
        return meaning.create != nullptr || meaning.remove != nullptr || !meaning.writes.empty();
      });
      if (changes)
        out.push_back(fmt::format("{}: {} changes a described resource: take it out of '{}'",
                                  services.find(key.substr(0, key.find(':')))->second.file, key,
                                  list == &reads ? "reads" : "actions"));
    }
  }
  return out;
}

Catalog::Catalog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Catalog::~Catalog() = default;
Catalog::Catalog(Catalog&&) noexcept = default;
Catalog& Catalog::operator=(Catalog&&) noexcept = default;

Result<Catalog> Catalog::load(const std::map<std::string, std::string>& files,
                              const model::Models& models) {
  auto impl = std::make_unique<Impl>();
  impl->models = &models;
  std::vector<std::string> faults;
  for (const auto& [file, text] : files)
    if (auto added = impl->add(file, text); !added) faults.push_back(added.error().message);
  for (const auto& [name, type] : impl->types)
    if (!type.parent.empty() && !impl->types.contains(type.parent))
      faults.push_back(fmt::format("{}: its parent {} is not described", name, type.parent));
  for (auto& [place, other] : impl->named_types())
    if (!impl->types.contains(other))
      faults.push_back(fmt::format("{} names {}, which is not described", place, other));
  if (!faults.empty()) return fail(Errc::invalid, "{}", fmt::join(faults, "\n"));
  impl->index();
  faults = impl->contradictions();
  if (!faults.empty()) return fail(Errc::invalid, "{}", fmt::join(faults, "\n"));
  return Catalog(std::move(impl));
}

Result<Catalog> Catalog::load(const std::filesystem::path& directory, const model::Models& models) {
  std::map<std::string, std::string> files;
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator(directory, code)) {
    if (entry.path().extension() != ".yaml") continue;
    files[entry.path().filename().string()] = TRY(read_file(entry.path()));
  }
  if (code) return fail(Errc::not_found, "{}: {}", directory.string(), code.message());
  return load(files, models);
}

const Catalog& Catalog::embedded() {
  static const Catalog catalog = [] {
    std::map<std::string, std::string> files;
    auto bundle = json::parse(embedded_service_descriptions());
    for (const auto& item : bundle ? json::items(*bundle) : json::Array())
      files[json::text(item, "file", "")] = json::text(item, "text", "");
    auto loaded = load(files);
    if (!loaded) {
      std::fprintf(stderr, "the embedded service descriptions are broken:\n%s\n",
                   loaded.error().message.c_str());
      std::abort();
    }
    return std::move(*loaded);
  }();
  return catalog;
}

const ResourceType* Catalog::type(std::string_view name) const {
  auto found = impl_->types.find(name);
  return found == impl_->types.end() ? nullptr : &found->second;
}

std::vector<const ResourceType*> Catalog::types() const {
  std::vector<const ResourceType*> out;
  for (const auto& [name, type] : impl_->types)
    out.push_back(&type);
  return out;
}

const Description* Catalog::service(std::string_view service) const {
  auto found = impl_->services.find(service);
  return found == impl_->services.end() ? nullptr : &found->second;
}

std::vector<const Description*> Catalog::services() const {
  std::vector<const Description*> out;
  for (const auto& [name, service] : impl_->services)
    out.push_back(&service);
  return out;
}

const std::vector<Meaning>& Catalog::meanings(std::string_view service,
                                              std::string_view operation) const {
  static const std::vector<Meaning> none;
  auto found = impl_->meanings.find(operation_key(service, operation));
  return found == impl_->meanings.end() ? none : found->second;
}

bool Catalog::plain_read(std::string_view service, std::string_view operation) const {
  if (impl_->reads.contains(operation_key(service, operation))) return true;
  // Where no description says anything, the action data may.
  return meanings(service, operation).empty() && !plain_action(service, operation) &&
         known_to_read(service, operation);
}

bool Catalog::plain_action(std::string_view service, std::string_view operation) const {
  return impl_->actions.contains(operation_key(service, operation));
}

bool Catalog::described(std::string_view service, std::string_view operation) const {
  return !meanings(service, operation).empty() || plain_read(service, operation) ||
         plain_action(service, operation);
}

const model::Models& Catalog::models() const {
  return *impl_->models;
}

std::string Catalog::arn(const ResourceRef& ref) const {
  const auto* found = type(ref.type);
  return found == nullptr ? "" : arn_of(*found, ref);
}

namespace {

// How exactly a type's ARN is told: by the parts of the key it takes apart (an object, rather than
// a bucket named a/b), then by its fixed text (key/…, rather than an alias named key/…).
std::pair<std::size_t, std::size_t> exactness(const ResourceType& type) {
  std::size_t fixed = 0;
  bool inside = false;
  for (char c : type.arn) {
    if (c == '{') inside = true;
    if (!inside) ++fixed;
    if (c == '}') inside = false;
  }
  return {type.key.size(), fixed};
}

}  // namespace

std::optional<ResourceRef> Catalog::find_arn(std::string_view arn) const {
  std::optional<ResourceRef> best;
  std::pair<std::size_t, std::size_t> best_exactness;
  for (const auto& [name, type] : impl_->types) {
    auto ref = match_arn(type, arn);
    // Of two types with one ARN the later name: OpenSearch's domains, rather than Elasticsearch's.
    if (!ref || (best && exactness(type) < best_exactness)) continue;
    best = std::move(ref);
    best_exactness = exactness(type);
  }
  return best;
}

std::size_t Catalog::hooks_count() const {
  std::size_t count = 0;
  for (const auto& [name, service] : impl_->services)
    count += service.hooks.count();
  return count;
}

std::string ResourceRef::arn() const {
  return Catalog::embedded().arn(*this);
}

json::Object to_json(const ResourceRef& ref) {
  return {{"account", ref.account}, {"region", ref.region}, {"type", ref.type}, {"id", ref.id}};
}

Result<ResourceRef> ref_from_json(const json::Value& value) {
  ResourceRef ref{.account = json::text(value, "account", ""),
                  .region = json::text(value, "region", ""),
                  .type = json::text(value, "type", ""),
                  .id = json::text(value, "id", "")};
  if (ref.type.empty()) return fail(Errc::corrupt, "a resource needs a type");
  return ref;
}

}  // namespace aright::cloud
