#include "server/recorder.h"

#include <algorithm>
#include <array>

#include "base/digest.h"
#include "cloud/locate.h"
#include "cloud/reading.h"
#include "remediation/function_rule.h"
#include "remediation/secrets.h"
#include "store/migrate.h"

namespace aright::server {

namespace {

constexpr std::array steps{store::Step{.number = 1, .name = "items", .sql = R"sql(
  create table resources (
    key text primary key,
    account text not null,
    region text not null,
    type text not null,
    id text not null,
    gone integer not null,
    number bigint not null,
    digest text not null,
    item text not null
  );
  create index resources_place on resources (account, region, type, id);
  create table items (
    key text not null,
    number bigint not null,
    item text not null,
    primary key (key, number)
  );
  create table readings (
    reading text primary key,
    digest text not null
  );
)sql"}};

constexpr std::size_t alone_max = 4;  // resources that one thread looks at
constexpr milliseconds round_look{1'000};  // between looks whether it is time for a round
constexpr const char* secret_text = "[redacted]";

// What says when it was looked at, and not what was seen.
json::Object without_moment(json::Object item) {
  for (const auto* member : {"configurationItemCaptureTime", "configurationStateId", "configurationItemStatus"})
    item.erase(member);
  return item;
}

json::Value without_secrets(const json::Value& value, bool secret) {
  if (value.is_object()) {
    json::Object out;
    for (const auto& [name, member] : value.get_object()) {
      bool variables = name == "variables" || name == "environmentVariables";
      out[name] = without_secrets(member, secret || variables || remediation::names_a_secret(name));
    }
    return out;
  }
  if (value.is_array()) {
    json::Array out;
    for (const auto& one : value.get_array()) out.push_back(without_secrets(one, secret));
    return out;
  }
  return secret && value.is_string() ? json::Value(secret_text) : value;
}

json::Value without_secrets_in_text(const json::Value& text, std::string_view name) {
  auto parsed = json::parse(json::text(text));
  if (!parsed) return remediation::names_a_secret(name) ? json::Value(secret_text) : text;
  return json::Value(json::print(without_secrets(*parsed, remediation::names_a_secret(name))));
}

json::Object fit_to_keep(json::Object item) {
  item["configuration"] = without_secrets_in_text(json::at(item, "configuration"), "");
  auto beside = json::members(json::at(item, "supplementaryConfiguration"));
  for (auto& [name, text] : beside) text = without_secrets_in_text(text, name);
  item["supplementaryConfiguration"] = std::move(beside);
  item.erase("resourceCreationTime");  // of the emulated cloud that showed it
  return item;
}

json::Object gone_item(json::Object last) {
  last["configurationItemStatus"] = "ResourceDeleted";
  last["configuration"] = nullptr;
  last["supplementaryConfiguration"] = json::Object();
  last["tags"] = json::Object();
  return last;
}

Result<json::Object> item_from(const std::string& text) {
  auto value = TRY(json::parse(text));
  return json::members(value);
}

std::string all_names(const cloud::Snapshot& snapshot) {
  std::string out;
  for (const auto& [name, value] : snapshot.properties) out += std::string(name) + " ";
  for (const auto& [name, value] : snapshot.facts) out += std::string(name) + " ";
  return out;
}

std::string digest_of(const cloud::Snapshot& snapshot) {
  json::Object tags;
  for (const auto& [key, value] : snapshot.tags) tags[key] = value;
  return to_hex(sha256(json::canonical(json::Array{snapshot.properties, snapshot.facts, tags})));
}

}  // namespace

Recorder::Recorder(remediation::Engine& engine, std::unique_ptr<store::Database> database)
    : engine_(engine), database_(std::move(database)) {}

Recorder::~Recorder() {
  stop();
  engine_.hear_readings({});
}

Result<std::unique_ptr<Recorder>> Recorder::open(remediation::Engine& engine, const std::string& path) {
  auto database = TRY(store::Database::open({.path = path}));
  CHECK_OK(store::migrate(*database, "seen", steps));
  std::unique_ptr<Recorder> out(new Recorder(engine, std::move(database)));
  CHECK_OK(out->load());
  engine.hear_readings([made = out.get()](const cloud::ResourceRef& ref, const cloud::Snapshot* snapshot) {
    if (made->started_) made->see(ref, snapshot);
  });
  return out;
}

Result<> Recorder::load() {
  return database_->read([&](store::Transaction& tx) -> Result<> {
    for (const auto& row : TRY(tx.query("select reading, digest from readings")))
      seen_.insert_or_assign(row.text(0), row.text(1));
    for (const auto& row : TRY(tx.query("select key from resources where gone = 0"))) there_.insert(row.text(0));
    return {};
  });
}

void Recorder::start() {
  started_ = true;
  thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

void Recorder::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

// Rules that read other aspects see the resource otherwise, and none of them takes it for changed by the other.
void Recorder::see(const cloud::ResourceRef& ref, const cloud::Snapshot* snapshot) {
  const auto* type = engine_.gateway().catalog().type(ref.type);
  if (!type || type->singleton) return;
  Look look{.ref = cloud::at_home(*type, ref), .reading = {}, .digest = {}};
  const auto key = look.ref.key();
  look.reading = key;
  if (snapshot) {
    look.reading += " " + to_hex(sha256(all_names(*snapshot))).substr(0, 16);
    look.digest = digest_of(*snapshot);
  }
  std::lock_guard lock(mutex_);
  if (!snapshot && !there_.contains(key)) return;
  if (snapshot)
    if (auto known = seen_.find(look.reading); known != seen_.end() && known->second == look.digest) return;
  if (waiting_.size() >= looks_waiting_max || !queued_.insert(look.reading).second) return;
  waiting_.push_back(std::move(look));
  wake_.notify_one();
}

void Recorder::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    auto has_work = [this] { return !waiting_.empty() || (!ranges_.empty() && !until_round_.check()); };
    if (!has_work()) wake_.wait_for(lock, stop, round_look, has_work);
    if (stop.stop_requested()) return;
    if (!ranges_.empty() && !until_round_.check()) {
      remediation::Engine::Pin pin(engine_);
      until_round_ = Context::within(engine_.policy().scan_every);
      auto ranges = ranges_;
      lock.unlock();
      Result<> went;
      for (const auto& range : ranges)
        if (auto round = go_round(range, Context::within(look_timeout, stop)); !round) went = std::move(round);
      lock.lock();
      if (!went && !stop.stop_requested()) trouble_ = went.error().message;
      continue;
    }
    if (waiting_.empty()) continue;
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    queued_.erase(next.reading);  // what is seen from now on is looked at again
    lock.unlock();
    auto looked = look_at(next, Context::within(look_timeout, stop));
    lock.lock();
    trouble_ = looked || stop.stop_requested() ? "" : looked.error().message;
  }
}

void Recorder::also_record(std::vector<Range> ranges) {
  std::lock_guard lock(mutex_);
  if (ranges == ranges_) return;
  ranges_ = std::move(ranges);
  until_round_ = Context::within(milliseconds(0));
  wake_.notify_one();
}

// Each is looked at in its turn; what there is no more is known at once.
Result<> Recorder::go_round(const Range& range, const Context& context) {
  auto listed = TRY(list(range.type, range.account, range.region, context));
  auto home = listed.empty() ? range.region : listed.front().region;
  auto known = TRY(known_of(range.account, home, range.type));
  for (const auto& ref : listed) known.erase(ref.id);
  for (const auto& [id, there] : known)
    if (there) CHECK_OK(keep({range.account, home, range.type, id}, nullptr));
  std::lock_guard lock(mutex_);
  for (auto& ref : listed) {
    Look look{.ref = std::move(ref), .reading = {}, .digest = {}};
    look.reading = look.ref.key();
    if (waiting_.size() >= looks_waiting_max) return fail(Errc::throttled, "too many resources wait to be looked at");
    if (queued_.insert(look.reading).second) waiting_.push_back(std::move(look));
  }
  return {};
}

Result<> Recorder::look_at(const Look& one, const Context& context) {
  TRY(look({one.ref}, context));
  if (one.digest.empty()) return {};
  CHECK_OK(database_->transact([&](store::Transaction& tx) -> Result<> {
    TRY(tx.execute("insert into readings (reading, digest) values ($1, $2)"
                   " on conflict (reading) do update set digest = excluded.digest", {one.reading, one.digest}));
    return {};
  }));
  std::lock_guard lock(mutex_);
  seen_.insert_or_assign(one.reading, one.digest);
  return {};
}

// A few at a time by each of several threads: a resource takes many calls, and all of them mostly wait.
Result<std::vector<json::Object>> Recorder::read(const std::vector<cloud::ResourceRef>& refs,
                                                 const Context& context) const {
  auto& gateway = engine_.gateway();
  auto read_some = [&](const std::vector<cloud::ResourceRef>& some) {
    auto reader = gateway.reader(some.front().account, some.front().region);
    return remediation::configuration_items(*reader, some, gateway.catalog(), engine_.clock(), context);
  };
  if (refs.size() <= alone_max) return read_some(refs);
  const auto share = (refs.size() + lookers_max - 1) / lookers_max;
  std::vector<Result<std::vector<json::Object>>> parts(lookers_max);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i * share < refs.size(); ++i)
      threads.emplace_back([&, i] {
        auto first = refs.begin() + static_cast<std::ptrdiff_t>(i * share);
        auto last = refs.begin() + static_cast<std::ptrdiff_t>(std::min(refs.size(), (i + 1) * share));
        parts[i] = read_some({first, last});
      });
  }
  std::vector<json::Object> out;
  for (auto& part : parts) {
    auto items = TRY(std::move(part));
    std::ranges::move(items, std::back_inserter(out));
  }
  return out;
}

Result<std::vector<json::Object>> Recorder::look(const std::vector<cloud::ResourceRef>& refs, const Context& context) {
  std::vector<json::Object> out;
  if (refs.empty()) return out;
  auto items = TRY(read(refs, context));
  std::map<std::pair<std::string, std::string>, json::Object> found;
  for (auto& item : items) {
    std::pair key(rules::type_of_config(json::text(item, "resourceType", "")), json::text(item, "resourceId", ""));
    found[std::move(key)] = fit_to_keep(std::move(item));
  }
  for (const auto& ref : refs) {
    auto item = found.find({ref.type, ref.id});
    CHECK_OK(keep(ref, item == found.end() ? nullptr : &item->second));
    if (item != found.end()) out.push_back(item->second);
  }
  return out;
}

// One that is as it was is no item; one that was never there is none either.
Result<> Recorder::keep(const cloud::ResourceRef& ref, const json::Object* item) {
  const auto now = engine_.clock().now();
  const auto key = ref.key();
  bool changed = false;
  CHECK_OK(database_->transact([&](store::Transaction& tx) -> Result<> {
    auto rows = TRY(tx.query("select gone, number, digest, item from resources where key = $1", {key}));
    bool known = !rows.empty(), gone = known && rows[0].integer(0) != 0;
    if (!item && (!known || gone)) return {};
    auto digest = item ? to_hex(sha256(json::canonical(without_moment(*item)))) : std::string();
    if (item && known && !gone && rows[0].text(2) == digest) return {};
    auto number = (known ? rows[0].integer(1) : 0) + 1;
    auto whole = item ? *item : gone_item(TRY(item_from(rows[0].text(3))));
    if (item) whole["configurationItemStatus"] = known && !gone ? "OK" : "ResourceDiscovered";
    whole["configurationItemCaptureTime"] = now.iso();
    whole["configurationStateId"] = fmt::format("{}{:03}", now.ms, number % 1'000);
    auto text = json::print(whole);
    TRY(tx.execute("insert into items (key, number, item) values ($1, $2, $3)", {key, number, text}));
    TRY(tx.execute("delete from items where key = $1 and number <= $2",
                   {key, number - static_cast<std::int64_t>(items_per_resource_max)}));
    TRY(tx.execute("insert into resources (key, account, region, type, id, gone, number, digest, item)"
                   " values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (key) do update set gone = excluded.gone,"
                   " number = excluded.number, digest = excluded.digest, item = excluded.item",
                   {key, ref.account, ref.region, ref.type, ref.id, item ? 0 : 1, number, digest, text}));
    changed = true;
    return {};
  }));
  if (!changed) return {};
  std::lock_guard lock(mutex_);
  recorded_at_ = now;
  if (item) there_.insert(key);
  else there_.erase(key);
  return {};
}

Result<std::map<std::string, bool>> Recorder::known_of(const std::string& account, const std::string& region,
                                                       const std::string& type) const {
  std::map<std::string, bool> out;  // id → there
  CHECK_OK(database_->read([&](store::Transaction& tx) -> Result<> {
    constexpr auto sql = "select id, gone from resources where account = $1 and region = $2 and type = $3";
    for (const auto& row : TRY(tx.query(sql, {account, region, type})))
      out[row.text(0)] = row.integer(1) == 0;
    return {};
  }));
  return out;
}

// Where each of them is, a list of buckets does not say: that is looked at when they are.
Result<std::vector<cloud::ResourceRef>> Recorder::list(const std::string& type, const std::string& account,
                                                       const std::string& region, const Context& context) const {
  auto& gateway = engine_.gateway();
  auto reader = gateway.reader(account, region);
  const auto* described = gateway.catalog().type(type);
  if (!described || !described->region || !described->list)
    return cloud::list_resources(*reader, type, account, region, context, gateway.catalog());
  std::vector<cloud::ResourceRef> out;
  auto here = cloud::at_home(*described, {account, region, type, ""});
  auto take = [&](std::string id, const json::Value&) -> Result<> {
    out.push_back({here.account, here.region, type, std::move(id)});
    return {};
  };
  CHECK_OK(cloud::each_item(*reader, *described, here, context, gateway.catalog(), take));
  return out;
}

Result<> Recorder::refresh(const std::string& type, const std::string& account, const std::string& region,
                           const Context& context) {
  auto listed = TRY(list(type, account, region, context));
  if (listed.size() > refreshed_max)
    return fail(Errc::unsupported, "there are more than {} of {}", refreshed_max, type);
  auto home = listed.empty() ? region : listed.front().region;
  auto known = TRY(known_of(account, home, type));
  std::vector<cloud::ResourceRef> fresh;
  auto look_at_fresh = [&]() -> Result<> {
    TRY(look(fresh, context));
    fresh.clear();
    return {};
  };
  for (auto& ref : listed) {
    auto found = known.find(ref.id);
    bool there = found != known.end() && found->second;
    if (found != known.end()) known.erase(found);
    if (!there) fresh.push_back(std::move(ref));
    if (fresh.size() == looks_at_once_max) CHECK_OK(look_at_fresh());
  }
  CHECK_OK(look_at_fresh());
  for (const auto& [id, there] : known)
    if (there) CHECK_OK(keep({account, home, type, id}, nullptr));
  return {};
}

Result<std::vector<json::Object>> Recorder::history(const cloud::ResourceRef& ref) const {
  std::vector<json::Object> out;
  CHECK_OK(database_->read([&](store::Transaction& tx) -> Result<> {
    for (const auto& row : TRY(tx.query("select item from items where key = $1 order by number", {ref.key()})))
      out.push_back(TRY(item_from(row.text(0))));
    return {};
  }));
  return out;
}

Result<std::vector<Recorder::Latest>> Recorder::latest(const std::string& account, const std::string& type) const {
  std::vector<Latest> out;
  constexpr auto sql = "select region, type, id, gone, item from resources where account = $1"
                       " and ($2 = '' or type = $2) order by type, id";
  CHECK_OK(database_->read([&](store::Transaction& tx) -> Result<> {
    for (const auto& row : TRY(tx.query(sql, {account, type})))
      out.push_back({.ref = {account, row.text(0), row.text(1), row.text(2)}, .item = TRY(item_from(row.text(4))),
                     .gone = row.integer(3) != 0});
    return {};
  }));
  return out;
}

std::optional<Timestamp> Recorder::recorded_at() const {
  std::lock_guard lock(mutex_);
  return recorded_at_;
}

std::string Recorder::trouble() const {
  std::lock_guard lock(mutex_);
  return trouble_;
}

}  // namespace aright::server
