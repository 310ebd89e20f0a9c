#include "cli/commands/branch.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/author.h"
#include "cli/output/format.h"
#include "cli/output/table.h"
#include "cli/version_view.h"
#include "cli/wiring.h"
#include "core/base/error.h"
#include "core/store/names.h"

namespace axon::cli {

namespace {

struct Options {
  std::string name, spec;
  bool remove = false;
};

struct Branch {
  std::string name;  // "main" for the main line
  GitId tip;
  bool current = false;
};

std::vector<Branch> branches_of(const Place& place, const ModelName& model) {
  std::optional<Line> current;
  if (place.workspace) current = place.workspace->state().line;
  const Line main{model, std::nullopt};
  std::vector<Branch> branches;
  if (const auto tip = place.store->history().ref(main.ref())) {
    branches.push_back({"main", tip->commit, current == main});
  }
  for (const auto& version : store::versions_of(*place.store, model)) {
    if (!version.branch) continue;
    branches.push_back(
        {version.name, version.commit, current == Line{model, VersionName::parse(version.name)}});
  }
  return branches;
}

ExitCode list(Context& context, const Place& place) {
  const ModelName model = model_of(place, std::nullopt);
  const auto branches = branches_of(place, model);
  Printer& printer = context.printer();
  printer.show(
      [&] {
        nlohmann::json list = nlohmann::json::array();
        for (const auto& branch : branches) {
          list.push_back({{"name", branch.name}, {"id", branch.tip.hex()}, {"current", branch.current}});
        }
        return nlohmann::json{{"model", model.text()}, {"branches", std::move(list)}};
      },
      [&] {
        Table table({Align::left, Align::left, Align::left, Align::left});
        for (const auto& branch : branches) {
          const auto commit = place.store->history().commit(branch.tip);
          const Style style = printer.style();
          table.row({branch.current ? style.green("* " + branch.name) : "  " + branch.name,
                     style.yellow(branch.tip.short_hex()),
                     format_age(commit.author.seconds, context.now_seconds()),
                     printable(first_line(message_of(commit)))});
        }
        for (const auto& line : table.lines()) printer.line(line);
        if (branches.empty()) printer.note("no versions yet");
      });
  return ExitCode::ok;
}

void refuse_current(const Place& place, const ModelName& model, const VersionName& name) {
  if (!place.workspace || place.workspace->state().line != Line{model, name}) return;
  throw Error(ErrorCode::usage, "cannot remove the branch '" + name.text() + "'")
      .because("this workspace is on it")
      .hint("run `axon switch main` first");
}

ExitCode run(Context& context, const Options& options) {
  const Place place = open_place(context);
  if (options.name.empty()) return list(context, place);
  const VersionName name = VersionName::parse(options.name);
  const auto who = author(context);
  ModelName model = model_of(place, ModelSpec::parse(options.spec.empty() ? "@HEAD" : options.spec).model);
  GitId commit;
  if (options.remove) {
    refuse_current(place, model, name);
    commit = store::delete_branch(*place.store, model, name, who, context.cancel());
  } else {
    commit = resolve_spec(context, place, options.spec.empty() ? "@HEAD" : options.spec).commit;
    store::create_branch(*place.store, model, name, commit, who, context.cancel());
  }
  const char* done = options.remove ? "removed" : "made";
  context.printer().show(
      [&] {
        return nlohmann::json{
            {"model", model.text()}, {"name", name.text()}, {"id", commit.hex()}, {"done", done}};
      },
      [&] {
        context.printer().note(
            fmt::format("{} branch {} of {} at {}", done, name.text(), model.text(), commit.short_hex()));
      });
  return ExitCode::ok;
}

Action declare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("NAME", options->name, "the new line's name; without one, all lines are listed");
  app.add_option("SPEC", options->spec, "where it begins (default: the version that is checked out)");
  app.add_flag("-d,--delete", options->remove, "remove the branch; its versions stay until gc");
  return [options](Context& context) { return run(context, *options); };
}

}  // namespace

Command branch_command() {
  return {"branch",
          Group::history,
          "make another line of a model, or list them",
          declare,
          {},
          "`axon switch -c NAME` makes one and goes there.\n"};
}

}  // namespace axon::cli
