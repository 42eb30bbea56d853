#include "script/archive.h"

#include <gmock/gmock.h>

#include "base/digest.h"

namespace aright::script {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

// Made with Python's zipfile, so by nobody here: a.py deflated ("x = 1\n" twenty times), b/c.py
// stored ("y = 2\n"), a folder, and a comment at the end.
const std::string archive = from_base64(
                                "UEsDBBQAAAAIAFkafF0Oa33JCwAAAHgAAAAEAAAAYS5weatQsFUw5KqgOwkAUEsDBB"
                                "QAAAAAAFkafF0AAAAAAAAAAAAAAAACAAAA"
                                "Yi9QSwMEFAAAAAAAWRp8XV0Jh2sGAAAABgAAAAYAAABiL2MucHl5ID0gMgpQSwECFA"
                                "MUAAAACABZGnxdDmt9yQsAAAB4AAAABAAA"
                                "AAAAAAAAAAAAgAEAAAAAYS5weVBLAQIUAxQAAAAAAFkafF0AAAAAAAAAAAAAAAACAA"
                                "AAAAAAAAAAEAD9QS0AAABiL1BLAQIUAxQA"
                                "AAAAAFkafF1dCYdrBgAAAAYAAAAGAAAAAAAAAAAAAACAAU0AAABiL2MucHlQSwUGAA"
                                "AAAAMAAwCWAAAAdwAAAA8AbWFkZSBmb3Ig"
                                "YSB0ZXN0")
                                .value();

std::string refusal(std::string bytes) {
  auto files = unzip(bytes);
  return files ? "" : files.error().message;
}

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i)
    out += text;
  return out;
}

TEST(Archive, GivesFilesAndPassesOverFolders) {
  auto files = unzip(archive);
  ASSERT_TRUE(files) << files.error().message;
  EXPECT_THAT(files->files,
              ElementsAre(Pair("a.py", repeated("x = 1\n", 20)), Pair("b/c.py", "y = 2\n")));
}

TEST(Archive, RefusesWhatIsNone) {
  for (const auto& bytes :
       {std::string(), std::string("hello"), std::string(22, '\0'), std::string(100'000, 'P')})
    EXPECT_EQ(refusal(bytes), "the zip is none");
  EXPECT_THAT(unzip("PK\x05\x06" + std::string(18, '\0'))->files, IsEmpty());
}

// Cut anywhere, flipped anywhere: never a crash, never a file that is not what its checksum says.
TEST(Archive, IsRefusedOrTheSameWhateverHappensToIt) {
  auto whole = unzip(archive).value();
  for (std::size_t length = 0; length < archive.size(); ++length) {
    auto files = unzip(archive.substr(0, length));
    if (!files) continue;
    for (const auto& [name, text] : files->files)
      EXPECT_EQ(text, whole.files[name]);
  }
  for (std::size_t at = 0; at < archive.size(); ++at) {
    for (unsigned char flip : {0x01, 0x80, 0xFF}) {
      auto bytes = archive;
      bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ flip);
      auto files = unzip(bytes);
      if (!files) continue;
      for (const auto& [name, text] : files->files)
        EXPECT_TRUE(text == whole.files["a.py"] || text == whole.files["b/c.py"] ||
                    text.empty())  // a folder no more
            << name << " after a flip at " << at;
    }
  }
}

std::string with(std::size_t at, std::string_view bytes) {
  auto changed = archive;
  changed.replace(at, bytes.size(), bytes);
  return changed;
}

TEST(Archive, RefusesBombsLinksAndEncryption) {
  auto entry = archive.find("PK\x01\x02");
  EXPECT_THAT(refusal(with(entry + 24, std::string("\xff\xff\xff\x7f", 4))),
              HasSubstr("unpacks to more than"));
  EXPECT_THAT(refusal(with(entry + 24, std::string("\x05\x00\x00\x00", 4))),
              HasSubstr("not as long as it says"));
  EXPECT_THAT(refusal(with(entry + 38, std::string("\x00\x00\xff\xa1", 4))),
              HasSubstr("holds a link"));
  EXPECT_THAT(refusal(with(entry + 8, std::string("\x01\x00", 2))), HasSubstr("is encrypted"));
  EXPECT_THAT(refusal(with(entry + 10, std::string("\x0c\x00", 2))),
              HasSubstr("another compression"));
  EXPECT_THAT(refusal(with(entry + 42, std::string("\xff\xff\xff\xff", 4))),
              HasSubstr("not there"));
}

}  // namespace
}  // namespace aright::script
