#include "cli/checkout_view.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/output/format.h"

namespace axon::cli {

namespace {

// More names than fit on a screen help nobody; --verbose prints all.
constexpr std::size_t kShownPaths = 12;

void print_paths(Printer& printer, const std::string& what, const std::vector<std::string>& paths) {
  std::size_t shown = 0;
  for (const auto& path : paths) {
    if (shown++ < kShownPaths || printer.verbose()) printer.note("  " + what + "  " + printable(path));
  }
  if (shown > kShownPaths && !printer.verbose()) {
    printer.note(fmt::format("  {}  … and {} more", what, format_count(shown - kShownPaths)));
  }
}

std::string summary(const workspace::CheckoutResult& result) {
  if (result.written.empty() && result.removed.empty()) return "all files were so already";
  std::string text = format_count(result.written.size(), "file") + " written";
  if (!result.removed.empty()) text += ", " + format_count(result.removed.size()) + " removed";
  if (result.unchanged > 0) text += ", " + format_count(result.unchanged) + " untouched";
  return text + "; " + format_size(result.bytes_written) +
         format_pace(result.bytes_written, result.elapsed_ns);
}

nlohmann::json to_json(const store::ResolvedSpec& version, const fs::Path& directory,
                       const workspace::CheckoutResult& result) {
  return {{"model", version.model.text()},
          {"id", version.commit.hex()},
          {"version", version.tag ? nlohmann::json(version.tag->text()) : nlohmann::json()},
          {"directory", directory.string()},
          {"written", result.written},
          {"removed", result.removed},
          {"kept", result.kept},
          {"unchanged", result.unchanged},
          {"bytes_written", result.bytes_written},
          {"seconds", static_cast<double>(result.elapsed_ns) / 1e9},
          {"warnings", result.warnings}};
}

}  // namespace

std::string name_of(const store::ResolvedSpec& version) {
  const std::string id = version.commit.short_hex();
  return version.tag ? fmt::format("{} ({})", version.tag->text(), id) : id;
}

void show_checkout(Context& context, const std::string& headline, const store::ResolvedSpec& version,
                   const fs::Path& directory, const workspace::CheckoutResult& result) {
  Printer& printer = context.printer();
  printer.show([&] { return to_json(version, directory, result); },
               [&] {
                 for (const auto& warning : result.warnings) printer.warn(warning);
                 printer.note(headline);
                 print_paths(printer, printer.style().green("wrote  "), result.written);
                 print_paths(printer, printer.style().red("removed"), result.removed);
                 print_paths(printer, printer.style().yellow("kept   "), result.kept);
                 printer.note("  " + summary(result));
               });
}

}  // namespace axon::cli
