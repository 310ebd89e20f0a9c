#include "cli/usage_error.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/word_guard.h"
#include "core/base/model_spec.h"

namespace axon::cli {

const CLI::App& selected_app(const CLI::App& root) {
  const CLI::App* app = &root;
  while (!app->get_subcommands().empty()) app = app->get_subcommands().back();
  return *app;
}

std::string selected_words(const CLI::App& root) {
  std::string words;
  for (const CLI::App* app = &selected_app(root); app != &root; app = app->get_parent()) {
    words = words.empty() ? app->get_name() : app->get_name() + " " + words;
  }
  return words;
}

namespace {

std::vector<const CLI::App*> subcommands(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* command : subcommands(app)) names.push_back(command->get_name());
  return names;
}

std::vector<std::string> option_names(const CLI::App& root, const CLI::App& selected) {
  std::vector<std::string> names;
  for (const auto* app : {&selected, &root}) {
    for (const auto* option : app->get_options()) {
      for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

std::string page_hint(const std::string& words) {
  return words.empty() ? "`axon help` lists all commands" : "`axon help " + words + "` tells more";
}

// The first word that nobody wanted.
Error unknown_word(const CLI::App& root, const std::string& guarded) {
  const std::string word = unguard_word(guarded);
  const CLI::App& selected = selected_app(root);
  const std::string words = selected_words(root);
  std::optional<std::string> meant;
  std::string message;
  if (guarded.size() > 1 && guarded[0] == '-') {
    const std::string name = word.substr(0, word.find('='));
    message = fmt::format("unknown option '{}'{}", name, words.empty() ? "" : " of `axon " + words + "`");
    meant = did_you_mean(name, option_names(root, selected));
  } else if (!subcommands(selected).empty()) {
    message = fmt::format("unknown command '{}'", words.empty() ? word : words + " " + word);
    meant = did_you_mean(word, command_names(selected));
  } else {
    message = fmt::format("`axon {}` does not take the argument '{}'", words, word);
  }
  Error error(ErrorCode::usage, message);
  if (meant) error.hint("did you mean '" + *meant + "'?");
  return error.hint(page_hint(words));
}

// "SPEC" of the first required argument that is missing, and the like.
std::string missing(const CLI::App& selected, const std::string& words) {
  for (const auto* option : selected.get_options()) {
    if (option->get_required() && option->count() == 0) {
      return fmt::format("`axon {}` needs {}", words, option->get_name(true));
    }
  }
  return fmt::format("`axon {}` needs a command: {}", words, fmt::join(command_names(selected), ", "));
}

// CLI11 begins its sentences with the option's names.
std::string in_our_words(const CLI::ParseError& error) {
  std::string text = error.what();
  if (const auto end = text.find(" required"); end != std::string::npos && text.find(": ") < end) {
    return fmt::format("option '{}' needs a value", text.substr(0, text.find(": ")));
  }
  if (text.rfind("Could not convert: ", 0) == 0) {
    text = text.substr(text.find(": ") + 2);
    const auto equals = text.find(" = ");
    return fmt::format("option '{}' does not take '{}'", text.substr(0, equals),
                       equals == std::string::npos ? "" : text.substr(equals + 3));
  }
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

}  // namespace

Error usage_error(const CLI::App& root, const CLI::ParseError& error) {
  const auto remaining = root.remaining(true);
  if (!remaining.empty()) return unknown_word(root, remaining.front());
  const std::string words = selected_words(root);
  const bool required = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  return Error(ErrorCode::usage, required ? missing(selected_app(root), words) : in_our_words(error))
      .hint(page_hint(words));
}

}  // namespace axon::cli
