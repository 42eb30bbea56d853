// Each testdata/faults/<name>.yaml is a description with faults; its lines that begin with "#
// expect " are the diagnostics, without the name of the file. A good one expects nothing.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "base/text.h"
#include "cloud/catalog.h"

namespace aright::cloud {
namespace {

const std::filesystem::path faults =
    std::filesystem::path(ARIGHT_SOURCE_DIR) / "src/cloud/testdata/faults";

std::vector<std::string> expected(const std::string& text) {
  constexpr std::string_view mark = "# expect ";
  std::vector<std::string> out;
  for (const auto& line : split(text, '\n'))
    if (line.starts_with(mark)) out.push_back(line.substr(mark.size()));
  std::ranges::sort(out);
  return out;
}

std::vector<std::string> diagnostics(const std::string& file, const std::string& text) {
  auto catalog = Catalog::load(std::map<std::string, std::string>{{file, text}});
  if (catalog) return {};
  std::vector<std::string> out;
  for (auto line : split(catalog.error().message, '\n'))
    out.push_back(line.starts_with(file + ":") ? line.substr(file.size() + 1) : line);
  std::ranges::sort(out);
  return out;
}

TEST(Description, EveryFaultIsToldWithItsPlace) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(faults)) {
    auto text = *read_file(entry.path());
    auto file = entry.path().filename().string();
    EXPECT_EQ(diagnostics(file, text), expected(text)) << file;
    ++count;
  }
  EXPECT_GT(count, 3);
}

TEST(Description, TheEmbeddedOnesAreGoodAndSoAreTheFiles) {
  auto directory = std::filesystem::path(ARIGHT_SOURCE_DIR) / "catalog/services";
  auto loaded = Catalog::load(directory);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->types().size(), Catalog::embedded().types().size());
}

TEST(Description, ParentsMustBeDescribed) {
  std::string text = R"(
service: s3
resources:
  AWS::S3::Object: {key: [Bucket, Key], parent: AWS::S3::Bucket, arn: "arn:{Bucket}/{Key}", missing: NoSuchKey})";
  auto catalog = Catalog::load(std::map<std::string, std::string>{{"s3.yaml", text}});
  ASSERT_FALSE(catalog);
  EXPECT_THAT(catalog.error().message,
              testing::HasSubstr("its parent AWS::S3::Bucket is not described"));
}

TEST(Description, OneTypeIsDescribedOnce) {
  std::string text =
      "service: s3\nresources:\n  AWS::S3::Bucket: {key: Bucket, arn: 'a:{Bucket}', missing: "
      "NoSuchBucket}\n";
  auto catalog =
      Catalog::load(std::map<std::string, std::string>{{"a.yaml", text}, {"b.yaml", text}});
  ASSERT_FALSE(catalog);
  EXPECT_THAT(catalog.error().message,
              testing::HasSubstr("b.yaml: AWS::S3::Bucket is described twice"));
}

TEST(Description, OneServiceMayBeToldInSeveralFiles) {
  std::map<std::string, std::string> files{
      {"s3.yaml", "service: s3\nerrors: {NoSuchBucket: {status: 404}}\nreads: [ListBuckets]\n"},
      {"s3_more.yaml", "service: s3\nerrors: {NoSuchKey: {status: 404}}\nactions: [RestoreObject]\n"}};
  auto catalog = Catalog::load(files);
  ASSERT_TRUE(catalog) << catalog.error().message;
  EXPECT_EQ(catalog->service("s3")->errors.size(), 2u);
  EXPECT_TRUE(catalog->plain_read("s3", "ListBuckets"));
  EXPECT_TRUE(catalog->plain_action("s3", "RestoreObject"));
  files["s3_again.yaml"] = "service: s3\nerrors: {NoSuchKey: {status: 400}}\n";
  auto twice = Catalog::load(files);
  ASSERT_FALSE(twice);
  EXPECT_THAT(twice.error().message,
              testing::HasSubstr("s3_more.yaml: the error NoSuchKey is described in s3.yaml already"));
}

TEST(Description, AMissingDirectoryIsAnError) {
  EXPECT_EQ(Catalog::load(std::filesystem::path("/nonexistent/services")).error().code,
            Errc::not_found);
}

}  // namespace
}  // namespace aright::cloud
