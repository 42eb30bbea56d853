#pragma once
// Checks a description against the published model of its service: every operation, member and path
// must exist. Also completes it: where a description does not say how an operation names the
// resource, the model tells. Pure.

#include "cloud/description.h"
#include "cloud/description_reader.h"
#include "model/model.h"

namespace aright::cloud {

// Each fault names type, aspect and operation.
void check_and_complete(Description& description, std::vector<ResourceType>& types,
                        const model::Models& models, Diagnostics& diagnostics);

// The shape at `path`; nothing when there is no such member, or a [] step meets no list.
std::optional<model::Shape> shape_at(model::Shape shape, const Path& path);

}  // namespace aright::cloud
