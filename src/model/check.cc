#include <array>

#include "model/form.h"
#include "model/model.h"

namespace aright::model::form {
namespace {

constexpr std::array<std::size_t, parts> record_sizes = {sizeof(Service),      sizeof(LookupName),
                                                         sizeof(Signer),       sizeof(Operation),
                                                         sizeof(Snake),        sizeof(Shape),
                                                         sizeof(ShapeDetail),  sizeof(Member),
                                                         sizeof(MemberDetail), sizeof(Pagination),
                                                         sizeof(Waiter),       sizeof(Acceptor),
                                                         sizeof(ListedText),   1};

std::uint64_t size_of(std::string_view bytes, Part part) {
  return extent(bytes, part).count * std::uint64_t{record_sizes[static_cast<std::size_t>(part)]};
}

Result<> check_header(std::string_view bytes) {
  if (bytes.size() < sizeof(Header) + parts * sizeof(Extent))
    return fail(Errc::corrupt, "models: no whole header");
  const auto header = copy_at<Header>(bytes, 0);
  if (std::string_view(header.magic, sizeof header.magic) != magic) {
    return fail(Errc::corrupt, "models: not compiled service models");
  }
  if (header.version != version) {
    return fail(Errc::corrupt, "models: form {}, expected {}", header.version, version);
  }
  if (header.size != bytes.size()) {
    return fail(Errc::corrupt, "models: {} bytes, expected {}", bytes.size(), header.size);
  }
  for (std::uint32_t part = 0; part < parts; ++part) {
    const auto offset = extent(bytes, Part{part}).offset;
    if (offset > bytes.size() || size_of(bytes, Part{part}) > bytes.size() - offset) {
      return fail(Errc::corrupt, "models: part {} reaches beyond the end", part);
    }
  }
  return {};
}

// Answers whether what a record refers to is there.
class Checker {
 public:
  explicit Checker(std::string_view bytes) : bytes_(bytes) {}

  template <typename... Texts>
  bool texts(Texts... places) const {
    return (text(places) && ...);
  }
  template <typename Record>
  bool one(std::uint32_t index) const {
    return index < count(Record::part);
  }
  template <typename Record>
  bool one_or_none(std::uint32_t index) const {
    return index == none || one<Record>(index);
  }
  template <typename Record>
  bool run(std::uint32_t first, std::uint32_t length) const {
    return std::uint64_t{first} + length <= count(Record::part);
  }
  template <typename Record>
  Result<> all(std::string_view what) const {
    for (std::uint32_t index = 0; index < count(Record::part); ++index) {
      if (!sound(read<Record>(bytes_, index)))
        return fail(Errc::corrupt, "models: {} {} is unsound", what, index);
    }
    return {};
  }

 private:
  std::uint32_t count(Part part) const { return extent(bytes_, part).count; }

  bool text(Text place) const {
    const auto strings = extent(bytes_, Part::strings);
    if (std::uint64_t{place} + sizeof(std::uint16_t) > strings.count) return false;
    const auto length = copy_at<std::uint16_t>(bytes_, std::size_t{strings.offset} + place);
    return std::uint64_t{place} + sizeof length + length <= strings.count;
  }

  bool sound(const Service& s) const {
    return texts(s.name, s.api_version, s.service_id, s.endpoint_prefix, s.signing_name,
                 s.signature_version, s.target_prefix, s.json_version, s.xml_namespace,
                 s.global_endpoint) &&
           s.protocol <= static_cast<std::uint32_t>(Protocol::rest_xml) &&
           run<Operation>(s.first_operation, s.operations) &&
           run<Snake>(s.first_operation, s.operations) && run<Waiter>(s.first_waiter, s.waiters);
  }
  bool sound(const LookupName& n) const { return texts(n.name) && one<Service>(n.service); }
  bool sound(const Signer& n) const { return texts(n.name) && one<Service>(n.service); }
  bool sound(const Operation& o) const {
    return texts(o.name, o.method, o.uri, o.input_wrapper, o.input_xml_namespace, o.result_wrapper,
                 o.host_prefix, o.auth_type) &&
           one_or_none<Shape>(o.input) && one_or_none<Shape>(o.output) &&
           one_or_none<Pagination>(o.pagination);
  }
  bool sound(const Snake& s) const { return texts(s.name) && one<Operation>(s.operation); }
  bool sound(const Shape& s) const {
    const auto type = static_cast<Type>(s.type);
    return s.type <= static_cast<std::uint8_t>(Type::blob) && known_format(s.timestamp_format) &&
           run<Member>(s.first_member, s.members) && (type != Type::list || s.members == 1) &&
           (type != Type::map || s.members == 2);
  }
  bool sound(const ShapeDetail& d) const {
    return texts(d.payload, d.xml_name, d.xml_namespace, d.xml_prefix);
  }
  bool sound(const Member& m) const {
    return texts(m.name, m.location_name) && one<Shape>(m.shape) &&
           known_format(m.timestamp_format) &&
           m.location <= static_cast<std::uint8_t>(Location::status_code);
  }
  bool sound(const MemberDetail& d) const {
    return texts(d.query_name, d.xml_namespace, d.xml_prefix);
  }
  bool sound(const Pagination& p) const {
    return run<ListedText>(p.input_tokens.first, p.input_tokens.count) &&
           run<ListedText>(p.output_tokens.first, p.output_tokens.count) &&
           run<ListedText>(p.result_keys.first, p.result_keys.count) &&
           texts(p.limit_key, p.more_results);
  }
  bool sound(const Waiter& w) const {
    return texts(w.name, w.snake, w.operation) && run<Acceptor>(w.first_acceptor, w.acceptors);
  }
  bool sound(const Acceptor& a) const { return texts(a.matcher, a.argument, a.expected, a.state); }
  bool sound(const ListedText& t) const { return texts(t.text); }

  static bool known_format(std::uint8_t format) {
    return format <= static_cast<std::uint8_t>(TimestampFormat::unix_timestamp);
  }

  std::string_view bytes_;
};

}  // namespace

Result<> check(std::string_view bytes) {
  CHECK_OK(check_header(bytes));
  const Checker checker(bytes);
  CHECK_OK(checker.all<Service>("service"));
  CHECK_OK(checker.all<LookupName>("service name"));
  CHECK_OK(checker.all<Signer>("signing name"));
  CHECK_OK(checker.all<Operation>("operation"));
  CHECK_OK(checker.all<Snake>("operation name"));
  CHECK_OK(checker.all<Shape>("shape"));
  CHECK_OK(checker.all<ShapeDetail>("shape detail"));
  CHECK_OK(checker.all<Member>("member"));
  CHECK_OK(checker.all<MemberDetail>("member detail"));
  CHECK_OK(checker.all<Pagination>("pagination"));
  CHECK_OK(checker.all<Waiter>("waiter"));
  CHECK_OK(checker.all<Acceptor>("acceptor"));
  CHECK_OK(checker.all<ListedText>("text"));
  return {};
}

}  // namespace aright::model::form
