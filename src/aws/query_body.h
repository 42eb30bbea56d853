#pragma once
// Requests of the query and ec2 protocols: dotted names and their values. Pure, any thread.

#include "json/value.h"
#include "model/model.h"
#include "net/http.h"
#include "net/url.h"

namespace aright::aws {

// The two dialects: ec2 capitalises names and numbers list items without a "member" between.
enum class Dialect { query, ec2 };

// Of a form's body, or else of the query.
net::Query form_of(const net::Request& request);

void write_query(net::Query& out, Dialect dialect, const model::Shape& structure,
                 const json::Object& object);
// Fails with invalid when a list's numbers are none or names nest too deep.
Result<json::Object> read_query(const net::Query& parameters, Dialect dialect,
                                const model::Shape& structure);

}  // namespace aright::aws
