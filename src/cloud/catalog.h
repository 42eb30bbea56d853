#pragma once
// All service descriptions, loaded and checked against the service models: the one place that knows
// what operations mean. Immutable after load; any thread.

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/call.h"
#include "base/error.h"
#include "cloud/description.h"
#include "cloud/resource.h"
#include "model/model.h"

namespace aright::cloud {

class Catalog {
 public:
  // What the binary carries. Aborts when it is broken, which a test prevents.
  static const Catalog& embedded();
  // Every *.yaml in `directory`. Fails with invalid and all diagnostics: file, line, column, what,
  // how to mend it.
  static Result<Catalog> load(const std::filesystem::path& directory,
                              const model::Models& models = model::Models::embedded());
  // From texts by file name. A service may be told in several files.
  static Result<Catalog> load(const std::map<std::string, std::string>& files,
                              const model::Models& models = model::Models::embedded());

  ~Catalog();
  Catalog(Catalog&&) noexcept;
  Catalog& operator=(Catalog&&) noexcept;

  const ResourceType* type(std::string_view name) const;  // null: in no description
  std::vector<const ResourceType*> types() const;         // sorted by name
  const Description* service(std::string_view service) const;
  std::vector<const Description*> services() const;

  // What an operation means; empty for operations in no description. Plain reads and actions have
  // no meaning here.
  const std::vector<Meaning>& meanings(std::string_view service, std::string_view operation) const;
  // Described as one; or in no description, and IAM's action data calls it a read (action_data.h).
  bool plain_read(std::string_view service, std::string_view operation) const;
  bool plain_action(std::string_view service, std::string_view operation) const;
  bool described(std::string_view service, std::string_view operation) const;

  std::string arn(const ResourceRef& ref) const;
  // The resource that an ARN of a described type names.
  std::optional<ResourceRef> find_arn(std::string_view arn) const;

  std::size_t hooks_count() const;
  const model::Models& models() const;  // those it was checked against

 private:
  struct Impl;
  explicit Catalog(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace aright::cloud
