#include "core/store/gc.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/commands/gc.h"
#include "cli/output/format.h"
#include "cli/wiring.h"

namespace axon::cli {

namespace {

void print_text(Printer& printer, const store::GcReport& report, bool dry) {
  const std::uint64_t bytes = report.plan.reclaimable + report.temporary_freed;
  if (bytes == 0) {
    printer.note(dry ? "nothing to free" : "nothing was to be freed");
  } else {
    printer.note(fmt::format("{} {}", dry ? "would free" : "freed", format_size(bytes)));
  }
  printer.detail(fmt::format("  packs: {} removed, {} rewritten; {} dead in all packs",
                             format_count(report.plan.remove.size()),
                             format_count(report.plan.rewrite.size()), format_size(report.plan.dead_bytes)));
  printer.note(fmt::format("  {} and {} stay", format_count(report.commits, "version"),
                           format_count(report.files, "large file")));
}

nlohmann::json to_json(const store::GcReport& report, bool dry) {
  return {{"dry_run", dry},
          {"versions", report.commits},
          {"large_files", report.files},
          {"bytes_freed", report.plan.reclaimable + report.temporary_freed},
          {"bytes_dead", report.plan.dead_bytes},
          {"packs_removed", report.plan.remove.size()},
          {"packs_rewritten", report.plan.rewrite.size()}};
}

ExitCode run(Context& context, bool dry) {
  const Place place = open_place(context);
  const auto report = store::gc(*place.store, dry ? store::GcRun::dry : store::GcRun::real,
                                context.progress(), context.cancel());
  context.printer().show([&] { return to_json(report, dry); },
                         [&] { print_text(context.printer(), report, dry); });
  return ExitCode::ok;
}

}  // namespace

Command gc_command() {
  return {"gc",
          Group::store,
          "free the space of content that no version needs",
          [](CLI::App& app) {
            auto dry = std::make_shared<bool>(false);
            app.add_flag("--dry-run", *dry, "only say what would be freed");
            return Action([dry](Context& context) { return run(context, *dry); });
          },
          {},
          "What a tag, a branch or its log still remembers stays. Waits for running commands.\n"};
}

}  // namespace axon::cli
