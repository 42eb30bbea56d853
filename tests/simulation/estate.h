#pragma once
// What a simulated organization owns: resources of cheap types that controls of the catalog judge, and what others do
// to them. The same seed gives the same estate.

#include <deque>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "sandbox/cloud.h"

namespace aright::simulation {

// A call as people would write it; {name} and {id} stand for those of the resource, {location} for where a bucket is.
struct Deed {
  const char* call;   // service:Operation
  const char* input;  // JSON
};
struct Concern {
  const char* control;
  Deed breach;  // after which the control is not met
};
struct Kind {
  const char* type;
  Deed make;
  const char* id;  // where the answer of `make` has the id that findings use: members, by dots; "": the name is it
  std::vector<Concern> concerns;
  std::vector<Deed> edits;  // what others change for reasons of their own
  std::vector<Deed> looks;  // reads that show all of the above
};
std::span<const Kind> kinds();

struct Place {
  std::string account, region;
};
struct Thing {
  const Kind* kind = nullptr;
  Place place;
  std::string name, id;
  std::size_t touched = 0;  // how often others changed it
};

// What a resource is like: JSON pointer → value, without what changes by itself.
using Leaves = std::map<std::string, std::string>;

class Estate {
 public:
  Estate(sandbox::Cloud& cloud, std::vector<Place> places) : cloud_(cloud), places_(std::move(places)) {}

  // So many resources, some of them in breach from the start.
  void build(std::size_t count, Random& random);
  const std::vector<Place>& places() const { return places_; }
  std::deque<Thing>& things() { return things_; }
  // Of what was there before anybody built it, such as a default workgroup, as well. Null when it is of no kind.
  Thing* find(std::string_view account, std::string_view region, std::string_view type, std::string_view id);

  // Somebody puts it in breach of one of its controls again.
  void breach(Thing& thing, const Concern& concern) { do_as_others(thing, concern.breach); }
  void edit(Thing& thing, Random& random);
  Leaves look(const Thing& thing) const;

 private:
  Thing& add(Thing thing);
  void do_as_others(Thing& thing, const Deed& deed);
  Result<json::Object> call(const Thing& thing, const Deed& deed) const;

  sandbox::Cloud& cloud_;
  std::vector<Place> places_;
  std::deque<Thing> things_;  // others keep pointers to them
  std::map<std::string, std::size_t, std::less<>> index_;
};

}  // namespace aright::simulation
