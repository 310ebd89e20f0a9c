#include "cli/help.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>

#include "cli/output/table.h"

namespace axon::cli {

const char* title(Group group) {
  switch (group) {
    case Group::start:
      return "start";
    case Group::work:
      return "work on a model";
    case Group::history:
      return "look at history";
    case Group::share:
      return "share";
    case Group::store:
      return "look after the store";
    case Group::settings:
      return "settings and help";
  }
  return "";
}

namespace {

std::string join_lines(const std::vector<std::string>& lines) {
  return lines.empty() ? "" : fmt::format("{}\n", fmt::join(lines, "\n"));
}

bool takes_value(const CLI::Option& option) {
  return option.get_expected_max() > 0 && option.get_type_size() > 0;
}

// "-m, --message MSG", "    --json": long names in one column.
std::string option_cell(const CLI::Option& option) {
  std::string cell;
  for (const auto& name : option.get_snames()) cell += (cell.empty() ? "-" : ", -") + name;
  for (const auto& name : option.get_lnames()) cell += (cell.empty() ? "    --" : ", --") + name;
  if (takes_value(option)) cell += " " + option.get_type_name();
  return cell;
}

std::string argument_cell(const CLI::Option& option) {
  return option.get_name(true) + (option.get_expected_max() > 1 ? "…" : "");
}

std::string usage_line(const CLI::App& app, const std::string& words) {
  std::string line = "axon " + words;
  bool options = false;
  for (const auto* option : app.get_options())
    options |= option->nonpositional() && option != app.get_help_ptr();
  if (options) line += " [OPTION…]";
  for (const auto* option : app.get_options()) {
    if (!option->get_positional()) continue;
    const std::string cell = argument_cell(*option);
    line += option->get_required() ? " " + cell : " [" + cell + "]";
  }
  if (!app.get_subcommands([](const CLI::App*) { return true; }).empty()) {
    line += app.get_require_subcommand_min() > 0 ? " COMMAND …" : " [COMMAND …]";
  }
  return line;
}

enum class Kind { arguments, options };

std::string describe(const CLI::App& app, Kind kind) {
  Table table({Align::left, Align::left});
  for (const auto* option : app.get_options()) {
    if (option->get_group().empty()) continue;  // hidden
    const bool argument = option->get_positional();
    if (argument != (kind == Kind::arguments)) continue;
    if (option == app.get_help_ptr() && app.get_parent() != nullptr) continue;
    if (argument && option->get_description().empty()) continue;
    table.row({argument ? argument_cell(*option) : option_cell(*option), option->get_description()});
  }
  return join_lines(table.lines("  "));
}

std::string commands_of(const std::vector<Command>& commands, const Style& style) {
  std::size_t width = 0;
  for (const auto& command : commands) width = std::max(width, command.name.size());
  std::string text;
  for (const auto& command : commands) {
    text += "  " + style.bold(command.name) + std::string(width - command.name.size(), ' ') + "  " +
            command.summary + "\n";
  }
  return text;
}

}  // namespace

std::string overview_page(const std::vector<Command>& table, const CLI::App& root, const Style& style) {
  std::string page =
      "axon: version control for machine-learning models of any size\n\nusage: axon [OPTION…] COMMAND …\n";
  std::map<Group, std::vector<Command>> groups;
  for (const auto& command : table) groups[command.group].push_back(command);
  std::size_t width = 0;
  for (const auto& command : table) width = std::max(width, command.name.size());
  for (const auto& [group, commands] : groups) {
    page += "\n" + style.cyan(title(group)) + "\n";
    for (const auto& command : commands) {
      page += "  " + style.bold(command.name) + std::string(width - command.name.size(), ' ') + "  " +
              command.summary + "\n";
    }
  }
  page += "\n" + style.cyan("options of every command") + "\n" + describe(root, Kind::options);
  return page + "\n`axon help COMMAND` tells more of one.\n";
}

std::string command_page(const Command& command, const CLI::App& app, const std::string& words,
                         const Style& style) {
  std::string page =
      fmt::format("axon {}: {}\n\nusage: {}\n", words, command.summary, usage_line(app, words));
  const auto section = [&](const std::string& head, const std::string& body) {
    if (!body.empty()) page += "\n" + (head.empty() ? "" : style.cyan(head) + "\n") + body;
  };
  section("", describe(app, Kind::arguments));
  section("commands", commands_of(command.subcommands, style));
  section("options", describe(app, Kind::options));
  section("", command.more);
  return page + "\nOptions of every command (--json, -q, -v, -C DIR, …): `axon help`.\n";
}

}  // namespace axon::cli
