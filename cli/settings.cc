#include "cli/settings.h"

#include <array>
#include <charconv>
#include <vector>

#include "core/base/error.h"
#include "core/base/model_spec.h"

namespace axon::cli {

namespace {

constexpr const char* kLockTimeout = "store.lock_timeout";
constexpr std::array<Setting, 4> kSettings{{
    {"user.name", "the author of commits (default: as git has it)"},
    {"user.email", "the author's address"},
    {"user.signingkey", "the SSH key that `axon commit --sign` uses, a path"},
    {kLockTimeout, "how long to wait for another axon: 5, 0.5, 500ms, 2m (default 60)"},
}};

}  // namespace

std::span<const Setting> known_settings() {
  return kSettings;
}

void check_setting(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& setting : kSettings) {
    if (name == setting.name) return;
    names.emplace_back(setting.name);
  }
  Error error(ErrorCode::usage, "there is no setting '" + name + "'");
  if (const auto meant = did_you_mean(name, names)) error.hint("did you mean '" + *meant + "'?");
  throw error.hint("`axon help config` lists all settings");
}

void check_value(const std::string& name, const std::string& value) {
  if (name == kLockTimeout) parse_wait(value, "'" + name + "'");
}

std::string variable_of(const std::string& name) {
  std::string variable = "AXON_";
  for (const char c : name)
    variable += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return variable;
}

fs::Path user_config(const Context& context) {
  return context.home() / "config.yaml";
}

Config load_config(Context& context) {
  Config config;
  config.read(context.host().fs, context.host().system_config, ConfigLayer::system);
  config.read(context.host().fs, user_config(context), ConfigLayer::user);
  for (const auto& setting : kSettings) {
    const std::string variable = variable_of(setting.name);
    if (auto value = context.host().environment(variable.c_str())) {
      config.set(ConfigLayer::environment, setting.name, std::move(*value), variable);
    }
  }
  if (const auto& flag = context.options().lock_timeout) {
    config.set(ConfigLayer::flag, kLockTimeout, *flag, "--lock-timeout");
  }
  return config;
}

std::chrono::milliseconds parse_wait(const std::string& text, const std::string& what) {
  std::string number = text;
  double factor = 1000;
  if (number.ends_with("ms")) {
    factor = 1;
    number.resize(number.size() - 2);
  } else if (number.ends_with('s')) {
    number.pop_back();
  } else if (number.ends_with('m')) {
    factor = 60'000;
    number.pop_back();
  }
  double value = -1;
  constexpr double kLongest = 1e9;  // 11 days in milliseconds
  const auto [end, failure] = std::from_chars(number.data(), number.data() + number.size(), value);
  const bool whole = failure == std::errc() && end == number.data() + number.size();
  if (!whole || !(value >= 0) || value * factor > kLongest) {
    throw Error(ErrorCode::usage, what + " does not take '" + text + "'")
        .because("a wait is a number of seconds, or has a unit: 5, 0.5, 500ms, 2m");
  }
  return std::chrono::milliseconds(static_cast<std::int64_t>(value * factor));
}

std::chrono::milliseconds lock_timeout(Context& context) {
  const auto setting = load_config(context).get(kLockTimeout);
  return setting ? parse_wait(setting->value, setting->origin) : std::chrono::milliseconds(60'000);
}

}  // namespace axon::cli
