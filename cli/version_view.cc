#include "cli/version_view.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/output/format.h"
#include "core/history/trailers.h"

namespace axon::cli {

VersionNames::VersionNames(store::Store& store, const ModelName& model) {
  for (const auto& version : store::versions_of(store, model)) names_[version.commit].push_back(version.name);
  const auto tip = store.history().ref(Line{model, std::nullopt}.ref());
  if (tip) names_[tip->commit].push_back("latest");
}

const std::vector<std::string>& VersionNames::of(const GitId& commit) const {
  static const std::vector<std::string> kNone;
  const auto found = names_.find(commit);
  return found == names_.end() ? kNone : found->second;
}

std::string message_of(const history::Commit& commit) {
  std::string message = history::without_trailers(commit.message);
  while (message.ends_with('\n')) message.pop_back();
  return message;
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

std::string version_title(const Style& style, const GitId& commit, const std::vector<std::string>& names,
                          CheckedOut checked_out) {
  std::string title = style.yellow(commit.short_hex());
  if (!names.empty()) title += "  " + style.bold(fmt::format("{}", fmt::join(names, ", ")));
  if (checked_out == CheckedOut::yes) title += "  " + style.green("← here");
  return title;
}

void print_version(Context& context, const history::Commit& commit, const std::vector<std::string>& names,
                   CheckedOut checked_out) {
  Printer& printer = context.printer();
  printer.line(version_title(printer.style(), commit.id, names, checked_out));
  const history::Person& author = commit.author;
  printer.line(fmt::format("  {} ({}), {} <{}>", format_time(author.seconds, author.offset_minutes),
                           format_age(author.seconds, context.now_seconds()), printable(author.name),
                           printable(author.email)));
  std::istringstream lines(message_of(commit));
  for (std::string line; std::getline(lines, line);) {
    printer.line(line.empty() ? "" : "    " + printable(line));
  }
}

std::string time_json(const history::Person& person) {
  // "2026-11-20 21:41:07 +0100" has the same parts.
  std::string text = format_time(person.seconds, person.offset_minutes);
  if (text.size() != 25) return text;
  return fmt::format("{}T{}{}:{}", text.substr(0, 10), text.substr(11, 8), text.substr(20, 3),
                     text.substr(23, 2));
}

nlohmann::json id_json(const std::optional<GitId>& id) {
  return id ? nlohmann::json(id->hex()) : nlohmann::json();
}

nlohmann::json version_json(const history::Commit& commit, const std::vector<std::string>& names) {
  nlohmann::json parents = nlohmann::json::array();
  for (const auto& parent : commit.parents) parents.push_back(parent.hex());
  const auto trailers = history::parse_trailers(commit.message);
  return {
      {"id", commit.id.hex()},
      {"parents", std::move(parents)},
      {"names", names},
      {"author",
       {{"name", commit.author.name}, {"email", commit.author.email}, {"time", time_json(commit.author)}}},
      {"message", message_of(commit)},
      {"based_on", id_json(trailers.base)},
      {"files_digest", trailers.files ? nlohmann::json("sha256:" + trailers.files->hex()) : nlohmann::json()},
      {"signed", !commit.signature.empty()}};
}

}  // namespace axon::cli
