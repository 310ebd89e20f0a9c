// What CLI11 says of a bad command line, in axon's own words.
#pragma once

#include <string>

#include "core/base/error.h"

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace axon::cli {

// "remote add" for the selected command below `root`, "" when none is.
std::string selected_words(const CLI::App& root);
// The innermost selected command; `root` itself when none is.
const CLI::App& selected_app(const CLI::App& root);

// An Error(usage) that quotes the word at fault and helps: "did you mean", and which page tells more.
Error usage_error(const CLI::App& root, const CLI::ParseError& error);

}  // namespace axon::cli
