#include "cli/commands/show.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/output/format.h"
#include "cli/output/table.h"
#include "cli/version_view.h"
#include "cli/wiring.h"
#include "core/history/trailers.h"
#include "core/store/snapshot.h"

namespace axon::cli {

namespace {

struct Shown {
  store::ResolvedSpec version;
  history::Commit commit;
  std::vector<std::string> names;
  std::vector<store::VersionFile> files;
  std::uint64_t bytes = 0;
};

Shown look_up(Context& context, const Place& place, const std::string& spec) {
  Shown shown{resolve_spec(context, place, spec), {}, {}, {}, 0};
  shown.commit = place.store->history().commit(shown.version.commit);
  shown.names = VersionNames(*place.store, shown.version.model).of(shown.version.commit);
  shown.files = store::read_version(*place.store, shown.version.commit);
  store::check_files_digest(*place.store, shown.commit, shown.files);
  for (const auto& file : shown.files) shown.bytes += file.size;
  return shown;
}

const char* stored_as(const store::VersionFile& file) {
  if (file.mode == history::EntryMode::symlink) return "link";
  return file.pointer ? "chunks" : "text";
}

nlohmann::json to_json(const Shown& shown) {
  nlohmann::json json = version_json(shown.commit, shown.names);
  json["model"] = shown.version.model.text();
  json["bytes"] = shown.bytes;
  json["files"] = nlohmann::json::array();
  for (const auto& file : shown.files) {
    json["files"].push_back({{"path", file.path},
                             {"size", file.size},
                             {"sha256", file.sha256.hex()},
                             {"mode", to_string(file.mode)},
                             {"stored_as", stored_as(file)}});
  }
  return json;
}

void print_text(Context& context, const Shown& shown) {
  Printer& printer = context.printer();
  printer.line(printer.style().bold(shown.version.model.text()));
  print_version(context, shown.commit, shown.names, CheckedOut::no);
  const auto trailers = history::parse_trailers(shown.commit.message);
  if (trailers.base) printer.line("  made from " + trailers.base->short_hex());
  if (!shown.commit.signature.empty()) printer.line("  signed");
  printer.line("");
  Table table({Align::right, Align::left, Align::left});
  for (const auto& file : shown.files) {
    table.row({format_size(file.size), printable(file.path),
               printer.verbose() ? printer.style().faint("sha256:" + file.sha256.hex()) : ""});
  }
  for (const auto& line : table.lines("  ")) printer.line(line);
  printer.line(fmt::format("  {}, {}", format_count(shown.files.size(), "file"), format_size(shown.bytes)));
}

ExitCode run(Context& context, const std::string& spec) {
  const Place place = open_place(context);
  const auto reading = place.store->lock_content(context.cancel());
  const Shown shown = look_up(context, place, spec);
  context.printer().show([&] { return to_json(shown); }, [&] { print_text(context, shown); });
  return ExitCode::ok;
}

}  // namespace

Command show_command() {
  return {"show",
          Group::history,
          "show one version with its files",
          [](CLI::App& app) {
            auto spec = std::make_shared<std::string>("@HEAD");
            app.add_option("SPEC", *spec, "the version (default: the one that is checked out)");
            return Action([spec](Context& context) { return run(context, *spec); });
          },
          {},
          "  $ axon show hf/bert@v1 -v         with the SHA-256 of each file\n"};
}

}  // namespace axon::cli
