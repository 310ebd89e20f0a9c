// Host: what the process gives to a command. Everything that a test wants to replace is in here.
#pragma once

#include <functional>
#include <optional>
#include <ostream>
#include <string>

#include "core/base/cancel.h"
#include "core/base/clock.h"
#include "core/base/fs/file_system.h"

namespace axon::cli {

// The value of an environment variable; nullopt when it is unset or empty.
using Environment = std::function<std::optional<std::string>(const char* name)>;

struct Terminal {
  bool interactive = false;  // a tty
  std::size_t width = 80;
};

// References outlive the Host.
struct Host {
  std::ostream& out;
  std::ostream& err;
  Terminal out_terminal, err_terminal;
  Environment environment;
  fs::Path working_directory;  // absolute
  fs::Path system_config = "/etc/axon/config.yaml";
  fs::FileSystem& fs;
  const Clock& clock;
  Random& random;
  CancelToken& cancel;
};

}  // namespace axon::cli
