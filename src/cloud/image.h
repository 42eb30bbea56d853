#pragma once
// Before-images and inverses: what a write call is about to change, exactly, and how to take it
// back. Values are in the API's own shape (not CloudFormation's), because that is what has to be
// written back.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cloud/classify.h"
#include "json/diff.h"

namespace aright::cloud {

struct ResourceImage {
  ResourceRef resource;
  bool exists = true;
  std::map<std::string, json::Value> aspects;     // null: read, and absent
  std::map<std::string, std::string> unreadable;  // aspect → why

  bool operator==(const ResourceImage&) const = default;
};

// Of the aspects that one call touches, in the resources it touches. For a create whose id the
// service chooses it holds the membership of the collection, so that a new member can be recognised
// after a crash.
struct Image {
  std::vector<ResourceImage> resources;
  std::map<std::string, std::vector<std::string>> members;  // key() of a collection → ids, sorted

  const ResourceImage* find(const ResourceRef& ref) const;  // null: not in the image

  bool operator==(const Image&) const = default;
};

json::Value to_json(const Image& image);
Result<Image> image_from_json(const json::Value& value);
// SHA-256 of the canonical form, hexadecimal. Sets compare equal in any order.
std::string fingerprint(const Image& image, const Catalog& catalog = Catalog::embedded());
// Pointers are /<type>/<id>/<aspect>/…; a resource that came or went is one change, /<type>/<id>.
std::vector<json::Change> diff(const Image& before, const Image& after,
                               const Catalog& catalog = Catalog::embedded());

// Reads what `call` is about to change. A read or an unknown call has an empty image. Fails when
// the state could not be read and so the call could not be taken back: the caller decides whether
// to go on.
Result<Image> read_image(aws::Caller& caller, const aws::Call& call, const Context& context,
                         const Catalog& catalog = Catalog::embedded());

// The same aspects as `image`, as they are now.
Result<Image> read_again(aws::Caller& caller, const Image& image, const Context& context,
                         const Catalog& catalog = Catalog::embedded());

// What the image will be after `call` has taken effect. `output` may be empty when it is not known
// yet; a create whose id the service chooses then predicts nothing.
Image predict(const aws::Call& call, const Image& before, const json::Object& output,
              const Catalog& catalog = Catalog::embedded());

// The calls that restore exactly what `call` changed, in the order to make them; none when it
// changed nothing. Fails with unsupported, saying why, when it cannot be taken back.
Result<std::vector<aws::Call>> inverse(const aws::Call& call, const Image& before, const json::Object& output,
                                       const Catalog& catalog = Catalog::embedded());

// The same when others may have changed things since: a three-way merge per aspect of before, after
// and now. What another changed stays, and is a conflict where it is the very thing we changed.
struct TakeBack {
  std::vector<aws::Call> calls;
  std::vector<std::string> conflicts;  // for people: /<type>/<id>/<aspect>/…
};
Result<TakeBack> take_back(const aws::Call& call, const Image& before, const json::Object& output,
                           const Image& now, const Catalog& catalog = Catalog::embedded());

// Whether a write whose answer never came took effect, by reading back. A write that changes nothing counts as applied;
// but where the service may have refused it for that reason (creating what is there, taking away what is not), as not
// applied: making it again has no effect either, and gives the true answer.
enum class Outcome {
  applied,
  not_applied,
  drifted,  // neither the state before nor the state after: somebody else was here
};
std::string_view name(Outcome outcome);
struct Judgement {
  Outcome outcome = Outcome::drifted;
  json::Object output;  // as far as it can be told: the id of the resource that was created
};
Result<Judgement> judge(aws::Caller& caller, const aws::Call& call, const Image& before, const Context& context,
                        const Catalog& catalog = Catalog::embedded());

}  // namespace aright::cloud
