#include "cli/commands/version.h"

#include <nlohmann/json.hpp>

namespace axon::cli {

namespace {

ExitCode run(Context& context) {
  Printer& printer = context.printer();
  printer.show(
      [] {
        return nlohmann::json{{"version", AXON_VERSION}, {"compiler", __VERSION__}};
      },
      [&] {
        printer.line("axon " AXON_VERSION);
        printer.detail("compiled by g++ " __VERSION__);
      });
  return ExitCode::ok;
}

}  // namespace

Command version_command() {
  return {"version", Group::settings, "print the version of axon", [](CLI::App&) { return Action(run); }};
}

}  // namespace axon::cli
