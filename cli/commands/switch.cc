#include "cli/commands/switch.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/author.h"
#include "cli/checkout_view.h"
#include "cli/settings.h"
#include "cli/wiring.h"
#include "core/base/error.h"
#include "core/store/names.h"
#include "core/workspace/checkout.h"
#include "core/workspace/recovery.h"

namespace axon::cli {

namespace {

struct Options {
  std::string name;
  bool create = false, force = false;
};

Line line_of(const ModelName& model, const std::string& name) {
  if (name == "main") return {model, std::nullopt};
  return {model, VersionName::parse(name)};
}

[[noreturn]] void throw_unknown(const Place& place, const Line& line, const std::string& name) {
  std::vector<std::string> names{"main"};
  for (const auto& version : store::versions_of(*place.store, line.model)) {
    if (version.branch) names.push_back(version.name);
  }
  Error error(ErrorCode::not_found, "'" + line.model.text() + "' has no branch '" + name + "'");
  if (const auto meant = did_you_mean(name, names)) error.hint("did you mean '" + *meant + "'?");
  throw error.hint("`axon switch -c " + name + "` makes it");
}

// A new line begins at the base, so the files stay as they are, changed or not.
ExitCode create(Context& context, Place& place, const Line& line) {
  if (!line.branch) throw Error(ErrorCode::usage, "'main' is the name of the main line");
  const auto lock = place.workspace->lock(context.cancel(), lock_timeout(context));
  const auto content_lock = place.store->lock_content(context.cancel());
  for (const auto& warning :
       workspace::finish_earlier(*place.store, *place.workspace, context.progress(), context.cancel())) {
    context.printer().warn(warning);
  }
  auto state = place.workspace->state();
  if (!state.base) {
    throw Error(ErrorCode::not_found, "cannot make a branch before the first version")
        .hint("run `axon commit`");
  }
  store::create_branch(*place.store, line.model, *line.branch, *state.base, author(context),
                       context.cancel());
  state.line = line;
  place.workspace->save(state);
  context.printer().show(
      [&] {
        return nlohmann::json{{"line", line.text()}, {"id", state.base->hex()}, {"created", true}};
      },
      [&] { context.printer().note("now on the new line " + line.text()); });
  return ExitCode::ok;
}

ExitCode run(Context& context, const Options& options) {
  Place place = open_workspace(context);
  const Line line = line_of(place.workspace->state().line.model, options.name);
  if (options.create) return create(context, place, line);
  const auto tip = place.store->history().ref(line.ref());
  if (!tip) throw_unknown(place, line, options.name);
  const auto result =
      workspace::checkout(*place.store, *place.workspace, tip->commit, {}, line,
                          options.force ? workspace::Overwrite::yes : workspace::Overwrite::no,
                          context.progress(), context.cancel());
  const store::ResolvedSpec version{line.model, tip->commit, std::nullopt, line, std::nullopt};
  show_checkout(context, "now on " + line.text() + " at " + tip->commit.short_hex(), version,
                place.workspace->layout().root, result);
  return ExitCode::ok;
}

Action declare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("NAME", options->name, "the branch; `main` for the main line")->required();
  app.add_flag("-c,--create", options->create, "make it, at the version that is checked out");
  app.add_flag("--force", options->force, "overwrite changes that are not committed");
  return [options](Context& context) { return run(context, *options); };
}

}  // namespace

Command switch_command() {
  return {"switch",
          Group::work,
          "go to another line of the model",
          declare,
          {},
          "The next commits go to that line.\n\n"
          "  $ axon switch -c distilled\n"
          "  $ axon switch main\n"};
}

}  // namespace axon::cli
