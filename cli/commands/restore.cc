#include "cli/commands/restore.h"

#include <CLI/CLI.hpp>

#include "cli/checkout_view.h"
#include "cli/wiring.h"
#include "core/base/error.h"
#include "core/workspace/checkout.h"

namespace axon::cli {

namespace {

ExitCode run(Context& context, const std::vector<std::string>& given) {
  Place place = open_workspace(context);
  const auto version = resolve_spec(context, place, "@HEAD");
  const auto paths = workspace_paths(context, place, given);
  const auto result = workspace::checkout(*place.store, *place.workspace, version.commit, paths, std::nullopt,
                                          workspace::Overwrite::yes, context.progress(), context.cancel());
  show_checkout(context, "restored from " + name_of(version), version, place.workspace->layout().root,
                result);
  return ExitCode::ok;
}

}  // namespace

Command restore_command() {
  return {"restore",
          Group::work,
          "undo changes to files since the last commit",
          [](CLI::App& app) {
            auto paths = std::make_shared<std::vector<std::string>>();
            app.add_option("PATH", *paths, "files and folders; `.` for all")->required();
            return Action([paths](Context& context) { return run(context, *paths); });
          },
          {},
          "Changes to these files are lost. Files that the last commit has not are left alone.\n\n"
          "  $ axon restore config.json\n"};
}

}  // namespace axon::cli
