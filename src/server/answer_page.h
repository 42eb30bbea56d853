#pragma once
// The page behind a link with which one person answers a request for approval (remediation/answer_link.h). To look is a
// GET and changes nothing, since mail scanners and previews follow links; to answer is a POST of its form. The link is
// all the authority there is: no token, no cookie. Thread-safe.

#include <string>

#include "net/http.h"
#include "remediation/engine.h"

namespace aright::server {

inline constexpr std::size_t answer_body_bytes_max = 16u << 10;   // of the form
inline constexpr std::size_t answer_comment_chars_max = 1'000;
inline constexpr std::size_t answer_page_bytes_max = 256u << 10;  // a plan that is longer is answered in the console

// To a request whose path begins with link_path. Sets the headers that browsers need to be told for this page.
net::Response answer_page(remediation::Engine& engine, const remediation::LinkSeal& seal, const net::Request& request);

}  // namespace aright::server
