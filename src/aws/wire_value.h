#pragma once
// Scalars as the wires spell them; shared by all protocols. Pure, any thread.

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "json/value.h"
#include "model/model.h"

namespace aright::aws {

// How deep an input or output may nest. Shapes may contain themselves; reading and writing must
// end.
inline constexpr int shape_depth_max = 64;

// Said at the member or at its shape.
bool is_flat(const model::Member& member);

// What stands on the wire for a member: its name there; for a flat list what its items are called,
// unless the member has a name of its own.
std::string_view wire_name(const model::Member& member);

// Any JSON on our side, base64 of its text in the header.
bool is_header_json(const model::Member& member);

// The format said at the member, else at its shape, else the one of the place on the wire.
model::TimestampFormat time_format(const model::Member& member, model::TimestampFormat otherwise);
model::TimestampFormat time_format(const model::Shape& shape, model::TimestampFormat otherwise);

// A scalar of our side as text on the wire, and back. What does not fit its type is passed on as it
// stands: judging values is input_check's work, and a client must live with what a service says.
std::string to_wire(const model::Shape& shape, model::TimestampFormat format,
                    const json::Value& value);
json::Value from_wire(const model::Shape& shape, std::string_view text);

// An instant of our side (ISO-8601 text, or a number of seconds) and back to ISO-8601 text, with
// milliseconds only when there are some.
std::optional<Timestamp> read_time(const json::Value& value);
std::string iso_text(Timestamp time);
std::string to_text(Timestamp time, model::TimestampFormat format);
json::Value unix_time(Timestamp time);
// "Tue, 29 Apr 2014 18:30:38 GMT"
std::optional<Timestamp> parse_http_date(std::string_view text);

}  // namespace aright::aws
