// parse: from the words of a command line to what runs it.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace axon::cli {

struct Invocation {
  GlobalOptions options;
  Action run;  // of the command; for --help, --version and `help` one that prints the page
};

// `words` without the program's name. Throws Error(usage) that quotes the word at fault, with "did you mean".
// Global options may stand before the command or anywhere after it.
Invocation parse(const std::vector<Command>& table, const std::vector<std::string>& words);

// How errors are to be printed when the command line itself could not be parsed.
OutputForm wanted_form(const std::vector<std::string>& words);

}  // namespace axon::cli
