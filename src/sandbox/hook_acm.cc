// Certificates: what is imported is read for what it says; what is requested is issued after a
// while.
#include "base/certificate.h"
#include "base/digest.h"
#include "base/text.h"
#include "sandbox/hook.h"

namespace aright::sandbox::acm_hooks {

namespace {

constexpr std::string_view certificate_type = "AWS::CertificateManager::Certificate";
constexpr auto valid_for = std::chrono::days(395);

Result<> finish_request(Scene& scene, json::Object&) {
  auto& made = scene.world.edit(scene.created.front());
  if (made.aspect("ValidationMethod").is_null()) made.set("ValidationMethod", json::Value("EMAIL"));
  auto names = json::items(made.aspect("SubjectAlternativeNames"));
  names.insert(names.begin(), made.aspect("DomainName"));
  made.set("SubjectAlternativeNames", std::move(names));
  made.set("NotBefore", json::Value(scene.now.iso()));
  made.set("NotAfter", json::Value((scene.now + valid_for).iso()));
  made.record["Issuer"] = "Amazon";
  made.record["IssuedAt"] = scene.now.iso();
  made.record["SignatureAlgorithm"] = "SHA256WITHRSA";
  return {};
}

Result<Certificate> given(Scene& scene) {
  auto pem = from_base64(scene.text("Certificate"));
  auto parsed = pem ? parse_certificate(*pem) : Result<Certificate>(fail(pem.error()));
  if (!parsed)
    return fail(
        scene.error("ValidationException", "The certificate field contains no PEM certificate."));
  return parsed;
}

std::string algorithm_of(const Certificate& certificate) {
  auto dash = certificate.key.find('-');
  if (dash == std::string::npos) return "RSA_2048";
  auto kind = certificate.key.substr(0, dash);
  return kind + "_" + certificate.key.substr(dash + 1);
}

// A new one, or a new version of the one that the call names.
Result<> finish_import(Scene& scene, json::Object& output) {
  auto says = TRY(given(scene));
  auto arn = scene.text("CertificateArn");
  auto ref = scene.created.front();
  if (!arn.empty()) {
    scene.world.erase(ref);
    scene.created.clear();
    ref = scene.ref(certificate_type, arn);
    CHECK_OK(scene.need(certificate_type, arn));
    output["CertificateArn"] = arn;
  }
  auto& made = scene.world.edit(ref);
  json::Array names;
  for (const auto& name : says.names)
    names.push_back(json::Value(name));
  made.set("DomainName", json::Value(says.common_name));
  made.set("SubjectAlternativeNames", std::move(names));
  made.set("KeyAlgorithm", json::Value(algorithm_of(says)));
  made.set("Type", json::Value("IMPORTED"));
  made.set("Status", json::Value(says.not_after < scene.now ? "EXPIRED" : "ISSUED"));
  made.set("NotBefore", json::Value(says.not_before.iso()));
  made.set("NotAfter", json::Value(says.not_after.iso()));
  made.set("Options", nullptr);
  made.record["Subject"] = says.subject;
  made.record["Issuer"] = says.issuer;
  made.record["Serial"] = says.serial;
  made.record["ImportedAt"] = scene.now.iso();
  made.internals["certificate"] = scene.input("Certificate");
  made.internals["chain"] = scene.input("CertificateChain");
  return {};
}

Result<json::Object> get_certificate(Scene& scene) {
  auto* one = TRY(scene.need(certificate_type, scene.text("CertificateArn")));
  if (json::text(scene.value(*one, "Status")) == "PENDING_VALIDATION")
    return fail(scene.error("RequestInProgressException"));
  auto pem = from_base64(json::text(one->internals, "certificate", ""));
  auto chain = from_base64(json::text(one->internals, "chain", ""));
  if (!pem || pem->empty())
    return fail(
        scene.error("RequestInProgressException",
                    "The emulated cloud signs no certificates: only imported ones have a body."));
  json::Object output{{"Certificate", *pem}};
  if (chain && !chain->empty()) output["CertificateChain"] = *chain;
  return output;
}

Result<> check_delete(Scene& scene) {
  auto* one = TRY(scene.need(certificate_type, scene.text("CertificateArn")));
  return json::items(one->aspect("InUseBy")).empty() ? Result<>()
                                                     : fail(scene.error("ResourceInUseException"));
}

Result<> check_renew(Scene& scene) {
  auto* one = TRY(scene.need(certificate_type, scene.text("CertificateArn")));
  if (json::text(one->aspect("Type")) == "IMPORTED")
    return fail(scene.error("ValidationException",
                            "An imported certificate is not renewed: import it again."));
  return {};
}

}  // namespace

void add(Hooks& hooks) {
  hooks.finish("acm:RequestCertificate", finish_request);
  hooks.finish("acm:ImportCertificate", finish_import);
  hooks.emulate("acm:GetCertificate", get_certificate);
  hooks.check("acm:DeleteCertificate", check_delete);
  hooks.check("acm:RenewCertificate", check_renew);
}

}  // namespace aright::sandbox::acm_hooks
