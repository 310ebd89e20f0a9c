// Help pages, made from the table of commands and what each declared.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace axon::cli {

// `axon --help`: every command in its group. `root` holds the global options.
std::string overview_page(const std::vector<Command>& table, const CLI::App& root, const Style& style);
// `axon commit --help`; `words` is how one types it: "remote add".
std::string command_page(const Command& command, const CLI::App& app, const std::string& words,
                         const Style& style);

}  // namespace axon::cli
