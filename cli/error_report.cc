#include "cli/error_report.h"

#include <nlohmann/json.hpp>

#include <new>

#include "cli/output/format.h"

namespace axon::cli {

ExitCode exit_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::usage:
      return ExitCode::usage;
    case ErrorCode::partial:
      return ExitCode::partial;
    case ErrorCode::not_a_workspace:
      return ExitCode::not_a_workspace;
    case ErrorCode::locked:
      return ExitCode::locked;
    case ErrorCode::moved:
      return ExitCode::moved;
    case ErrorCode::integrity:
      return ExitCode::integrity;
    case ErrorCode::refused:
      return ExitCode::refused;
    case ErrorCode::network:
      return ExitCode::network;
    case ErrorCode::rolled_back:
      return ExitCode::rolled_back;
    case ErrorCode::unknown_outcome:
      return ExitCode::unknown_outcome;
    case ErrorCode::interrupted:
      return ExitCode::interrupted;
    case ErrorCode::failed:
    case ErrorCode::not_found:
    case ErrorCode::already_exists:
    case ErrorCode::no_space:
    case ErrorCode::permission:
    case ErrorCode::io:
    case ErrorCode::unsupported:
      break;
  }
  return ExitCode::failed;
}

namespace {

void report_json(std::ostream& err, const Error& error) {
  const nlohmann::json report = {{"error",
                                  {{"code", to_string(error.code())},
                                   {"exit", static_cast<int>(exit_code(error.code()))},
                                   {"message", error.message()},
                                   {"because", error.causes()},
                                   {"hints", error.hints()}}}};
  // One line, so that it can be told from warnings before it.
  err << report.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
}

}  // namespace

void report_error(std::ostream& err, const Error& error, OutputForm form, Color color) {
  if (form == OutputForm::json) return report_json(err, error);
  const Style style(color);
  err << style.red("error:") << ' ' << printable(error.message()) << '\n';
  for (const auto& cause : error.causes()) err << style.yellow("because:") << ' ' << printable(cause) << '\n';
  for (const auto& hint : error.hints()) err << style.cyan("hint:") << ' ' << printable(hint) << '\n';
  err.flush();
}

Error as_error(const std::exception& exception) {
  if (const auto* error = dynamic_cast<const Error*>(&exception)) return *error;
  if (dynamic_cast<const std::bad_alloc*>(&exception) != nullptr) {
    return Error(ErrorCode::failed, "out of memory");
  }
  return Error(ErrorCode::failed, "axon met a fault of its own")
      .because(exception.what())
      .hint("report it with the command line and the output of `axon version -v`");
}

}  // namespace axon::cli
