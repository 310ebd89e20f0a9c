#include "core/store/fsck.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/commands/fsck.h"
#include "cli/output/format.h"
#include "cli/wiring.h"

namespace axon::cli {

namespace {

void print_text(Printer& printer, const store::FsckReport& report, bool full) {
  for (const auto& damage : report.damage) {
    printer.line(fmt::format("{} {}: {}", printer.style().red("damaged:"), printable(damage.subject),
                             printable(damage.problem)));
  }
  const std::string looked =
      fmt::format("{}, {}, {}", format_count(report.refs, "ref"), format_count(report.commits, "version"),
                  format_count(report.files, "large file"));
  if (!report.damage.empty()) {
    printer.line(fmt::format("{} in {}", format_count(report.damage.size(), "problem"), looked));
  } else if (full) {
    printer.note("sound: " + looked + ", every byte read");
  } else {
    printer.note("sound: " + looked + "; `axon fsck --full` also reads every byte");
  }
}

nlohmann::json to_json(const store::FsckReport& report, bool full) {
  nlohmann::json damage = nlohmann::json::array();
  for (const auto& each : report.damage) {
    damage.push_back({{"subject", each.subject}, {"problem", each.problem}});
  }
  return {{"sound", report.damage.empty()},
          {"full", full},
          {"refs", report.refs},
          {"versions", report.commits},
          {"large_files", report.files},
          {"damage", std::move(damage)}};
}

ExitCode run(Context& context, bool full) {
  const Place place = open_place(context);
  const auto depth = full ? content::CheckDepth::full : content::CheckDepth::structure;
  const auto report = store::fsck(*place.store, depth, context.progress(), context.cancel());
  context.printer().show([&] { return to_json(report, full); },
                         [&] { print_text(context.printer(), report, full); });
  return report.damage.empty() ? ExitCode::ok : ExitCode::integrity;
}

}  // namespace

Command fsck_command() {
  return {"fsck",
          Group::store,
          "check the store",
          [](CLI::App& app) {
            auto full = std::make_shared<bool>(false);
            app.add_flag("--full", *full, "read and hash every byte");
            return Action([full](Context& context) { return run(context, *full); });
          },
          {},
          "Exits with 13 when anything is damaged. Nothing is changed.\n"};
}

}  // namespace axon::cli
