#include "cli/commands/config.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/output/format.h"
#include "cli/output/table.h"
#include "cli/settings.h"
#include "core/base/error.h"

namespace axon::cli {

namespace {

nlohmann::json to_json(const std::string& name, const ConfigValue& value) {
  return {
      {"name", name}, {"value", value.value}, {"layer", to_string(value.layer)}, {"origin", value.origin}};
}

ExitCode get(Context& context, const std::string& name) {
  check_setting(name);
  const auto value = load_config(context).get(name);
  if (!value) {
    throw Error(ErrorCode::not_found, "'" + name + "' is not set")
        .hint("set it with `axon config set " + name + " VALUE`");
  }
  context.printer().show([&] { return to_json(name, *value); },
                         [&] { context.printer().line(printable(value->value)); });
  return ExitCode::ok;
}

// The file is the user's: nothing but this line of it changes.
ExitCode change(Context& context, const std::string& name, const std::optional<std::string>& value) {
  check_setting(name);
  if (value) check_value(name, *value);
  const fs::Path path = user_config(context);
  const bool changed = edit_config_file(context.host().fs, path, name, value);
  const auto now = load_config(context).get(name);
  const bool hidden = value && now && now->value != *value;
  if (hidden) context.printer().warn(fmt::format("{} sets '{}' too, and counts more", now->origin, name));
  context.printer().show(
      [&] {
        return nlohmann::json{{"name", name},
                              {"value", value ? nlohmann::json(*value) : nlohmann::json()},
                              {"file", path.string()},
                              {"changed", changed}};
      },
      [&] {
        if (!changed)
          context.printer().note("'" + name + "' was not set in '" + printable(path.string()) + "'");
      });
  return ExitCode::ok;
}

ExitCode list(Context& context, bool show_origin) {
  const auto all = load_config(context).all();
  Printer& printer = context.printer();
  printer.show(
      [&] {
        nlohmann::json settings = nlohmann::json::array();
        for (const auto& [name, value] : all) settings.push_back(to_json(name, value));
        return nlohmann::json{{"settings", std::move(settings)}};
      },
      [&] {
        Table table({Align::left, Align::left});
        for (const auto& [name, value] : all) {
          table.row({name + " = " + printable(value.value),
                     show_origin ? printer.style().faint(fmt::format("({}: {})", to_string(value.layer),
                                                                     printable(value.origin)))
                                 : ""});
        }
        for (const auto& line : table.lines()) printer.line(line);
        if (all.empty()) printer.note("nothing is set; `axon help config` lists what can be");
      });
  return ExitCode::ok;
}

Command get_command() {
  return {"get", Group::settings, "print the value that counts", [](CLI::App& app) {
            auto name = std::make_shared<std::string>();
            app.add_option("NAME", *name, "of the setting")->required();
            return Action([name](Context& context) { return get(context, *name); });
          }};
}

Command set_command() {
  return {"set", Group::settings, "set it in your configuration file", [](CLI::App& app) {
            auto words = std::make_shared<std::pair<std::string, std::string>>();
            app.add_option("NAME", words->first, "of the setting")->required();
            app.add_option("VALUE", words->second, "what to set it to")->required();
            return Action([words](Context& context) { return change(context, words->first, words->second); });
          }};
}

Command unset_command() {
  return {"unset", Group::settings, "remove it from your configuration file", [](CLI::App& app) {
            auto name = std::make_shared<std::string>();
            app.add_option("NAME", *name, "of the setting")->required();
            return Action([name](Context& context) { return change(context, *name, std::nullopt); });
          }};
}

Command list_command() {
  return {"list", Group::settings, "print all that is set", [](CLI::App& app) {
            auto origin = std::make_shared<bool>(false);
            app.add_flag("--show-origin", *origin, "and where each value comes from");
            return Action([origin](Context& context) { return list(context, *origin); });
          }};
}

std::string settings_page() {
  Table table({Align::left, Align::left});
  for (const auto& setting : known_settings()) table.row({setting.name, setting.summary});
  return fmt::format(
      "settings\n{}\n\n"
      "Where they are set, the last one counting: /etc/axon/config.yaml, AXON_HOME/config.yaml, the "
      "environment\n"
      "(AXON_USER_NAME for user.name), options of a command.\n",
      fmt::join(table.lines("  "), "\n"));
}

}  // namespace

Command config_command() {
  return {"config",
          Group::settings,
          "read and change settings",
          {},
          {get_command(), set_command(), unset_command(), list_command()},
          settings_page()};
}

}  // namespace axon::cli
