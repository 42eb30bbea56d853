#include "ledger/notary.h"

#include <gmock/gmock.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/text.h"

namespace aright::ledger {
namespace {

using testing::HasSubstr;

class ANotary : public testing::Test {
 protected:
  std::unique_ptr<Ledger> open(std::string name) {
    return Ledger::open({.path = (directory_.path() / name).string(), .clock = &clock_}).value();
  }
  static void add(Ledger& ledger, int count, std::string_view word = "told") {
    for (int i = 0; i < count; ++i) {
      std::vector<Draft> drafts;
      drafts.push_back({.stream = "a", .kind = "x", .body = {{"word", word}, {"i", i}}, .sequence = {}});
      ASSERT_TRUE(ledger.append(std::move(drafts)));
    }
  }

  TemporaryDirectory directory_;
  VirtualClock clock_;
  Signer signer_ = Signer::generate("aright/test");
  std::unique_ptr<Ledger> ledger_ = open("ledger.db");
  Notary notary_{*ledger_, signer_};
};

TEST_F(ANotary, SignsWhatTheLedgerHasComeTo) {
  auto none = notary_.checkpoint();
  ASSERT_TRUE(none) << none.error().text();
  EXPECT_EQ(parse_checkpoint(*none)->root, empty_root());
  add(*ledger_, 5);
  auto note = notary_.checkpoint().value();
  auto checkpoint = parse_checkpoint(open_note(note, signer_.verifier()).value()).value();
  EXPECT_EQ(checkpoint.size, 5u);
  EXPECT_EQ(checkpoint.origin, "aright/test");
  EXPECT_EQ(notary_.checkpoint().value(), note) << "the same, while nothing is added";
  EXPECT_EQ(Notary(*ledger_, signer_).checkpoint().value(), note) << "and after a start";
  EXPECT_FALSE(compare(*ledger_, checkpoint).value());
  add(*ledger_, 300);
  EXPECT_FALSE(compare(*ledger_, checkpoint).value()) << "it was continued";
  EXPECT_FALSE(ledger_->verify().value().fault);
}

TEST_F(ANotary, ProvesEntriesToWhoeverHasTheKey) {
  add(*ledger_, 40);
  auto bundle = notary_.prove({7, 3, 40, 7});
  ASSERT_TRUE(bundle) << bundle.error().text();
  ASSERT_EQ(bundle->entries.size(), 3u);
  EXPECT_THAT(bundle->entries[0].leaf, HasSubstr(R"("position":3)"));
  auto read = bundle_from_json(json::parse(json::print(to_json(*bundle))).value());
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(verify_bundle(*read, signer_.verifier()).value().size, 40u);

  auto changed = *bundle;
  changed.entries[1].leaf = replace_all(changed.entries[1].leaf, "told", "tolt");
  EXPECT_FALSE(verify_bundle(changed, signer_.verifier()));
  auto moved = *bundle;
  std::swap(moved.entries[0].leaf, moved.entries[1].leaf);
  EXPECT_FALSE(verify_bundle(moved, signer_.verifier()));
  EXPECT_FALSE(verify_bundle(*bundle, Signer::generate("aright/test").verifier()));
  EXPECT_FALSE(notary_.prove({41}));
  EXPECT_FALSE(notary_.prove({0}));
}

TEST_F(ANotary, DoesNotSignForALedgerThatLostEntries) {
  add(*ledger_, 10);
  auto note = notary_.checkpoint().value();
  auto older = open("older.db");
  add(*older, 6);
  EXPECT_THAT(compare(*older, *parse_checkpoint(note)).value()->what, HasSubstr("over 10 entries, and there are 6"));
  ASSERT_TRUE(older->database().transact([&](store::Transaction& tx) { return write_note(tx, 10, note); }));
  auto refused = Notary(*older, signer_).checkpoint();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::corrupt);
  EXPECT_EQ(older->verify().value().fault->position, 7u);
}

TEST_F(ANotary, DoesNotSignForALedgerThatWasRewritten) {
  add(*ledger_, 10);
  auto note = notary_.checkpoint().value();
  auto other = open("other.db");
  add(*other, 12, "another");
  ASSERT_TRUE(other->database().transact([&](store::Transaction& tx) { return write_note(tx, 10, note); }));
  EXPECT_FALSE(Notary(*other, signer_).checkpoint());
  EXPECT_THAT(other->verify().value().fault->what, HasSubstr("are not those that a checkpoint was signed over"));
}

TEST_F(ANotary, KeepsItsKeyInAFile) {
  auto file = directory_.path() / "ledger.key";
  auto made = signer_in(file);
  ASSERT_TRUE(made) << made.error().text();
  EXPECT_EQ(signer_in(file)->verifier().text(), made->verifier().text());
  EXPECT_EQ(std::filesystem::status(file).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  ASSERT_TRUE(write_file(file, "no key"));
  EXPECT_THAT(signer_in(file).error().text(), HasSubstr("ledger.key"));
}

}  // namespace
}  // namespace aright::ledger
