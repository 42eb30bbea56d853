#include "notify/mail.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstring>

#include "base/loaded.h"
#include "base/text.h"

namespace aright::notify {

namespace {

// The few of its functions that a mail takes. Linked, it would cost every start 4 MiB and some milliseconds.
struct Curl {
  decltype(&curl_global_init) global_init = nullptr;
  decltype(&curl_easy_init) easy_init = nullptr;
  decltype(&curl_easy_setopt) setopt = nullptr;
  decltype(&curl_easy_perform) perform = nullptr;
  decltype(&curl_easy_cleanup) cleanup = nullptr;
  decltype(&curl_easy_strerror) strerror = nullptr;
  decltype(&curl_slist_append) append = nullptr;
  decltype(&curl_slist_free_all) free_all = nullptr;
  bool whole = false;

  Curl() {
    const Loaded library("libcurl.so.4");
    whole = library.find(global_init, "curl_global_init") && library.find(easy_init, "curl_easy_init") &&
            library.find(setopt, "curl_easy_setopt") && library.find(perform, "curl_easy_perform") &&
            library.find(cleanup, "curl_easy_cleanup") && library.find(strerror, "curl_easy_strerror") &&
            library.find(append, "curl_slist_append") && library.find(free_all, "curl_slist_free_all") &&
            global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  }
};

const Curl& curl() {
  static const Curl loaded;
  return loaded;
}

struct Source {
  std::string text;
  std::size_t at = 0;
};

std::size_t read_some(char* into, std::size_t size, std::size_t count, void* source) {
  auto& from = *static_cast<Source*>(source);
  auto bytes = std::min(size * count, from.text.size() - from.at);
  std::memcpy(into, from.text.data() + from.at, bytes);
  from.at += bytes;
  return bytes;
}

// "Ana <ana@example.com>" is sent to ana@example.com.
std::string address_of(const std::string& written) {
  auto open = written.rfind('<'), close = written.rfind('>');
  if (open == std::string::npos || close == std::string::npos || close < open)
    return "<" + std::string(trim(written)) + ">";
  return written.substr(open, close - open + 1);
}

}  // namespace

Result<> send_mail(const Mail& mail, std::string text, const Context& context) {
  const auto& c = curl();
  if (!c.whole) return fail(Errc::unsupported, "mail needs libcurl (Debian: libcurl4), which is not here");
  CHECK_OK(context.check());
  std::unique_ptr<CURL, decltype(c.cleanup)> handle(c.easy_init(), c.cleanup);
  Source source{.text = std::move(text)};
  char said[CURL_ERROR_SIZE] = "";
  curl_slist* to = nullptr;
  for (const auto& one : mail.to) to = c.append(to, address_of(one).c_str());
  std::unique_ptr<curl_slist, decltype(c.free_all)> held(to, c.free_all);
  auto set = [&](CURLoption option, auto value) { (c.setopt)(handle.get(), option, value); };
  set(CURLOPT_URL, mail.server.c_str());
  set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  set(CURLOPT_USE_SSL, mail.plaintext ? static_cast<long>(CURLUSESSL_NONE) : static_cast<long>(CURLUSESSL_ALL));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PROXY, "");
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(context.at_most(delivery_timeout).remaining().count()));
  set(CURLOPT_ERRORBUFFER, said);
  auto from = address_of(mail.from);
  set(CURLOPT_MAIL_FROM, from.c_str());
  set(CURLOPT_MAIL_RCPT, to);
  if (!mail.user.empty()) set(CURLOPT_USERNAME, mail.user.c_str());
  if (!mail.user.empty()) set(CURLOPT_PASSWORD, mail.password.reveal().c_str());
  set(CURLOPT_UPLOAD, 1L);
  set(CURLOPT_READFUNCTION, &read_some);
  set(CURLOPT_READDATA, static_cast<void*>(&source));
  auto code = c.perform(handle.get());
  if (code == CURLE_OK) return {};
  return fail({.code = Errc::unavailable,
               .message = fmt::format("{}: {}", mail.server, *said ? said : c.strerror(code)),
               .retry = Retry::later});
}

}  // namespace aright::notify
