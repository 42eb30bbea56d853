#pragma once
// What a write answers where its description says nothing: told from the shapes of the service's model. Pure.

#include "cloud/description.h"
#include "model/model.h"

namespace aright::sandbox {

// Whether all that the operation answers is what the other one answers, too.
bool answers_as(const model::Service& service, const model::Operation& operation, const std::string& other);

// The resource itself, as its views show it, where the shapes tell that it is meant; and EC2's word that it was done.
json::Object answer_with(const model::Service& service, const model::Operation& operation,
                         const cloud::ResourceType& type, const json::Object& shown);

// Of several resources, a list has all that is answered of each.
void append_into(json::Object& output, const json::Object& more);

}  // namespace aright::sandbox
