#pragma once
// Counts the calls that go to the cloud, by service, by what they do and by how they came out, and how long each
// took. Stands in front of the cloud, whichever that is. Thread-safe; `below` must outlive it.

#include "aws/call.h"
#include "cloud/catalog.h"

namespace aright::observe {

class CountedCloud final : public aws::Caller {
 public:
  explicit CountedCloud(aws::Caller& below, const cloud::Catalog& catalog = cloud::Catalog::embedded())
      : below_(below), catalog_(catalog) {}
  Result<json::Object> call(const aws::Call& call, const Context& context) override;

 private:
  aws::Caller& below_;
  const cloud::Catalog& catalog_;
};

}  // namespace aright::observe
