#pragma once
// What exists in the emulated cloud: resources by account, region, type and id, each with its
// aspects in the API's own shape. A plain container without behaviour: emulate.h and the hooks
// decide what happens to it.
//
// Not thread-safe: the Cloud lets one call in at a time. Every change between begin() and keep()
// can be undone, so that a call which fails half way leaves nothing behind; therefore resources are
// changed through edit() alone.

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "cloud/catalog.h"
#include "cloud/resource.h"
#include "json/value.h"
#include "sandbox/principal.h"

namespace aright::sandbox {

inline constexpr std::size_t past_max = 100'000;  // changes that are held for stale reads

// A slow change on its way: the aspect becomes `to` when `due` has come.
struct Coming {
  json::Value to;
  Timestamp due;

  bool operator==(const Coming&) const = default;
};

struct Resource {
  cloud::ResourceRef ref;  // the account is the owner's, the region where it really is
  Timestamp created;
  json::Object
      record;  // the description's `record`, filled at creation: what views show beside aspects
  std::map<std::string, json::Value, std::less<>> aspects;  // by name; an absent one has no entry
  std::map<std::string, Coming, std::less<>> coming;        // by aspect
  json::Object internals;  // what no view shows (messages, bodies, key material): the hooks' own

  bool operator==(const Resource&) const = default;

  // Null when absent. Neither looks at time nor computes derived aspects: Scene::value does.
  const json::Value& aspect(std::string_view name) const;
  // As it will be when what is on its way has come.
  const json::Value& ahead(std::string_view name) const;
  void set(std::string_view name, json::Value value);  // null: absent
};

// Ids as AWS forms them: a function of the seed and of how many were drawn before.
class Ids {
 public:
  explicit Ids(std::uint64_t seed) : random_(seed) {}
  std::string hex(std::size_t length);
  std::string digits(std::size_t length);
  std::string upper(std::size_t length);  // A-Z and 2-7: access keys, role ids
  std::string mixed(std::size_t length);  // A-Z, a-z and 0-9: what stands behind a secret's name
  std::string uuid();
  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }

 private:
  std::string draw(std::string_view alphabet, std::size_t length);
  Random random_;
};

// Where a world looks for what it does not hold: the cloud below an overlay.
class Source {
 public:
  virtual ~Source() = default;
  // The whole resource; nothing when it does not exist.
  virtual std::optional<Resource> fetch(const cloud::ResourceRef& ref) = 0;
  // All of a collection, told as far as a list tells it.
  virtual std::vector<Resource> sketch(const cloud::ResourceRef& here) = 0;
};

// Where the state of a resource is kept: once per partition, account, or account and region, as its
// type's scope says.
cloud::ResourceRef place_of(const cloud::Catalog& catalog, const cloud::ResourceRef& ref);

class World {
 public:
  explicit World(const cloud::Catalog& catalog) : catalog_(&catalog) {}

  // Account-wide types are found from every region, partition-wide ones from every account and
  // region of the partition. Null when it does not exist. Singletons exist from the first time
  // somebody edits them.
  const Resource* find(const cloud::ResourceRef& ref) const;
  // To change it. It must exist, or be of a singleton type. Stays valid until it is erased.
  Resource& edit(const cloud::ResourceRef& ref);
  // Replaces what is there.
  Resource& add(Resource resource);
  void erase(const cloud::ResourceRef& ref);  // what is not there stays away

  // Everything of one type that `here` can see, in the order of ids; those whose id starts with
  // `here.id`
  // ("my-bucket|" for the objects of a bucket). Partition-wide types: of every owner.
  std::vector<const Resource*> all(const cloud::ResourceRef& here) const;
  // Everything of one type, in every account and region that this world holds. The cloud below is not asked.
  std::vector<const Resource*> everywhere(std::string_view type) const;
  // The children of a resource, of every type that names its type as parent.
  std::vector<const Resource*> children(const Resource& parent) const;
  std::size_t size() const { return resources_.size(); }

  // By access key id: what STS and IAM gave out, for the HTTP server to check signatures against.
  // Not part of the exported state: secrets stay where they are.
  std::map<std::string, Credential, std::less<>> credentials;

  void begin();
  void keep(Timestamp now = {});
  void undo();

  // Eventual consistency: what was there before each kept change is held for `duration`, so that reads
  // can be answered as of then. Nought: nothing is held.
  void hold_past(milliseconds duration);
  // Puts resources of one service's types back to what they were, until return_to_present(). Between
  // them, nothing may be kept.
  void rewind(Timestamp then, std::string_view service);
  void return_to_present();
  // Places of all that was changed by calls that were kept, and by import_state. Collections: any
  // place within.
  bool changed(const cloud::ResourceRef& ref) const;
  bool changed_any(const cloud::ResourceRef& here) const;
  std::vector<cloud::ResourceRef> all_changed() const;  // as they were named

  // Each place is asked for once. The source must outlive the world.
  void look_in(Source& source) { source_ = &source; }
  // Whether what is not here is not anywhere: there is no cloud below.
  bool whole() const { return source_ == nullptr; }

  // {"<account>/<region>/<type>/<id>": {"record", "aspects", "coming", "internals", "created"}}
  json::Object export_state() const;
  json::Object export_type(std::string_view type) const;  // as much of it
  // Adds, replaces, and erases what is null. Fails with invalid, naming the resource; then nothing is changed.
  Result<> import_state(const json::Object& resources);

 private:
  cloud::ResourceRef place(const cloud::ResourceRef& ref) const { return place_of(*catalog_, ref); }
  void remember(const cloud::ResourceRef& place);
  void fetch(const cloud::ResourceRef& place, const cloud::ResourceRef& ref) const;
  void sketch(const cloud::ResourceRef& place, const cloud::ResourceRef& here) const;

  const cloud::Catalog* catalog_;
  // By place. What the source has was always there: looking at it changes nothing that anybody
  // could tell.
  mutable std::map<cloud::ResourceRef, Resource> resources_;
  mutable std::set<cloud::ResourceRef> known_, sketched_;
  std::map<cloud::ResourceRef, cloud::ResourceRef> changed_;  // place → as it was named
  Source* source_ = nullptr;
  std::map<cloud::ResourceRef, std::optional<Resource>> before_;  // by place, since begin()
  bool remembering_ = false;
  struct Past {
    Timestamp until;  // it was so
    cloud::ResourceRef place;
    std::optional<Resource> was;
  };
  void hold(Timestamp now);
  void exchange(Past& past);
  std::deque<Past> past_;          // oldest first
  std::vector<Past*> rewound_;     // newest first; `was` is then the present
  milliseconds past_held_{0};
};

}  // namespace aright::sandbox
