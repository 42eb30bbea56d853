#pragma once
// A service description in memory: what catalog/services/<service>.yaml says, parsed and checked.
// docs/reference/service-descriptions.md explains every word; the members here have
// the same names.
//
// Immutable once the catalog is loaded. Pointers between the parts stay valid as long as the
// catalog lives.

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cloud/path.h"
#include "json/value.h"

namespace aright::cloud {

struct ResourceType;

// One per account and region; one per account (IAM); or one name space for the whole partition
// (bucket names).
enum class Scope { region, account, partition };

// One operation, and how its input names the resource: a path for each part of the type's key.
// `with` is input that always goes along when aright itself makes the call.
struct Operation {
  // The call must say the value of a token aspect in this input member, or it is refused: IfMatch of CloudFront,
  // LockToken of WAF. `missing` "": the caller may leave it out.
  struct Match {
    std::string member, aspect;
    std::string missing, stale;  // error codes
  };

  std::string name;
  std::vector<Path> by;
  bool by_arn = false;  // the one path holds the resource's ARN, or something inside it does
  json::Object with;
  json::Object about;  // input that says it is about this type, where an operation is about several
  std::vector<std::string> ignores;  // input members that change nothing
  std::string missing;  // this operation's error when the resource is not there; "": the type's
  std::optional<Match> match;
};

// How a write changes an aspect.
enum class Mode {
  replace,   // the value is what the input holds at `at`
  patch,     // the members that the input holds at `at` replace those of the value
  constant,  // the value becomes `to`
  add,       // items at `at` join the set; an item with the same identity is replaced
  drop,      // items with the identities at `at` leave the set
  entry,     // map: the entry named by `entry` becomes what is at `at`
  unentry,   // map: the entry named by `entry` goes
  clear,     // the aspect becomes absent, or its initial value again
  amend,     // patch operations at `at` ({op, path, value}) whose path begins with `path` change it
};

struct Write {
  Operation op;
  Mode mode = Mode::replace;
  Path at;                        // in the input
  std::vector<std::string> members;  // Mode::patch, add and drop of the input itself: which of its members
  bool replaces = false;          // Mode::add: the way to change an item that is there already
  bool whole = false;             // Mode::patch: what the call leaves out is lost, so the inverse names every member
  json::Object defaults;          // Mode::replace: members the service adds where the input leaves them out
  json::Object when;              // input that the call must hold for this write to be meant; also part of op.with
  std::string compute;            // a C++ function that tells the value from the input (computed.h)
  // And one that tells what to write at `at` for a value; without `at`, the inputs of all calls that it takes.
  std::string form;
  std::string beside;             // an aspect that `compute` must know, too: it stands in the input by this name
  Path renames;                   // where the answer holds the id that the resource has from then on
  json::Value item;               // Mode::add where the input only names the item: a template of the item
  Path entry;                     // Mode::entry and unentry: where the input has the entry's name
  json::Value to;                 // Mode::constant; Mode::patch whose members are always the same
  // Mode::amend: /description is the value itself; /variables/ the members of a map. With `leaves`
  // the entries of a map of structures: /<entry>/<leaf>, by leaf the member it is. `typed`: texts
  // such as "true" and "60" stand for what they say.
  std::string path;
  std::map<std::string, std::string> leaves;
  bool typed = false;
  bool decided = false;           // the service decides the value, and `to` only stands for it (a date of deletion)
  std::string irreversible;       // why there is no way back
  // A slow change: the value is `via` until `after` has passed. The write is refused with `refuse`
  // unless the value is one of `from` (empty: any). Of a set: an item that comes must not be there, and one that goes
  // or is replaced must be, else the call is refused.
  json::Value via;
  std::chrono::milliseconds after{0};
  json::Array from;
  std::string refuse;
  // Where views show the value while it waits for the maintenance window (Pending says when it
  // does).
  std::optional<Path> pending;
};

struct Read {
  Operation op;
  Path at;                        // in the output
  std::string absent;             // the error that means "there is none"
  Path only;                      // an input list that chooses which members of the value are answered
  std::string named;              // the answer has an item for each resource asked for, with its id in this member
  // Maps in two steps: `at` lists names, then `each` is called for every name.
  std::optional<Operation> each;
  Path each_name, each_at;
  std::string each_absent;
  json::Value output;  // what the answer holds beside the value, as a template
  bool elsewhere = false;  // it reads what other types are: the sandbox answers it by theirs alone
};

// From API shape to CloudFormation's: members move, and keep their value.
struct Shaping {
  bool pascal = false;                          // member names get a capital first letter
  std::vector<std::string> json_members;        // members that are texts with a JSON document become documents
  bool json_text = false;                       // a text that holds a JSON document becomes the document
  std::map<std::string, std::string> moves;     // "Rules[].ID" → "Rules[].Id"; "" on the right: dropped
  std::vector<std::string> verbatim;            // members of what is at these paths keep their names (labels)
  std::string wrap;                             // the value becomes {wrap: value}
  std::string pick;                             // first of all: only this member
  std::string shaper;                           // a C++ function, when moves cannot say it (shapers.h)
  bool spread = false;                          // the members become properties themselves
};

// The value of an aspect names resources of another type, by id or ARN: alone, or each of a list.
struct Reference {
  std::string type;
  Path at;               // in an item, where it is more than the name
  std::string missing;   // the error when it is not there; "": the first that the other type has
  std::string in_use;    // the error when what is named is to be removed; "": that is allowed
  std::string built_in;  // glob of names that are always there: default.*
};

// A named part of a resource's configuration.
struct Aspect {
  const ResourceType* type = nullptr;
  std::string name;               // the CloudFormation property, or the fact without "Facts."
  bool fact = false;
  bool hidden = false;            // part of images, but in no snapshot (an object's body)
  bool tags = false;              // the resource's tags: list of {Key, Value}, or a map
  std::optional<Read> read;       // by an operation of its own …
  std::vector<Read> other_reads;  // operations that read it too (those of old)
  std::optional<Path> shown;      // … or as a member of what `get` or `list` show
  std::vector<Write> writes;
  std::optional<json::Value> initial;  // after creation, when the create call says nothing
  json::Value becomes;            // and what that becomes by itself …
  std::chrono::milliseconds becomes_after{0};  // … after this time (pending → available)
  std::optional<json::Value> nothing;  // what is read and written to mean "absent"
  std::optional<json::Value> instead_of_absent;  // what the inverse writes when absence cannot be restored
  bool set = false;               // a list without order, of items with an identity
  std::string each;               // items are read as objects, of which only this member counts; written as it alone
  std::vector<std::string> without;  // members that are read, but are no part of the value
  std::vector<std::string> members;  // the value is these members of what is there, and no others
  std::vector<std::string> identity;  // the members that identify an item; none: the whole item
  // An item holds lists by these names; in the set it is as many items, each with one element in
  // one of them (a rule with three sources is three rules).
  std::vector<std::string> explode;
  std::vector<Path> cidrs;        // where blocks of addresses stand, in the value or in an item: kept without host bits
  std::vector<std::string> apart_from;  // members of such an element that do not identify it (its description)
  std::string unordered;          // a list in the document that a text holds, whose order says nothing: Statement
  bool short_name = false;        // names and ARNs say the same: kept as what follows the last slash
  bool text = false;              // numbers are read, and written as texts: kept as texts
  bool url_encoded = false;       // texts are answered percent-encoded (IAM documents)
  bool derived = false;           // computed by a hook, from other aspects
  std::optional<Reference> refers;
  std::optional<Read> one;        // reads one item of the set by its identity, or one entry of the map
  // Drawn anew by every write that must match it: an ETag. Never set back.
  std::string token;
  std::map<std::string, Path> told;  // operations that answer a token elsewhere than `read` does, and where
  Shaping shape;

  bool mutable_after_creation() const { return !writes.empty(); }
  // It is what others make of it (the ids of rules): part of no comparison, and never set back.
  bool follows() const { return hidden && writes.empty() && token.empty(); }
  const json::Value& told_by(const std::string& operation, const json::Value& output) const;  // null: it is not
};

// An operation that shows whole resources.
struct View {
  Operation op;
  Path at;                        // list: the items, "Buckets[]"; get: the one
  bool many = false;              // a list
  std::vector<Path> id;           // list: in an item, the last parts of the key; an empty path is the item itself
  std::vector<std::string> show;  // members an item has; empty: all
  struct Filter {
    enum class Kind { equals, prefix, any, named };
    Kind kind = Kind::equals;
    Path input, item;
    json::Value otherwise;             // what is asked where the input does not say
    std::string missing;               // Kind::any: the error when something asked for is not there
    std::map<std::string, Path> names; // Kind::named: filter name → path in the item
  };
  std::vector<Filter> filters;
  std::map<std::string, std::vector<std::string>> gone;  // path in an item → values of what is there no more
  json::Value output;             // what the answer holds beside the items, as a template
  bool arns = false;              // list: the items are ARNs
  bool elsewhere = false;         // the sandbox answers it by another type's view
  // list: made once for each resource of these types, whose id is this input member. One may be the type itself: what
  // is found is looked into, too.
  std::vector<std::pair<std::string, std::string>> of;
  json::Object one;               // input that narrows a list to one resource, as a template
  std::optional<Path> lacking;    // get: where the answer lists what was asked for and is not there
};

// A creation from another resource: a snapshot of an instance, an instance from a snapshot.
struct Likeness {
  std::string type;
  Path by;                                     // where the input names the other one
  std::map<std::string, std::string> aspects;  // mine → the other's
};

struct Creation {
  Operation op;
  Path id;                               // in the output, when the service chooses the id
  std::map<std::string, json::Value> takes;  // aspect → path in the input, or template, of its first value
  json::Value output;                    // template
  std::string exists;                    // the error when there is one already
  std::string taken;                     // and when another account has it (partition-wide names)
  int most = 0;                          // how many there may be beside each other; 0: any number
  std::string full;                      // the error when there would be more
  bool idempotent = false;               // creating what exists gives the same answer again
  bool updates = false;                  // creating what exists writes its aspects (PutParameter, PutObject)
  std::string irreversible;
  std::map<std::string, std::string> also;  // input that changes something else, too → why that is not taken back
  std::optional<Likeness> like;
  // Places in the input → what CloudFormation says there where a template says nothing, as templates with {name} or
  // {lower_name}, a name that it makes up, and {location}, the Region as S3 takes it.
  std::vector<std::pair<Path, json::Value>> stack;
};

struct Removal {
  Operation op;
  std::string refuse_children;           // the error while it has children; "": they go with it
  // Error → aspects with values that keep it from going.
  std::map<std::string, json::Object> refuse;
  json::Object shows;                    // aspects, as the answer shows them for the last time
  json::Value output;
  std::map<std::string, std::string> refuse_while;  // aspect that is not empty → the error
  std::map<std::string, std::pair<json::Array, std::string>> only;  // aspect → the values it goes with; the error else
  bool forgiving = false;                // removing what is not there succeeds
  bool recreates = false;                // creating it anew and writing its aspects back restores it
};

// Changes that wait for the resource's maintenance window, unless the call says that it does not
// want to wait.
struct Pending {
  std::string unless;  // an input member, true: ApplyImmediately
  std::string window;  // the aspect that says when: sun:05:00-sun:05:30
};

// Operations that answer from the record, as templates of their output.
struct Glance {
  Operation op;
  json::Value output;
};

struct ResourceType {
  std::string name;       // AWS::S3::Bucket
  std::string service;    // boto3 client name
  Scope scope = Scope::region;
  std::vector<std::string> key;  // the input members that name it
  // Parts of the key that the caller may leave out → what is meant then.
  std::map<std::string, std::string> otherwise;
  std::string id;         // template of ids that the service chooses: "sg-{hex17}"; "": the caller names it
  std::string arn;        // template
  std::string usual_arn;  // that of one whose key begins as `otherwise` says (an event rule of the default bus)
  std::string parent;     // a type whose key is the first parts of this one's
  std::vector<std::string> missing;  // errors that mean it does not exist; the sandbox uses the first
  std::string malformed;  // the error of an id that is not of the form which `id` draws; "": as if it did not exist
  json::Object record;    // template of what views show beside aspects, made at creation
  // A singleton of which there are several: the only ids there are, and the first values of their aspects.
  std::map<std::string, json::Object> ids;
  std::vector<std::string> depends;  // singletons that decide over its writes; a rehearsal imports them too
  bool account_fact = false;  // its aspects are facts of AWS::::Account
  std::optional<Read> region;    // partition-wide names: where the resource really is
  std::vector<std::string> always;  // ids of what exists without being created (the default event bus)
  std::string built_in;     // glob of ids of what the service makes itself when somebody first names it …
  json::Object built_in_aspects;  // … and the first values of its aspects, as templates
  std::string built_in_refuse;    // the error of who wants to change or remove it; "": anybody may
  bool plain_id = false;  // no slash in its ids: tells its ARN from those of what is below it
  bool singleton = false; // exists in every account (and region) without being created
  bool lone = false;      // there is one at most of an account (and region): operations need not name it
  std::vector<Creation> creates;  // the first is the one that aright would use itself
  std::vector<Removal> removes;
  std::optional<View> list, get;
  std::vector<View> views;          // others: the sandbox answers them, aright itself calls the two above
  std::vector<Glance> glances;
  // Of operations that change it: what they answer afterwards, as a template.
  std::map<std::string, json::Value> answers;
  std::vector<Glance> touches;  // what they note in its record (the time of a change): no part of any aspect
  std::optional<Pending> pending;
  bool lower = false;  // its ids are kept in lower case
  std::string known_as;  // a member of the record that names it too (a secret's name)
  std::vector<Aspect> aspects;

  const Aspect* aspect(std::string_view name) const;
  const Creation* create() const { return creates.empty() ? nullptr : &creates.front(); }
  const Removal* remove() const { return removes.empty() ? nullptr : &removes.front(); }
  // The part of the id template before its first placeholder: tells sg-… from vpc-….
  std::string_view id_prefix() const;
};

// What the sandbox demands of an input, where it says anything at `that`.
struct Demand {
  Path that;
  bool needed = false;              // it must say something
  std::optional<std::pair<double, double>> range;  // of a number
  std::optional<std::pair<double, double>> length; // of a text or list
  std::string letters;              // a text has no others: "a-z0-9._-"
  std::string like;                 // a pattern with * and ?
  json::Array among;                // the only values
  std::string is;                   // it names a resource of this type that is there, by id or ARN
  json::Object when;                // only where the input says this, too
  json::Array other_than;           // values that it must not have
  bool policy = false;              // a policy document that can be read …
  bool principals = false;          // … or, where it can, one whose principals are there
  std::string assumable_by;         // a role that this service may assume
  std::string alone_in, alone_as;   // no resource of this type shows the value at this member
  std::string otherwise, message;   // the error's code, and its text where that has more to say
};

struct ErrorText {
  int status = 400;
  std::string message;  // template
};

struct Hooks {
  std::vector<std::string> emulate;  // operations that are C++ altogether
  std::vector<std::string> check;    // operations that C++ may refuse before data takes over
  std::vector<std::string> finish;   // operations whose result C++ completes
  std::vector<std::string> derive;   // aspects: AWS::S3::Bucket/Facts.PolicyStatus
  std::size_t count() const {
    return emulate.size() + check.size() + finish.size() + derive.size();
  }
};

// Of one service, joined from all of its files.
struct Description {
  std::string file;  // the first of them
  std::string service;
  std::map<std::string, ErrorText> errors;
  std::vector<std::string> reads;    // plain reads that are not emulated by data
  std::vector<std::string> actions;  // change nothing that is described
  std::map<std::string, std::vector<Demand>, std::less<>> checks;  // by operation
  Hooks hooks;
};

// What one operation means for one type of resource.
struct Meaning {
  const ResourceType* type = nullptr;
  const Operation* op = nullptr;
  const Creation* create = nullptr;
  const Removal* remove = nullptr;
  const View* view = nullptr;
  const Glance* glance = nullptr;
  const Glance* touch = nullptr;
  std::vector<const Aspect*> reads;
  std::vector<std::pair<const Aspect*, const Write*>> writes;

  const Operation& naming() const;  // the operation as a creation or removal names its resource, else `op`
  const Operation::Match* match() const;  // null: any call will do
};

}  // namespace aright::cloud
