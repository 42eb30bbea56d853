#include "model/model.h"

#include <algorithm>
#include <ranges>

#include "base/embedded.h"
#include "model/form.h"

ARIGHT_EMBEDDED(models)

namespace aright::model {
namespace {

// Where KEY stands among the records first … first + count - 1, which are sorted by what KEY_OF
// says of them.
template <typename Record, typename Key, typename KeyOf>
std::optional<std::uint32_t> search(std::string_view bytes, std::uint32_t first,
                                    std::uint32_t count, const Key& key, KeyOf key_of) {
  const auto places = std::views::iota(first, first + count);
  const auto at = [&](std::uint32_t place) { return key_of(form::read<Record>(bytes, place)); };
  const auto found = std::ranges::lower_bound(places, key, {}, at);
  if (found == places.end() || at(*found) != key) return std::nullopt;
  return *found;
}

template <typename Record>
std::optional<std::uint32_t> search_name(std::string_view bytes, std::uint32_t first,
                                         std::uint32_t count, std::string_view name) {
  return search<Record>(bytes, first, count, name,
                        [&](const Record& record) { return form::text(bytes, record.name); });
}

// The record of rare facts about a shape or member; empty texts when there is none.
template <typename Detail>
Detail detail(std::string_view bytes, bool there, std::uint32_t owner) {
  if (!there) return {};
  const auto found = search<Detail>(bytes, 0, form::extent(bytes, Detail::part).count, owner,
                                    [](const Detail& record) { return record.owner; });
  return found ? form::read<Detail>(bytes, *found) : Detail{};
}

form::ShapeDetail shape_detail(std::string_view bytes, std::uint32_t index) {
  const bool there = form::read<form::Shape>(bytes, index).flags & form::shape_has_detail;
  return detail<form::ShapeDetail>(bytes, there, index);
}

form::MemberDetail member_detail(std::string_view bytes, std::uint32_t index) {
  const bool there = form::read<form::Member>(bytes, index).flags & form::member_has_detail;
  return detail<form::MemberDetail>(bytes, there, index);
}

std::vector<std::string> list(std::string_view bytes, form::TextList said) {
  std::vector<std::string> texts;
  for (std::uint32_t place = said.first; place < said.first + said.count; ++place) {
    texts.emplace_back(form::text(bytes, form::read<form::ListedText>(bytes, place).text));
  }
  return texts;
}

Waiter waiter_from(std::string_view bytes, const form::Waiter& record) {
  Waiter waiter{.name = std::string(form::text(bytes, record.name)),
                .operation = std::string(form::text(bytes, record.operation)),
                .delay_s = static_cast<int>(record.delay_s),
                .attempts_max = static_cast<int>(record.attempts_max)};
  for (std::uint32_t i = 0; i < record.acceptors; ++i) {
    const auto said = form::read<form::Acceptor>(bytes, record.first_acceptor + i);
    waiter.acceptors.push_back({.matcher = std::string(form::text(bytes, said.matcher)),
                                .argument = std::string(form::text(bytes, said.argument)),
                                .expected = std::string(form::text(bytes, said.expected)),
                                .state = std::string(form::text(bytes, said.state))});
  }
  return waiter;
}

}  // namespace

// Within every accessor below: the handle's record, a text of it, a flag of it.
#define ARIGHT_RECORD(Kind) form::read<form::Kind>(models_->bytes_, index_)
#define ARIGHT_TEXT(Kind, field) form::text(models_->bytes_, ARIGHT_RECORD(Kind).field)

// ---- Shape

Type Shape::type() const {
  return static_cast<Type>(ARIGHT_RECORD(Shape).type);
}

std::vector<Member> Shape::members() const {
  if (type() != Type::structure) return {};
  const auto record = ARIGHT_RECORD(Shape);
  std::vector<Member> all;
  all.reserve(record.members);
  for (std::uint32_t i = 0; i < record.members; ++i)
    all.push_back(Member(models_, record.first_member + i));
  return all;
}

std::optional<Member> Shape::member(std::string_view name) const {
  const auto record = ARIGHT_RECORD(Shape);
  if (type() != Type::structure) return std::nullopt;
  for (std::uint32_t i = 0; i < record.members; ++i) {
    const Member member(models_, record.first_member + i);
    if (member.name() == name) return member;
  }
  return std::nullopt;
}

Shape Shape::element() const {
  const auto record = ARIGHT_RECORD(Shape);
  switch (type()) {
    case Type::list:
      return Member(models_, record.first_member).shape();
    case Type::map:
      return Member(models_, record.first_member + 1).shape();
    case Type::structure:
    case Type::string:
    case Type::integer:
    case Type::floating:
    case Type::boolean:
    case Type::timestamp:
    case Type::blob:
      return {};
  }
  return {};
}

std::string_view Shape::element_name() const {
  if (type() != Type::list) return {};
  return Member(models_, ARIGHT_RECORD(Shape).first_member).location_name();
}

Shape Shape::key() const {
  if (type() != Type::map) return {};
  return Member(models_, ARIGHT_RECORD(Shape).first_member).shape();
}

std::string_view Shape::key_name() const {
  if (type() != Type::map) return {};
  return Member(models_, ARIGHT_RECORD(Shape).first_member).location_name();
}

std::string_view Shape::value_name() const {
  if (type() != Type::map) return {};
  return Member(models_, ARIGHT_RECORD(Shape).first_member + 1).location_name();
}

bool Shape::flattened() const {
  return ARIGHT_RECORD(Shape).flags & form::shape_flattened;
}
bool Shape::sensitive() const {
  return ARIGHT_RECORD(Shape).flags & form::shape_sensitive;
}
bool Shape::streaming() const {
  return ARIGHT_RECORD(Shape).flags & form::shape_streaming;
}
bool Shape::event_stream() const {
  return ARIGHT_RECORD(Shape).flags & form::shape_event_stream;
}
bool Shape::document() const {
  return ARIGHT_RECORD(Shape).flags & form::shape_document;
}

TimestampFormat Shape::timestamp_format() const {
  return static_cast<TimestampFormat>(ARIGHT_RECORD(Shape).timestamp_format);
}

std::string_view Shape::payload() const {
  return form::text(models_->bytes_, shape_detail(models_->bytes_, index_).payload);
}
std::string_view Shape::xml_name() const {
  return form::text(models_->bytes_, shape_detail(models_->bytes_, index_).xml_name);
}
std::string_view Shape::xml_namespace() const {
  return form::text(models_->bytes_, shape_detail(models_->bytes_, index_).xml_namespace);
}
std::string_view Shape::xml_prefix() const {
  return form::text(models_->bytes_, shape_detail(models_->bytes_, index_).xml_prefix);
}

// ---- Member

std::string_view Member::name() const {
  return ARIGHT_TEXT(Member, name);
}
std::string_view Member::location_name() const {
  return ARIGHT_TEXT(Member, location_name);
}

std::string_view Member::query_name() const {
  return form::text(models_->bytes_, member_detail(models_->bytes_, index_).query_name);
}

Location Member::location() const {
  return static_cast<Location>(ARIGHT_RECORD(Member).location);
}
Shape Member::shape() const {
  return Shape(models_, ARIGHT_RECORD(Member).shape);
}

bool Member::required() const {
  return ARIGHT_RECORD(Member).flags & form::member_required;
}
bool Member::idempotency_token() const {
  return ARIGHT_RECORD(Member).flags & form::member_idempotency_token;
}
bool Member::xml_attribute() const {
  return ARIGHT_RECORD(Member).flags & form::member_xml_attribute;
}
bool Member::flattened() const {
  return ARIGHT_RECORD(Member).flags & form::member_flattened;
}
bool Member::host_label() const {
  return ARIGHT_RECORD(Member).flags & form::member_host_label;
}
bool Member::json_value() const {
  return ARIGHT_RECORD(Member).flags & form::member_json_value;
}

bool Member::streaming() const {
  return ARIGHT_RECORD(Member).flags & form::member_streaming || shape().streaming();
}

std::string_view Member::xml_namespace() const {
  const auto own =
      form::text(models_->bytes_, member_detail(models_->bytes_, index_).xml_namespace);
  return own.empty() ? shape().xml_namespace() : own;
}

std::string_view Member::xml_prefix() const {
  const auto own = member_detail(models_->bytes_, index_);
  const bool says_one = !form::text(models_->bytes_, own.xml_namespace).empty();
  return says_one ? form::text(models_->bytes_, own.xml_prefix) : shape().xml_prefix();
}

TimestampFormat Member::timestamp_format() const {
  const auto own = static_cast<TimestampFormat>(ARIGHT_RECORD(Member).timestamp_format);
  return own == TimestampFormat::by_protocol ? shape().timestamp_format() : own;
}

// ---- Operation

std::string_view Operation::name() const {
  return ARIGHT_TEXT(Operation, name);
}
std::string_view Operation::method() const {
  return ARIGHT_TEXT(Operation, method);
}
std::string_view Operation::uri() const {
  return ARIGHT_TEXT(Operation, uri);
}
int Operation::success_status() const {
  return ARIGHT_RECORD(Operation).success_status;
}

Shape Operation::input() const {
  const auto shape = ARIGHT_RECORD(Operation).input;
  return shape == form::none ? Shape() : Shape(models_, shape);
}

Shape Operation::output() const {
  const auto shape = ARIGHT_RECORD(Operation).output;
  return shape == form::none ? Shape() : Shape(models_, shape);
}

std::string_view Operation::input_wrapper() const {
  return ARIGHT_TEXT(Operation, input_wrapper);
}
std::string_view Operation::input_xml_namespace() const {
  return ARIGHT_TEXT(Operation, input_xml_namespace);
}
std::string_view Operation::result_wrapper() const {
  return ARIGHT_TEXT(Operation, result_wrapper);
}
std::string_view Operation::host_prefix() const {
  return ARIGHT_TEXT(Operation, host_prefix);
}
std::string_view Operation::auth_type() const {
  return ARIGHT_TEXT(Operation, auth_type);
}

bool Operation::checksum_required() const {
  return ARIGHT_RECORD(Operation).flags & form::operation_checksum_required;
}

std::optional<Pagination> Operation::pagination() const {
  const auto place = ARIGHT_RECORD(Operation).pagination;
  if (place == form::none) return std::nullopt;
  const auto bytes = models_->bytes_;
  const auto record = form::read<form::Pagination>(bytes, place);
  return Pagination{.input_tokens = list(bytes, record.input_tokens),
                    .output_tokens = list(bytes, record.output_tokens),
                    .result_keys = list(bytes, record.result_keys),
                    .limit_key = std::string(form::text(bytes, record.limit_key)),
                    .more_results = std::string(form::text(bytes, record.more_results))};
}

// ---- Service

std::string_view Service::name() const {
  return ARIGHT_TEXT(Service, name);
}
std::string_view Service::api_version() const {
  return ARIGHT_TEXT(Service, api_version);
}
std::string_view Service::service_id() const {
  return ARIGHT_TEXT(Service, service_id);
}
std::string_view Service::endpoint_prefix() const {
  return ARIGHT_TEXT(Service, endpoint_prefix);
}
std::string_view Service::signing_name() const {
  return ARIGHT_TEXT(Service, signing_name);
}
std::string_view Service::signature_version() const {
  return ARIGHT_TEXT(Service, signature_version);
}
std::string_view Service::target_prefix() const {
  return ARIGHT_TEXT(Service, target_prefix);
}
std::string_view Service::json_version() const {
  return ARIGHT_TEXT(Service, json_version);
}
std::string_view Service::xml_namespace() const {
  return ARIGHT_TEXT(Service, xml_namespace);
}
std::string_view Service::global_endpoint() const {
  return ARIGHT_TEXT(Service, global_endpoint);
}
Protocol Service::protocol() const {
  return static_cast<Protocol>(ARIGHT_RECORD(Service).protocol);
}

std::vector<Operation> Service::operations() const {
  const auto record = ARIGHT_RECORD(Service);
  std::vector<Operation> all;
  all.reserve(record.operations);
  for (std::uint32_t i = 0; i < record.operations; ++i)
    all.push_back(Operation(models_, record.first_operation + i));
  return all;
}

std::optional<Operation> Service::operation(std::string_view name) const {
  const auto bytes = models_->bytes_;
  const auto record = ARIGHT_RECORD(Service);
  if (const auto found =
          search_name<form::Operation>(bytes, record.first_operation, record.operations, name)) {
    return Operation(models_, *found);
  }
  if (const auto found =
          search_name<form::Snake>(bytes, record.first_operation, record.operations, name)) {
    return Operation(models_, form::read<form::Snake>(bytes, *found).operation);
  }
  return std::nullopt;
}

std::vector<Waiter> Service::waiters() const {
  const auto record = ARIGHT_RECORD(Service);
  std::vector<Waiter> all;
  for (std::uint32_t i = 0; i < record.waiters; ++i) {
    all.push_back(waiter_from(models_->bytes_,
                              form::read<form::Waiter>(models_->bytes_, record.first_waiter + i)));
  }
  return all;
}

std::optional<Waiter> Service::waiter(std::string_view name) const {
  const auto bytes = models_->bytes_;
  const auto record = ARIGHT_RECORD(Service);
  for (std::uint32_t i = 0; i < record.waiters; ++i) {
    const auto said = form::read<form::Waiter>(bytes, record.first_waiter + i);
    if (form::text(bytes, said.name) == name || form::text(bytes, said.snake) == name)
      return waiter_from(bytes, said);
  }
  return std::nullopt;
}

#undef ARIGHT_TEXT
#undef ARIGHT_RECORD

// ---- Models

const Models& Models::embedded() {
  static const Models models(embedded_models());
  return models;
}

Result<Models> Models::open(std::string_view bytes) {
  CHECK_OK(form::check(bytes));
  return Models(bytes);
}

std::vector<Service> Models::services() const {
  std::vector<Service> all;
  const auto count = form::extent(bytes_, form::Part::services).count;
  all.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i)
    all.push_back(Service(this, i));
  return all;
}

std::optional<Service> Models::service(std::string_view name) const {
  const auto count = form::extent(bytes_, form::Part::lookup_names).count;
  const auto found = search_name<form::LookupName>(bytes_, 0, count, name);
  if (!found) return std::nullopt;
  return Service(this, form::read<form::LookupName>(bytes_, *found).service);
}

std::vector<Service> Models::signing_as(std::string_view signing_name) const {
  std::vector<Service> all;
  const auto count = form::extent(bytes_, form::Part::signers).count;
  const auto first = search_name<form::Signer>(bytes_, 0, count, signing_name);
  for (auto i = first.value_or(count); i < count; ++i) {
    const auto signer = form::read<form::Signer>(bytes_, i);
    if (form::text(bytes_, signer.name) != signing_name) break;
    all.push_back(Service(this, signer.service));
  }
  return all;
}

}  // namespace aright::model
