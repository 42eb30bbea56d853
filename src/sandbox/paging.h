#pragma once
// Tokens of pages. They are marked with their operation: one that is made up, or another operation's, is none. Pure.

#include <optional>
#include <string>
#include <string_view>

#include "model/model.h"
#include "sandbox/hook.h"

namespace aright::sandbox {

// `place` says where the next page begins, in the caller's own words.
std::string page_token(std::string_view operation, std::string_view place);
std::optional<std::string> read_page_token(std::string_view operation, std::string_view token);

// The error that the call's service has for a token that is none: the most exact of those that its description knows.
Error bad_token(const Scene& scene, std::string_view member);

// Where the page begins that the call asks for by this member: 0 when it says nothing. For lists that are counted; the
// token is page_token(operation, number). Fails with bad_token.
Result<std::size_t> page_start(const Scene& scene, std::string_view member);

// What a service calls a page's length, and the token of the next. A page has `most` items, and as many when the call
// does not say how many. Where the list is sorted by a member of its items, or by items that are texts, the token names
// the last one, so that pages stay right while items come and go; else it counts.
struct Paging {
  std::string_view limit = "MaxResults", token = "NextToken";
  std::size_t most = 100;
  std::optional<std::string_view> sorted_by = {};  // "": the items themselves
};

// {list: the page that the call asks for, token: of the next, when there is one}. Fails with bad_token.
Result<json::Object> page_of(const Scene& scene, std::string_view list, const json::Array& all, const Paging& paging);

// How an operation's pages are asked for: as the model says, and where it says nothing, by what its members are called.
std::optional<model::Pagination> pages_of(const model::Operation& operation);

// Of an answer that holds a whole list, the page that the call asks for. An answer that is a page already stays as it
// is. Fails with bad_token where the token was made by no page of this operation.
Result<> cut_whole(const Scene& scene, const model::Operation& operation, json::Object& output);

}  // namespace aright::sandbox
