#pragma once
// Messages in the words of those who receive them: Slack, Microsoft Teams, PagerDuty, Jira, people who read mail, and
// whoever has words of their own. Pure. What findings and people wrote into a message stays text: no format lets it
// become markup, a mention or a header.

#include "notify/channel.h"

namespace aright::notify {

// The body of the webhook, as its channel has it. Fails with invalid when words of their own do not make JSON.
Result<std::string> body_for(const Channel& channel, const Notice& notice);
// What its receiver wants beside the body: Jira's authorization.
std::map<std::string, std::string> headers_for(const Channel& channel);

// A mail, headers and all (RFC 5322). `date` is the header's.
std::string mail_text(const Mail& mail, const Notice& notice, std::string_view date);

// Fills {{id}}, {{kind}}, {{subject}} and {{body.a.b}} into the texts of a JSON text, and nowhere else.
Result<std::string> fill(std::string_view words, const Notice& notice);

}  // namespace aright::notify
