#include "base/strongbox.h"

#include <openssl/evp.h>

#include <memory>

#include "base/digest.h"
#include "base/file.h"
#include "base/openssl.h"
#include "base/random.h"
#include "base/text.h"

namespace aright {

namespace {

constexpr std::size_t nonce_bytes = 12, tag_bytes = 16, key_file_bytes_max = 4096;

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

}  // namespace

Strongbox Strongbox::generate() { return Strongbox(Secret(random_bytes(strongbox_key_bytes))); }

Result<Strongbox> Strongbox::in(const std::filesystem::path& file) {
  return Strongbox(TRY(key_in(file, strongbox_key_bytes)));
}

// Each purpose has a key of its own.
std::string Strongbox::derived(std::string_view purpose) const { return hmac_sha256(key_.reveal(), purpose); }

std::string Strongbox::lock(std::string_view text) const {
  auto key = derived("lock");
  auto nonce = hmac_sha256(derived("nonce"), text).substr(0, nonce_bytes);
  std::string locked(text.size(), '\0'), tag(tag_bytes, '\0');
  Cipher cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int size = 0;
  EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_of(std::string_view(key)),
                     bytes_of(std::string_view(nonce)));
  EVP_EncryptUpdate(cipher.get(), bytes_of(locked), &size, bytes_of(text), static_cast<int>(text.size()));
  EVP_EncryptFinal_ex(cipher.get(), bytes_of(locked) + size, &size);
  EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag_bytes, tag.data());
  return nonce + locked + tag;
}

Result<std::string> Strongbox::unlock(std::string_view locked) const {
  auto not_ours = [] { return fail(Errc::corrupt, "it was locked with another key"); };
  if (locked.size() < nonce_bytes + tag_bytes) return not_ours();
  auto key = derived("lock");
  auto body = locked.substr(nonce_bytes, locked.size() - nonce_bytes - tag_bytes);
  std::string tag(locked.substr(locked.size() - tag_bytes)), text(body.size(), '\0');
  Cipher cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int size = 0;
  EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_of(std::string_view(key)), bytes_of(locked));
  EVP_DecryptUpdate(cipher.get(), bytes_of(text), &size, bytes_of(body), static_cast<int>(body.size()));
  EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag_bytes, tag.data());
  if (EVP_DecryptFinal_ex(cipher.get(), bytes_of(text) + size, &size) != 1) return not_ours();
  return text;
}

std::string Strongbox::digest(std::string_view text) const { return to_hex(hmac_sha256(derived("digest"), text)); }

Result<Secret> key_in(const std::filesystem::path& file, std::size_t bytes) {
  auto text = read_file(file, key_file_bytes_max);
  if (!text && text.error().code != Errc::not_found) return fail(text.error());
  if (!text) {
    Secret key(random_bytes(bytes));
    CHECK_OK(write_file(file, to_hex(key.reveal()) + "\n"));
    return key;
  }
  auto key = from_hex(trim(*text));
  if (!key || key->size() != bytes)
    return fail(Errc::invalid, "{} holds no key of {} bytes; remove it, and another one is made", file.string(), bytes);
  return Secret(std::move(*key));
}

}  // namespace aright
