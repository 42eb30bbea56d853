#pragma once
// Hands mail over to an SMTP server, by libcurl, which is loaded when the first mail is sent.

#include "base/context.h"
#include "notify/channel.h"

namespace aright::notify {

// `text` is the whole message. Fails with unavailable, with what the server said; unsupported without libcurl.
Result<> send_mail(const Mail& mail, std::string text, const Context& context);

}  // namespace aright::notify
