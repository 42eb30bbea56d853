#pragma once
// What a call would do, told from the descriptions alone: nothing is sent. Pure, any thread.

#include <string>
#include <string_view>
#include <vector>

#include "aws/call.h"
#include "cloud/catalog.h"
#include "cloud/resource.h"

namespace aright::cloud {

enum class Effect {
  read,
  write,    // changes aspects of resources that exist
  create,
  remove,   // of a whole resource
  action,   // does something, but changes no described state (send a message, invoke a function)
  unknown,  // in no description: to be treated as an irreversible write
};
std::string_view name(Effect effect);

struct Touch {
  ResourceRef resource;              // id is empty when the service chooses it, or when a whole collection is read
  std::vector<std::string> aspects;  // empty: the resource as a whole
};

struct Classification {
  Effect effect = Effect::unknown;
  std::vector<Touch> touches;
  bool invertible = false;  // there is an inverse for at least one state before it; inverse() has the last word
  std::string why_not;      // for people, when not invertible

  bool reads() const { return effect == Effect::read; }
  // Everything that needs a journal entry before it is sent.
  bool writes() const { return !reads(); }
};

// call.account and call.region are taken as they are; an empty account stays empty.
Classification classify(const aws::Call& call, const Catalog& catalog = Catalog::embedded());

// Whether a write with this meaning can be taken back for at least one input and one state before it.
bool has_way_back(const Meaning& meaning);

}  // namespace aright::cloud
