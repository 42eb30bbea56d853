#pragma once
// What CloudFormation does for some types beside the calls that descriptions say: it zips code that stands in a
// template, prints documents, and says what stands in one resource's template of another. Part of making stacks.

#include <string>
#include <vector>

#include "sandbox/hook.h"

namespace aright::sandbox {

// A policy or a document as calls take it.
std::string document_text(const json::Value& document);

// What Ref gives of a resource that was made.
std::string reference_to(const cloud::ResourceType& type, const cloud::ResourceRef& made);
// An attribute that something else is, which was made along with the resource; null: it is none.
json::Value beneath(const Scene& scene, const Resource& resource, std::string_view attribute);

// The properties as the service takes them.
json::Object as_taken(std::string_view type, json::Object properties);
// What a creation is told that no read shows afterwards: a conformance pack's template, a secret.
Result<json::Object> beside_properties(Scene& scene, std::string_view type, const json::Object& properties);

// Code, documents and policies are changed by calls of their own. Nothing where none of them changes; else what is left
// to the descriptions, without it. `physical` is the resource's.
struct Changed {
  json::Object before, after;
};
Result<Changed> change_content(Scene& scene, std::string_view type, const std::string& physical, json::Object before,
                               json::Object after);

// Types that only say something of another resource: their document is one of its aspects.
struct Attachment {
  const char *type, *of, *member, *aspect;
};
const Attachment* attachment(std::string_view type);  // null: the type is none
Result<> attach(Scene& scene, const Attachment& attached, const json::Object& properties, bool there);

// What has to go before the resource does: versions of a policy.
Result<> clear_for_removal(Scene& scene, std::string_view type, const std::string& physical);

// What a template says of another resource: the call that says it, and the one that takes it back.
struct Statement {
  aws::Call make, undo;  // of no operation: nothing does
};
// A type that is statements alone: a permission of a function, a policy of a bus or of a role.
bool is_statement_type(std::string_view type);
// One whose every change makes another.
bool is_permission_type(std::string_view type);
// Those of a type that is statements, and those that stand in the properties of others: the roles of a managed policy.
Result<std::vector<Statement>> statements(Scene& scene, std::string_view type, const std::string& physical,
                                          const json::Object& properties);
// What is said already is not said again; what is no more said is taken back.
Result<> restate(Scene& scene, const std::vector<Statement>& before, const std::vector<Statement>& after);

}  // namespace aright::sandbox
