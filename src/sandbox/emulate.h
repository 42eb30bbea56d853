#pragma once
// Descriptions turned into behaviour. Errors are those AWS would answer, with wire_code and
// http_status.

#include "cloud/description.h"
#include "sandbox/hook.h"

namespace aright::sandbox {

inline constexpr std::size_t page_items_max = 1000;  // of a list, when the caller asks for no fewer

inline constexpr std::size_t resources_max = 500'000;  // in one world: it is held in memory

// One call from start to end: known, valid by the model, admitted by its check, then its hook or
// its description, then its finish. Fails with unsupported, NotImplemented and 501 for what is in
// no description.
Result<json::Object> emulate(Scene& scene);

// What the description alone says.
Result<json::Object> emulate_description(Scene& scene);

// The answer of `get` and `list` operations.
Result<json::Object> answer_view(Scene& scene, const cloud::Meaning& meaning);

// A resource as its description makes it, before anything is said about its aspects. Not in the
// world yet.
Resource fresh_resource(const Scene& scene, const cloud::ResourceType& type,
                        cloud::ResourceRef ref);
// The same, with what the call's input says, put into the world.
Result<Resource*> create_resource(Scene& scene, const cloud::ResourceType& type,
                                  const cloud::Creation& creation, cloud::ResourceRef ref);
// Performs the writes of a meaning on one resource.
Result<> write_aspects(Scene& scene, const cloud::Meaning& meaning, Resource& resource);

inline constexpr int bad_request = 400;
Error service_error(std::string_view code, int http_status, std::string message);
// Texts as IAM answers documents.
json::Value percent_encoded(const json::Value& value);
// A value as the service answers it: sets gathered, items as objects, texts encoded.
json::Value answered(const cloud::Aspect& aspect, json::Value value);
// Adds the members of `more`, descending into objects that both have.
void merge_into(json::Object& output, const json::Object& more);

}  // namespace aright::sandbox
