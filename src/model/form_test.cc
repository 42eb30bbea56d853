// Bytes of any origin: open() refuses what it must, and what it accepts can be read to the last
// record.

#include "model/form.h"

#include <gmock/gmock.h>

#include <random>

#include "base/embedded.h"
#include "model/model.h"

ARIGHT_EMBEDDED(models)

namespace aright::model {
namespace {

std::size_t read_shape(const Shape& shape) {
  std::size_t read = shape.payload().size() + shape.xml_name().size() +
                     shape.xml_namespace().size() + shape.xml_prefix().size() +
                     shape.element_name().size() + shape.key_name().size() +
                     shape.value_name().size() + static_cast<std::size_t>(shape.timestamp_format());
  if (const auto element = shape.element()) read += static_cast<std::size_t>(element.type());
  for (const auto& member : shape.members()) {
    read += member.name().size() + member.location_name().size() + member.query_name().size() +
            member.xml_namespace().size() + member.xml_prefix().size() +
            static_cast<std::size_t>(member.shape().type()) + member.streaming();
  }
  return read;
}

// Reads what the services say, to the depth of inputs and outputs.
std::size_t read_all(const Models& models) {
  std::size_t read = 0;
  for (const auto& service : models.services()) {
    read += service.name().size() + service.target_prefix().size() + service.waiters().size();
    for (const auto& operation : service.operations()) {
      read += operation.name().size() + operation.uri().size() + operation.pagination().has_value();
      if (operation.input()) read += read_shape(operation.input());
      if (operation.output()) read += read_shape(operation.output());
    }
    read += service.operation("describe_instances").has_value();
  }
  return read + models.service("s3").has_value() + models.signing_as("s3").size();
}

TEST(Form, AcceptsWhatTheBuildMade) {
  const auto checked = form::check(embedded_models());
  EXPECT_TRUE(checked) << checked.error().text();
  EXPECT_GT(read_all(Models::embedded()), 1'000'000u);
}

TEST(Form, RefusesOtherFilesAndOtherVersions) {
  EXPECT_EQ(Models::open("").error().code, Errc::corrupt);
  EXPECT_EQ(Models::open(std::string(4096, 'x')).error().code, Errc::corrupt);
  std::string newer(embedded_models());
  ++newer[form::magic.size()];
  EXPECT_EQ(Models::open(newer).error().code, Errc::corrupt);
}

TEST(Form, RefusesBytesThatWereCutOffAnywhere) {
  const auto whole = embedded_models();
  for (std::size_t size = 0; size < 256; ++size) {
    EXPECT_FALSE(Models::open(std::string(whole.substr(0, size)))) << size;
  }
  for (std::size_t size = 256; size < whole.size(); size += whole.size() / 16) {
    EXPECT_FALSE(Models::open(std::string(whole.substr(0, size)))) << size;
  }
}

TEST(Form, RefusesPartsThatReachBeyondTheEnd) {
  for (std::uint32_t part = 0; part < form::parts; ++part) {
    std::string bytes(embedded_models());
    const auto count_at =
        sizeof(form::Header) + part * sizeof(form::Extent) + sizeof(std::uint32_t);
    bytes.replace(count_at, sizeof(std::uint32_t), "\xff\xff\xff\xff", sizeof(std::uint32_t));
    EXPECT_FALSE(Models::open(bytes)) << part;
  }
}

TEST(Form, NeverLeadsAReaderOutside) {
  constexpr int cases = 60;
  constexpr int flips = 3;
  std::mt19937 random(20240229);
  std::string bytes(embedded_models());
  const auto records_end = form::extent(bytes, form::Part::strings).offset;
  int accepted = 0;
  for (int each = 0; each < cases; ++each) {
    std::string broken = bytes;
    for (int flip = 0; flip < flips; ++flip) {
      const auto end = each % 4 == 0 ? broken.size() : records_end;
      const auto begin =
          each % 2 == 0 ? sizeof(form::Header) : form::extent(bytes, form::Part::shapes).offset;
      const auto at = std::uniform_int_distribution<std::size_t>(begin, end - 1)(random);
      broken[at] = static_cast<char>(broken[at] ^ (1 << random() % 8));
    }
    const auto models = Models::open(broken);
    if (!models) continue;
    ++accepted;
    read_all(*models);
  }
  EXPECT_GT(accepted, 0);
  EXPECT_LT(accepted, cases);
}

}  // namespace
}  // namespace aright::model
