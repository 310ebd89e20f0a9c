#include "cli/parse.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "cli/help.h"
#include "cli/settings.h"
#include "cli/usage_error.h"
#include "cli/word_guard.h"

namespace axon::cli {

namespace {

struct Declared {
  const Command* command;
  Action run;
};
using DeclaredCommands = std::map<const CLI::App*, Declared>;

// A validator of CLI11: may change the word, and returns what is wrong with it.
std::string unguard(std::string& word) {
  word = unguard_word(word);
  return "";
}

void declare(CLI::App& parent, const std::vector<Command>& commands, DeclaredCommands& declared) {
  for (const auto& command : commands) {
    CLI::App* app = parent.add_subcommand(command.name, command.summary);
    Action run;
    if (command.declare) run = command.declare(*app);
    for (auto* option : app->get_options()) {
      if (option != app->get_help_ptr()) option->transform(CLI::Validator(unguard, ""));
    }
    declare(*app, command.subcommands, declared);
    if (!command.subcommands.empty()) app->require_subcommand(run ? 0 : 1, 1);
    declared.emplace(app, Declared{&command, std::move(run)});
  }
}

// The global options as words, until the whole line is known to be good.
struct GlobalWords {
  bool json = false, quiet = false, verbose = false, no_color = false, version = false;
  std::string progress = "auto";
  std::optional<std::string> directory, home, lock_timeout;
};

void declare_globals(CLI::App& app, GlobalWords& words) {
  app.set_help_flag("-h,--help", "print the page of the command");
  app.add_flag("--version", words.version, "print the version");
  app.add_option("-C", words.directory, "work in this directory")->type_name("DIR");
  app.add_option("--home", words.home, "where axon keeps its files (AXON_HOME, else ~/.axon)")
      ->type_name("DIR");
  app.add_flag("--json", words.json, "print results and errors as JSON");
  app.add_flag("-q,--quiet", words.quiet, "print only what was asked for, and errors");
  app.add_flag("-v,--verbose", words.verbose, "print more");
  app.add_flag("--no-color", words.no_color, "no colors (NO_COLOR)");
  app.add_option("--progress", words.progress, "auto, plain (a line each second) or none")->type_name("HOW");
  app.add_option("--lock-timeout", words.lock_timeout,
                 "how long to wait for another axon: 5, 0.5, 2m (default 60)")
      ->type_name("TIME");
}

ProgressMode parse_progress(const std::string& text) {
  if (text == "auto") return ProgressMode::automatic;
  if (text == "plain") return ProgressMode::plain;
  if (text == "none") return ProgressMode::none;
  throw Error(ErrorCode::usage, "option '--progress' does not take '" + text + "'")
      .because("it takes auto, plain or none");
}

GlobalOptions to_options(const GlobalWords& words) {
  if (words.quiet && words.verbose) {
    throw Error(ErrorCode::usage, "'--quiet' and '--verbose' exclude each other");
  }
  GlobalOptions options;
  options.form = words.json ? OutputForm::json : OutputForm::text;
  if (words.quiet) options.verbosity = Verbosity::quiet;
  if (words.verbose) options.verbosity = Verbosity::verbose;
  if (words.no_color) options.color = ColorChoice::never;
  options.progress = parse_progress(words.progress);
  options.directory = words.directory;
  options.home = words.home;
  options.lock_timeout = words.lock_timeout;
  if (options.lock_timeout) parse_wait(*options.lock_timeout, "option '--lock-timeout'");
  return options;
}

Action print_page(std::string plain, std::string colored) {
  return [plain = std::move(plain), colored = std::move(colored)](Context& context) {
    context.host().out << (context.printer().style().colored() ? colored : plain);
    return ExitCode::ok;
  };
}

Action help_for(const std::vector<Command>& table, const CLI::App& root, const DeclaredCommands& declared) {
  const auto page = [&](Color color) {
    const CLI::App& app = selected_app(root);
    const Style style(color);
    if (&app == &root) return overview_page(table, root, style);
    return command_page(*declared.at(&app).command, app, selected_words(root), style);
  };
  return print_page(page(Color::off), page(Color::on));
}

// `axon help remote add` is `axon remote add --help`.
std::vector<std::string> without_help_command(std::vector<std::string> words) {
  const auto command =
      std::find_if(words.begin(), words.end(), [](const auto& word) { return !word.starts_with('-'); });
  if (command == words.end() || *command != "help") return words;
  words.erase(command);
  words.push_back("--help");
  return words;
}

}  // namespace

OutputForm wanted_form(const std::vector<std::string>& words) {
  const auto end = std::find(words.begin(), words.end(), "--");
  return std::find(words.begin(), end, "--json") != end ? OutputForm::json : OutputForm::text;
}

Invocation parse(const std::vector<Command>& table, const std::vector<std::string>& words) {
  CLI::App root("", "axon");
  GlobalWords globals;
  declare_globals(root, globals);
  root.fallthrough();  // before the commands, which inherit it
  root.require_subcommand(0, 1);
  DeclaredCommands declared;
  declare(root, table, declared);

  std::vector<std::string> backwards = guard_words(without_help_command(words));
  std::reverse(backwards.begin(), backwards.end());
  try {
    root.parse(backwards);
  } catch (const CLI::CallForHelp& help) {
    if (!root.remaining(true).empty()) throw usage_error(root, help);
    return {to_options(globals), help_for(table, root, declared)};
  } catch (const CLI::ParseError& error) {
    throw usage_error(root, error);
  }
  const GlobalOptions options = to_options(globals);
  const CLI::App& selected = selected_app(root);
  if (globals.version) {
    const auto row = std::find_if(declared.begin(), declared.end(),
                                  [](const auto& each) { return each.first->get_name() == "version"; });
    return {options, row->second.run};
  }
  if (&selected == &root) return {options, help_for(table, root, declared)};
  return {options, declared.at(&selected).run};
}

}  // namespace axon::cli
