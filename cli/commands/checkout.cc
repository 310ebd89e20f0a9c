#include "core/workspace/checkout.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/checkout_view.h"
#include "cli/commands/checkout.h"
#include "cli/output/format.h"
#include "cli/wiring.h"
#include "core/base/error.h"

namespace axon::cli {

namespace {

struct Options {
  std::string spec;
  std::vector<std::string> paths;
  std::optional<std::string> to;
  bool force = false;
};

void refuse_other_model(const Place& place, const store::ResolvedSpec& version, const std::string& spec) {
  const ModelName& own = place.workspace->state().line.model;
  if (version.model == own) return;
  throw Error(ErrorCode::usage, "cannot check out '" + spec + "' here")
      .because("this is a workspace of '" + own.text() + "'")
      .hint("write its files elsewhere: `axon checkout " + spec + " --to DIR`");
}

ExitCode check_out_here(Context& context, const Options& options) {
  Place place = open_workspace(context);
  const auto version = resolve_spec(context, place, options.spec);
  refuse_other_model(place, version, options.spec);
  const auto paths = workspace_paths(context, place, options.paths);
  const auto overwrite = options.force ? workspace::Overwrite::yes : workspace::Overwrite::no;
  const auto result = workspace::checkout(*place.store, *place.workspace, version.commit, paths, std::nullopt,
                                          overwrite, context.progress(), context.cancel());
  const std::string done = paths.empty() ? "now at " : "restored from ";
  show_checkout(context, done + name_of(version), version, place.workspace->layout().root, result);
  return ExitCode::ok;
}

ExitCode check_out_elsewhere(Context& context, const Options& options) {
  Place place = open_place(context);
  const auto version = resolve_spec(context, place, options.spec);
  const fs::Path directory = context.resolve(*options.to);
  const auto overwrite = options.force ? workspace::Overwrite::yes : workspace::Overwrite::no;
  const auto result = workspace::export_version(*place.store, version.commit, directory, options.paths,
                                                overwrite, context.progress(), context.cancel());
  show_checkout(context, name_of(version) + " is in '" + printable(directory.string()) + "'", version,
                directory, result);
  return ExitCode::ok;
}

Action declare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("SPEC", options->spec, "the version: @v1, @4f2c1a9, @latest~1, NS/NAME@v1")->required();
  app.add_option("PATH", options->paths, "only these files and folders; the base stays");
  app.add_option("--to", options->to, "write the files into this directory instead")->type_name("DIR");
  app.add_flag("--force", options->force, "overwrite changes that are not committed");
  return [options](Context& context) {
    return options->to ? check_out_elsewhere(context, *options) : check_out_here(context, *options);
  };
}

}  // namespace

Command checkout_command() {
  return {
      "checkout",
      Group::work,
      "replace the files by those of a version",
      declare,
      {},
      "Every file is verified before it takes its place; files that are the same already are not touched.\n"
      "The line stays where it is: the next commit goes on from the version that was checked out.\n\n"
      "  $ axon checkout @v1              roll back\n"
      "  $ axon checkout @latest          and forth\n"
      "  $ axon checkout hf/bert@v1 --to /tmp/bert\n"};
}

}  // namespace axon::cli
