#include "aws/client.h"
#include "aws/jmespath.h"

namespace aright::aws {

namespace {

// The tokens of the next page by input member, or none when this page was the last.
Result<json::Object> next_tokens(const model::Pagination& pagination, const json::Value& output) {
  json::Object tokens;
  if (!pagination.more_results.empty()) {
    auto more = TRY(search(pagination.more_results, output));
    if (!json::truth(more)) return tokens;
  }
  auto count = std::min(pagination.input_tokens.size(), pagination.output_tokens.size());
  for (std::size_t i = 0; i < count; ++i) {
    auto token = TRY(search(pagination.output_tokens[i], output));
    bool empty = token.is_null() || (token.is_string() && token.as_string().empty());
    if (!empty) tokens[pagination.input_tokens[i]] = std::move(token);
  }
  return tokens;
}

}  // namespace

Result<> paginate(Caller& caller, const model::Models& models, Call call, const Context& context,
                  const std::function<bool(const json::Object&)>& page) {
  auto service = models.service(call.service);
  if (!service) return fail(Errc::invalid, "there is no service {}", call.service);
  auto operation = service->operation(call.operation);
  if (!operation) return fail(Errc::invalid, "{} is no operation", call.name());
  auto pagination = operation->pagination();
  json::Object previous;
  for (int number = 0; number < pages_max; ++number) {
    auto output = TRY(caller.call(call, context));
    if (!page(output) || !pagination) return {};
    auto tokens = TRY(next_tokens(*pagination, output));
    if (tokens.empty()) return {};
    if (tokens == previous) {
      return fail(Errc::corrupt, "{} answered the same page token twice", call.name());
    }
    for (const std::string& name : pagination->input_tokens)
      call.input.erase(name);
    for (const auto& [name, token] : tokens)
      call.input[name] = token;
    previous = std::move(tokens);
  }
  return fail(Errc::invalid, "{} has more than {} pages", call.name(), pages_max);
}

}  // namespace aright::aws
