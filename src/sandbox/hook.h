#pragma once
// What data cannot say about a service is said here in C++, by hooks that its description names:
//
//   hooks:
//     emulate: [GetCallerIdentity]         the operation is C++ altogether
//     check:   [PutBucketPolicy]           may refuse, before the description's behaviour takes
//     effect finish:  [RunInstances]              completes the output, and what happened,
//     afterwards derive:  [AWS::S3::Bucket/PolicyStatus]  an aspect that is computed from others
//     whenever it is read
//
// A hook that a description names must be registered, and the other way round; a test compares
// them. Hooks of one service are functions in hook_<service>.cc, put into the table by its
// <service>_hooks::add (hooks.cc calls them all). A call that fails, in a hook or elsewhere, changes
// nothing: the world is put back as it was.

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "aws/call.h"
#include "cloud/catalog.h"
#include "sandbox/cloud.h"
#include "sandbox/world.h"

namespace aright::sandbox {

struct Authorization;
class Commands;

// One call while it takes effect: all that behaviour may know and change. Lives as long as the
// call.
class Scene {
 public:
  Scene(World& world, Ids& ids, const cloud::Catalog& catalog, const aws::Call& call,
        const Principal& principal, Timestamp now, const std::string& endpoint,
        const std::deque<WriteRecord>& history);

  World& world;
  Ids& ids;
  const cloud::Catalog& catalog;
  const aws::Call& call;  // account and region are set, the input is valid by the service model
  const Principal& principal;
  const Timestamp now;
  const std::string& endpoint;  // of the sandbox, for URLs in answers
  const std::deque<WriteRecord>& history;  // the writes before this call, oldest first
  const Authorization* authorization = nullptr;  // null: nobody asks; never changes what is allowed
  std::optional<std::size_t> page_items = {};    // lists give no more at a time

  // What an invocation still has to run, once the call has taken effect and the lock is gone.
  std::optional<Invocation> invocation;

  // Events for functions, that nobody waits for: what becomes of them is no part of this call.
  std::vector<Invocation> events;

  // The commands of Systems Manager: null where there is no book of them. Whether anybody runs them; and which one this
  // call has sent.
  Commands* commands = nullptr;
  bool runs_commands = false;
  std::string sent_command;

  // The input at a path such as "Filter.Prefix"; null when it is not there.
  const json::Value& input(std::string_view path) const;
  std::string text(std::string_view path, std::string_view otherwise = "") const;

  // Where a resource of this type with this id would be, for this caller.
  cloud::ResourceRef ref(std::string_view type, std::string_view id) const;
  const Resource* find(std::string_view type, std::string_view id) const;
  // Fails with the first of the type's `missing` errors.
  Result<Resource*> need(std::string_view type, std::string_view id);
  // Whether the service makes it itself, when somebody names it. In a rehearsal the cloud below tells what is there.
  bool is_built_in(const cloud::ResourceType& type, std::string_view id) const;
  // Makes a resource as its description says: record, initial aspects, and what `input` says in the
  // writes of `create`. Fails with the creation's `exists` or `taken` error.
  Result<Resource*> create(std::string_view type, std::string_view id);
  // With its children.
  void erase(const cloud::ResourceRef& ref);

  // The aspect as a read would answer it now: slow changes that are due have happened, derived ones
  // are computed.
  json::Value value(const Resource& resource, std::string_view aspect) const;
  // What `get` and `list` show of a resource: its record, and the aspects that are shown.
  json::Object shown(const Resource& resource) const;
  std::string arn(const Resource& resource) const;

  // An AWS error by its code: status and message from the description's `errors` (400 and the code,
  // where it has none), or the message given. `resource` fills {Bucket}, {id} and the like in the
  // message.
  Error error(std::string_view code, std::string_view message = "",
              const Resource* resource = nullptr) const;

  // What the description says this call does: for emulate hooks that only add to it.
  Result<json::Object> by_description();
  // Another operation, as the same caller and as part of this call.
  Result<json::Object> also(std::string_view service, std::string_view operation,
                            json::Object input);

  // A template of the description. Placeholders: the parts of the key; {account} {region}
  // {partition} {id} {arn} of the resource; {input.A.B}; {record.A} or just {A}; {aspect.A.B};
  // {now} {now_s} {principal} {owner} {endpoint}; {hex17} {digits12} {upper16} {uuid}, drawn anew
  // each time they stand in a text.
  json::Value fill(const json::Value& form, const Resource* resource = nullptr) const;

  // The resources that this call created so far, in order.
  std::vector<cloud::ResourceRef> created;
};

// The canonical user id that S3 shows for an account: 64 hexadecimal digits, the same every time.
std::string canonical_user(std::string_view account);

using Emulate = std::function<Result<json::Object>(Scene&)>;
using Check = std::function<Result<>(Scene&)>;
using Finish = std::function<Result<>(Scene&, json::Object& output)>;
using Derive = std::function<json::Value(const Scene&, const Resource&)>;

class Hooks {
 public:
  // Of every service.
  static const Hooks& all();

  // Operations are named "s3:PutObject", aspects "AWS::S3::Bucket/PolicyStatus".
  void emulate(std::string operation, Emulate hook) {
    emulate_[std::move(operation)] = std::move(hook);
  }
  void check(std::string operation, Check hook) { check_[std::move(operation)] = std::move(hook); }
  void finish(std::string operation, Finish hook) {
    finish_[std::move(operation)] = std::move(hook);
  }
  void derive(std::string aspect, Derive hook) { derive_[std::move(aspect)] = std::move(hook); }

  // Null when there is none.
  const Emulate* find_emulate(std::string_view operation) const;
  const Check* find_check(std::string_view operation) const;
  const Finish* find_finish(std::string_view operation) const;
  const Derive* find_derive(std::string_view aspect) const;
  // "emulate s3:PutObject", …: sorted.
  std::vector<std::string> names() const;

 private:
  std::map<std::string, Emulate, std::less<>> emulate_;
  std::map<std::string, Check, std::less<>> check_;
  std::map<std::string, Finish, std::less<>> finish_;
  std::map<std::string, Derive, std::less<>> derive_;
};

}  // namespace aright::sandbox
