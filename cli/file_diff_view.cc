#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/diff_view.h"
#include "cli/output/format.h"
#include "cli/output/table.h"
#include "cli/version_view.h"
#include "core/store/compare.h"

namespace axon::cli {

namespace {

using store::FileDifference;
using Kind = store::FileDifferenceKind;

const char* word(Kind kind) {
  switch (kind) {
    case Kind::added:
      return "added";
    case Kind::removed:
      return "removed";
    case Kind::changed:
      return "changed";
    case Kind::renamed:
      return "renamed";
  }
  return "";
}

std::string colored(const Style& style, Kind kind) {
  if (kind == Kind::added) return style.green(word(kind));
  return kind == Kind::removed ? style.red(word(kind)) : style.yellow(word(kind));
}

std::string sizes(const FileDifference& each) {
  if (each.kind == Kind::changed && each.before->size != each.after->size) {
    return format_size(each.before->size) + " → " + format_size(each.after->size);
  }
  return format_size(each.after ? each.after->size : each.before->size);
}

std::string path_cell(const FileDifference& each) {
  if (each.kind == Kind::renamed) return printable(each.before->path) + " → " + printable(each.after->path);
  std::string cell = printable(each.path());
  if (each.kind == Kind::changed && each.before->mode != each.after->mode) {
    cell += fmt::format(" ({} → {})", to_string(each.before->mode), to_string(each.after->mode));
  }
  return cell;
}

std::string totals_line(const std::vector<FileDifference>& differences) {
  std::vector<std::string> parts;
  for (const Kind kind : {Kind::added, Kind::removed, Kind::changed, Kind::renamed}) {
    const auto count = std::count_if(differences.begin(), differences.end(),
                                     [&](const auto& each) { return each.kind == kind; });
    if (count > 0) parts.push_back(format_count(static_cast<std::uint64_t>(count)) + " " + word(kind));
  }
  std::uint64_t bytes = 0;
  for (const auto& each : differences) {
    if (each.kind == Kind::added || each.kind == Kind::changed) bytes += each.after->size;
  }
  return fmt::format("{}: {}; {} added or changed", format_count(differences.size(), "file"),
                     fmt::join(parts, ", "), format_size(bytes));
}

nlohmann::json side_json(const std::optional<store::VersionFile>& file) {
  if (!file) return nullptr;
  return {{"path", file->path},
          {"size", file->size},
          {"sha256", file->sha256.hex()},
          {"mode", to_string(file->mode)}};
}

nlohmann::json to_json(const DiffSides& sides, const std::vector<FileDifference>& differences) {
  nlohmann::json files = nlohmann::json::array();
  for (const auto& each : differences) {
    files.push_back(
        {{"kind", word(each.kind)}, {"before", side_json(each.before)}, {"after", side_json(each.after)}});
  }
  return {{"before", id_json(sides.before->commit())},
          {"after", id_json(sides.after->commit())},
          {"files", std::move(files)}};
}

}  // namespace

bool show_file_diff(Context& context, const DiffSides& sides, Totals totals) {
  const auto differences = store::compare_files(sides.before->files(), sides.after->files());
  Printer& printer = context.printer();
  printer.show([&] { return to_json(sides, differences); },
               [&] {
                 if (differences.empty()) return printer.note("no differences");
                 Table table({Align::left, Align::left, Align::left});
                 for (const auto& each : differences) {
                   table.row({colored(printer.style(), each.kind), path_cell(each), sizes(each)});
                 }
                 if (totals == Totals::too) {
                   for (const auto& line : table.lines()) printer.line(line);
                 }
                 printer.line(totals_line(differences));
               });
  return !differences.empty();
}

}  // namespace axon::cli
