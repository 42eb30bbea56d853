#pragma once
// The SDKs' config and credentials files. Pure but for load_profiles, which reads two files; any
// thread.

#include <map>
#include <string>
#include <string_view>

#include "aws/credentials.h"
#include "base/error.h"

namespace aright::aws {

inline constexpr std::size_t config_bytes_max = 1u << 20;

// A setting's value by its name in lower case; an indented one below "s3 =" is called "s3.name".
using Section = std::map<std::string, std::string>;
// By the text within the brackets: "default", "profile audit", "services local".
using ConfigFile = std::map<std::string, Section>;

// Fails with invalid, naming the line.
Result<ConfigFile> parse_config(std::string_view text);

struct Profiles {
  std::map<std::string, Section> profiles;  // the credentials file wins over the config file
  std::map<std::string, Section> services;  // [services NAME]
};
// AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE, else those in HOME/.aws. A missing file is
// empty.
Result<Profiles> load_profiles(const Environment& environment);

// options.profile, AWS_PROFILE, AWS_DEFAULT_PROFILE, "default".
std::string profile_name(const ChainOptions& options);
std::string variable(const Environment& environment, std::string_view name);

}  // namespace aright::aws
