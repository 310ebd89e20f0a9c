#include "cli/commands/diff.h"

#include <CLI/CLI.hpp>

#include "cli/diff_sides.h"
#include "cli/diff_view.h"
#include "cli/wiring.h"
#include "core/base/error.h"

namespace axon::cli {

namespace {

struct Options {
  std::string before, after;
  bool totals = false, tensors = false, numbers = false, exit_code = false;
};

ExitCode run(Context& context, const Options& options) {
  Place place = open_place(context);
  if (options.after.empty() && !place.workspace) {
    throw Error(ErrorCode::usage, "what to compare?")
        .because("outside a workspace, both versions must be named")
        .hint("write it as `axon diff NS/NAME@V1 NS/NAME@V2`");
  }
  const auto reading = place.store->lock_content(context.cancel());
  DiffSides sides = open_sides(context, place, options.before, options.after);
  bool any = false;
  if (options.tensors || options.numbers) {
    any = show_tensor_diff(context, sides, options.numbers ? Numbers::yes : Numbers::no);
  } else {
    any = show_file_diff(context, sides, options.totals ? Totals::only : Totals::too);
  }
  return any && options.exit_code ? ExitCode::differences : ExitCode::ok;
}

Action declare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("A", options->before, "the version before (default: the one that is checked out)");
  app.add_option("B", options->after, "the version after (default: the files here)");
  app.add_flag("--stat", options->totals, "only how much changed");
  app.add_flag("--tensors", options->tensors, "compare tensors, by their ids: no weights are read");
  app.add_flag("--stats", options->numbers, "also norms and largest changes: reads the tensors that changed");
  app.add_flag("--exit-code", options->exit_code, "exit with 4 when there are differences");
  return [options](Context& context) { return run(context, *options); };
}

}  // namespace

Command diff_command() {
  return {"diff",
          Group::history,
          "show what changed between two versions",
          declare,
          {},
          "  $ axon diff                       the files here, against the last commit\n"
          "  $ axon diff @v1 @v2 --tensors     which tensors changed\n"
          "  $ axon diff @v1 @v2 --stats       and by how much\n"};
}

}  // namespace axon::cli
