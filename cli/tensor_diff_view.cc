#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "cli/diff_view.h"
#include "cli/output/format.h"
#include "cli/output/table.h"
#include "cli/version_view.h"

namespace axon::cli {

namespace {

using model::ModelTensor;

// One difference, whatever its kind; `before` or `after` may be null.
struct Row {
  const char* kind = "";
  const ModelTensor* before = nullptr;
  const ModelTensor* after = nullptr;
  std::optional<model::TensorStats> stats;

  const ModelTensor& tensor() const { return after != nullptr ? *after : *before; }
};

struct Comparison {
  std::vector<ModelTensor> before, after;  // what the rows point into
  std::vector<Row> rows;
  std::size_t unchanged = 0;
};

Comparison compare(const DiffSides& sides) {
  Comparison made;
  made.before = sides.before->tensors();
  made.after = sides.after->tensors();
  const auto diff = model::diff_tensors(made.before, made.after);
  made.unchanged = diff.unchanged;
  for (const auto* tensor : diff.added) made.rows.push_back({"added", nullptr, tensor, {}});
  for (const auto* tensor : diff.removed) made.rows.push_back({"removed", tensor, nullptr, {}});
  const auto pairs = [&](const char* kind, const std::vector<model::TensorPair>& list) {
    for (const auto& pair : list) made.rows.push_back({kind, pair.before, pair.after, {}});
  };
  pairs("renamed", diff.renamed);
  pairs("retyped", diff.retyped);
  pairs("reshaped", diff.reshaped);
  pairs("changed", diff.changed);
  return made;
}

// Only tensors of one type and shape have elements that can be compared.
void measure(Context& context, const DiffSides& sides, Comparison& comparison) {
  std::uint64_t bytes = 0;
  const auto comparable = [](const Row& row) { return std::string_view(row.kind) == "changed"; };
  for (const auto& row : comparison.rows) bytes += comparable(row) ? row.after->length : 0;
  context.progress().begin("comparing weights", bytes);
  for (auto& row : comparison.rows) {
    if (!comparable(row)) continue;
    context.cancel().throw_if_cancelled();
    row.stats =
        model::tensor_stats(row.after->dtype, sides.before->read(*row.before), sides.after->read(*row.after));
    context.progress().advance(row.after->length);
  }
  context.progress().end();
}

std::string shape_text(const ModelTensor& tensor) {
  return tensor.shape.empty() ? "scalar" : fmt::format("{}", fmt::join(tensor.shape, "×"));
}

// "F32", or "F32 → BF16".
std::string change_cell(const Row& row, const std::function<std::string(const ModelTensor&)>& text) {
  std::string now = printable(text(row.tensor()));
  if (row.before == nullptr || row.after == nullptr) return now;
  const std::string before = printable(text(*row.before));
  return before == now ? now : before + " → " + now;
}

std::string name_cell(const Row& row) {
  std::string name = printable(row.tensor().name);
  if (std::string_view(row.kind) == "renamed") return printable(row.before->name) + " → " + name;
  return name;
}

std::string numbers_cell(const Row& row) {
  if (!row.stats) return "";
  const auto& stats = *row.stats;
  std::string elements =
      fmt::format("{} of elements", format_percent(stats.elements_changed, stats.elements));
  if (stats.numbers == model::Numbers::opaque) return elements;
  std::string text =
      fmt::format("norm {:.4g} → {:.4g}, moved {:.2g} %, largest {:.3g}, {}", stats.norm_before,
                  stats.norm_after, 100 * stats.relative_change, stats.largest_change, elements);
  if (stats.elements_not_finite > 0) text += ", " + format_count(stats.elements_not_finite) + " not finite";
  return text;
}

std::string colored(const Style& style, const std::string& kind) {
  if (kind == "added") return style.green(kind);
  return kind == "removed" ? style.red(kind) : style.yellow(kind);
}

std::string totals_line(const Comparison& comparison) {
  std::vector<std::string> parts;
  for (const char* kind : {"added", "removed", "renamed", "retyped", "reshaped", "changed"}) {
    const auto count = std::count_if(comparison.rows.begin(), comparison.rows.end(),
                                     [&](const Row& row) { return std::string_view(row.kind) == kind; });
    if (count > 0) parts.push_back(format_count(static_cast<std::uint64_t>(count)) + " " + kind);
  }
  parts.push_back(format_count(comparison.unchanged) + " unchanged");
  return fmt::format("tensors: {}", fmt::join(parts, ", "));
}

void print_text(Printer& printer, const Comparison& comparison) {
  // A fine-tune changes them all: the first ones tell the story, --verbose prints the rest.
  constexpr std::size_t kShown = 40;
  const std::size_t shown =
      printer.verbose() ? comparison.rows.size() : std::min(kShown, comparison.rows.size());
  Table table({Align::left, Align::left, Align::left, Align::left, Align::right, Align::left});
  for (std::size_t at = 0; at < shown; ++at) {
    const Row& row = comparison.rows[at];
    table.row({colored(printer.style(), row.kind), name_cell(row),
               change_cell(row, [](const auto& tensor) { return tensor.dtype; }),
               change_cell(row, shape_text), format_size(row.tensor().length), numbers_cell(row)});
  }
  for (const auto& line : table.lines()) printer.line(line);
  if (shown < comparison.rows.size()) {
    printer.line(fmt::format("… {} more (-v shows all)", format_count(comparison.rows.size() - shown)));
  }
  if (comparison.rows.empty() && comparison.unchanged == 0)
    return printer.note("neither version has files with tensors");
  printer.line(totals_line(comparison));
}

nlohmann::json tensor_json(const ModelTensor* tensor) {
  if (tensor == nullptr) return nullptr;
  return {{"name", tensor->name},    {"dtype", tensor->dtype}, {"shape", tensor->shape},
          {"bytes", tensor->length}, {"id", tensor->id.hex()}, {"file", tensor->file}};
}

nlohmann::json stats_json(const std::optional<model::TensorStats>& stats) {
  if (!stats) return nullptr;
  return {{"understood", stats->numbers == model::Numbers::understood},
          {"norm_before", stats->norm_before},
          {"norm_after", stats->norm_after},
          {"norm_change", stats->norm_change},
          {"relative_change", stats->relative_change},
          {"largest_change", stats->largest_change},
          {"elements", stats->elements},
          {"elements_changed", stats->elements_changed},
          {"elements_not_finite", stats->elements_not_finite}};
}

nlohmann::json to_json(const DiffSides& sides, const Comparison& comparison) {
  nlohmann::json tensors = nlohmann::json::array();
  for (const auto& row : comparison.rows) {
    tensors.push_back({{"kind", row.kind},
                       {"before", tensor_json(row.before)},
                       {"after", tensor_json(row.after)},
                       {"stats", stats_json(row.stats)}});
  }
  return {{"before", id_json(sides.before->commit())},
          {"after", id_json(sides.after->commit())},
          {"tensors", std::move(tensors)},
          {"unchanged", comparison.unchanged}};
}

}  // namespace

bool show_tensor_diff(Context& context, const DiffSides& sides, Numbers numbers) {
  Comparison comparison = compare(sides);
  if (numbers == Numbers::yes) measure(context, sides, comparison);
  context.printer().show([&] { return to_json(sides, comparison); },
                         [&] { print_text(context.printer(), comparison); });
  return !comparison.rows.empty();
}

}  // namespace axon::cli
