#pragma once
// Keeps texts where others can read the bytes but not the text: AES-256-GCM under a key of one's own. The same text
// gives the same bytes, so that what holds them can be compared, and written twice (the nonce is an HMAC of the text).
// Immutable; any thread.

#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace aright {

inline constexpr std::size_t strongbox_key_bytes = 32;

class Strongbox {
 public:
  // The key has strongbox_key_bytes.
  explicit Strongbox(Secret key) : key_(std::move(key)) {}
  static Strongbox generate();
  // The one whose key is in the file; when there is none, another one is made. Fails with invalid when it holds no key.
  static Result<Strongbox> in(const std::filesystem::path& file);

  std::string lock(std::string_view text) const;
  // Fails with corrupt when this key did not lock it.
  Result<std::string> unlock(std::string_view locked) const;
  // Tells two texts apart, and nothing more to somebody who has not the key: 64 hexadecimal digits.
  std::string digest(std::string_view text) const;

 private:
  std::string derived(std::string_view purpose) const;

  Secret key_;
};

// A key in a file of its own, in hexadecimal; made when there is none. Fails with invalid when it holds anything else.
Result<Secret> key_in(const std::filesystem::path& file, std::size_t bytes);

}  // namespace aright
