#include "aws/credential_sources.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <pugixml.hpp>

#include "aws/partition.h"
#include "base/file.h"
#include "base/text.h"
#include "json/value.h"
#include "net/url.h"

extern "C" char** environ;

namespace aright::aws {

namespace {

Result<Credentials> from_keys(std::string id, std::string key, std::string token,
                              std::string expires = "") {
  Credentials credentials{.access_key_id = std::move(id),
                          .secret_access_key = Secret(std::move(key)),
                          .session_token = Secret(std::move(token))};
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
    return fail(Errc::invalid, "an access key needs both its id and its secret");
  }
  if (!expires.empty()) credentials.expires = TRY(parse_timestamp(expires));
  return credentials;
}

// What containers and IMDS answer; never told in an error, it is a secret.
Result<Credentials> from_json(std::string_view text, std::string_view token_name) {
  auto value = json::parse(text);
  if (!value) return fail(Errc::invalid, "the answer is no JSON");
  auto field = [&](std::string_view name) { return json::text(json::at(*value, name)); };
  auto expiry = field("Expiration");
  auto credentials =
      TRY(from_keys(field("AccessKeyId"), field("SecretAccessKey"), field(token_name), expiry));
  credentials.account = field("AccountId");
  return credentials;
}

Result<std::string> fetch(std::string_view url, net::Request request, const Context& context,
                          milliseconds limit) {
  auto endpoint = TRY(net::parse_endpoint(url));
  net::Client client({.connect_timeout = limit,
                      .request_timeout = limit,
                      .response_bytes_max = credential_bytes_max});
  auto response = TRY(client.send(endpoint, request, context));
  if (response.status == 200) return std::move(response.body);
  return fail(Error{.code = response.status == 404 ? Errc::not_found : Errc::unavailable,
                    .message = fmt::format("{} answered {}", url, response.status),
                    .http_status = response.status});
}

// Words as a POSIX shell splits them: blanks, quotes, backslashes; nothing is expanded.
Result<std::vector<std::string>> split_words(std::string_view command) {
  std::vector<std::string> words;
  std::string word;
  bool open = false;
  char quote = 0;
  for (std::size_t i = 0; i < command.size(); ++i) {
    char c = command[i];
    if (c == '\\' && quote != '\'' && i + 1 < command.size()) {
      word += command[++i];
      open = true;
    } else if (quote) {
      if (c == quote) {
        quote = 0;
      } else {
        word += c;
      }
    } else if (c == '"' || c == '\'') {
      quote = c;
      open = true;
    } else if (c == ' ' || c == '\t') {
      if (open) words.push_back(std::exchange(word, ""));
      open = false;
    } else {
      word += c;
      open = true;
    }
  }
  if (quote) return fail(Errc::invalid, "credential_process has an unclosed quote");
  if (open) words.push_back(word);
  if (words.empty()) return fail(Errc::invalid, "credential_process is empty");
  return words;
}

// Everything the child writes, until it closes its end.
Result<std::string> drain(int fd, const Context& context) {
  std::string text;
  char piece[4096];
  while (true) {
    CHECK_OK(context.check());
    pollfd set{fd, POLLIN, 0};
    constexpr int slice_ms = 50;  // how late a stop may be noticed
    if (::poll(&set, 1, slice_ms) <= 0) continue;
    auto got = ::read(fd, piece, sizeof piece);
    if (got <= 0) return text;
    text.append(piece, static_cast<std::size_t>(got));
    if (text.size() > credential_bytes_max) return fail(Errc::invalid, "it wrote too much");
  }
}

Result<std::string> run(const std::vector<std::string>& words, const Context& context) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(Errc::unavailable, "{}", std::strerror(errno));
  std::vector<char*> arguments;
  for (const std::string& word : words)
    arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  pid_t child = 0;
  int error = posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (error != 0) {
    ::close(ends[0]);
    return fail(Errc::invalid, "{}: {}", words[0], std::strerror(error));
  }
  auto text = drain(ends[0], context);
  ::close(ends[0]);
  if (!text) ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (text && status != 0) return fail(Errc::unavailable, "{} failed ({})", words[0], status);
  return text;
}

bool host_may_be_plain(const std::string& host) {
  bool digits = host.find_first_not_of("0123456789.") == host.npos;
  return host == "localhost" || (digits && host.starts_with("127.")) || host == "::1" ||
         host == "169.254.170.2" || host == "169.254.170.23" || host == "fd00:ec2::23";
}

std::string sts_url(const std::string& endpoint_url, std::string_view region) {
  if (!endpoint_url.empty()) return endpoint_url;
  return fmt::format("https://sts.{}.{}", region, partition_for(region).suffix);
}

net::Request sts_request(const net::Endpoint& endpoint, const net::Query& query) {
  return {.method = "POST",
          .headers = {{"Host", endpoint.authority()},
                      {"Content-Type", std::string(net::form_type)},
                      {"User-Agent", "aright"}},
          .body = net::build_query(query)};
}

Result<Credentials> ask_sts(const net::Endpoint& endpoint, const net::Request& request,
                            const Context& context) {
  net::Client client(
      {.request_timeout = credential_timeout, .response_bytes_max = credential_bytes_max});
  auto response = TRY(client.send(endpoint, request, context));
  pugi::xml_document document;
  bool parsed = document.load_buffer(response.body.data(), response.body.size());
  if (response.status != 200) {
    auto error = document.child("ErrorResponse").child("Error");
    return fail(Error{.code = response.status >= 500 ? Errc::unavailable : Errc::denied,
                      .message = fmt::format("STS: {}", error.child_value("Message")),
                      .wire_code = error.child_value("Code"),
                      .http_status = response.status});
  }
  auto found = document.select_node("//Credentials").node();
  if (!parsed || !found) return fail(Errc::invalid, "STS answered without credentials");
  auto credentials =
      TRY(from_keys(found.child_value("AccessKeyId"), found.child_value("SecretAccessKey"),
                    found.child_value("SessionToken"), found.child_value("Expiration")));
  std::string arn = document.select_node("//AssumedRoleUser").node().child_value("Arn");
  auto parts = split(arn, ':');
  if (parts.size() > 4) credentials.account = parts[4];
  return credentials;
}

}  // namespace

Result<Credentials> from_environment(const Environment& environment) {
  auto id = variable(environment, "AWS_ACCESS_KEY_ID");
  auto key = variable(environment, "AWS_SECRET_ACCESS_KEY");
  if (id.empty() && key.empty()) return fail(Errc::not_found, "no keys in the environment");
  auto credentials = from_keys(id, key, variable(environment, "AWS_SESSION_TOKEN"),
                               variable(environment, "AWS_CREDENTIAL_EXPIRATION"));
  if (!credentials) return wrap(std::move(credentials.error()), "credentials in the environment");
  credentials->account = variable(environment, "AWS_ACCOUNT_ID");
  return credentials;
}

Result<Credentials> from_section(const Section& profile) {
  auto id = variable(profile, "aws_access_key_id");
  auto key = variable(profile, "aws_secret_access_key");
  if (id.empty() && key.empty()) return fail(Errc::not_found, "no keys in the profile");
  auto credentials = from_keys(id, key, variable(profile, "aws_session_token"));
  if (!credentials) return wrap(std::move(credentials.error()), "credentials in the profile");
  credentials->account = variable(profile, "aws_account_id");
  return credentials;
}

Result<Credentials> from_process(const std::string& command, const Context& context) {
  auto words = TRY(split_words(command));
  auto text = run(words, context.at_most(credential_timeout));
  if (!text) return wrap(std::move(text.error()), "credential_process");
  auto value = json::parse(*text);
  if (!value || json::integer(json::at(*value, "Version")) != 1) {
    return fail(Errc::invalid, "credential_process: no JSON with \"Version\": 1");
  }
  return from_json(*text, "SessionToken");
}

Result<Credentials> from_container(const Environment& environment, const Context& context) {
  auto relative = variable(environment, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  auto url = variable(environment, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (relative.empty() && url.empty()) return fail(Errc::not_found, "not in a container");
  if (!relative.empty()) url = "http://169.254.170.2" + relative;
  auto query_at = url.find('?');
  auto endpoint = TRY(net::parse_endpoint(url.substr(0, query_at)));
  if (!endpoint.tls && !host_may_be_plain(endpoint.host)) {
    return fail(Errc::denied, "container credentials over http from {} are refused", endpoint.host);
  }
  net::Request request;
  auto path_at = url.find('/', url.find("//") + 2);
  if (path_at != url.npos) request.target = url.substr(path_at);
  auto token = variable(environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
  auto file = variable(environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  if (!file.empty()) {
    auto text = TRY(read_file(file, credential_bytes_max));
    token = trim(text);
  }
  if (!token.empty()) request.headers.set("Authorization", token);
  auto text = fetch(url.substr(0, path_at), request, context, credential_timeout);
  if (!text) {
    // Being told of a container and not reaching it is a fault, not an absence.
    text.error().code = Errc::unavailable;
    return wrap(std::move(text.error()), "container credentials");
  }
  return from_json(*text, "Token");
}

Result<Credentials> from_metadata(const Environment& environment, const Context& context) {
  if (equal_ignore_case(variable(environment, "AWS_EC2_METADATA_DISABLED"), "true")) {
    return fail(Errc::not_found, "instance metadata is switched off");
  }
  auto url = variable(environment, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
  if (url.empty()) url = "http://169.254.169.254";
  net::Request request{.method = "PUT",
                       .target = "/latest/api/token",
                       .headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "21600"}}};
  auto token = fetch(url, request, context, metadata_timeout);
  if (!token) return fail(Errc::not_found, "no instance metadata: {}", token.error().message);
  const std::string role_path = "/latest/meta-data/iam/security-credentials/";
  request = {.target = role_path, .headers = {{"X-aws-ec2-metadata-token", *token}}};
  auto role = TRY(fetch(url, request, context, metadata_timeout));
  request.target += percent_encode(trim(split(role, '\n').front()));
  auto text = TRY(fetch(url, request, context, metadata_timeout));
  return from_json(text, "Token");
}

Result<Credentials> from_assumed_role(const Credentials& source, const AssumeRole& role,
                                      Timestamp now, const Context& context) {
  net::Query query{{"Action", "AssumeRole"},
                   {"Version", "2011-06-15"},
                   {"RoleArn", role.role_arn},
                   {"RoleSessionName", role.session_name},
                   {"DurationSeconds", std::to_string(role.duration.count())}};
  if (!role.external_id.empty()) query.emplace_back("ExternalId", role.external_id);
  if (!role.session_policy.empty()) query.emplace_back("Policy", role.session_policy);
  int number = 0;
  for (const std::string& arn : role.policy_arns) {
    query.emplace_back(fmt::format("PolicyArns.member.{}.arn", ++number), arn);
  }
  auto endpoint = TRY(net::parse_endpoint(sts_url(role.endpoint_url, role.region)));
  auto request = sts_request(endpoint, query);
  sign(request, source, {.region = role.region, .service = "sts"}, now);
  auto credentials = ask_sts(endpoint, request, context);
  if (!credentials) return wrap(std::move(credentials.error()), "assuming {}", role.role_arn);
  return credentials;
}

Result<Credentials> from_web_identity(const WebIdentity& identity, const Context& context) {
  if (identity.token_file.empty()) return fail(Errc::not_found, "no web identity");
  if (identity.role_arn.empty()) return fail(Errc::invalid, "a web identity needs a role ARN");
  auto token = read_file(identity.token_file, credential_bytes_max);
  if (!token) {
    return fail(Errc::invalid, "the web identity token {}: {}", identity.token_file,
                token.error().message);
  }
  net::Query query{{"Action", "AssumeRoleWithWebIdentity"},
                   {"Version", "2011-06-15"},
                   {"RoleArn", identity.role_arn},
                   {"RoleSessionName", identity.session_name},
                   {"WebIdentityToken", std::string(trim(*token))}};
  auto endpoint = TRY(net::parse_endpoint(sts_url(identity.endpoint_url, identity.region)));
  auto request = sts_request(endpoint, query);  // not signed: the token is the proof
  auto credentials = ask_sts(endpoint, request, context);
  if (!credentials) return wrap(std::move(credentials.error()), "assuming {}", identity.role_arn);
  return credentials;
}

}  // namespace aright::aws
