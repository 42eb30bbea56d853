// Every write of every story, rehearsed before it is made: the overlay says what the cloud then does, the difference
// tells of it, and the inverse leads back.
#include <map>
#include <set>

#include "base/file.h"
#include "base/text.h"
#include "sandbox/overlay.h"
#include "sandbox/stories.h"

namespace aright::sandbox {
namespace {

constexpr int not_implemented = 501;
constexpr auto settling = std::chrono::hours(24);  // longer than any slow change

bool writes(const aws::Call& call, const cloud::Catalog& catalog) {
  auto effect = cloud::classify(call, catalog).effect;
  return effect == cloud::Effect::write || effect == cloud::Effect::create || effect == cloud::Effect::remove;
}

// A write of a story, what it changes of a type, and the calls that lead back from it, or why none do.
struct Example {
  std::string call, changes, back;
  int rank = 0;  // 2: a change that is set back; 1: what came or went, and is taken back; 0: no way back
};

// What the plans showed of each type that their calls are about: the first of the highest rank.
struct Shown {
  std::map<std::string, Example> examples;

  void add(const std::string& type, Example example) {
    auto [known, fresh] = examples.try_emplace(type, example);
    if (!fresh && known->second.rank < example.rank) known->second = std::move(example);
  }
};

// Aspects, of /AWS::S3::Bucket/acme/Policy; "" where it is about the resource as a whole.
std::string changed_aspects(const std::string& type, const std::vector<json::Change>& difference) {
  std::set<std::string> aspects;
  for (const auto& change : difference) {
    if (!change.pointer.starts_with("/" + type + "/")) continue;
    auto parts = split(change.pointer, '/');
    if (parts.size() > 3) aspects.insert(parts[3]);
  }
  return fmt::format("{}", fmt::join(aspects, ", "));
}

Example example_of(const std::string& type, const RehearsedWrite& write, const std::vector<json::Change>& difference) {
  std::set<std::string> seen;
  std::vector<std::string> back;
  for (const auto& call : write.inverse)
    if (seen.insert(call.name()).second) back.push_back("`" + call.name() + "`");
  auto changes = changed_aspects(type, difference);
  bool leads_back = write.reversible && !back.empty();
  return {.call = write.call.name(),
          .changes = changes.empty() ? "what is there" : changes,
          .back = leads_back ? fmt::format("{}", fmt::join(back, ", ")) : "nothing: " + write.why_irreversible,
          .rank = !leads_back ? 0 : changes.empty() ? 1 : 2};
}

// What a rehearsal cannot see: of resources that the call does not name it knows what lists tell, and of what a cloud
// remembers without showing it nothing. docs/guide/runbooks.md says so.
const std::set<std::string> depends_on_the_unseen{
    "cloudformation:DeleteStack",       // what a stack holds
    "cloudformation:ExecuteChangeSet",
    "cloudformation:UpdateStack",
    "config:DeleteDeliveryChannel",     // whether a recorder runs
    "ec2:CreateNatGateway",             // client tokens that were used before
    "iam:DeleteGroup",                  // who is in a group
    "iam:DeletePolicy",                 // who has a policy
    "lambda:PublishVersion",            // which versions there are
    "organizations:DeleteOrganizationalUnit",  // which accounts are in it
    "s3:CompleteMultipartUpload",       // the parts of an upload
    "ssm:UpdateDocument",               // what earlier versions hold
    "ssm:UpdateDocumentDefaultVersion",
    "wafv2:DeleteWebACL"};              // what a web ACL stands before

class Plan {
 public:
  Plan(Cloud& cloud, const aws::Call& call, const VirtualClock& now)
      : cloud_(cloud), catalog_(cloud.catalog()), call_(call), clock_(now.now()), overlay_(cloud, {}, clock_) {}

  // "": nothing is wrong.
  std::string rehearse() {
    auto before = cloud::read_image(cloud_, call_, {}, catalog_);
    if (!before) {  // what is asked is not to be had: the cloud shall say the same
      rehearsed_ = fail(before.error());
      return "";
    }
    before_ = std::move(*before);
    before_.members.clear();  // ids are drawn: other ones on the overlay
    const auto made = cloud_.calls().size();
    rehearsed_ = overlay_.call(call_, {});
    moving_ = moves();
    return cloud_.calls().size() == made ? "" : "a write went through the overlay";
  }

  // After the cloud did it.
  std::string compare(const Result<json::Object>& done, Shown& shown) {
    auto code = [](const Result<json::Object>& answer) { return answer ? "" : answer.error().wire_code; };
    bool agree = done.has_value() == rehearsed_->has_value() && code(done) == code(*rehearsed_);
    if (!agree && depends_on_the_unseen.contains(call_.name())) return "";
    if (done.has_value() != rehearsed_->has_value())
      return done ? "only the overlay refuses: " + rehearsed_->error().text()
                  : "only the cloud refuses: " + done.error().text();
    if (!done && done.error().http_status == not_implemented) return "";
    if (!done)
      return done.error().wire_code == rehearsed_->error().wire_code
                 ? ""
                 : fmt::format("refused as {}, by the cloud as {}", code(*rehearsed_), code(done));
    auto now = cloud::read_again(cloud_, before_, {}, catalog_);
    auto there = cloud::read_again(overlay_, before_, {}, catalog_);
    if (!now || !there) return "after: " + (now ? there : now).error().text();
    if (auto wrong = unlike(*there, *now); !wrong.empty()) return "on the overlay, and in the cloud: " + wrong;
    const auto all = overlay_.writes();
    if (all.size() != 1 || all[0].call.name() != call_.name())
      return "the rehearsed writes are not the one that was made";
    if (!unlike(before_, *there).empty() && overlay_.difference().empty()) return "the difference is empty";
    for (const auto& touch : all[0].classification.touches)
      shown.add(touch.resource.type, example_of(touch.resource.type, all[0], overlay_.difference()));
    if (!all[0].reversible) return all[0].why_irreversible.empty() ? "nobody says why it cannot be taken back" : "";
    return take_back(all[0].inverse);
  }

  // Where the story says which calls lead back.
  std::string unlike_way_back(const json::Value& told) const {
    if (told.is_null()) return "";
    const auto all = overlay_.writes();
    std::vector<std::string> calls;
    for (const auto& write : all) {
      if (&write != &all.front()) break;  // the others are those that led back
      for (const auto& call : write.inverse) calls.push_back(call.operation);
    }
    if (calls == json::texts(told)) return "";
    return fmt::format("back by [{}] {}", fmt::join(calls, ", "), all.front().why_irreversible);
  }

 private:
  std::string take_back(const std::vector<aws::Call>& inverse) {
    clock_.advance(settling);
    for (const auto& back : inverse) {
      if (auto undone = overlay_.call(back, {}); !undone)
        return fmt::format("{} {} of the inverse: {}", back.name(), json::print(back.input), undone.error().text());
      clock_.advance(settling);
    }
    auto after = cloud::read_again(overlay_, before_, {}, catalog_);
    if (!after) return "after the inverse: " + after.error().text();
    auto wrong = moving_ ? "" : unlike(before_, *after);
    return wrong.empty() ? "" : "before, and after the inverse: " + wrong;
  }

  // Whether something that the call is about was on its way when it came: it goes on meanwhile.
  bool moves() const {
    const json::Value state = cloud_.export_state();
    return std::ranges::any_of(before_.resources, [&](const cloud::ResourceImage& one) {
      return !json::at(state, {"resources", one.resource.key(), "coming"}).is_null();
    });
  }

  // Deleted, and made anew: with an id that the service chose.
  bool made_anew(const json::Change& change) const {
    auto after = std::string_view(change.pointer).substr(1);
    const auto* type = catalog_.type(after.substr(0, after.find('/')));
    return !change.after && type != nullptr && type->create() != nullptr && !type->create()->id.empty();
  }

  // The first place where they differ, and how. No difference is what every write draws anew, and what stands for
  // "absent" where absence cannot be restored.
  std::string unlike(const cloud::Image& one, const cloud::Image& other) const {
    for (const auto& change : cloud::diff(one, other, catalog_)) {
      if (excused(change)) continue;
      auto text = [](const std::optional<json::Value>& value) { return value ? json::print(*value) : "nothing"; };
      return fmt::format("{}: {}, {}", change.pointer, text(change.before), text(change.after));
    }
    return "";
  }

  bool excused(const json::Change& change) const {
    if (std::ranges::count(change.pointer, '/') == 2 && made_anew(change)) return true;
    for (const auto& touch : cloud::classify(call_, catalog_).touches)
      for (const auto& aspect : catalog_.type(touch.resource.type)->aspects) {
        if (!change.pointer.contains("/" + aspect.name)) continue;
        for (const auto& write : aspect.writes)
          if (write.decided && write.op.name == call_.operation) return true;
        if (!aspect.token.empty()) return true;
        if (!change.before && aspect.instead_of_absent && change.after == *aspect.instead_of_absent) return true;
      }
    return false;
  }

  Cloud& cloud_;
  const cloud::Catalog& catalog_;
  const aws::Call& call_;
  VirtualClock clock_;
  Overlay overlay_;
  cloud::Image before_;
  std::optional<Result<json::Object>> rehearsed_;
  bool moving_ = false;
};

void play(const Story& story, Shown& shown) {
  VirtualClock clock;
  Cloud cloud({}, clock);
  Memory memory;
  each_call(story, clock, memory, [&](const json::Value& step, const aws::Call& call) {
    std::optional<Plan> plan;
    std::string wrong;
    if (writes(call, cloud.catalog())) wrong = plan.emplace(cloud, call, clock).rehearse();
    auto done = cloud.call(call, {});
    if (plan && wrong.empty()) wrong = plan->compare(done, shown);
    if (plan && wrong.empty()) wrong = plan->unlike_way_back(json::at(step, "back"));
    EXPECT_EQ(wrong, "") << story.service << ": " << story.title << "\n" << json::print(step);
    if (done) memory.keep(step, *done);
    return true;
  });
}

// Whether anything that is described changes it. A managed instance is registered by its own agent, and by no call.
bool changes(const cloud::ResourceType& type) {
  if (type.name == "AWS::SSM::ManagedInstance") return false;
  return !type.creates.empty() || !type.removes.empty() ||
         std::ranges::any_of(type.aspects, &cloud::Aspect::mutable_after_creation);
}

std::string page_of_writes(const Shown& shown) {
  std::string out = R"(# Rehearsed writes

A write of each type that the emulated cloud describes, and what leads back from it. `APlan.OfEveryWriteOfEveryStoryIsWhatTheCloudThenDoes`
in `src/sandbox/plans_test.cc` rehearses every write of every story (`src/sandbox/testdata`): what the rehearsal says is what the cloud
then does, the difference tells of it, and the calls back restore what was there before. It compares this page, too.

Such a plan of your own is what `aright runbook rehearse` shows; [Plans](plans.md) has those of the catalog's controls.

| type | a write | what changes | back by |
|---|---|---|---|
)";
  for (const auto& [type, example] : shown.examples)
    out += fmt::format("| `{}` | `{}` | {} | {} |\n", type, example.call, example.changes, example.back);
  return out;
}

TEST(APlan, OfEveryWriteOfEveryStoryIsWhatTheCloudThenDoes) {
  Shown shown;
  for (const auto& story : stories()) play(story, shown);
  std::vector<std::string> never;
  for (const auto* type : cloud::Catalog::embedded().types())
    if (changes(*type) && !shown.examples.contains(type->name)) never.push_back(type->name);
  EXPECT_TRUE(never.empty()) << "no story plans a write of " << fmt::format("{}", fmt::join(never, ", "));
  auto page = page_of_writes(shown);
  auto kept = read_file(std::filesystem::path(ARIGHT_SOURCE_DIR) / "docs/rehearsed-writes.md");
  auto fresh = std::filesystem::path(testing::TempDir()) / "rehearsed-writes.md";
  ASSERT_TRUE(write_file(fresh, page));
  EXPECT_EQ(kept.value_or(""), page) << "docs/rehearsed-writes.md says otherwise: cp " << fresh.string() << " docs/";
}

}  // namespace
}  // namespace aright::sandbox
