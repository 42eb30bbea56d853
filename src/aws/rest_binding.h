#pragma once
// Members of the REST protocols that travel outside of the body. Pure, any thread.

#include <string>
#include <string_view>

#include "json/value.h"
#include "model/model.h"
#include "net/http.h"

namespace aright::aws {

// Path, literal query and the members of the query. Fails with invalid for an empty label.
Result<std::string> write_target(const model::Operation& operation, const json::Object& input);
void read_query_members(const model::Operation& operation, std::string_view query,
                        json::Object& into);

// Fails with invalid, naming the first member whose text a header cannot carry; the others are set.
Result<> write_headers(const model::Shape& shape, const json::Object& values,
                       net::Headers& headers);
void read_headers(const model::Shape& shape, const net::Headers& headers, json::Object& into);

// The member at Location::status_code.
void read_status(const model::Shape& shape, int status, json::Object& into);
int written_status(const model::Operation& operation, const json::Object& output);

}  // namespace aright::aws
