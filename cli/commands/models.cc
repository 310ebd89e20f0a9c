#include "cli/commands/models.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/output/format.h"
#include "cli/output/table.h"
#include "cli/version_view.h"
#include "cli/wiring.h"

namespace axon::cli {

namespace {

// As many names as help; all of them with --verbose.
std::string some_names(const store::ModelInfo& model, bool all) {
  constexpr std::size_t kShown = 6;
  std::vector<std::string> names;
  for (const auto& version : model.versions) names.push_back(version.name);
  const std::size_t shown = all ? names.size() : std::min(names.size(), kShown);
  std::string text =
      fmt::format("{}", fmt::join(names.end() - static_cast<std::ptrdiff_t>(shown), names.end(), ", "));
  if (shown < names.size()) text = fmt::format("… {} more, {}", names.size() - shown, text);
  return text;
}

void print_text(Context& context, store::Store& store, const std::vector<store::ModelInfo>& models) {
  Printer& printer = context.printer();
  Table table({Align::left, Align::left, Align::left, Align::left});
  for (const auto& model : models) {
    const auto latest = model.tip ? std::optional(store.history().commit(*model.tip)) : std::nullopt;
    table.row({printer.style().bold(model.name.text()),
               latest ? printer.style().yellow(latest->id.short_hex()) : "",
               latest ? format_age(latest->author.seconds, context.now_seconds()) : "",
               some_names(model, printer.verbose())});
  }
  for (const auto& line : table.lines()) printer.line(line);
  if (models.empty()) printer.note("no models yet: `axon init` and `axon commit` in a directory with one");
}

nlohmann::json to_json(const std::vector<store::ModelInfo>& models) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& model : models) {
    nlohmann::json tags = nlohmann::json::array(), branches = nlohmann::json::array();
    for (const auto& version : model.versions) {
      (version.branch ? branches : tags).push_back({{"name", version.name}, {"id", version.commit.hex()}});
    }
    list.push_back({{"model", model.name.text()},
                    {"latest", id_json(model.tip)},
                    {"tags", std::move(tags)},
                    {"branches", std::move(branches)}});
  }
  return {{"models", std::move(list)}};
}

ExitCode run(Context& context) {
  const Place place = open_place(context);
  const auto reading = place.store->lock_content(context.cancel());
  const auto models = store::list_models(*place.store);
  context.printer().show([&] { return to_json(models); }, [&] { print_text(context, *place.store, models); });
  return ExitCode::ok;
}

}  // namespace

Command models_command() {
  return {"models", Group::store, "list the models in the store with their versions",
          [](CLI::App&) { return Action(run); }};
}

}  // namespace axon::cli
