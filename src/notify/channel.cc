#include "notify/channel.h"

#include <algorithm>

#include "base/digest.h"
#include "base/text.h"
#include "net/guard.h"
#include "net/url.h"
#include "notify/format.h"
#include "notify/mail.h"

namespace aright::notify {

bool Channel::wants(std::string_view kind) const {
  return on.empty() || std::ranges::find(on, kind) != on.end();
}

json::Object to_json(const Notice& notice) {
  json::Object out{{"id", notice.id}, {"kind", notice.kind}, {"subject", notice.subject}, {"body", notice.body}};
  if (!notice.answer_at.empty()) out["answer_at"] = notice.answer_at;
  return out;
}

Result<Notice> notice_from_json(const json::Value& value) {
  Notice notice{.id = json::text(value, "id", ""),
                .kind = json::text(value, "kind", ""),
                .subject = json::text(value, "subject", ""),
                .body = json::members(json::at(value, "body"))};
  if (notice.id.empty() || notice.kind.empty()) return fail(Errc::corrupt, "a notice needs an id and a kind");
  return notice;
}

Result<> Courier::deliver(const Channel& channel, const Notice& notice, const Context& context) {
  auto limited = context.at_most(delivery_timeout);
  if (channel.mail) {
    auto date = SystemClock().now().format("%a, %d %b %Y %H:%M:%S +0000");
    return send_mail(*channel.mail, mail_text(*channel.mail, notice, date), limited);
  }
  if (!channel.sns_topic_arn.empty()) return publish(channel, notice, limited);
  if (!channel.queue_arn.empty()) return send(channel, notice, limited);
  if (channel.nats) return tell_stream(channel, notice, limited);
  if (!channel.bus_arn.empty()) return tell_bus(channel, notice, limited);
  auto body = TRY(body_for(channel, notice));
  return post(channel, {.id = notice.id, .body = std::move(body), .headers = headers_for(channel)}, limited);
}

Result<> post(const Channel& channel, const Post& what, const Context& context) {
  std::string_view whole = channel.webhook_url;
  auto question = std::min(whole.find('?'), whole.size());
  auto url = TRY(net::parse_endpoint(whole.substr(0, question)));
  auto target = (url.path.empty() ? "/" : url.path) + std::string(whole.substr(question));
  if (!what.query.empty())
    target += (question < whole.size() ? "&" : "?") + net::build_query({what.query.begin(), what.query.end()});
  net::Request request{.method = "POST", .target = target, .headers = {}, .body = what.body};
  for (const auto& [name, value] : what.headers) request.headers.set(name, value);
  request.headers.set("Content-Type", "application/json");
  request.headers.set("X-Aright-Delivery", what.id);
  url.path.clear();
  if (!channel.signing_key.empty()) {
    auto signature = to_hex(hmac_sha256(channel.signing_key.reveal(), request.body));
    request.headers.set("X-Aright-Signature", "sha256=" + signature);
  }
  net::ClientOptions options{.request_timeout = delivery_timeout};
  if (!channel.allow_internal) options.admit_address = net::refuse_internal_address;
  net::Client client(std::move(options));
  auto response = TRY(client.send(url, request, context));
  if (response.status / 100 == 2) return {};
  return fail({.code = Errc::unavailable,
               .message = fmt::format("webhook {} answered {}", channel.name, response.status),
               .retry = Retry::later,
               .http_status = response.status});
}

namespace {

// SNS takes ASCII without line breaks; what people or findings wrote into a subject must not keep the message back.
std::string sns_subject(std::string_view subject) {
  std::string out;
  for (char c : subject) {
    bool continues = (c & 0xC0) == 0x80;  // of a character that stands for one sign already
    if (!continues) out += c >= ' ' && c <= '~' ? c : '?';
  }
  return out.substr(0, sns_subject_chars_max);
}

}  // namespace

Result<> Courier::publish(const Channel& channel, const Notice& notice, const Context& context) {
  auto parts = split(channel.sns_topic_arn, ':');  // arn:aws:sns:region:account:topic
  if (parts.size() != 6) return fail(Errc::invalid, "'{}' is not the ARN of an SNS topic", channel.sns_topic_arn);
  aws::Call call{.service = "sns", .operation = "Publish", .region = parts[3], .account = parts[4], .input = {}};
  call.input["TopicArn"] = channel.sns_topic_arn;
  call.input["Subject"] = sns_subject(notice.subject);
  call.input["Message"] = json::print(to_json(notice));
  CHECK_OK(cloud_.call(call, context));
  return {};
}

// In a FIFO queue in order for each remediation, or whatever else the message is about.
Result<> Courier::send(const Channel& channel, const Notice& notice, const Context& context) {
  bool in_order = channel.queue_arn.ends_with(".fifo");
  return queues_.send({.id = notice.id,
                       .queue = channel.queue_arn,
                       .body = json::print(to_json(notice)),
                       .group = in_order ? json::text(notice.body, "remediation", channel.name) : ""},
                      context);
}

// Delivered when a stream has it. One that is sent again is there once: JetStream knows it by its id.
Result<> Courier::tell_stream(const Channel& channel, const Notice& notice, const Context& context) {
  bool is_plain = std::ranges::none_of(notice.id, [](unsigned char c) { return c < ' ' || c == 127; });
  auto id = is_plain ? notice.id : to_hex(sha256(notice.id));  // events bring ids of their own
  CHECK_OK(publishers_.publish(channel.nats->server, channel.nats->subject, id, json::print(to_json(notice)), context));
  return {};
}

Result<> Courier::tell_bus(const Channel& channel, const Notice& notice, const Context& context) {
  auto bus = TRY(bus::read_arn(channel.bus_arn));
  json::Object entry{{"Source", notice_source},
                     {"DetailType", notice.kind},
                     {"Detail", json::print(to_json(notice))},
                     {"EventBusName", channel.bus_arn}};
  return put_event(cloud_, bus.account, bus.region, std::move(entry), context);
}

Way way_of(const Channel& channel) {
  if (channel.mail) return {"mail", fmt::format("{}", fmt::join(channel.mail->to, ", "))};
  if (!channel.sns_topic_arn.empty()) return {"sns", channel.sns_topic_arn};
  if (!channel.queue_arn.empty()) return {"sqs", channel.queue_arn};
  if (!channel.bus_arn.empty()) return {"events", channel.bus_arn};
  if (channel.nats) return {"nats", fmt::format("{} at {}", channel.nats->subject, channel.nats->server.urls.front())};
  auto url = net::parse_endpoint(channel.webhook_url);
  return {"webhook", url ? url->host : ""};
}

}  // namespace aright::notify
