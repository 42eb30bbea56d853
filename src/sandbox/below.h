#pragma once
// The real cloud as an overlay sees it: read only, remembered, and told as resources that an
// emulated world can take in. One thread at a time.

#include <map>
#include <optional>
#include <string>

#include "aws/call.h"
#include "sandbox/world.h"

namespace aright::sandbox {

inline constexpr std::size_t collection_max =
    20'000;  // resources of one collection that a rehearsal takes in

// Answers a read once, and the same ever after. What may be otherwise next time (throttled, no
// answer) is not kept.
class Remembering final : public aws::Caller {
 public:
  explicit Remembering(aws::Caller& below) : below_(below) {}
  Result<json::Object> call(const aws::Call& call, const Context& context) override;

 private:
  aws::Caller& below_;
  std::map<std::string, Result<json::Object>> answers_;
};

class Below final : public Source {
 public:
  // What is on its way (a cluster that is being created) is taken to have set out at `began`.
  Below(aws::Caller& reader, const cloud::Catalog& catalog, Timestamp began)
      : reader_(reader), catalog_(catalog), began_(began) {}

  // Every read until the next use() happens within this context.
  void use(const Context& context) { context_ = context; }
  // The first failure that left the world incomplete: it cannot be trusted any more.
  const std::optional<Error>& failure() const { return failure_; }

  std::optional<Resource> fetch(const cloud::ResourceRef& ref) override;
  std::vector<Resource> sketch(const cloud::ResourceRef& here) override;

  // As it was fetched; null when it was not there, or never asked for.
  const Resource* original(const cloud::ResourceRef& ref) const;
  // Why an aspect could not be read; null when it could.
  const Error* unreadable(const cloud::ResourceRef& ref, std::string_view aspect) const;

 private:
  Result<std::optional<Resource>> read(const cloud::ResourceType& type,
                                       const cloud::ResourceRef& ref);
  Result<std::vector<Resource>> list(const cloud::ResourceType& type,
                                     const cloud::ResourceRef& here);
  std::vector<Resource> below_all_parents(const cloud::ResourceType& type, const cloud::ResourceRef& here);
  // What a view shows of a resource, apart into record and aspects.
  void take_shown(const cloud::ResourceType& type, const json::Value& item,
                         Resource& resource) const;
  void take_course(const cloud::Aspect& aspect, Resource& resource) const;

  aws::Caller& reader_;
  const cloud::Catalog& catalog_;
  const Timestamp began_;
  Context context_;
  std::optional<Error> failure_;
  std::map<cloud::ResourceRef, Resource> originals_;  // by place
  std::map<std::pair<cloud::ResourceRef, std::string>, Error> unreadable_;
};

}  // namespace aright::sandbox
