// run_process: another program, without a shell.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/cancel.h"

namespace axon {

struct ProcessOptions {
  std::string standard_input;
  std::optional<std::string> working_directory;
  // Names and values set on top of the inherited environment; an empty value unsets.
  std::vector<std::pair<std::string, std::string>> environment;
  std::chrono::milliseconds timeout{std::chrono::minutes{10}};
  std::size_t output_limit = std::size_t{64} << 20;  // of each stream; the process is killed past it
};
struct ProcessResult {
  int exit_code = 0;  // 128 + N when killed by signal N
  std::string standard_output, standard_error;
};

// Runs argv[0] (looked up in PATH) in its own process group and waits. Throws Error(not_found) when it cannot
// be started, Error(failed) on timeout or too much output, Error(interrupted) when cancelled; a non-zero exit
// is a result.
ProcessResult run_process(const std::vector<std::string>& argv, const ProcessOptions& options,
                          const CancelToken& cancel);

}  // namespace axon
