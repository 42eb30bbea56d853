#include "mortal.h"

#include "base/digest.h"
#include "cloud/classify.h"
#include "store/database.h"
#include "store/sqlite.h"

namespace aright::simulation {

namespace {

std::unexpected<Error> gone() {
  return fail({.code = Errc::unavailable, .message = "the process is gone", .retry = Retry::later});
}

class MortalConnection final : public store::Connection {
 public:
  MortalConnection(std::unique_ptr<store::Connection> below, Life& life) : below_(std::move(below)), life_(life) {}

  Result<std::int64_t> execute(std::string_view sql, store::Parameters parameters) override {
    if (sql != "commit") return below_->execute(sql, parameters);
    life_.count_commit();
    if (life_.ends_at_commit(true)) return gone();
    auto done = below_->execute(sql, parameters);
    if (life_.ends_at_commit(false)) return gone();
    return done;
  }
  Result<std::vector<store::Row>> query(std::string_view sql, store::Parameters parameters) override {
    return below_->query(sql, parameters);
  }
  Result<> script(std::string_view sql) override { return below_->script(sql); }
  Result<> begin(store::Access access) override {
    if (life_.dead()) return gone();
    return below_->begin(access);
  }
  bool in_transaction() const override { return below_->in_transaction(); }
  bool failed() const override { return below_->failed(); }
  Result<> maintain() override { return below_->maintain(); }
  Result<> check() override { return below_->check(); }
  Result<std::string> shape() override { return below_->shape(); }
  Result<> send(std::string_view sql, store::Parameters parameters) override { return below_->send(sql, parameters); }
  Result<> demand(std::string_view sql, store::Parameters parameters, Error otherwise) override {
    return below_->demand(sql, parameters, std::move(otherwise));
  }
  Result<> flush() override { return below_->flush(); }
  std::string_view time_sql() const override { return below_->time_sql(); }
  std::string_view pass_over_sql() const override { return below_->pass_over_sql(); }

 private:
  std::unique_ptr<store::Connection> below_;
  Life& life_;
};

class MortalStore final : public store::Engine {
 public:
  explicit MortalStore(Life& life)
      : below_(store::sqlite_engine({.path = std::string(store::in_memory)})), life_(life) {}
  Result<std::unique_ptr<store::Connection>> connect(store::Access access) override {
    auto connection = TRY(below_->connect(access));
    return std::make_unique<MortalConnection>(std::move(connection), life_);
  }
  bool shared() const override { return below_->shared(); }
  bool serves_many() const override { return false; }
  std::unique_ptr<store::Bell> bell(std::function<void()>) const override { return nullptr; }
  std::unique_ptr<store::Engine> twin() const override { return below_->twin(); }
  std::string_view key_type() const override { return below_->key_type(); }
  std::string_view bytes_type() const override { return below_->bytes_type(); }

 private:
  std::unique_ptr<store::Engine> below_;
  Life& life_;
};

}  // namespace

std::uint64_t number_of(std::string_view text) {
  std::uint64_t out = 0;
  for (unsigned char byte : sha256(text).substr(0, sizeof out)) out = out << 8 | byte;
  return out;
}

Strongbox known_strongbox() { return Strongbox(Secret(std::string(strongbox_key_bytes, 'k'))); }

std::unique_ptr<store::Engine> mortal_store(Life& life) { return std::make_unique<MortalStore>(life); }

Result<json::Object> MortalDoor::call(const aws::Call& call, const Context& context) {
  if (life_.dead()) return gone();
  life_.count_call();
  if (life_.ends_at_call(true)) return gone();
  auto answer = below_.call(call, context);
  if (life_.ends_at_call(false)) return gone();
  return answer;
}

Result<json::Object> MortalCloud::call(const aws::Call& call, const Context& context) {
  if (life_.dead()) return gone();
  auto key = call.name() + " " + json::canonical(call.input);
  auto answer = ask(call, key, context);
  trace_ = sha256(trace_ + key + (answer ? json::canonical(*answer) : answer.error().message));
  return answer;
}

Result<json::Object> MortalCloud::ask(const aws::Call& call, const std::string& key, const Context& context) {
  life_.count_call();
  if (life_.ends_at_call(true)) return gone();
  bool reads = cloud::classify(call, cloud::Catalog::embedded()).reads();
  bool first = !reads && sent_[key]++ == 0;
  auto drawn = first ? Random(seed_ ^ number_of(key)).below(1'000) : 1'000;
  auto lost = [&] {
    ++lost_;
    return fail({.code = Errc::deadline, .message = "the answer got lost", .retry = Retry::unknown_outcome});
  };
  if (drawn < static_cast<std::uint64_t>(losses_.before)) return lost();
  auto state = reads ? json::Object() : below_.export_state();
  auto answer = below_.call(call, context);
  if (!reads && answer && state != below_.export_state()) effects_.push_back(key);
  if (life_.ends_at_call(false)) return gone();
  if (answer && drawn < static_cast<std::uint64_t>(losses_.before + losses_.after)) return lost();
  return answer;
}

}  // namespace aright::simulation
