#include "cli/commands/tag.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/author.h"
#include "cli/output/format.h"
#include "cli/output/table.h"
#include "cli/version_view.h"
#include "cli/wiring.h"
#include "core/base/error.h"
#include "core/store/names.h"

namespace axon::cli {

namespace {

struct Options {
  std::string version, spec;
  std::optional<std::string> message;
  bool remove = false;
};

// "v1" names a version of this workspace's model, "hf/bert@v1" of any.
struct Named {
  ModelName model;
  VersionName version;
};
Named parse_named(const Place& place, const std::string& text) {
  if (text.find_first_of("@/~") == std::string::npos) {
    return {model_of(place, std::nullopt), VersionName::parse(text)};
  }
  const ModelSpec spec = ModelSpec::parse(text);
  if (!spec.version || spec.back > 0) {
    throw Error(ErrorCode::usage, "'" + text + "' names no version").hint("write it as V or NS/NAME@V");
  }
  return {model_of(place, spec.model), VersionName::parse(*spec.version)};
}

ExitCode list(Context& context, const Place& place) {
  const ModelName model = model_of(place, std::nullopt);
  auto& store = *place.store;
  nlohmann::json tags = nlohmann::json::array();
  Table table({Align::left, Align::left, Align::left, Align::left});
  Printer& printer = context.printer();
  for (const auto& version : store::versions_of(store, model)) {
    if (version.branch) continue;
    const auto commit = store.history().commit(version.commit);
    const auto note = store::tag_message(store, model, VersionName::parse(version.name));
    tags.push_back({{"name", version.name},
                    {"id", version.commit.hex()},
                    {"time", time_json(commit.author)},
                    {"message", note ? nlohmann::json(*note) : nlohmann::json()}});
    table.row({printer.style().bold(version.name), printer.style().yellow(version.commit.short_hex()),
               format_age(commit.author.seconds, context.now_seconds()),
               printable(first_line(note.value_or(message_of(commit))))});
  }
  printer.show(
      [&] {
        return nlohmann::json{{"model", model.text()}, {"tags", tags}};
      },
      [&] {
        for (const auto& line : table.lines()) printer.line(line);
        if (table.empty()) printer.note("no tags yet: `axon tag v1` names the version that is checked out");
      });
  return ExitCode::ok;
}

ExitCode show_change(Context& context, const char* done, const Named& named, const GitId& commit) {
  context.printer().show(
      [&] {
        return nlohmann::json{{"model", named.model.text()},
                              {"name", named.version.text()},
                              {"id", commit.hex()},
                              {"done", done}};
      },
      [&] {
        context.printer().note(fmt::format("{} {} of {} ({})", done, named.version.text(), named.model.text(),
                                           commit.short_hex()));
      });
  return ExitCode::ok;
}

ExitCode run(Context& context, const Options& options) {
  const Place place = open_place(context);
  if (options.version.empty()) return list(context, place);
  const Named named = parse_named(place, options.version);
  if (options.remove) {
    const auto was =
        store::delete_tag(*place.store, named.model, named.version, author(context), context.cancel());
    return show_change(context, "removed", named, was);
  }
  const bool own = place.workspace && place.workspace->state().line.model == named.model;
  const std::string spec = !options.spec.empty() ? options.spec : own ? "@HEAD" : named.model.text();
  const auto version = resolve_spec(context, place, spec);
  if (version.model != named.model) {
    throw Error(ErrorCode::usage, fmt::format("cannot tag a version of '{}' as one of '{}'",
                                              version.model.text(), named.model.text()));
  }
  store::create_tag(*place.store, named.model, named.version, version.commit, options.message,
                    author(context), context.cancel());
  return show_change(context, "tagged", named, version.commit);
}

Action declare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("V", options->version, "the name; without one, all tags are listed");
  app.add_option("SPEC", options->spec, "the version (default: the one that is checked out)");
  app.add_option("-m,--message", options->message, "say what it is")->type_name("MSG");
  app.add_flag("-d,--delete", options->remove, "remove the tag; the version stays until gc");
  return [options](Context& context) { return run(context, *options); };
}

}  // namespace

Command tag_command() {
  return {"tag",
          Group::history,
          "name a version, or list names",
          declare,
          {},
          "  $ axon tag v1.0 -m \"First release\"\n"
          "  $ axon tag v0.9 @latest~3\n"};
}

}  // namespace axon::cli
