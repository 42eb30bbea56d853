// Rules that ask how long ago something happened, or how soon it will: secrets, certificates, findings and trails.

#include "rules/ages.h"
#include "rules/judge.h"

namespace aright::rules {

namespace {

constexpr std::int64_t unused_max_days = 90;      // Config's defaults
constexpr std::int64_t days_to_expiration = 14;
constexpr std::int64_t delivery_window_days = 1;
constexpr std::int64_t rotation_max_days = 90;

Evaluation judge_secret_use(const Subject& subject, const json::Object& parameters) {
  const auto& facts = subject.resource.facts;
  if (auto blind = unreadable(subject.resource, {"LastAccessedDate", "CreatedDate", "DeletedDate"})) return *blind;
  if (!json::at(facts, "DeletedDate").is_null()) return not_applicable("The secret is marked for deletion.");
  auto last = time_told(json::at(facts, "LastAccessedDate"));
  if (!last) last = time_told(json::at(facts, "CreatedDate"));
  if (!last) return insufficient("When the secret was used is not told.");
  auto most = whole_number(parameters, "unusedForDays", unused_max_days);
  auto days = days_since(*last, subject.resource);
  return days > most ? non_compliant(fmt::format("The secret was not used for {} days; {} are allowed.", days, most))
                     : compliant(fmt::format("The secret was used within {} days.", most));
}

Evaluation judge_rotation_success(const Subject& subject, const json::Object&) {
  const auto& facts = subject.resource.facts;
  if (auto blind = unreadable(subject.resource, {"RotationEnabled", "RotationRules", "LastRotatedDate", "CreatedDate"}))
    return *blind;
  if (!json::truth(json::at(facts, "RotationEnabled"))) return not_applicable("The secret does not rotate.");
  auto every = json::integer(json::at(json::at(facts, "RotationRules"), "AutomaticallyAfterDays"));
  if (every <= 0) return insufficient("How often the secret rotates is not told in days.");
  auto last = time_told(json::at(facts, "LastRotatedDate"));
  if (!last) last = time_told(json::at(facts, "CreatedDate"));
  if (!last) return insufficient("When the secret rotated is not told.");
  // The service chooses the hour within the day on which it is due.
  auto days = days_since(*last, subject.resource);
  return days > every ? non_compliant(fmt::format("The secret rotated {} days ago; it is to every {}.", days, every))
                      : compliant(fmt::format("The secret rotated {} days ago; it is to every {}.", days, every));
}

Evaluation judge_rotation_age(const Subject& subject, const json::Object& parameters) {
  const auto& facts = subject.resource.facts;
  if (auto blind = unreadable(subject.resource, {"LastRotatedDate", "CreatedDate", "DeletedDate"})) return *blind;
  if (!json::at(facts, "DeletedDate").is_null()) return not_applicable("The secret is marked for deletion.");
  auto last = time_told(json::at(facts, "LastRotatedDate"));
  if (!last) last = time_told(json::at(facts, "CreatedDate"));
  if (!last) return insufficient("When the secret rotated is not told.");
  auto most = whole_number(parameters, "maxDaysSinceRotation", rotation_max_days);
  auto days = days_since(*last, subject.resource);
  return days > most ? non_compliant(fmt::format("The secret did not rotate for {} days; {} are allowed.", days, most))
                     : compliant(fmt::format("The secret rotated within {} days.", most));
}

Evaluation judge_expiration(const Subject& subject, const json::Object& parameters) {
  const auto& facts = subject.resource.facts;
  if (auto blind = unreadable(subject.resource, {"Status", "NotAfter"})) return *blind;
  auto status = json::text(json::at(facts, "Status"));
  if (status != "ISSUED" && status != "EXPIRED") return not_applicable("The certificate is not issued.");
  auto ends = time_told(json::at(facts, "NotAfter"));
  if (!ends) return insufficient("When the certificate expires is not told.");
  auto left = -days_since(*ends, subject.resource);
  auto least = whole_number(parameters, "daysToExpiration", days_to_expiration);
  if (left > least) return compliant(fmt::format("The certificate holds for {} days.", left));
  return non_compliant(left < 0 || status == "EXPIRED" ? "The certificate has expired."
                                                       : fmt::format("The certificate expires in {} days.", left));
}

Evaluation judge_open_finding(const Subject& subject, const json::Object& parameters) {
  constexpr std::int64_t high = 7, medium = 4;  // where GuardDuty's bands begin
  const auto& facts = subject.resource.facts;
  if (auto blind = unreadable(subject.resource, {"Archived", "Severity", "CreatedAt"})) return *blind;
  if (json::truth(json::at(facts, "Archived"))) return compliant("The finding is archived.");
  auto made = time_told(json::at(facts, "CreatedAt"));
  const auto& told = json::at(facts, "Severity");
  auto severity = json::integer(told);
  if (!made || told.is_null()) return insufficient("How old or how severe the finding is, is not told.");
  auto most = severity >= high     ? whole_number(parameters, "daysHighSev", 1)
              : severity >= medium ? whole_number(parameters, "daysMediumSev", 7)
                                    : whole_number(parameters, "daysLowSev", 30);
  auto days = days_since(*made, subject.resource);
  return days > most ? non_compliant(fmt::format("The finding is open for {} days; {} are allowed.", days, most))
                     : compliant(fmt::format("The finding is open for {} days; {} are allowed.", days, most));
}

Evaluation judge_delivery(const Subject& subject, const json::Object& parameters) {
  const auto& trail = subject.resource;
  if (auto blind = unreadable(trail, {"CloudWatchLogsLogGroupArn", "LatestCloudWatchLogsDeliveryTime"})) return *blind;
  if (json::text(json::at(trail.properties, "CloudWatchLogsLogGroupArn")).empty())
    return non_compliant("The trail delivers to no log group.");
  auto last = time_told(json::at(trail.facts, "LatestCloudWatchLogsDeliveryTime"));
  if (!last) return compliant("The trail delivers to a log group.");  // it was told to just now
  auto most = whole_number(parameters, "expectedDeliveryWindowAge", delivery_window_days);
  auto days = days_since(*last, trail);
  return days > most ? non_compliant(fmt::format("The trail delivered to its log group {} days ago.", days))
                     : compliant("The trail delivers to its log group.");
}

}  // namespace

std::vector<Rule> age_rules() {
  return {
      {"ACM_CERTIFICATE_EXPIRATION_CHECK", "AWS::CertificateManager::Certificate", {"Status", "NotAfter"}, {}, {},
       judge_expiration},
      {"CLOUD_TRAIL_CLOUD_WATCH_LOGS_ENABLED", "AWS::CloudTrail::Trail",
       {"CloudWatchLogsLogGroupArn", "LatestCloudWatchLogsDeliveryTime"}, {}, {}, judge_delivery},
      {"GUARDDUTY_NON_ARCHIVED_FINDINGS", "AWS::GuardDuty::Finding", {"Severity", "CreatedAt", "Archived"}, {}, {},
       judge_open_finding},
      {"SECRETSMANAGER_SCHEDULED_ROTATION_SUCCESS_CHECK", "AWS::SecretsManager::Secret",
       {"RotationEnabled", "RotationRules", "LastRotatedDate", "CreatedDate"}, {}, {}, judge_rotation_success},
      {"SECRETSMANAGER_SECRET_PERIODIC_ROTATION", "AWS::SecretsManager::Secret",
       {"LastRotatedDate", "CreatedDate", "DeletedDate"}, {}, {}, judge_rotation_age},
      {"SECRETSMANAGER_SECRET_UNUSED", "AWS::SecretsManager::Secret",
       {"LastAccessedDate", "CreatedDate", "DeletedDate"}, {}, {}, judge_secret_use},
  };
}

}  // namespace aright::rules
