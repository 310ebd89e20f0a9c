#include "cli/commands/init.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/output/format.h"
#include "cli/wiring.h"
#include "core/base/error.h"

namespace axon::cli {

namespace {

struct Options {
  std::string model;
  std::optional<std::string> from;
};

// "local/My model (2)" is no valid name; "local/My-model-2" is.
ModelName name_of_folder(const fs::Path& directory) {
  std::string segment;
  for (const char c : directory.filename().string()) {
    const bool fits = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_';
    if (fits) segment += c;
    if (!fits && !segment.empty() && segment.back() != '-') segment += '-';
  }
  while (!segment.empty() && (segment.back() == '-' || segment.back() == '.')) segment.pop_back();
  try {
    return ModelName::parse("local/" + segment);
  } catch (const Error&) {
    throw Error(ErrorCode::usage, "cannot name a model after the folder '" + directory.string() + "'")
        .hint("give it a name: `axon init NAMESPACE/NAME`");
  }
}

workspace::WorkspaceState state_for(store::Store& store, const ModelName& model,
                                    const std::optional<std::string>& from) {
  workspace::WorkspaceState state{store.layout().root, Line{model, std::nullopt}, {}, {}, {}, {}, {}};
  if (from) {
    state.lineage = store::resolve(store, ModelSpec::parse(*from), std::nullopt).commit;
    state.lineage_spec = *from;
  }
  return state;
}

ExitCode run(Context& context, const Options& options) {
  // Before anything is made.
  const ModelName model =
      options.model.empty() ? name_of_folder(context.directory()) : ModelName::parse(options.model);
  const bool first = !fs::exists(context.host().fs, store_root(context));
  const auto store = open_or_create_store(context);
  const auto state = state_for(*store, model, options.from);
  const auto tip = store->history().ref(state.line.ref());
  if (!tip) store::check_new_model(*store, state.line.model);
  workspace::Workspace::create(environment_of(context), context.directory(), state);

  Printer& printer = context.printer();
  printer.show(
      [&] {
        nlohmann::json json{{"workspace", context.directory().string()},
                            {"model", state.line.model.text()},
                            {"store", state.store.string()},
                            {"store_created", first},
                            {"latest", nullptr},
                            {"from", nullptr}};
        if (tip) json["latest"] = tip->commit.hex();
        if (state.lineage) json["from"] = {{"spec", *state.lineage_spec}, {"id", state.lineage->hex()}};
        return json;
      },
      [&] {
        printer.note("'" + printable(context.directory().string()) + "' is now a workspace of " +
                     printer.style().bold(state.line.model.text()));
        if (first) printer.note("made a store at '" + printable(state.store.string()) + "'");
        if (state.lineage) {
          printer.note("its first version will be based on " + *state.lineage_spec + " (" +
                       state.lineage->short_hex() + ")");
        }
        if (tip) {
          printer.note("the store has this model already: `axon checkout @latest` brings its files here");
        } else {
          printer.note("next: `axon commit`");
        }
      });
  return ExitCode::ok;
}

}  // namespace

Command init_command() {
  return {
      "init",
      Group::start,
      "make this directory a workspace",
      [](CLI::App& app) {
        auto options = std::make_shared<Options>();
        app.add_option("NS/NAME", options->model, "the model's name (default: local/<folder>)");
        app.add_option("--from", options->from, "the model that this one is made from")->type_name("SPEC");
        return Action([options](Context& context) { return run(context, *options); });
      },
      {},
      "A store is made at AXON_HOME/store when there is none. With --from, the first version records where\n"
      "it comes from, and is stored as the difference.\n\n"
      "  $ cd my-model && axon init hf/bert-base-uncased\n"
      "  $ axon init acme/bert-support --from hf/bert-base-uncased@v1\n"};
}

}  // namespace axon::cli
