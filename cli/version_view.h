// How a version is shown, wherever one is: in log, show, tag, models.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cli/context.h"
#include "core/history/types.h"
#include "core/store/resolve.h"

namespace axon::cli {

// The names that lead to each commit of one model: tags first, then branches, then "latest".
class VersionNames {
 public:
  VersionNames(store::Store& store, const ModelName& model);
  const std::vector<std::string>& of(const GitId& commit) const;

 private:
  std::map<GitId, std::vector<std::string>> names_;
};

// The message as the user wrote it, without axon's trailers and the line end after it.
std::string message_of(const history::Commit& commit);
std::string first_line(const std::string& text);

// Whether a version is the one whose files are in the workspace.
enum class CheckedOut { no, yes };

// "4f2c1a9be0d1  v2, latest  ← here"
std::string version_title(const Style& style, const GitId& commit, const std::vector<std::string>& names,
                          CheckedOut checked_out);
// {"id", "parents", "names", "author": {"name", "email", "time"}, "message", "signed"}
nlohmann::json version_json(const history::Commit& commit, const std::vector<std::string>& names);

// The title, who and when, and the message, indented.
void print_version(Context& context, const history::Commit& commit, const std::vector<std::string>& names,
                   CheckedOut checked_out);

// Ids as JSON: a string, or null.
nlohmann::json id_json(const std::optional<GitId>& id);
// "2026-11-20T21:41:07+01:00"
std::string time_json(const history::Person& person);

}  // namespace axon::cli
