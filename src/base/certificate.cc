#include "base/certificate.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

namespace aright {

namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using X509Ptr = std::unique_ptr<X509, decltype(&X509_free)>;

std::string text_of(X509_NAME* name) {
  Bio out(BIO_new(BIO_s_mem()), BIO_free);
  X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253);
  char* data = nullptr;
  auto size = BIO_get_mem_data(out.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

std::string common_name_of(X509_NAME* name) {
  auto at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0) return "";
  const auto* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
  return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                     static_cast<std::size_t>(ASN1_STRING_length(value)));
}

std::vector<std::string> dns_names(X509* certificate) {
  std::vector<std::string> out;
  auto* names =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const auto* name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_DNS) continue;
    out.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                     static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
  }
  GENERAL_NAMES_free(names);
  return out;
}

std::string serial_of(X509* certificate) {
  auto* number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr);
  char* hex = BN_bn2hex(number);
  std::string digits = hex, out;
  OPENSSL_free(hex);
  BN_free(number);
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    if (i > 0) out += ':';
    for (char c : digits.substr(i, 2))
      out += static_cast<char>(c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);
  }
  return out;
}

std::string key_of(X509* certificate) {
  auto* key = X509_get0_pubkey(certificate);
  if (key == nullptr) return "";
  if (EVP_PKEY_base_id(key) == EVP_PKEY_RSA) return fmt::format("RSA-{}", EVP_PKEY_bits(key));
  char group[64] = "";
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, group, sizeof group, &size) == 1) return fmt::format("EC-{}", group);
  return "";
}

Result<Timestamp> time_of(const ASN1_TIME* time) {
  // Days and seconds since the epoch, so that no time zone comes in.
  std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> epoch(ASN1_TIME_set(nullptr, 0), ASN1_TIME_free);
  int days = 0, seconds = 0;
  if (ASN1_TIME_diff(&days, &seconds, epoch.get(), time) != 1)
    return fail(Errc::invalid, "the certificate holds no time");
  return Timestamp{} + std::chrono::days(days) + std::chrono::seconds(seconds);
}

}  // namespace

Result<Certificate> parse_certificate(std::string_view pem) {
  Bio in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  X509Ptr certificate(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), X509_free);
  if (!certificate) return fail(Errc::invalid, "the text holds no PEM certificate");
  auto* subject = X509_get_subject_name(certificate.get());
  Certificate out{.subject = text_of(subject),
                  .issuer = text_of(X509_get_issuer_name(certificate.get())),
                  .common_name = common_name_of(subject),
                  .names = dns_names(certificate.get()),
                  .serial = serial_of(certificate.get()),
                  .key = key_of(certificate.get())};
  out.not_before = TRY(time_of(X509_get0_notBefore(certificate.get())));
  out.not_after = TRY(time_of(X509_get0_notAfter(certificate.get())));
  return out;
}

}  // namespace aright
