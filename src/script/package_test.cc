#include "script/package.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "base/file.h"

namespace aright::script {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

class APackage : public ::testing::Test {
 protected:
  void write(const std::string& name, std::string_view text, unsigned mode = 0644) {
    fs::create_directories((folder.path() / name).parent_path());
    ASSERT_TRUE(write_file(folder.path() / name, text, mode));
  }
  TemporaryDirectory folder;
};

TEST_F(APackage, IsAFolderWithAllBelowIt) {
  write("bootstrap", "#!/bin/sh\n", 0755);
  write("lib/data.bin", std::string_view("\0\xff", 2));
  write(".git/config", "not this");
  write("__pycache__/app.pyc", "nor this");
  auto package = read_package(folder.path());
  ASSERT_TRUE(package) << package.error().message;
  EXPECT_THAT(package->files,
              ElementsAre(Pair("bootstrap", "#!/bin/sh\n"), Pair("lib/data.bin", std::string("\0\xff", 2))));
  EXPECT_THAT(package->executables, ElementsAre("bootstrap"));
}

TEST_F(APackage, HoldsNoLinksAndIsThere) {
  fs::create_symlink("/etc/passwd", folder.path() / "secrets");
  EXPECT_THAT(read_package(folder.path()).error().message, HasSubstr("is a link"));
  EXPECT_EQ(read_package(folder.path() / "nowhere").error().code, Errc::not_found);
  write("no.zip", "hello");
  EXPECT_THAT(read_package(folder.path() / "no.zip").error().message, HasSubstr("no.zip: the zip is none"));
}

TEST(Layers, ComeOverEachOther) {
  Program program;
  put_layer(program, {.files = {{"a", "1"}, {"b", "1"}}, .executables = {"a", "b"}});
  put_layer(program, {.files = {{"b", "2"}}, .executables = {}});
  put_files(program, {.files = {{"bootstrap", "3"}}, .executables = {"bootstrap"}});
  EXPECT_THAT(program.layers, ElementsAre(Pair("a", "1"), Pair("b", "2")));
  EXPECT_THAT(program.executables, ElementsAre("/opt/a", "/var/task/bootstrap"));
}

}  // namespace
}  // namespace aright::script
