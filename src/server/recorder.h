#pragma once
// What aright has seen of the cloud that it works on, as Config's configuration items. A resource that was read to be
// judged, and is another than it was when it was judged last, is read as a whole; each change of that is an item. It
// stands in a file of its own beside the ledger, without secrets, and is nobody's evidence: the ledger is.

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "cloud/resource.h"
#include "cloud/snapshot.h"
#include "remediation/engine.h"
#include "store/database.h"

namespace aright::server {

inline constexpr const char* seen_file = "seen.db";
inline constexpr std::size_t items_per_resource_max = 1'000;  // the oldest go
inline constexpr std::size_t looks_waiting_max = 10'000;      // more are left to the next scan
inline constexpr std::size_t looks_at_once_max = 100;         // resources in one go: BatchGetResourceConfig's own
inline constexpr std::size_t lookers_max = 8;                 // threads that look at many
inline constexpr std::size_t refreshed_max = 10'000;          // of one type, by one request
inline constexpr milliseconds look_timeout{60'000};

// Thread-safe. The engine must outlive it.
class Recorder {
 public:
  // Before the engine runs. `path`: of its file, or in memory. Fails when it cannot be opened.
  static Result<std::unique_ptr<Recorder>> open(remediation::Engine& engine, const std::string& path);
  ~Recorder();

  // What is read from now on is looked at by itself.
  void start();
  // Stops that; what waits is left to the next scan.
  void stop();

  // What is recorded beside what is judged: all resources of these types, there and then, and again as often as the
  // policy has its resources scanned.
  struct Range {
    std::string type, account, region;
    bool operator==(const Range&) const = default;
  };
  void also_record(std::vector<Range> ranges);

  // Reads them now, all of one account and region, and keeps what changed. The items of those that are there.
  Result<std::vector<json::Object>> look(const std::vector<cloud::ResourceRef>& refs, const Context& context);
  // Those of one type that are there now, and, gone, those that were. Each that is new is looked at.
  Result<> refresh(const std::string& type, const std::string& account, const std::string& region,
                   const Context& context);

  // All items of one resource, oldest first.
  Result<std::vector<json::Object>> history(const cloud::ResourceRef& ref) const;
  // The last that was seen of each resource of the account; of those of one type, where it is named.
  struct Latest {
    cloud::ResourceRef ref;
    json::Object item;
    bool gone = false;
  };
  Result<std::vector<Latest>> latest(const std::string& account, const std::string& type = {}) const;
  // When something was recorded last; nothing: never.
  std::optional<Timestamp> recorded_at() const;
  // What kept it from a look last; "": nothing since the last that went well.
  std::string trouble() const;

 private:
  struct Look {
    cloud::ResourceRef ref;
    std::string reading, digest;  // which aspects were read, and what of; "" of one that is gone
  };

  Recorder(remediation::Engine& engine, std::unique_ptr<store::Database> database);
  Result<> load();
  void see(const cloud::ResourceRef& ref, const cloud::Snapshot* snapshot);
  void work(const std::stop_token& stop);
  Result<> look_at(const Look& look, const Context& context);
  Result<> go_round(const Range& range, const Context& context);
  Result<std::vector<json::Object>> read(const std::vector<cloud::ResourceRef>& refs, const Context& context) const;
  Result<std::vector<cloud::ResourceRef>> list(const std::string& type, const std::string& account,
                                               const std::string& region, const Context& context) const;
  Result<> keep(const cloud::ResourceRef& ref, const json::Object* item);
  Result<std::map<std::string, bool>> known_of(const std::string& account, const std::string& region,
                                               const std::string& type) const;

  remediation::Engine& engine_;
  std::unique_ptr<store::Database> database_;
  std::atomic<bool> started_ = false;
  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  std::map<std::string, std::string> seen_;  // by resource and aspects, the digest of the last; guarded by mutex_
  std::set<std::string> there_;              // keys of resources that have an item and are not gone; as well
  std::deque<Look> waiting_;                 // as well
  std::set<std::string> queued_;             // readings of waiting_; as well
  std::vector<Range> ranges_;                // as well
  Context until_round_;                      // through ranges_; as well
  std::optional<Timestamp> recorded_at_;     // as well
  std::string trouble_;                      // as well
  std::jthread thread_;                      // last: it uses what stands above
};

}  // namespace aright::server
