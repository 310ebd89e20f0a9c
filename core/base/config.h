// Config: settings by name, in layers. Of a name that several layers set, the last layer's value counts.
//
// Names are dotted: "user.name". A file is YAML, its maps nested as the dots say; leaves are scalars. What a
// name means, and which names there are, is its reader's business. A value; threads: as any value.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/fs/file_system.h"

namespace axon {

enum class ConfigLayer { built_in, system, user, environment, flag };
const char* to_string(ConfigLayer layer);

struct ConfigValue {
  std::string value;
  ConfigLayer layer = ConfigLayer::built_in;
  std::string origin;  // for people: a path, "AXON_USER_NAME", "--lock-timeout"
};

class Config {
 public:
  void set(ConfigLayer layer, const std::string& name, std::string value, std::string origin);
  // Adds what the file sets; an absent file sets nothing. Throws Error(usage) that names file, line and
  // column of what is no such YAML, and Error(failed) for more than 1 MiB.
  void read(fs::FileSystem& fs, const fs::Path& path, ConfigLayer layer);

  // The value that counts.
  std::optional<ConfigValue> get(const std::string& name) const;
  std::map<std::string, ConfigValue> all() const;

 private:
  std::map<std::string, std::map<ConfigLayer, ConfigValue>> values_;
};

// "user.name" → value, of a whole file. `what` names it in errors.
std::map<std::string, std::string> parse_config(std::string_view yaml, const std::string& what);

// The text with one name set, or removed (nullopt); comments, order and everything else stay. A text that
// cannot be edited so (flow maps, block scalars) is written anew when it has no comments to lose, else
// refused with Error(usage); so is a name that would need a map where a value is.
std::string edit_config(std::string_view yaml, const std::string& name,
                        const std::optional<std::string>& value, const std::string& what);

// Edits a file, which is made when absent, with its folder; of a symbolic link, what it leads to. Its mode
// stays. Returns false when there was nothing to remove.
bool edit_config_file(fs::FileSystem& fs, const fs::Path& path, const std::string& name,
                      const std::optional<std::string>& value);

}  // namespace axon
