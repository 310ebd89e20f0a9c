// The settings that axon knows, and the layers that they come from: /etc/axon/config.yaml,
// AXON_HOME/config.yaml, the environment (AXON_USER_NAME for user.name), flags.
#pragma once

#include <chrono>
#include <span>
#include <string>

#include "cli/context.h"
#include "core/base/config.h"

namespace axon::cli {

struct Setting {
  const char* name;
  const char* summary;
};
std::span<const Setting> known_settings();
// Throws Error(usage), with "did you mean", for a name that axon does not know.
void check_setting(const std::string& name);
// Throws Error(usage) for a value that the setting does not take.
void check_value(const std::string& name, const std::string& value);

std::string variable_of(const std::string& name);  // "AXON_USER_NAME"
fs::Path user_config(const Context& context);
// All layers, flags included. Throws Error(usage) when a file cannot be read.
Config load_config(Context& context);

// "5", "0.5", "500ms", "2m" → a wait. Throws Error(usage) that names `what`.
std::chrono::milliseconds parse_wait(const std::string& text, const std::string& what);
// How long this command waits for locks.
std::chrono::milliseconds lock_timeout(Context& context);

}  // namespace axon::cli
