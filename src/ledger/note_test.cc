#include "ledger/note.h"

#include <gmock/gmock.h>

#include "base/digest.h"

namespace aright::ledger {
namespace {

using testing::HasSubstr;
using testing::Not;

// From the documentation of the Go package that the format comes from.
constexpr std::string_view published_key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr std::string_view published_note =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

TEST(ANote, IsReadAsOthersWriteIt) {
  auto key = parse_verifier(published_key);
  ASSERT_TRUE(key) << key.error().text();
  EXPECT_EQ(key->name, "PeterNeumann");
  EXPECT_EQ(key->text(), published_key);
  auto text = open_note(published_note, *key);
  ASSERT_TRUE(text) << text.error().text();
  EXPECT_THAT(*text, HasSubstr("what your problem is.\n"));
}

TEST(ANote, IsRefusedWhenOneByteIsAnother) {
  auto key = parse_verifier(published_key).value();
  for (std::size_t i = 0; i < published_note.size(); ++i) {
    std::string changed(published_note);
    changed[i] ^= 1;
    EXPECT_FALSE(open_note(changed, key)) << "byte " << i;
  }
}

TEST(ANote, IsSignedByOneAndOpenedByEverybodyWithItsKey) {
  auto signer = Signer::generate("aright/test");
  auto note = signer.sign("one\ntwo\n").value();
  EXPECT_EQ(open_note(note, signer.verifier()).value(), "one\ntwo\n");
  EXPECT_FALSE(open_note(note, Signer::generate("aright/test").verifier()));
  auto again = Signer::parse(signer.text());
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->verifier().text(), signer.verifier().text());
  EXPECT_EQ(again->sign("one\ntwo\n").value(), note);
}

TEST(ANote, MayCarrySignaturesOfOthersBesideOurs) {
  auto signer = Signer::generate("aright/test");
  auto note = signer.sign("text\n").value();
  note += "— witness/one AAAAAAAAAAAA\n";
  EXPECT_EQ(open_note(note, signer.verifier()).value(), "text\n");
}

TEST(ASigner, IsNotReadFromAnythingElse) {
  auto text = Signer::generate("aright/test").text().reveal();
  EXPECT_FALSE(Signer::parse(Secret(text.substr(0, text.size() - 4))));
  EXPECT_FALSE(Signer::parse(Secret(text.substr(8))));
  auto other = text;
  other[text.find("test")] = 'b';
  auto refused = Signer::parse(Secret(other));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text(), HasSubstr("is not that of its name"));
  EXPECT_THAT(refused.error().text(), Not(HasSubstr(text.substr(text.size() - 20))));
}

TEST(ACheckpoint, IsWrittenAndReadAlike) {
  Checkpoint written{.origin = "aright/test", .size = 1207, .root = sha256("root")};
  auto read = parse_checkpoint(written.text());
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->origin, written.origin);
  EXPECT_EQ(read->size, written.size);
  EXPECT_EQ(read->root, written.root);
  for (std::string_view bad : {"", "a\n1\n", "a\n01\nAAAA\n", "a\nx\nAAAA\n", "\n1\nAAAA\n", "a\n1\nAAAA\n"})
    EXPECT_FALSE(parse_checkpoint(bad)) << bad;
}

}  // namespace
}  // namespace aright::ledger
