// The one place that prints errors and decides exit codes (docs/guide/exit-codes.md).
#pragma once

#include <exception>
#include <ostream>

#include "cli/output/printer.h"
#include "core/base/error.h"

namespace axon::cli {

enum class ExitCode : int {
  ok = 0,
  failed = 1,
  usage = 2,
  partial = 3,
  differences = 4,  // `diff --exit-code` found some
  not_a_workspace = 10,
  locked = 11,
  moved = 12,
  integrity = 13,
  refused = 14,
  network = 15,
  rolled_back = 16,
  unknown_outcome = 17,
  interrupted = 130,
};

ExitCode exit_code(ErrorCode code);

// `error:` / `because:` / `hint:` lines, or with OutputForm::json one JSON object on one line:
// {"error": {"code": "moved", "exit": 12, "message": "…", "because": ["…"], "hints": ["…"]}}
void report_error(std::ostream& err, const Error& error, OutputForm form, Color color);

// Any exception as an Error, so that nothing escapes unreported.
Error as_error(const std::exception& exception);

}  // namespace axon::cli
