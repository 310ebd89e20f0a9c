#include "core/workspace/status.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/commands/status.h"
#include "cli/output/format.h"
#include "cli/output/table.h"
#include "cli/wiring.h"

namespace axon::cli {

namespace {

using workspace::ChangeKind;

const char* word(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::added:
      return "added";
    case ChangeKind::changed:
      return "changed";
    case ChangeKind::removed:
      return "removed";
  }
  return "";
}

std::string colored(const Style& style, ChangeKind kind) {
  if (kind == ChangeKind::added) return style.green(word(kind));
  return kind == ChangeKind::changed ? style.yellow(word(kind)) : style.red(word(kind));
}

// "at v1 (4f2c1a9be0d1), 3 behind latest"
std::string position(const workspace::Status& status) {
  if (!status.base) return status.tip ? "nothing checked out yet" : "nothing committed yet";
  std::string names = fmt::format("{}", fmt::join(status.base_versions, ", "));
  if (status.base == status.tip) names += names.empty() ? "latest" : ", latest";
  const std::string id = status.base->short_hex();
  std::string text = names.empty() ? "at " + id : fmt::format("at {} ({})", names, id);
  if (status.behind > 0) text += fmt::format(", {} behind latest", format_count(status.behind));
  if (status.ahead > 0) text += fmt::format(", {} ahead", format_count(status.ahead));
  return text;
}

void print_text(Printer& printer, const workspace::Status& status) {
  const Style style = printer.style();
  printer.line(style.bold(status.line.text()) + ": " + position(status));
  Table table({Align::left, Align::left, Align::right});
  for (const auto& change : status.changes) {
    table.row({colored(style, change.kind), printable(change.path), format_size(change.size)});
  }
  for (const auto& line : table.lines("  ")) printer.line(line);
  const std::string files =
      fmt::format("{}, {}", format_count(status.files, "file"), format_size(status.bytes));
  if (status.changes.empty()) {
    printer.note("nothing changed (" + files + ")");
  } else {
    printer.note(fmt::format("{} to commit ({})", format_count(status.changes.size(), "change"), files));
  }
}

nlohmann::json optional_id(const std::optional<GitId>& id) {
  return id ? nlohmann::json(id->hex()) : nlohmann::json();
}

nlohmann::json to_json(const workspace::Status& status) {
  nlohmann::json changes = nlohmann::json::array();
  for (const auto& change : status.changes) {
    changes.push_back({{"kind", word(change.kind)}, {"path", change.path}, {"size", change.size}});
  }
  return {{"line", status.line.text()},
          {"model", status.line.model.text()},
          {"base", optional_id(status.base)},
          {"base_versions", status.base_versions},
          {"latest", optional_id(status.tip)},
          {"ahead", status.ahead},
          {"behind", status.behind},
          {"changes", std::move(changes)},
          {"files", status.files},
          {"bytes", status.bytes},
          {"warnings", status.warnings}};
}

ExitCode run(Context& context) {
  Place place = open_workspace(context);
  const auto status = workspace::status(*place.store, *place.workspace, context.progress(), context.cancel());
  Printer& printer = context.printer();
  if (!printer.json()) {
    for (const auto& warning : status.warnings) printer.warn(warning);
  }
  printer.show([&] { return to_json(status); }, [&] { print_text(printer, status); });
  return ExitCode::ok;
}

}  // namespace

Command status_command() {
  return {"status",
          Group::work,
          "show what changed since the last commit",
          [](CLI::App&) { return Action(run); },
          {},
          "Files whose size and times are unchanged are not opened.\n"};
}

}  // namespace axon::cli
