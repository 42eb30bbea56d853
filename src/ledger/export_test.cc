#include "ledger/export.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>

#include "base/digest.h"
#include "base/file.h"
#include "base/random.h"
#include "base/text.h"

namespace aright::ledger {
namespace {

using testing::HasSubstr;

class AnExport : public testing::Test {
 protected:
  AnExport() {
    for (int i = 0; i < 600; ++i) {
      std::vector<Draft> drafts;
      drafts.push_back(
          {.stream = i % 3 ? "a" : "b", .kind = i % 50 ? "told" : "secret", .body = {{"i", i}}, .sequence = {}});
      EXPECT_TRUE(ledger_->append(std::move(drafts)));
    }
    note_ = notary_.checkpoint().value();
  }
  Result<Exported> write(const std::set<std::string>& redacted = {}) {
    return export_ledger(*ledger_, note_, notary_.verifier(), into_, redacted);
  }
  // What the program that shares nothing with ours says; 0: genuine.
  int standalone(const std::string& more = "") {
    auto command = "/usr/bin/python3 -B " + (into_ / "verify.py").string() + " " + into_.string() + " --key " +
                   notary_.verifier().text() + " " + more + " >" + (directory_.path() / "said").string();
    return WEXITSTATUS(std::system(command.c_str()));
  }

  TemporaryDirectory directory_;
  std::filesystem::path into_ = directory_.path() / "export";
  VirtualClock clock_;
  std::unique_ptr<Ledger> ledger_ =
      Ledger::open({.path = (directory_.path() / "ledger.db").string(), .clock = &clock_}).value();
  Notary notary_{*ledger_, Signer::generate("aright/test")};
  std::string note_;
};

TEST_F(AnExport, IsGenuineByOurCheckAndByTheOneThatSharesNothingWithIt) {
  auto written = write();
  ASSERT_TRUE(written) << written.error().text();
  EXPECT_EQ(written->entries, 600u);
  EXPECT_EQ(verify_export(into_, notary_.verifier()).value().root, written->root);
  EXPECT_EQ(standalone(), 0);
  EXPECT_FALSE(write()) << "not over another one";
}

TEST_F(AnExport, KeepsItsProofsWhereEntriesAreRedacted) {
  ASSERT_TRUE(write({"secret"}));
  auto text = read_file(into_ / "entries.jsonl").value();
  EXPECT_EQ(text.find("secret"), std::string::npos);
  EXPECT_EQ(verify_export(into_, notary_.verifier()).value().redacted, 12u);
  EXPECT_EQ(standalone(), 0);
}

TEST_F(AnExport, ContinuesOlderCheckpointsAndNoOthers) {
  auto other = Ledger::open({.path = (directory_.path() / "other.db").string(), .clock = &clock_}).value();
  std::vector<Draft> drafts;
  drafts.push_back({.stream = "a", .kind = "another", .body = {}, .sequence = {}});
  ASSERT_TRUE(other->append(std::move(drafts)));
  auto key = directory_.path() / "ledger.key";
  auto signer = signer_in(key).value();
  Notary ours(*ledger_, signer), theirs(*other, signer);
  auto old = directory_.path() / "old", foreign = directory_.path() / "foreign";
  ASSERT_TRUE(write_file(old, ours.checkpoint().value()));
  ASSERT_TRUE(write_file(foreign, theirs.checkpoint().value()));
  std::vector<Draft> more;
  more.push_back({.stream = "a", .kind = "later", .body = {}, .sequence = {}});
  ASSERT_TRUE(ledger_->append(std::move(more)));
  ASSERT_TRUE(export_ledger(*ledger_, ours.checkpoint().value(), ours.verifier(), into_, {}));
  auto with = [&](const std::filesystem::path& since) {
    auto command = "/usr/bin/python3 -B " + (into_ / "verify.py").string() + " " + into_.string() + " --since " +
                   since.string() + " >" + (directory_.path() / "said").string();
    return WEXITSTATUS(std::system(command.c_str()));
  };
  EXPECT_EQ(with(old), 0);
  EXPECT_EQ(with(foreign), 1);
  EXPECT_THAT(read_file(directory_.path() / "said").value(), HasSubstr("does not continue"));
}

TEST_F(AnExport, IsRefusedByBothWhenAnythingInItIsChanged) {
  ASSERT_TRUE(write({"secret"}));
  auto path = into_ / "entries.jsonl";
  auto whole = read_file(path).value();
  Random random(7);
  auto refused_by_both = [&](const std::string& text, const std::string& what) {
    ASSERT_TRUE(write_file(path, text));
    EXPECT_FALSE(verify_export(into_, notary_.verifier())) << what;
    EXPECT_EQ(standalone(), 1) << what;
  };
  for (int run = 0; run < 12; ++run) {
    auto changed = whole;
    auto at = random.below(changed.size() - 1);
    changed[at] ^= static_cast<char>(1 << random.below(7));
    refused_by_both(changed, "byte " + std::to_string(at));
  }
  auto second = whole.find('\n') + 1, third = whole.find('\n', second) + 1;
  refused_by_both(whole.substr(0, second) + whole.substr(third), "an entry taken out");
  refused_by_both(whole.substr(second, third - second) + whole.substr(0, second) + whole.substr(third),
                  "two exchanged");
  refused_by_both(whole.substr(0, whole.rfind('\n', whole.size() - 2) + 1), "the last one cut off");
  ASSERT_TRUE(write_file(path, whole));
  EXPECT_EQ(standalone(), 0);
  ASSERT_TRUE(write_file(into_ / "checkpoint", replace_all(note_, "600", "599")));
  EXPECT_EQ(standalone(), 1);
  EXPECT_FALSE(verify_export(into_, notary_.verifier()));
}

TEST_F(AnExport, NamesTheEntryThatWasChanged) {
  ASSERT_TRUE(write({"secret"}));
  auto path = into_ / "entries.jsonl";
  auto whole = read_file(path).value();
  auto refusal = [&](const std::string& text) {
    EXPECT_TRUE(write_file(path, text));
    auto ours = verify_export(into_, notary_.verifier());
    EXPECT_EQ(standalone(), 1);
    EXPECT_FALSE(ours);
    auto theirs = read_file(directory_.path() / "said").value();
    return std::pair(ours ? "" : ours.error().message, theirs);
  };
  auto says = [](const std::string& what) { return testing::Pair(HasSubstr(what), HasSubstr(what)); };
  auto changed = replace_all(whole, "\"i\":299}", "\"i\":298}");
  EXPECT_THAT(refusal(changed), says("entry 300 does not hash to its leaf"));
  auto kept_back = whole;
  auto& digit = kept_back[kept_back.find("\"redacted\":\"") + 20];
  digit = digit == '0' ? '1' : '0';
  EXPECT_THAT(refusal(kept_back), says("entry 1 does not hash to its leaf"));
  EXPECT_THAT(refusal(replace_all(whole, "\"i\":299}", "\"i\":299)")), says("entry 300"));
  auto said_more = whole;
  said_more.insert(said_more.find("\"redacted\""), R"("body":{"i":7},)");
  EXPECT_THAT(refusal(said_more), says("entry 1: it was kept back, and more than its hash stands there"));
  auto tile = read_file(into_ / "tile/0/001").value();
  tile[0] ^= 1;
  ASSERT_TRUE(write_file(into_ / "tile/0/001", tile));
  EXPECT_THAT(refusal(changed), says("at least one was changed")) << "the tiles cannot say which";
  std::filesystem::remove(into_ / "tile/0/001");
  EXPECT_THAT(refusal(changed), says("at least one was changed"));
}

TEST_F(AnExport, LaysItsTilesOutAsOthersReadThem) {
  ASSERT_TRUE(write());
  EXPECT_EQ(tile_path(0, 1'234'067, 256), "tile/0/x001/x234/067");
  EXPECT_EQ(std::filesystem::file_size(into_ / "tile/0/000"), 8192u);
  EXPECT_EQ(std::filesystem::file_size(into_ / "tile/0/001"), 8192u);
  EXPECT_EQ(std::filesystem::file_size(into_ / "tile/0/002.p/88"), 88u * 32);
  EXPECT_EQ(std::filesystem::file_size(into_ / "tile/1/000.p/2"), 64u);
  // A tile of the next level is made of the roots of those below it.
  auto below = read_file(into_ / "tile/0/000").value();
  Tree tree;
  for (std::size_t i = 0; i < tile_hashes; ++i) tree.add(below.substr(i * 32, 32));
  EXPECT_EQ(read_file(into_ / "tile/1/000.p/2").value().substr(0, 32), tree.root(tile_hashes));
}

TEST_F(AnExport, IsRefusedWhereATileIsAnotherOrGone) {
  ASSERT_TRUE(write());
  for (auto tile : {"tile/0/000", "tile/0/002.p/88", "tile/1/000.p/2"}) {
    auto whole = read_file(into_ / tile).value(), changed = whole;
    changed[40] ^= 1;
    ASSERT_TRUE(write_file(into_ / tile, changed));
    EXPECT_EQ(standalone(), 1) << tile;
    EXPECT_FALSE(verify_export(into_, notary_.verifier())) << tile;
    std::filesystem::remove(into_ / tile);
    EXPECT_EQ(standalone(), 1) << tile;
    EXPECT_FALSE(verify_export(into_, notary_.verifier())) << tile;
    ASSERT_TRUE(write_file(into_ / tile, whole));
  }
  EXPECT_EQ(standalone(), 0);
  EXPECT_TRUE(verify_export(into_, notary_.verifier()));
}

TEST_F(AnExport, HasProofsOfSingleEntriesThatTheOtherProgramChecksToo) {
  ASSERT_TRUE(write());
  auto bundle = notary_.prove({1, 300, 600}).value();
  auto file = directory_.path() / "proofs.json";
  auto check = [&](const Bundle& one) {
    EXPECT_TRUE(write_file(file, json::print(to_json(one))));
    auto command = "/usr/bin/python3 -B " + (into_ / "verify.py").string() + " " + file.string() + " >" +
                   (directory_.path() / "said").string();
    return WEXITSTATUS(std::system(command.c_str()));
  };
  EXPECT_EQ(check(bundle), 0);
  bundle.entries[1].leaf = replace_all(bundle.entries[1].leaf, "\"i\":299", "\"i\":300");
  EXPECT_EQ(check(bundle), 1);
}

}  // namespace
}  // namespace aright::ledger
