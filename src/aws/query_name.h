#pragma once
// How the query dialects name things; the writer and the reader must agree. Pure, any thread.

#include <string>
#include <string_view>

#include "aws/query_body.h"

namespace aright::aws {

std::string query_name(const model::Member& member, Dialect dialect);
// What stands before an item's number: "Names.member.", "Name.".
std::string list_prefix(const std::string& name, const model::Shape& shape, bool flat,
                        Dialect dialect);
std::string_view map_key_name(const model::Shape& shape);
std::string_view map_value_name(const model::Shape& shape);

}  // namespace aright::aws
