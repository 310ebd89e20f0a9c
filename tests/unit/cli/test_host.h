// TestHost: a Host whose environment, output and files a test holds in its hands.
#pragma once

#include <map>
#include <sstream>
#include <string>

#include "cli/host.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_dir.h"

namespace axon::test {

struct TestHost {
  TempDir folder;
  std::ostringstream out, err;
  std::map<std::string, std::string> variables;
  CancelToken cancel;
  FakeClock clock;
  SeededRandom random;
  cli::Host host{.out = out,
                 .err = err,
                 .out_terminal = {},
                 .err_terminal = {},
                 .environment =
                     [this](const char* name) {
                       const auto found = variables.find(name);
                       return found == variables.end() ? std::nullopt : std::optional(found->second);
                     },
                 .working_directory = folder.path(),
                 .system_config = folder / "system.yaml",
                 .fs = fs::posix(),
                 .clock = clock,
                 .random = random,
                 .cancel = cancel};
};

}  // namespace axon::test
