// Who the user says to be in their git configuration.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "core/base/fs/file_system.h"

namespace axon::history {

struct ConfiguredAuthor {
  std::string name, email;  // either may be empty
};

// user.name and user.email from these files, later ones winning, absent ones passed over; e.g.
// /etc/gitconfig,
// ~/.config/git/config, ~/.gitconfig. `home` is what "~/" in their includes means. nullopt when neither is
// set; Error(usage) when a file cannot be parsed.
std::optional<ConfiguredAuthor> configured_author(std::span<const fs::Path> files, const fs::Path& home);

}  // namespace axon::history
