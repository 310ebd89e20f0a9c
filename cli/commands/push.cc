#include "remote/sync/push.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/author.h"
#include "cli/commands/push.h"
#include "cli/output/format.h"
#include "cli/output/table.h"
#include "cli/remotes.h"
#include "cli/version_view.h"
#include "cli/wiring.h"
#include "remote/sync/open_remote.h"
#include "remote/sync/ref_names.h"

namespace axon::cli {

namespace {

struct Options {
  std::optional<std::string> remote;
  std::vector<std::string> specs;
};

// `axon push @v1`: the first word may be a spec; no remote's name has '@', '/' or '~'.
Options without_remote_unless_one(Options options) {
  if (options.remote && options.remote->find_first_of("@/~") != std::string::npos) {
    options.specs.insert(options.specs.begin(), *options.remote);
    options.remote.reset();
  }
  return options;
}

std::vector<std::string> refs_of(const Place& place, const std::vector<std::string>& specs) {
  std::optional<Line> here;
  if (place.workspace) here = place.workspace->state().line;
  if (specs.empty()) {
    model_of(place, std::nullopt);  // throws outside a workspace
    return sync::refs_to_push(*place.store, ModelSpec{}, here);
  }
  std::vector<std::string> refs;
  for (const auto& spec : specs) {
    for (auto& ref : sync::refs_to_push(*place.store, ModelSpec::parse(spec), here)) {
      if (std::find(refs.begin(), refs.end(), ref) == refs.end()) refs.push_back(std::move(ref));
    }
  }
  return refs;
}

// A version's name may lead to a tag object; people know the commit.
std::string known_id(store::Store& store, const GitId& id) {
  return store.history().peel_to_commit(id).value_or(id).short_hex();
}

std::string change_cell(store::Store& store, const sync::RefChange& change) {
  if (!change.before) return "new, " + known_id(store, *change.after);
  if (!change.after) return "removed";
  return known_id(store, *change.before) + " → " + known_id(store, *change.after);
}

void print_text(Printer& printer, store::Store& store, const sync::NamedRemote& remote,
                const sync::PushResult& result) {
  if (result.updates.empty()) return printer.note(remote.name + " has it all already");
  printer.note("pushed to " + printer.style().bold(remote.name) + " (" + printable(remote.address) + ")");
  Table table({Align::left, Align::left});
  for (const auto& change : result.updates)
    table.row({sync::spec_of_ref(change.ref), change_cell(store, change)});
  for (const auto& line : table.lines("  ")) printer.note(line);
  std::string sent =
      fmt::format("  {}, {} sent{}", format_count(result.commits, "version"), format_size(result.bytes_sent),
                  format_pace(result.bytes_sent, result.elapsed_ns));
  if (result.bytes_present > 0) sent += "; " + format_size(result.bytes_present) + " were there already";
  printer.note(sent);
}

nlohmann::json to_json(const sync::NamedRemote& remote, const sync::PushResult& result) {
  nlohmann::json updates = nlohmann::json::array();
  for (const auto& change : result.updates) {
    updates.push_back({{"ref", change.ref}, {"old", id_json(change.before)}, {"new", id_json(change.after)}});
  }
  return {{"remote", remote.name},
          {"address", remote.address},
          {"updates", std::move(updates)},
          {"versions_sent", result.commits},
          {"frames", result.frames},
          {"frames_sent", result.frames_sent},
          {"bytes_sent", result.bytes_sent},
          {"bytes_present", result.bytes_present},
          {"seconds", static_cast<double>(result.elapsed_ns) / 1e9},
          {"warnings", result.warnings}};
}

ExitCode run(Context& context, const Options& given) {
  const Options options = without_remote_unless_one(given);
  const Place place = open_place(context);
  const auto remote = choose_remote(place, options.remote);
  sync::PushOptions push;
  push.refs = refs_of(place, options.specs);
  push.remote_name = remote.name;
  push.who = author(context);
  push.actor = actor(push.who);
  const auto opened =
      sync::open_remote_at(*place.store, remote.address, sync::MissingRemote::refuse, context.cancel());
  const auto result = sync::push(*place.store, *opened, push, context.progress(), context.cancel());
  Printer& printer = context.printer();
  if (!printer.json()) {
    for (const auto& warning : result.warnings) printer.warn(warning);
  }
  printer.show([&] { return to_json(remote, result); },
               [&] { print_text(printer, *place.store, remote, result); });
  return ExitCode::ok;
}

Action declare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("REMOTE", options->remote,
                 "where to (default: where the workspace came from, or the only one)");
  app.add_option("SPEC", options->specs,
                 "NS/NAME, NS/NAME@BRANCH, @TAG (default: the line of the workspace)");
  return [options](Context& context) { return run(context, *options); };
}

}  // namespace

Command push_command() {
  return {
      "push",
      Group::share,
      "send versions to a remote",
      declare,
      {},
      "A line takes the tags on it along. Only what the remote has not is sent; a push that was cut short\n"
      "goes on where it stopped.\n\n"
      "  $ axon push prod\n"
      "  $ axon push prod hf/bert@v1.0\n"};
}

}  // namespace axon::cli
