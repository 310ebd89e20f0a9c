#include "core/store/stats.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/commands/stats.h"
#include "cli/output/format.h"
#include "cli/output/table.h"
#include "cli/wiring.h"

namespace axon::cli {

namespace {

std::uint64_t difference(std::uint64_t more, std::uint64_t less) {
  return more > less ? more - less : 0;
}

std::vector<std::string> row(const std::string& name, const store::Usage& usage) {
  return {name,
          format_count(usage.versions),
          format_size(usage.logical),
          format_size(usage.unique),
          format_size(usage.stored),
          format_percent(difference(usage.logical, usage.stored), usage.logical)};
}

void print_text(Printer& printer, const store::StoreStats& stats) {
  if (stats.models.empty()) return printer.note("the store is empty");
  const Style style = printer.style();
  Table table({Align::left, Align::right, Align::right, Align::right, Align::right, Align::right});
  table.row({style.faint("model"), style.faint("versions"), style.faint("all files"), style.faint("distinct"),
             style.faint("stored"), style.faint("saved")});
  for (const auto& model : stats.models) table.row(row(model.name.text(), model.usage));
  if (stats.models.size() > 1) table.row(row(style.bold("together"), stats.total));
  for (const auto& line : table.lines()) printer.line(line);
  const auto& total = stats.total;
  printer.line(fmt::format("deduplication saves {}, compression and deltas {}",
                           format_size(difference(total.logical, total.unique)),
                           format_size(difference(total.unique, total.stored))));
  printer.line(fmt::format("on disk: {} of packs, {} of history, {} of index", format_size(stats.packs),
                           format_size(stats.history), format_size(stats.index)));
}

nlohmann::json usage_json(const store::Usage& usage) {
  return {{"versions", usage.versions},
          {"bytes_logical", usage.logical},
          {"bytes_unique", usage.unique},
          {"bytes_stored", usage.stored}};
}

nlohmann::json to_json(const store::StoreStats& stats) {
  nlohmann::json models = nlohmann::json::array();
  for (const auto& model : stats.models) {
    models.push_back(usage_json(model.usage));
    models.back()["model"] = model.name.text();
  }
  return {{"models", std::move(models)},
          {"total", usage_json(stats.total)},
          {"bytes_packs", stats.packs},
          {"bytes_history", stats.history},
          {"bytes_index", stats.index}};
}

ExitCode run(Context& context) {
  const Place place = open_place(context);
  const auto stats = store::stats(*place.store, context.cancel());
  context.printer().show([&] { return to_json(stats); }, [&] { print_text(context.printer(), stats); });
  return ExitCode::ok;
}

}  // namespace

Command stats_command() {
  return {"stats",
          Group::store,
          "show what the store holds, and what it saves",
          [](CLI::App&) { return Action(run); },
          {},
          "All files: the sum of every file of every version. Distinct: every chunk counted once. Stored: "
          "these,\n"
          "compressed. Content that models share counts for each of them, and once in the last line.\n"};
}

}  // namespace axon::cli
