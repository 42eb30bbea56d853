#include "runbook/script_calls.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>
#include <set>

#include "base/text.h"

#include <fmt/format.h>

namespace aright::runbook {

namespace {

struct Token {
  enum class Kind { name, text, mark, line };
  Kind kind = Kind::mark;
  std::string value;
};

bool starts_name(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_'; }
bool in_name(char c) { return starts_name(c) || std::isdigit(static_cast<unsigned char>(c)); }

// Names, texts, marks and ends of lines. Text prefixes (f, r, b) are names in front of a text, which nobody asks for.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Token> all() {
    while (at_ < text_.size()) {
      char c = text_[at_];
      if (c == '#')
        at_ = std::min(text_.find('\n', at_), text_.size());
      else if (c == '\n')
        add(Token::Kind::line, 1);
      else if (c == '\'' || c == '"')
        quoted(c);
      else if (starts_name(c))
        add(Token::Kind::name, static_cast<std::size_t>(std::ranges::find_if_not(text_.substr(at_), in_name) -
                                                        text_.substr(at_).begin()));
      else if (std::isspace(static_cast<unsigned char>(c)))
        ++at_;
      else
        add(Token::Kind::mark, 1);
    }
    return std::move(out_);
  }

 private:
  void add(Token::Kind kind, std::size_t size) {
    out_.push_back({kind, std::string(text_.substr(at_, size))});
    at_ += size;
  }

  void quoted(char quote) {
    std::string three(3, quote);
    bool triple = text_.substr(at_).starts_with(three);
    std::string_view end = triple ? std::string_view(three) : std::string_view(three).substr(0, 1);
    at_ += end.size();
    std::string value;
    while (at_ < text_.size() && !text_.substr(at_).starts_with(end)) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      value += text_[at_++];
    }
    at_ = std::min(at_ + end.size(), text_.size());
    out_.push_back({Token::Kind::text, std::move(value)});
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Token> out_;
};

constexpr std::array not_operations{"get_paginator", "get_waiter", "exceptions",   "meta",
                                    "can_paginate",  "close",      "generate_presigned_url"};

class Look {
 public:
  explicit Look(std::string_view text) : tokens_(Lexer(text).all()) {}

  ScriptLook all() {
    find_makers();
    find_clients();
    find_makers();  // and those that return a client by its name
    find_clients();
    find_calls();
    return std::move(out_);
  }

 private:
  const Token& token(std::size_t at) const {
    static const Token end{Token::Kind::line, ""};
    return at < tokens_.size() ? tokens_[at] : end;
  }
  bool is(std::size_t at, std::string_view mark) const {
    return token(at).kind == Token::Kind::mark && token(at).value == mark;
  }
  bool ends_line(std::size_t at) const { return token(at).kind == Token::Kind::line; }
  bool is_name(std::size_t at) const { return token(at).kind == Token::Kind::name; }

  // Behind the bracket that closes the one here.
  std::size_t after_brackets(std::size_t at) const {
    int depth = 0;
    for (; at < tokens_.size(); ++at) {
      if (is(at, "(")) ++depth;
      if (is(at, ")") && --depth == 0) return at + 1;
    }
    return at;
  }

  // boto3.client("ec2"…) or anything.client("ec2"…): where it begins, the service, and where it ends.
  struct Made {
    std::size_t begin, end;
    std::string service;
  };
  std::optional<Made> client_at(std::size_t at) {
    if (!is_name(at) || !is(at + 1, ".") || !is_name(at + 2) || !is(at + 3, "(")) return std::nullopt;
    const auto& what = token(at + 2).value;
    if (what != "client" && what != "resource") return std::nullopt;
    bool by_name = is_name(at + 4) && token(at + 4).value == "service_name" && is(at + 5, "=");
    const auto& service = token(by_name ? at + 6 : at + 4);
    auto end = after_brackets(at + 3);
    if (what == "resource") {
      if (token(at).value != "boto3" && service.kind != Token::Kind::text) return std::nullopt;
      unknown(fmt::format("it uses boto3's resource {}, whose calls its text doesn't name", service.value));
      return std::nullopt;
    }
    if (service.kind != Token::Kind::text) {
      if (token(at).value == "boto3") unknown("it makes a client of a service that only a variable names");
      return std::nullopt;
    }
    return Made{at, end, service.value};
  }

  // Functions that return a client.
  void find_makers() {
    std::string function;
    for (std::size_t at = 0; at < tokens_.size(); ++at) {
      if (is_name(at) && token(at).value == "def" && is_name(at + 1)) function = token(at + 1).value;
      if (!is_name(at) || token(at).value != "return" || function.empty()) continue;
      if (auto made = client_at(at + 1))
        makers_[function] = made->service;
      else if (auto named = clients_.find(token(at + 1).value); named != clients_.end() && ends_line(at + 2))
        makers_[function] = *named->second.begin();
    }
  }

  // The name that is bound by an assignment whose value begins here; of several, the n-th.
  std::string bound_before(std::size_t begin) const {
    std::size_t values = 0, at = begin;
    while (at > 0 && !is(at - 1, "=") && token(at - 1).kind != Token::Kind::line) {
      --at;
      if (is(at, ",")) ++values;
      if (is(at, ")")) {  // over the brackets of a value before it
        int depth = 0;
        do {
          if (is(at, ")")) ++depth;
          if (is(at, "(")) --depth;
        } while (depth > 0 && at-- > 0);
      }
    }
    if (at == 0 || !is(at - 1, "=")) return "";
    if (at > 3 && is_name(at - 2) && is(at - 3, ":") && is_name(at - 4)) return token(at - 4).value;  // name: Type =
    std::vector<std::string> names;
    for (at -= 1; at > 0; --at) {
      if (is(at - 1, ",")) continue;
      if (!is_name(at - 1)) break;
      auto name = token(at - 1).value;
      if (at > 2 && is(at - 2, ".") && is_name(at - 3)) {
        name = token(at - 3).value + "." + name;
        at -= 2;
      }
      names.insert(names.begin(), name);
      if (at > 1 && !is(at - 2, ",")) break;
    }
    return values < names.size() ? names[values] : names.empty() ? "" : names[0];
  }

  void find_clients() {
    for (std::size_t at = 0; at < tokens_.size(); ++at) {
      std::optional<Made> made;
      if (is_name(at) && makers_.contains(token(at).value) && is(at + 1, "(") &&
          !(at > 0 && is_name(at - 1) && token(at - 1).value == "def"))
        made = Made{at, after_brackets(at + 1), makers_.at(token(at).value)};
      else if (!(at > 0 && is(at - 1, ".")))
        made = client_at(at);
      if (!made) continue;
      if (is(made->end, ".")) {
        method(made->service, made->end + 1);
      } else if (auto name = bound_before(made->begin); !name.empty()) {
        clients_[name].insert(made->service);
      }
    }
  }

  void find_calls() {
    for (std::size_t at = 0; at < tokens_.size(); ++at) {
      if (!is_name(at) || (at > 0 && is(at - 1, "."))) continue;
      auto name = token(at).value;
      auto dot = at + 1;
      if (is(dot, ".") && is_name(dot + 1) && clients_.contains(name + "." + token(dot + 1).value)) {
        name += "." + token(dot + 1).value;
        dot += 2;
      }
      auto client = clients_.find(name);
      if (client == clients_.end()) continue;
      if (is(dot, "."))
        for (const auto& service : client->second) method(service, dot + 1);
      else if (at > 1 && is(at - 1, "(") && is_name(at - 2) && token(at - 2).value == "getattr")
        unknown(fmt::format("it takes an operation of {} by a name that only a variable holds", name));
    }
  }

  // ….describe_instances(…), or ….get_paginator("describe_instances").
  void method(const std::string& service, std::size_t at) {
    if (!is_name(at) || !is(at + 1, "(")) return;
    auto name = token(at).value;
    if (name == "get_waiter") {
      unknown(fmt::format("it waits with boto3's waiter {} of {}, which makes reads of its own", token(at + 2).value,
                          service));
      return;
    }
    if (name == "get_paginator" && token(at + 2).kind == Token::Kind::text) name = token(at + 2).value;
    if (std::ranges::find(not_operations, name) != not_operations.end()) return;
    ScriptCall call{service, name};
    if (out_.calls.size() < script_calls_max && std::ranges::find(out_.calls, call) == out_.calls.end())
      out_.calls.push_back(std::move(call));
  }

  void unknown(std::string what) {
    if (std::ranges::find(out_.unknown, what) == out_.unknown.end()) out_.unknown.push_back(std::move(what));
  }

  std::vector<Token> tokens_;
  std::map<std::string, std::string> makers_;             // function → service
  std::map<std::string, std::set<std::string>> clients_;  // variable → services
  ScriptLook out_;
};

}  // namespace

ScriptLook look_at_script(std::string_view text) { return Look(text).all(); }

}  // namespace aright::runbook
