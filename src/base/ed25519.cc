#include "base/ed25519.h"

#include <openssl/evp.h>

#include <memory>

#include "base/openssl.h"
#include "base/random.h"

namespace aright::ed25519 {

namespace {

using KeyHandle = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

Result<KeyHandle> private_key(const Secret& seed) {
  const auto& bytes = seed.reveal();
  if (bytes.size() != key_bytes) return fail(Errc::invalid, "an Ed25519 key has 32 bytes, not {}", bytes.size());
  KeyHandle key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes_of(bytes), bytes.size()), EVP_PKEY_free);
  if (!key) return fail(Errc::invalid, "this is no Ed25519 key");
  return key;
}

}  // namespace

Secret generate() { return Secret(random_bytes(key_bytes)); }

Result<std::string> public_key(const Secret& seed) {
  auto key = TRY(private_key(seed));
  std::string out(key_bytes, '\0');
  std::size_t size = out.size();
  if (EVP_PKEY_get_raw_public_key(key.get(), bytes_of(out), &size) != 1 || size != key_bytes)
    return fail(Errc::internal, "OpenSSL gives no public key of an Ed25519 key");
  return out;
}

Result<std::string> sign(const Secret& seed, std::string_view message) {
  auto key = TRY(private_key(seed));
  Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::string out(signature_bytes, '\0');
  std::size_t size = out.size();
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), bytes_of(out), &size, bytes_of(message), message.size()) != 1)
    return fail(Errc::internal, "OpenSSL does not sign with an Ed25519 key");
  return out;
}

bool verify(std::string_view public_key, std::string_view message, std::string_view signature) {
  if (public_key.size() != key_bytes || signature.size() != signature_bytes) return false;
  KeyHandle key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(public_key), public_key.size()),
          EVP_PKEY_free);
  if (!key) return false;
  Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message), message.size()) == 1;
}

}  // namespace aright::ed25519
