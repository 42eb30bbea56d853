#pragma once
// What Review::tell gives, as people and spreadsheets take it.

#include <string>

#include "base/clock.h"
#include "json/value.h"

namespace aright::report {

std::string escape(std::string_view text);  // for HTML, in texts and attributes
std::string text_of(const json::Value& value, std::string_view member);  // a scalar, escaped
std::string section(std::string_view title, std::string_view body);      // of a page; the body is HTML
std::string_view palette();  // a style sheet: the colours of all our pages, in the light and in the dark
// "340 ms", "12 s", "3 min 20 s", "5 h", "2 days"
std::string duration_text(milliseconds took);
std::string hours_text(const json::Value& hours);  // the same, of a number of hours
std::string share_text(const json::Value& share);  // 0.875 → "88 %"; null → "–"
// Of a control's remediations: "3", "3, 1 by itself"
std::string taken_back_text(const json::Value& remediations);

// A page of its own: no scripts, nothing to load, for a browser, a mail or a printer.
std::string html(const json::Object& review);
// RFC 4180, a header and a line for each control. Times in seconds, exposure in hours. A text that a spreadsheet would
// run as a formula is led by an apostrophe.
std::string csv(const json::Object& review);

}  // namespace aright::report
