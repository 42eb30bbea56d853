// Several domains at once, in OpenSearch's words and in Elasticsearch's.
#include "sandbox/hook.h"

namespace aright::sandbox::opensearch_hooks {

namespace {

Result<json::Object> describe(Scene& scene, std::string_view type) {
  json::Array found;
  for (const auto& name : json::items(scene.input("DomainNames")))
    if (const auto* domain = scene.find(type, json::text(name)))
      found.push_back(scene.shown(*domain));
  return json::Object{{"DomainStatusList", std::move(found)}};
}

}  // namespace

void add(Hooks& hooks) {
  hooks.emulate("es:DescribeElasticsearchDomains",
                [](Scene& scene) { return describe(scene, "AWS::Elasticsearch::Domain"); });
  hooks.emulate("opensearch:DescribeDomains",
                [](Scene& scene) { return describe(scene, "AWS::OpenSearchService::Domain"); });
}

}  // namespace aright::sandbox::opensearch_hooks
