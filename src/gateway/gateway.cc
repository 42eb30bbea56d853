#include "gateway/gateway.h"

#include "base/digest.h"
#include "base/id.h"

namespace aright::gateway {

namespace {

constexpr const char* halted_number = "AR-0002";
constexpr milliseconds invoke_timeout{900'000};  // of lambda:Invoke, which answers when the function has ended

std::string fingerprint_of(const aws::Call& call) {
  json::Object what{{"service", call.service}, {"operation", call.operation}, {"account", call.account},
                    {"region", call.region},   {"input", call.input}};
  return to_hex(sha256(json::canonical(what))).substr(0, 16);
}

// The same write of the same step gets the same token after a restart.
std::string token_of(std::string_view scope, const std::string& fingerprint, int occurrence) {
  return fmt::format("{}/{}/{}", scope, fingerprint, occurrence);
}

// Idempotency tokens that the caller left out are derived from the write's own token, so that
// asking twice is asking once.
void fill_idempotency_tokens(const model::Models& models, std::string_view seed, aws::Call& call) {
  auto service = models.service(call.service);
  auto operation = service ? service->operation(call.operation) : std::nullopt;
  if (!operation || !operation->input()) return;
  for (const auto& member : operation->input().members())
    if (member.idempotency_token() && !call.input.contains(member.name()))
      call.input[member.name()] = uuid_from(fmt::format("{}#{}", seed, member.name()));
}

// How long one answer may take: a function works as long as Lambda lets it.
milliseconds patience(const aws::Call& call) { return call.name() == "lambda:Invoke" ? invoke_timeout : call_timeout; }

bool leaves_nothing(const Intent& intent) {
  return intent.before.resources.empty() && intent.before.members.empty();
}

std::vector<std::string> names_of(const cloud::Classification& what) {
  std::vector<std::string> out;
  for (const auto& touch : what.touches) out.push_back(touch.resource.key());
  return out;
}

// Reads only, through the same door.
class Reader final : public aws::Caller {
 public:
  Reader(Gateway& gateway, std::string account, std::string region)
      : gateway_(gateway), account_(std::move(account)), region_(std::move(region)) {}

  Result<json::Object> call(const aws::Call& call, const Context& context) override {
    auto known = TRY(gateway_.normalise(call, account_, region_));
    if (!cloud::classify(known, gateway_.catalog()).reads())
      return fail({.code = Errc::denied,
                   .message = fmt::format("{} is a write, and this door is for reads", known.name()),
                   .number = "AR-0003"});
    return gateway_.cloud().call(known, context.at_most(call_timeout));
  }

 private:
  Gateway& gateway_;
  std::string account_, region_;
};

}  // namespace

Gateway::Gateway(aws::Caller& cloud, const cloud::Catalog& catalog, const model::Models& models,
                 ledger::Ledger& ledger, Pause pause)
    : cloud_(cloud), catalog_(catalog), models_(models), ledger_(ledger), redactor_(models, ledger.strongbox()),
      pause_(std::move(pause)) {}

Result<std::unique_ptr<Session>> Gateway::open(SessionOptions options) {
  auto entries = TRY(ledger_.stream(options.stream));
  return open(std::move(options), entries);
}

Result<std::unique_ptr<Session>> Gateway::open(SessionOptions options, const std::vector<ledger::Entry>& entries) {
  auto journal = std::make_shared<Journal>(TRY(Journal::fold(ledger_, redactor_, options.stream, entries)));
  return std::make_unique<Session>(*this, std::move(options), std::move(journal));
}

std::unique_ptr<aws::Caller> Gateway::reader(std::string account, std::string region) {
  return std::make_unique<Reader>(*this, std::move(account), std::move(region));
}

Result<aws::Call> Gateway::normalise(const aws::Call& call, std::string_view account, std::string_view region) const {
  auto service = models_.service(call.service);
  if (!service) return fail(Errc::invalid, "AWS has no service '{}'", call.service);
  auto operation = service->operation(call.operation);
  if (!operation) return fail(Errc::invalid, "service {} has no operation '{}'", service->name(), call.operation);
  aws::Call out = call;
  out.service = service->name();
  out.operation = operation->name();
  if (out.account.empty()) out.account = account;
  if (out.region.empty()) out.region = region;
  return out;
}

Session::Session(Gateway& gateway, SessionOptions options, std::shared_ptr<Journal> journal)
    : gateway_(gateway), options_(std::move(options)), journal_(std::move(journal)) {}

std::unique_ptr<Session> Session::beside(Admit admit, Expect expect, Learn learn) const {
  auto options = options_;
  options.expect = std::move(expect);
  options.admit = std::move(admit);
  options.learn = std::move(learn);
  return std::make_unique<Session>(gateway_, std::move(options), journal_);
}

void Session::scope(std::string step_token) {
  std::lock_guard lock(mutex_);
  if (scope_ == step_token) return;
  scope_ = std::move(step_token);
  occurrences_.clear();
  recorded_ = journal_->reads_of(scope_);
  replayed_ = 0;
  since_.clear();
  since_bytes_ = 0;
}

Result<json::Object> Session::read(const aws::Call& call, const Context& context) {
  auto fingerprint = fingerprint_of(call);
  if (replayed_ < recorded_.size()) {
    const auto& known = recorded_[replayed_];
    if (known.fingerprint != fingerprint) {
      recorded_.clear();  // the step went another way by itself: nothing recorded fits any more
    } else {
      ++replayed_;
      if (!known.secret && known.error) return fail(*known.error);
      if (!known.secret) return json::members(known.output);
    }
  }
  auto answer = gateway_.cloud_.call(call, context.at_most(call_timeout));
  remember(call, fingerprint, answer);
  return answer;
}

void Session::remember(const aws::Call& call, const std::string& fingerprint,
                       const Result<json::Object>& answer) {
  Read read{.fingerprint = fingerprint};
  if (!answer) {
    read.error = answer.error();
  } else {
    read.secret = gateway_.redactor_.output(call, *answer) != json::Value(*answer);
    if (!read.secret) read.output = *answer;
  }
  since_bytes_ += read.secret ? 0 : json::print(read.output).size();
  since_.push_back(std::move(read));
}

Result<json::Object> Session::call(const aws::Call& call, const Context& context) {
  std::lock_guard lock(mutex_);
  if (stopped_by_) return fail(*stopped_by_);
  auto known = TRY(gateway_.normalise(call, options_.account, options_.region));
  if (!known.session) known.session = options_.cut;
  auto what = cloud::classify(known, gateway_.catalog_);
  if (what.reads()) return read(known, context);
  return write(std::move(known), what, context);
}

Result<json::Object> Session::write(aws::Call call, const cloud::Classification& what, const Context& context) {
  auto fingerprint = fingerprint_of(call);
  auto& occurrence = occurrences_[fingerprint];
  auto token = token_of(scope_, fingerprint, occurrence);

  Intent* intent = journal_->find(token);
  bool done = intent && intent->returned;
  // What came back before a crash is only told again. Anything else may still reach the cloud.
  if (!done)
    if (auto may = may_go(call); !may) return stop(may.error());
  if (!done && !options_.admit)
    return stop({.code = Errc::denied, .message = call.name() + " is a write, and none is allowed here",
                 .number = "AR-0003"});
  if (auto admitted = options_.admit ? options_.admit(call, what) : Result<>{}; !admitted)
    return stop(admitted.error());
  if (intent) {
    ++occurrence;
    fill_idempotency_tokens(gateway_.models_, options_.stream + token, call);
    since_.clear();
    since_bytes_ = 0;
    if (!done) return settle(call, *intent, context);
    if (!intent->returned->ok) return fail(intent->returned->error);
    auto output = TRY(gateway_.redactor_.unlock(intent->returned->output));
    if (options_.learn) options_.learn(call, output);
    return json::members(output);
  }
  if (journal_->size() >= writes_per_session_max)
    return stop({.code = Errc::denied, .message = fmt::format("more than {} writes", writes_per_session_max),
                 .number = "AR-0003"});

  auto before = TRY(cloud::read_image(gateway_.cloud_, call, context, gateway_.catalog_));
  if (auto expected = options_.expect ? options_.expect(call, before) : Result<>{}; !expected)
    return stop(expected.error());
  fill_idempotency_tokens(gateway_.models_, options_.stream + token, call);
  if (since_bytes_ > reads_bytes_max)
    return stop({.code = Errc::denied,
                 .message = fmt::format("{} read more than {} bytes before one write", scope_, reads_bytes_max),
                 .number = "AR-0003"});
  Intent fresh{.token = token,
                .call = call,
                .before = std::move(before),
                .effect = std::string(name(what.effect)),
                .resources = names_of(what),
                .reads = std::exchange(since_, {}),
                .returned = std::nullopt};
  since_bytes_ = 0;
  // Reading what it depends on may have taken a while.
  if (auto may = may_go(call); !may) return stop(may.error());
  auto stored = intend(fresh);
  if (!stored) return stop(stored.error());
  ++occurrence;  // only what is on record counts: the next life counts the same
  return forward(call, **stored, context);
}

// What another process halted is learnt at the latest here: an intent that does not know of it is not on record.
Result<Intent*> Session::intend(const Intent& intent) {
  const auto& shared = gateway_.shared_halts_;
  while (true) {
    bool behind = false;
    auto stored = journal_->intend(intent, [&](store::Transaction& tx) -> Result<> {
      behind = shared.knows_all && !TRY(shared.knows_all(tx));
      return behind ? fail(Errc::conflict, "others halted meanwhile") : Result<>();
    });
    if (!behind) return stored;
    CHECK_OK(shared.learn());
    CHECK_OK(may_go(intent.call));
  }
}

Result<json::Object> Session::forward(const aws::Call& call, Intent& intent, const Context& context) {
  for (int attempt = 1;; ++attempt) {
    if (auto may = may_go(call); !may) return stop(may.error());
    ++gateway_.writes_;
    auto asked = call;
    asked.may_go = [&] { return may_go(call); };
    auto answer = ask(asked, context.at_most(patience(call)));
    auto number = answer ? "" : answer.error().number;
    if (number == halted_number || number == ledger::lost_number) return stop(answer.error());
    // Whoever waits for it may have no time left; what became of it is looked at all the same.
    auto own = Context::within(call_timeout, context.stop);
    if (answer || answer.error().retry != Retry::unknown_outcome)
      return conclude(call, intent, std::move(answer), false, own);
    const bool too_late = answer.error().code == Errc::deadline && !context.check();
    // What leaves nothing to read back may run on for as long as it likes: its time was up, and that is known.
    if (too_late && leaves_nothing(intent)) return conclude(call, intent, std::move(answer), false, own);
    auto judgement = cloud::judge(gateway_.cloud_, call, intent.before, own, gateway_.catalog_);
    if (!judgement) return stop(judgement.error());
    if (judgement->outcome == cloud::Outcome::applied)
      return conclude(call, intent, std::move(judgement->output), true, own);
    if (judgement->outcome == cloud::Outcome::drifted || attempt == write_attempts_max)
      return stop({.code = Errc::drifted,
                   .message = fmt::format("{} gave no answer, and reading back does not tell what became of it",
                                          call.name()),
                   .number = "AR-0005"});
    CHECK_OK(gateway_.pause(settle_pause, own));
    if (!too_late) continue;
    // Nobody waits for it any more: it is looked at once more, and not made again.
    judgement = cloud::judge(gateway_.cloud_, call, intent.before, own, gateway_.catalog_);
    if (!judgement) return stop(judgement.error());
    const bool applied = judgement->outcome == cloud::Outcome::applied;
    return conclude(
        call, intent,
        applied ? Result<json::Object>(std::move(judgement->output)) : std::move(answer), applied,
        own);
  }
}

// A worker that lost its work to another one does not wait for the answer.
Result<json::Object> Session::ask(const aws::Call& call, Context context) {
  const auto* fence = journal_->fence();
  if (!fence) return gateway_.cloud_.call(call, context);
  std::stop_source either;
  auto stop = [&] { either.request_stop(); };
  std::stop_callback stopped(context.stop, stop), lost(fence->lost(), stop);
  context.stop = either.get_token();
  return gateway_.cloud_.call(call, context);
}

// A write that was intended before a crash. What became of it is read back; it is made only when it certainly was not.
Result<json::Object> Session::settle(const aws::Call& call, Intent& intent, const Context& context) {
  if (gateway_.shared_halts_.learn) CHECK_OK(gateway_.shared_halts_.learn());
  auto judgement = TRY(cloud::judge(gateway_.cloud_, call, intent.before, context, gateway_.catalog_));
  bool creates = intent.effect == cloud::name(cloud::Effect::create);
  // Another worker may have sent it in its last moment: then it is still on its way.
  bool on_its_way = creates || journal_->fence();
  if (judgement.outcome == cloud::Outcome::not_applied && on_its_way) {
    CHECK_OK(gateway_.pause(settle_pause, context));
    judgement = TRY(cloud::judge(gateway_.cloud_, call, intent.before, context, gateway_.catalog_));
  }
  switch (judgement.outcome) {
    case cloud::Outcome::applied: return conclude(call, intent, std::move(judgement.output), true, context);
    case cloud::Outcome::not_applied: return forward(call, intent, context);
    case cloud::Outcome::drifted: break;
  }
  return stop(
      {.code = Errc::drifted,
       .message = fmt::format(
           "{} was under way when aright stopped, and somebody else changed the resource since",
           call.name()),
       .number = "AR-0005"});
}

Result<json::Object> Session::conclude(const aws::Call& call, Intent& intent, Result<json::Object> answer,
                                       bool recovered, const Context& context) {
  Returned returned{.ok = answer.has_value(), .output = {}, .error = {}, .after = {}, .recovered = recovered};
  if (answer) {
    returned.output = *answer;
    // A state that can't be read back now is judged at rollback; the write itself has happened.
    if (auto after = cloud::read_again(gateway_.cloud_, intent.before, context, gateway_.catalog_))
      returned.after = std::move(*after);
  } else {
    returned.error = answer.error();
  }
  CHECK_OK(journal_->conclude(intent, std::move(returned)));
  if (answer && options_.learn) options_.learn(call, *answer);
  return answer;
}

// At the last moment: what was halted meanwhile, or is another worker's now, is not sent, nor sent again.
Result<> Session::may_go(const aws::Call& call) const {
  if (journal_->fence()) CHECK_OK(journal_->fence()->check_now());
  auto halted = gateway_.halts_.covering(call.account, call.region, call.service, options_.control);
  if (halted.empty()) return {};
  return fail({.code = Errc::cancelled, .message = "writes are halted: " + halted, .number = halted_number});
}

Result<json::Object> Session::stop(Error error) {
  stopped_by_ = error;
  return fail(std::move(error));
}

}  // namespace aright::gateway
