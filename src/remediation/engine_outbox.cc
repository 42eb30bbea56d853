// What the outbox holds and when it goes: notices to channels, events to the targets of rules, and dead letters.

#include <algorithm>
#include <iterator>

#include "ledger/outbox.h"
#include "remediation/engine.h"
#include "remediation/notices.h"

namespace aright::remediation {

namespace {

constexpr std::string_view letter_member = "dead_letter", delivery_member = "delivery";

Result<> put(store::Transaction& tx, const bus::DeadLetter& letter, Timestamp now) {
  ledger::Message message{.id = letter.id,
                          .channel = std::string(deliveries_channel),
                          .body = json::Object{{letter_member, to_json(letter)}}};
  CHECK_OK(ledger::outbox::put(tx, message, now));
  return {};
}

Result<> put(store::Transaction& tx, const bus::Delivery& delivery, Timestamp now) {
  ledger::Message message{.id = delivery.id,
                          .channel = std::string(deliveries_channel),
                          .body = json::Object{{delivery_member, to_json(delivery)}}};
  CHECK_OK(ledger::outbox::put(tx, message, now));
  return {};
}

// Not by the receiver: an internal address stays one, and so does what is no address. Nor does a cloud learn meanwhile
// what it does not know.
bool is_refused_for_good(const Error& error) {
  bool ours = error.wire_code.empty() && error.http_status == 0;
  bool refused = error.code == Errc::denied || error.code == Errc::invalid;
  return (ours && refused) || error.code == Errc::unsupported;
}

}  // namespace

// In the transaction that tells that the signal is handled: what is sent was decided, and what was decided is sent.
void Engine::send_later(const std::string& signal, Detection& detection, Telling& told) const {
  auto id_of = [&](const bus::Delivery& delivery) {
    return fmt::format("{}/{}/{}", signal, delivery.rule, delivery.target.id);
  };
  for (auto& delivery : detection.deliveries) {
    delivery.id = id_of(delivery);
    told.also([this, delivery](store::Transaction& tx) { return put(tx, delivery, clock_.now()); });
  }
  for (auto& [delivery, error] : detection.undeliverable) {
    log(fmt::format("{}: {}", id_of(delivery), error.text()));
    if (delivery.target.dead_letter.empty()) continue;
    delivery.id = id_of(delivery);
    auto letter = bus::dead_letter(delivery, error, 0, {});
    told.also([this, letter](store::Transaction& tx) { return put(tx, letter, clock_.now()); });
  }
}

Result<std::vector<ledger::Claim>> Engine::claim_due(std::string_view channel, std::size_t limit,
                                                             std::string_view prefix) {
  std::vector<ledger::Claim> claims;
  std::optional<Timestamp> next;
  CHECK_OK(ledger_.database().read([&](store::Transaction& tx) -> Result<> {
    next = TRY(ledger::outbox::next(tx, channel));
    return {};
  }));
  if (!next || *next > clock_.now()) return claims;
  CHECK_OK(ledger_.transact([&](store::Transaction& tx) -> Result<> {
    claims = TRY(ledger::outbox::claim(tx, channel, clock_.now(), message_lease, limit, prefix));
    return {};
  }));
  return claims;
}

Result<bool> Engine::send_one(const Context& context) {
  bool sent = TRY(send_notice(context));
  if (!sent) sent = TRY(send_delivery(context));
  if (sent) return true;
  return send_to_tools(context);
}

// The messages that go out as one, of which the first is claimed already: those of a digest, and those that quiet hours
// held. PagerDuty has an incident for each.
Result<> Engine::claim_company(const notify::Channel& channel, std::vector<ledger::Claim>& claims) {
  bool held = json::truth(json::at(claims[0].message.body, held_member)) &&
              channel.format != notify::Format::pagerduty;
  if (channel.digest.count() == 0 && !held) return {};
  auto others = TRY(claim_due(outbox_channel, notify::digest_max - 1, channel.name + "/"));
  std::ranges::move(others, std::back_inserter(claims));
  return {};
}

Result<> Engine::deliver(const notify::Channel& channel, const std::vector<ledger::Claim>& claims,
                         const Context& context) {
  std::vector<notify::Notice> notices;
  for (const auto& one : claims) {
    auto notice = TRY(notify::notice_from_json(json::at(one.message.body, "notice")));
    if (auto link = link_of(policy(), one.message.body); link && links_) notice.answer_at = links_->url_of(*link);
    notices.push_back(std::move(notice));
  }
  return courier_.deliver(channel, notify::digest_of(std::move(notices)), context);
}

Result<bool> Engine::send_notice(const Context& context) {
  auto claims = TRY(claim_due(outbox_channel, 1));
  if (claims.empty()) return false;
  const auto& body = claims[0].message.body;
  auto name = json::text(body, "channel", "");
  auto kind = json::text(json::at(body, "notice"), "kind", "");
  const auto* channel = policy().channel_named(name);
  // One that is tried again may have come into quiet hours since.
  if (channel && channel->quiet)
    if (auto until = notify::quiet_until(*channel->quiet, kind, clock_.now())) {
      CHECK_OK(ledger_.transact([&](store::Transaction& tx) {
        return ledger::outbox::retry_at(tx, claims[0], *until, "quiet hours");
      }));
      return true;
    }
  if (channel) CHECK_OK(claim_company(*channel, claims));
  Result<> sent = channel ? deliver(*channel, claims, context)
                          : fail(Errc::not_found, "the policy has no channel '{}' any more", name);
  if (!sent) log(claims[0].message.id + ": " + sent.error().text());
  CHECK_OK(ledger_.transact([&](store::Transaction& tx) -> Result<> {
    for (const auto& one : claims) {
      if (sent) CHECK_OK(ledger::outbox::ack(tx, one, clock_.now()));
      else if (is_refused_for_good(sent.error()))
        CHECK_OK(ledger::outbox::bury(tx, one, clock_.now(), sent.error().text()));
      else CHECK_OK(ledger::outbox::fail(tx, one, clock_.now(), sent.error().text()));
    }
    return {};
  }));
  return true;
}

Result<> Engine::test_channel(std::string_view name, const Actor& actor, const Context& context) {
  const auto* channel = policy().channel_named(name);
  if (!channel) return fail(Errc::not_found, "the policy has no channel '{}'", name);
  notify::Notice notice{.id = fmt::format("test/{}/{}", name, clock_.now().ms),
                        .kind = "test",
                        .subject = fmt::format("{} tries the channel {} of aright", actor.name, name),
                        .body = {{"principal", actor.name}, {"at", clock_.now().iso()}}};
  return courier_.deliver(*channel, notice, context);
}

Result<bool> Engine::send_delivery(const Context& context) {
  auto claims = TRY(claim_due(deliveries_channel, 1));
  if (claims.empty()) return false;
  const auto* claim = &claims[0];
  const auto& body = claim->message.body;
  if (const auto& said = json::at(body, letter_member); !said.is_null()) {
    auto letter = bus::dead_letter_from_json(said);
    Result<> sent = letter ? carrier().deliver(*letter, context) : fail(letter.error());
    if (!sent) log(claim->message.id + ": " + sent.error().text());
    CHECK_OK(ledger_.transact([&](store::Transaction& tx) {
      return sent ? ledger::outbox::ack(tx, *claim, clock_.now())
                  : ledger::outbox::fail(tx, *claim, clock_.now(), sent.error().text());
    }));
    return true;
  }
  auto delivery = bus::delivery_from_json(json::at(body, delivery_member));
  Result<> sent = delivery ? carrier().deliver(*delivery, context) : fail(delivery.error());
  if (!sent) log(fmt::format("{}: {}", claim->message.id, sent.error().text()));
  CHECK_OK(settle_delivery(*claim, delivery, sent));
  return true;
}

// The dead letter takes the place of the delivery in one transaction: neither is lost, and never are there both.
Result<> Engine::settle_delivery(const ledger::Claim& claim, const Result<bus::Delivery>& delivery,
                                 const Result<>& sent) {
  auto now = clock_.now();
  auto what = sent ? "" : sent.error().text();
  return ledger_.transact([&](store::Transaction& tx) -> Result<> {
    if (sent) return ledger::outbox::ack(tx, claim, now);
    if (!delivery) return ledger::outbox::bury(tx, claim, now, what);
    auto wait = ledger::outbox::backoff(claim.message.id, claim.attempt);
    auto next = bus::after_failure(*delivery, sent.error(), claim.attempt, wait, now);
    if (const auto* again = std::get_if<bus::TryAgain>(&next))
      return ledger::outbox::retry_at(tx, claim, again->due, what);
    if (delivery->target.dead_letter.empty()) return ledger::outbox::bury(tx, claim, now, what);
    CHECK_OK(put(tx, bus::dead_letter(*delivery, sent.error(), claim.attempt, std::get<bus::GiveUp>(next)), now));
    return ledger::outbox::ack(tx, claim, now);
  });
}

}  // namespace aright::remediation
