#include "sandbox/paging.h"

#include <algorithm>
#include <charconv>

#include "base/digest.h"
#include "sandbox/emulate.h"
#include "sandbox/validate.h"

namespace aright::sandbox {

namespace {

constexpr std::size_t mark_digits = 8;

// The most exact first: where a service has an error for tokens alone, it is that.
constexpr std::array token_errors = {"InvalidNextToken",
                                     "InvalidNextTokenException",
                                     "InvalidToken",
                                     "InvalidMarkerException",
                                     "InvalidParameterException",
                                     "InvalidParameterValueException",
                                     "InvalidParameterValue",
                                     "InvalidParameter",
                                     "WAFInvalidParameterException",
                                     "InvalidArgument",
                                     "InvalidInputException",
                                     "BadRequestException",
                                     "BadRequest",
                                     "InvalidRequestException"};

constexpr char whole_mark = '#';  // before a place in a list that was answered whole

// The members of an answer that a page has its items in.
std::vector<std::string> lists_of(const model::Pagination& pages, const model::Operation& operation) {
  if (!pages.result_keys.empty()) return pages.result_keys;
  std::vector<std::string> out;
  for (const auto& member : operation.output().members())
    if (member.shape().type() == model::Type::list) out.emplace_back(member.name());
  return out;
}

}  // namespace

std::string page_token(std::string_view operation, std::string_view place) {
  auto mark = to_hex(sha256(fmt::format("{}\n{}", operation, place))).substr(0, mark_digits);
  return to_base64(mark + std::string(place));
}

std::optional<std::string> read_page_token(std::string_view operation, std::string_view token) {
  auto text = from_base64(token);
  if (!text || text->size() < mark_digits) return std::nullopt;
  auto place = text->substr(mark_digits);
  return page_token(operation, place) == token ? std::optional(place) : std::nullopt;
}

Error bad_token(const Scene& scene, std::string_view member) {
  const auto message = fmt::format("The {} is not valid", member);
  const auto* described = scene.catalog.service(scene.call.service);
  for (const auto* code : token_errors)
    if (described != nullptr && described->errors.contains(code)) return scene.error(code, message);
  return input_error(*scene.catalog.models().service(scene.call.service), member, message);
}

Result<std::size_t> page_start(const Scene& scene, std::string_view member) {
  auto token = scene.text(member);
  if (token.empty()) return std::size_t{0};
  std::size_t start = 0;
  auto place = read_page_token(scene.call.operation, token);
  if (!place) return fail(bad_token(scene, member));
  std::from_chars(place->data(), place->data() + place->size(), start);
  return start;
}

std::optional<model::Pagination> pages_of(const model::Operation& operation) {
  if (auto said = operation.pagination(); said && !said->input_tokens.empty()) return said;
  auto input = operation.input(), output = operation.output();
  if (!input || !output) return std::nullopt;
  for (const auto* token : {"NextToken", "nextToken", "Marker"})
    for (const auto* limit : {"Limit", "MaxResults", "maxResults", "MaxRecords", "MaxItems"})
      if (input.member(token) && output.member(token) && input.member(limit))
        return model::Pagination{.input_tokens = {token}, .output_tokens = {token}, .limit_key = limit};
  return std::nullopt;
}

Result<> cut_whole(const Scene& scene, const model::Operation& operation, json::Object& output) {
  const auto pages = pages_of(operation);
  if (!pages || pages->output_tokens.empty() || scene.call.service == "s3") return {};  // S3's go on after any key
  const auto& asks = pages->input_tokens.front();
  const auto& answers = pages->output_tokens.front();
  std::size_t from = 0;
  if (auto token = scene.text(asks); !token.empty()) {
    auto place = read_page_token(operation.name(), token);
    if (!place) return fail(bad_token(scene, asks));
    if (!place->starts_with(whole_mark)) return {};
    std::from_chars(place->data() + 1, place->data() + place->size(), from);
  }
  const auto lists = lists_of(*pages, operation);
  if (lists.size() != 1 || output.contains(answers) || !json::at(output, lists[0]).is_array()) return {};
  auto& list = output[lists[0]].as_array();
  const auto asked = json::integer(scene.input(pages->limit_key));
  auto limit = asked < 1 ? page_items_max : std::min(page_items_max, static_cast<std::size_t>(asked));
  if (scene.page_items) limit = std::min(limit, *scene.page_items);
  from = std::min(from, list.size());
  const auto to = std::min(list.size(), from + limit);
  const bool more = to < list.size();
  list = json::Array(list.begin() + static_cast<std::ptrdiff_t>(from), list.begin() + static_cast<std::ptrdiff_t>(to));
  if (more) output[answers] = page_token(operation.name(), fmt::format("{}{}", whole_mark, to));
  if (!pages->more_results.empty()) output[pages->more_results] = more;
  return {};
}

Result<json::Object> page_of(const Scene& scene, std::string_view list, const json::Array& all, const Paging& paging) {
  const auto most = static_cast<std::int64_t>(paging.most);
  const auto asked = json::integer(scene.input(paging.limit), most);
  auto limit = static_cast<std::size_t>(std::clamp<std::int64_t>(asked, 1, most));
  if (scene.page_items) limit = std::min(limit, std::max<std::size_t>(1, *scene.page_items));
  auto name = [&](const json::Value& item) {
    return json::scalar_text(paging.sorted_by->empty() ? item : json::at(item, *paging.sorted_by));
  };
  std::size_t from = 0;
  if (!paging.sorted_by) {
    from = std::min(all.size(), TRY(page_start(scene, paging.token)));
  } else if (auto token = scene.text(paging.token); !token.empty()) {
    auto last = read_page_token(scene.call.operation, token);
    if (!last) return fail(bad_token(scene, paging.token));
    while (from < all.size() && name(all[from]) <= *last) ++from;
  }
  const auto to = std::min(all.size(), from + limit);
  json::Object output{{list, json::Array(all.begin() + static_cast<std::ptrdiff_t>(from),
                                         all.begin() + static_cast<std::ptrdiff_t>(to))}};
  if (to < all.size())
    output[paging.token] =
        page_token(scene.call.operation, paging.sorted_by ? name(all[to - 1]) : std::to_string(to));
  return output;
}

}  // namespace aright::sandbox
