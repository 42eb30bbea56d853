// How long a backlog takes to drain: findings over many accounts, all on record at once, each to be
// set right by the whole engine, ledger included, while every account's API answers no faster than
// AWS publishes. Time is virtual: it stands still while a worker has something to do, and jumps
// when all of them wait. What the least time is follows from the calls that were made and the
// rates.
//
//   drain_bench [findings] [accounts] [workers] [slow]     slow: how many times slower the first
//   account's API is

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <queue>
#include <thread>

#include "aws/pace.h"
#include "aws/rates.h"
#include "cloud/classify.h"
#include "remediation/engine.h"
#include "sandbox/cloud.h"

namespace aright::remediation {
namespace {

using Steady = std::chrono::steady_clock;

constexpr const char* region = "us-east-1";
constexpr milliseconds latency{50};                                 // of a call
constexpr aws::Rate rate_otherwise{.per_second = 10, .burst = 10};  // of what is not published
constexpr std::size_t subnets_per_vpc = 4096;
constexpr std::size_t events_at_once = 5'000;

void check(const auto& result) {
  if (result) return;
  fmt::print(stderr, "{}\n", result.error().text());
  std::exit(1);
}

// Virtual time of many threads. It stands still while one of them is awake.
class SharedTime final : public Clock {
 public:
  explicit SharedTime(std::size_t threads) : awake_(threads) {}

  Timestamp now() const override { return time_.now(); }

  void sleep(milliseconds duration) {
    std::unique_lock lock(mutex_);
    Sleeper self{.until = now() + duration};
    sleepers_.push(&self);
    lie_down();
    self.wake.wait(lock, [&] { return self.awake; });
  }
  // Until somebody has worked, or `next_due` is there. False when nothing is left to wait for.
  bool rest() {
    std::unique_lock lock(mutex_);
    Sleeper self;
    idle_.push_back(&self);
    lie_down();
    self.wake.wait(lock, [&] { return self.awake || over_; });
    return !over_;
  }
  // There may be something to do for another.
  void rouse() {
    std::lock_guard lock(mutex_);
    if (!idle_.empty()) wake_idle();
  }
  // What those that rest wait for when nobody works: a time, or nothing.
  std::function<std::optional<Timestamp>()> next_due;

 private:
  struct Sleeper {
    Timestamp until;
    bool awake = false;
    std::condition_variable wake;
  };
  struct Later {
    bool operator()(const Sleeper* a, const Sleeper* b) const { return a->until > b->until; }
  };

  void lie_down() {
    if (--awake_ > 0) return;
    auto look = idle_.empty() ? std::nullopt : next_due();
    if (sleepers_.empty() && !look) {
      over_ = true;
      for (auto* one : idle_)
        one->wake.notify_one();
      return;
    }
    if (look) look = std::max(*look, looked_ + poll_interval);  // what is under way is due as well
    auto next = sleepers_.empty() ? *look
                : look            ? std::min(*look, sleepers_.top()->until)
                                  : sleepers_.top()->until;
    time_.set(std::max(now(), next));
    if (look && *look <= now()) {
      looked_ = now();
      wake_idle();
    }
    while (!sleepers_.empty() && sleepers_.top()->until <= now()) {
      wake(*sleepers_.top());
      sleepers_.pop();
    }
  }
  void wake_idle() {
    wake(*idle_.back());
    idle_.pop_back();
  }
  void wake(Sleeper& one) {
    ++awake_;
    one.awake = true;
    one.wake.notify_one();
  }

  VirtualClock time_;
  std::mutex mutex_;  // guards what follows
  std::size_t awake_;
  std::priority_queue<Sleeper*, std::vector<Sleeper*>, Later> sleepers_;
  std::vector<Sleeper*> idle_;
  Timestamp looked_{0};
  bool over_ = false;
};

// Deadlines are of real time, which means nothing here.
class Timeless final : public aws::Caller {
 public:
  explicit Timeless(aws::Caller& below) : below_(below) {}
  Result<json::Object> call(const aws::Call& call, const Context&) override {
    return below_.call(call, {});
  }

 private:
  aws::Caller& below_;
};

// The accounts' clouds, which take `latency` to answer, and refuse what comes faster than their
// rates.
class Rationed final : public aws::Caller {
 public:
  Rationed(SharedTime& time, const std::vector<std::string>& accounts, double slow)
      : time_(time), slow_account_(slow > 1 ? accounts[0] : ""), slow_(slow) {
    for (const auto& account : accounts)
      clouds_[account] =
          std::make_unique<sandbox::Cloud>(sandbox::CloudOptions{.account = account}, time);
  }

  Result<json::Object> call(const aws::Call& call, const Context& context) override {
    time_.sleep(latency);
    {
      std::lock_guard lock(mutex_);
      auto& bucket =
          buckets_[call.account].try_emplace(call.name(), rate_of(call), time_.now()).first->second;
      if (!bucket.take(time_.now())) {
        ++refused_;
        return std::unexpected(Error{.code = Errc::throttled,
                                     .message = "Rate exceeded",
                                     .wire_code = "ThrottlingException"});
      }
      ended_[call.account] = time_.now();
    }
    return cloud(call.account).call(call, context);
  }

  sandbox::Cloud& cloud(const std::string& account) { return *clouds_.at(account); }

  // The least time in which the calls that an account answered can be made.
  double least_s(const std::string& account) const {
    double least = 0;
    for (const auto& [name, bucket] : buckets_.at(account))
      least = std::max(least, bucket.least_s());
    return least;
  }
  std::string tightest(const std::string& account) const {
    const auto& all = buckets_.at(account);
    auto most =
        std::ranges::max_element(all, {}, [](const auto& one) { return one.second.least_s(); });
    return fmt::format("{} × {}", most->second.calls(), most->first);
  }
  std::size_t calls() const {
    std::size_t calls = 0;
    for (const auto& [account, buckets] : buckets_)
      for (const auto& [name, bucket] : buckets)
        calls += bucket.calls();
    return calls;
  }
  std::size_t refused() const { return refused_; }
  Timestamp ended(const std::string& account) const { return ended_.at(account); }

 private:
  class Bucket {
   public:
    Bucket(aws::Rate rate, Timestamp now) : rate_(rate), tokens_(rate.burst), at_(now) {}
    bool take(Timestamp now) {
      tokens_ = std::min(rate_.burst, tokens_ + static_cast<double>((now - at_).count()) / 1000 *
                                                    rate_.per_second);
      at_ = now;
      if (tokens_ < 1) return false;
      tokens_ -= 1;
      ++calls_;
      return true;
    }
    double least_s() const {
      return std::max(0.0, (static_cast<double>(calls_) - rate_.burst) / rate_.per_second);
    }
    std::size_t calls() const { return calls_; }

   private:
    aws::Rate rate_;
    double tokens_;
    Timestamp at_;
    std::size_t calls_ = 0;
  };

  aws::Rate rate_of(const aws::Call& call) const {
    auto rate = aws::published_rate(call.service, call.operation).value_or(rate_otherwise);
    if (call.account == slow_account_) rate.per_second /= slow_;
    return rate;
  }

  SharedTime& time_;
  const std::string slow_account_;
  const double slow_;
  std::map<std::string, std::unique_ptr<sandbox::Cloud>> clouds_;
  std::mutex mutex_;  // guards what follows
  std::map<std::string, std::map<std::string, Bucket>> buckets_;
  std::map<std::string, Timestamp> ended_;
  std::size_t refused_ = 0;
};

class Drain {
 public:
  Drain(std::size_t findings, std::size_t accounts, std::size_t workers, double slow)
      : findings_(findings),
        accounts_(names(accounts)),
        workers_(workers),
        time_(workers),
        rationed_(time_, accounts_, slow),
        paced_(rationed_, time_, {}, [this](milliseconds time, const Context&) -> Result<> {
          time_.sleep(time);
          return {};
        }) {
    std::string text = "targets:\n";
    for (const auto& account : accounts_)
      text += fmt::format("  - {{account: \"{}\", regions: [{}]}}\n", account, region);
    text +=
        "controls: [{id: subnet-auto-assign-public-ip-disabled}, {id: "
        "cmk-backing-key-rotation-enabled}]\n"
        "decide: [{name: all, decision: automatic}]\n";
    auto policy = parse_policy(text, ".");
    check(policy);
    policy_ = std::move(*policy);
    auto library = Library::open(policy_);
    check(library);
    library_.emplace(std::move(*library));
    auto ledger = ledger::Ledger::open({.clock = &time_});
    check(ledger);
    ledger_ = std::move(*ledger);
    auto engine = Engine::open({.policy = &policy_,
                                .controls = &rules::Controls::embedded(),
                                .catalog = &cloud::Catalog::embedded(),
                                .models = &model::Models::embedded(),
                                .cloud = &timeless_,
                                .ledger = ledger_.get(),
                                .clock = &time_,
                                .library = &*library_,
                                .workers = static_cast<unsigned>(workers),
                                .pause = [this](milliseconds time, const Context&) -> Result<> {
                                  time_.sleep(time);
                                  return {};
                                },
                                .log = [](const auto& line) { fmt::print(stderr, "{}\n", line); }});
    check(engine);
    engine_ = std::move(*engine);
    time_.next_due = [this] { return next_due(); };
  }

  json::Object run() {
    put_resources();
    for (std::size_t at = 0; at < events_.size(); at += events_at_once)
      check(engine_->accept_events({events_.begin() + static_cast<std::ptrdiff_t>(at),
                                    events_.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                          at + events_at_once, events_.size()))},
                                   {}));
    const auto begun = time_.now();
    const auto start = Steady::now();
    const auto cpu = std::clock();
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < workers_; ++i)
        threads.emplace_back([this] { work(); });
    }
    std::vector<double> took_s;
    double least_s = 0;
    for (const auto& account : accounts_) {
      took_s.push_back(static_cast<double>((rationed_.ended(account) - begun).count()) / 1000);
      least_s = std::max(least_s, rationed_.least_s(account));
    }
    json::Object out{{"findings", findings_},
                     {"accounts", accounts_.size()},
                     {"workers", workers_},
                     {"resolved", resolved()},
                     {"calls_per_finding",
                      static_cast<double>(rationed_.calls()) / static_cast<double>(findings_)},
                     {"refused", rationed_.refused()},
                     {"first_account", account_figures(accounts_.front(), took_s.front())},
                     {"last_account", account_figures(accounts_.back(), took_s.back())}};
    std::ranges::sort(took_s);
    out["drained_s"] = took_s.back();
    out["least_s"] = least_s;
    out["share_of_least"] = took_s.back() / least_s;
    out["accounts_s"] = json::Object{
        {"first", took_s.front()}, {"median", took_s[took_s.size() / 2]}, {"last", took_s.back()}};
    out["real_s"] = std::chrono::duration<double>(Steady::now() - start).count();
    out["cpu_ms_per_finding"] = static_cast<double>(std::clock() - cpu) * 1e3 / CLOCKS_PER_SEC /
                                static_cast<double>(findings_);
    return out;
  }

 private:
  static std::vector<std::string> names(std::size_t accounts) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < accounts; ++i)
      out.push_back(fmt::format("{:012}", 200'000'000'000 + i));
    return out;
  }

  // Of each account's findings one half are subnets that give public addresses, the other keys that
  // do not rotate.
  void put_resources() {
    for (std::size_t i = 0; i < findings_; ++i) {
      const auto& account = accounts_[i % accounts_.size()];
      auto number = i / accounts_.size();
      events_.push_back(number % 2 == 0 ? put_subnet(account, number / 2) : put_key(account));
    }
  }
  json::Object put(const std::string& account, const std::string& service,
                   const std::string& operation, json::Object input) {
    auto& cloud = rationed_.cloud(account);
    auto made = cloud.call({.service = service,
                            .operation = operation,
                            .region = region,
                            .account = account,
                            .input = std::move(input)},
                           {});
    check(made);
    cloud.clear_calls();
    return *made;
  }
  json::Object put_subnet(const std::string& account, std::size_t number) {
    auto& vpc = vpcs_[account];
    if (number % subnets_per_vpc == 0)
      vpc = json::text(
          json::at(json::Value(put(account, "ec2", "CreateVpc", {{"CidrBlock", "10.0.0.0/16"}})),
                   "Vpc"),
          "VpcId", "");
    auto at = number % subnets_per_vpc * 16;
    auto made =
        put(account, "ec2", "CreateSubnet",
            {{"VpcId", vpc}, {"CidrBlock", fmt::format("10.0.{}.{}/28", at / 256, at % 256)}});
    auto subnet = json::text(json::at(json::Value(made), "Subnet"), "SubnetId", "");
    put(account, "ec2", "ModifySubnetAttribute",
        {{"SubnetId", subnet}, {"MapPublicIpOnLaunch", json::Object{{"Value", true}}}});
    return event(account, "aws.ec2",
                 fmt::format("arn:aws:ec2:{}:{}:subnet/{}", region, account, subnet));
  }
  json::Object put_key(const std::string& account) {
    auto made = put(account, "kms", "CreateKey", {});
    return event(account, "aws.kms",
                 json::text(json::at(json::Value(made), "KeyMetadata"), "Arn", ""));
  }
  json::Object event(const std::string& account, const char* source, std::string arn) const {
    return {{"id", fmt::format("e-{}", events_.size())},
            {"source", source},
            {"detail-type", "Changed"},
            {"account", account},
            {"region", region},
            {"resources", json::Array{json::Value(std::move(arn))}},
            {"detail", json::Object()}};
  }

  void work() {
    for (;;) {
      auto did = engine_->step({});
      if (!did) fmt::print(stderr, "{}\n", did.error().text());
      if (did && *did) {
        time_.rouse();
        time_.rouse();
        continue;
      }
      if (!time_.rest()) return;
    }
  }
  std::optional<Timestamp> next_due() {
    std::optional<Timestamp> due;
    check(ledger_->database().read([&](store::Transaction& tx) -> Result<> {
      due = TRY(ledger::timers::next(tx));
      return {};
    }));
    // What is asked for after the last finding was set right: exceptions, schedules.
    return due && *due > time_.now() + drained_after ? std::nullopt : due;
  }
  std::size_t resolved() {
    auto all = list_remediations(*ledger_, {.status = "resolved", .parent = ""});
    check(all);
    return all->size();
  }
  json::Object account_figures(const std::string& account, double took_s) const {
    return {{"took_s", took_s},
            {"least_s", rationed_.least_s(account)},
            {"tightest", rationed_.tightest(account)}};
  }

  static constexpr milliseconds drained_after{3'600'000};

  const std::size_t findings_;
  const std::vector<std::string> accounts_;
  const std::size_t workers_;
  SharedTime time_;
  Rationed rationed_;
  aws::Paced paced_;
  Timeless timeless_{paced_};
  Policy policy_;
  std::optional<Library> library_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<Engine> engine_;
  std::map<std::string, std::string> vpcs_;  // by account
  std::vector<json::Object> events_;
};

}  // namespace
}  // namespace aright::remediation

int main(int argc, char** argv) {
  auto number = [&](int i, std::size_t otherwise) {
    return argc > i ? static_cast<std::size_t>(std::max(1L, std::atol(argv[i]))) : otherwise;
  };
  aright::remediation::Drain drain(number(1, 100'000), number(2, 200), number(3, 512),
                                   argc > 4 ? std::atof(argv[4]) : 1);
  fmt::print("{}\n", aright::json::print(drain.run()));
  return 0;
}
