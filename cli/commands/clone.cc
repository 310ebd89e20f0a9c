#include "cli/commands/clone.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/author.h"
#include "cli/checkout_view.h"
#include "cli/output/format.h"
#include "cli/remotes.h"
#include "cli/wiring.h"
#include "core/base/error.h"
#include "remote/sync/fetch.h"
#include "remote/sync/open_remote.h"

namespace axon::cli {

namespace {

struct Options {
  std::string address, spec, directory;
  std::optional<std::string> remote;
};

// "hf/google/flan-t5" goes to ./flan-t5.
fs::Path directory_for(Context& context, const Options& options, const ModelName& model) {
  if (!options.directory.empty()) return context.resolve(options.directory);
  return context.directory() / model.text().substr(model.text().rfind('/') + 1);
}

void refuse_full_directory(Context& context, const fs::Path& directory) {
  auto& fs = context.host().fs;
  if (!fs::exists(fs, directory)) return;
  if (fs.list(directory).empty()) return;
  throw Error(ErrorCode::already_exists, "cannot clone into '" + directory.string() + "'")
      .because("it is not empty")
      .hint("name another directory: `axon clone URL NS/NAME DIR`");
}

sync::NamedRemote remote_for(const sync::NamedRemotes& remotes, const Options& options,
                             const std::string& address) {
  if (options.remote) {
    sync::NamedRemote named{*options.remote, address};
    refuse_taken_name(remotes, named);
    return named;
  }
  if (auto known = remotes.find_address(address)) return *known;
  return {remotes.suggest_name(address), address};
}

struct Cloned {
  sync::NamedRemote remote;
  sync::CloneResult result;
};

Cloned fetch(Context& context, store::Store& store, const Options& options, const ModelName& model) {
  sync::NamedRemotes remotes(store);
  const auto remote = remote_for(remotes, options, full_address(context, options.address));
  const auto opened =
      sync::open_remote_at(store, remote.address, sync::MissingRemote::refuse, context.cancel());
  const sync::FetchOptions fetch{model, remote.name, author(context)};
  Cloned cloned{remote, sync::clone(store, *opened, fetch, context.progress(), context.cancel())};
  remotes.add(remote, context.cancel());
  return cloned;
}

workspace::CheckoutResult check_out(Context& context, Place& place, const fs::Path& directory,
                                    const Cloned& cloned, const GitId& commit) {
  fs::make_directories(context.host().fs, directory);
  const workspace::WorkspaceState state{
      place.store->layout().root, cloned.result.line, {}, cloned.remote.name, {}, {}, {}};
  workspace::Workspace::create(environment_of(context), directory, state);
  place.workspace = std::make_unique<workspace::Workspace>(environment_of(context), directory);
  return workspace::checkout(*place.store, *place.workspace, commit, {}, std::nullopt,
                             workspace::Overwrite::no, context.progress(), context.cancel());
}

void show(Context& context, const Cloned& cloned, const store::ResolvedSpec& version,
          const fs::Path& directory, const workspace::CheckoutResult& result) {
  const auto& fetched = cloned.result.fetched;
  Printer& printer = context.printer();
  printer.show(
      [&] {
        return nlohmann::json{{"model", version.model.text()},
                              {"line", cloned.result.line.text()},
                              {"id", version.commit.hex()},
                              {"directory", directory.string()},
                              {"remote", cloned.remote.name},
                              {"address", cloned.remote.address},
                              {"versions_received", fetched.commits},
                              {"bytes_received", fetched.bytes_received},
                              {"files", result.written.size()},
                              {"bytes_written", result.bytes_written},
                              {"seconds", static_cast<double>(fetched.elapsed_ns + result.elapsed_ns) / 1e9},
                              {"warnings", fetched.warnings}};
      },
      [&] {
        for (const auto& warning : fetched.warnings) printer.warn(warning);
        printer.note(fmt::format("cloned {} from {} into '{}', at {}",
                                 printer.style().bold(version.model.text()), cloned.remote.name,
                                 printable(directory.string()), name_of(version)));
        printer.note(fmt::format("  {}, {} received{}", format_count(fetched.commits, "version"),
                                 format_size(fetched.bytes_received),
                                 format_pace(fetched.bytes_received, fetched.elapsed_ns)));
        printer.note(fmt::format(
            "  {}, {} written and verified{}", format_count(result.written.size(), "file"),
            format_size(result.bytes_written), format_pace(result.bytes_written, result.elapsed_ns)));
      });
}

ExitCode run(Context& context, const Options& options) {
  const ModelSpec spec = ModelSpec::parse(options.spec);
  if (!spec.model)
    throw Error(ErrorCode::usage, "'" + options.spec + "' names no model").hint("write it as NS/NAME");
  const fs::Path directory = directory_for(context, options, *spec.model);
  refuse_full_directory(context, directory);
  if (const auto outer = workspace::Workspace::find(context.host().fs, directory.parent_path())) {
    throw Error(ErrorCode::already_exists, "cannot clone into '" + directory.string() + "'")
        .because("it lies in the workspace '" + outer->string() + "'");
  }
  Place place;
  place.store = open_or_create_store(context);
  const Cloned cloned = fetch(context, *place.store, options, *spec.model);
  // Without a version: the tip of the line that was cloned, which need not be the main one.
  store::ResolvedSpec version{*spec.model, cloned.result.tip, std::nullopt, cloned.result.line, std::nullopt};
  if (spec.version || spec.back > 0) version = resolve_spec(context, place, options.spec);
  const auto result = check_out(context, place, directory, cloned, version.commit);
  show(context, cloned, version, directory, result);
  return ExitCode::ok;
}

Action declare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("URL", options->address, "the remote: a directory, or file:///directory")->required();
  app.add_option("NS/NAME", options->spec, "the model; with @VERSION that one is checked out")->required();
  app.add_option("DIR", options->directory, "the new workspace (default: ./NAME)");
  app.add_option("--remote", options->remote, "how to call the remote (default: by its last segment)")
      ->type_name("NAME");
  return [options](Context& context) { return run(context, *options); };
}

}  // namespace

Command clone_command() {
  return {"clone", Group::start, "get a model from a remote into a new workspace",
          declare, {},           "  $ axon clone /mnt/models/prod hf/bert-base-uncased\n"};
}

}  // namespace axon::cli
