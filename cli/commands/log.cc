#include "cli/commands/log.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <nlohmann/json.hpp>

#include "cli/output/format.h"
#include "cli/output/table.h"
#include "cli/version_view.h"
#include "cli/wiring.h"
#include "core/base/error.h"

namespace axon::cli {

namespace {

struct Options {
  std::string spec;
  std::optional<std::uint64_t> count;
  std::optional<std::string> since;
  bool one_line = false;
};

struct Version {
  history::Commit commit;
  std::vector<std::string> names;
  CheckedOut checked_out = CheckedOut::no;
};

// In a workspace without a version the log is empty, which is no error.
std::optional<store::ResolvedSpec> start_of(Context& context, const Place& place, const std::string& spec) {
  if (!spec.empty()) return resolve_spec(context, place, spec);
  if (!place.workspace) {
    throw Error(ErrorCode::usage, "the log of which model?")
        .because("only inside a workspace can its name be left out")
        .hint("`axon models` lists those in the store");
  }
  const auto& state = place.workspace->state();
  const auto tip = place.store->history().ref(state.line.ref());
  if (!tip) return std::nullopt;
  return store::ResolvedSpec{state.line.model, tip->commit, std::nullopt, state.line, std::nullopt};
}

std::vector<Version> collect(Context& context, const Place& place, const Options& options) {
  std::vector<Version> versions;
  const auto start = start_of(context, place, options.spec);
  if (!start) return versions;
  std::optional<std::int64_t> since;
  if (options.since) since = parse_time(*options.since, context.host().clock.now_ns());
  auto& history = place.store->history();
  const VersionNames names(*place.store, start->model);
  const std::array<GitId, 1> tips{start->commit};
  const auto here = place.workspace ? place.workspace->state().base : std::nullopt;
  for (const auto& id : history.walk(tips, {})) {
    if (options.count && versions.size() >= *options.count) break;
    auto commit = history.commit(id);
    // Clocks differ between machines, so a later commit may look older: none is cut off by it.
    if (since && commit.author.seconds < *since) continue;
    versions.push_back({std::move(commit), names.of(id), here == id ? CheckedOut::yes : CheckedOut::no});
  }
  return versions;
}

void print_one_line_each(Context& context, const std::vector<Version>& versions) {
  Printer& printer = context.printer();
  Table table({Align::left, Align::left, Align::left, Align::left});
  for (const auto& version : versions) {
    table.row({printer.style().yellow(version.commit.id.short_hex()),
               printer.style().bold(fmt::format("{}", fmt::join(version.names, ", "))),
               format_age(version.commit.author.seconds, context.now_seconds()),
               printable(first_line(message_of(version.commit))) +
                   (version.checked_out == CheckedOut::yes ? "  " + printer.style().green("← here") : "")});
  }
  for (const auto& line : table.lines()) printer.line(line);
}

void print_text(Context& context, const Options& options, const std::vector<Version>& versions) {
  if (versions.empty()) return context.printer().note("no versions yet");
  if (options.one_line) return print_one_line_each(context, versions);
  for (const auto& version : versions) {
    if (&version != &versions.front()) context.printer().line("");
    print_version(context, version.commit, version.names, version.checked_out);
  }
}

ExitCode run(Context& context, const Options& options) {
  const Place place = open_place(context);
  const auto reading = place.store->lock_content(context.cancel());
  const auto versions = collect(context, place, options);
  context.printer().show(
      [&] {
        nlohmann::json list = nlohmann::json::array();
        for (const auto& version : versions) {
          list.push_back(version_json(version.commit, version.names));
          list.back()["checked_out"] = version.checked_out == CheckedOut::yes;
        }
        return nlohmann::json{{"versions", std::move(list)}};
      },
      [&] { print_text(context, options, versions); });
  return ExitCode::ok;
}

Action declare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("SPEC", options->spec, "from this version back (default: the line's latest)");
  app.add_option("-n", options->count, "at most so many")->type_name("N");
  app.add_option("--since", options->since, "not older: 2026-11-20, 2d, 12h")->type_name("D");
  app.add_flag("--oneline", options->one_line, "one line for each version");
  return [options](Context& context) { return run(context, *options); };
}

}  // namespace

Command log_command() {
  return {"log",
          Group::history,
          "list versions, newest first",
          declare,
          {},
          "  $ axon log --oneline -n 10\n"
          "  $ axon log hf/bert@v1\n"};
}

}  // namespace axon::cli
