#include "cli/health.h"

#include <fmt/format.h>

#include <filesystem>
#include <functional>

#include "cli/error_report.h"
#include "cli/output/format.h"
#include "cli/settings.h"
#include "cli/wiring.h"
#include "core/base/error.h"
#include "core/base/subprocess.h"

namespace axon::cli {

namespace {

Finding good(const std::string& subject, const std::string& text) {
  return {subject, HealthState::good, text, ""};
}

// The nearest folder above that exists: where a missing one would be made.
fs::Path existing(Context& context, fs::Path path) {
  while (!fs::exists(context.host().fs, path) && path.has_parent_path() && path != path.parent_path()) {
    path = path.parent_path();
  }
  return path;
}

Finding check_home(Context& context) {
  const fs::Path home = context.home();
  const fs::Path folder = existing(context, home);
  auto& fs = context.host().fs;
  const fs::Path probe = fs::unique_path(folder, ".axon-doctor-");
  fs.make_directory(probe);
  fs.remove_directory(probe);
  return good("home", folder == home ? "'" + home.string() + "' can be written"
                                     : "'" + home.string() + "' will be made");
}

Finding check_space(Context& context) {
  constexpr std::uint64_t kLittle = 2'000'000'000;
  const auto space = std::filesystem::space(existing(context, context.home()));
  Finding finding = good("space", format_size(space.available) + " free of " + format_size(space.capacity));
  if (space.available < kLittle) {
    finding.state = HealthState::poor;
    finding.hint = "free space there, or `axon gc`";
  }
  return finding;
}

Finding check_settings(Context& context) {
  const auto all = load_config(context).all();
  for (const auto& [name, value] : all) {
    try {
      check_setting(name);
      check_value(name, value.value);
    } catch (const Error& error) {
      return {"settings", HealthState::poor, error.message() + " (" + value.origin + ")",
              error.hints().empty() ? "" : error.hints().front()};
    }
  }
  return good("settings", all.empty() ? "nothing is set" : format_count(all.size(), "setting"));
}

// Programs that axon runs only for some things.
struct Tool {
  const char* name;
  std::vector<std::string> call;
  const char* without;
  const char* hint;
};
const std::vector<Tool>& tools() {
  static const std::vector<Tool> kTools{
      {"git", {"git", "--version"}, "only for looking at history with git itself", "apt-get install git"},
      {"git-lfs",
       {"git-lfs", "version"},
       "only for cloning from and to LFS hosts with git",
       "apt-get install git-lfs"},
      {"ssh-keygen",
       {"ssh-keygen", "-Y", "?"},
       "`axon commit --sign` needs it",
       "apt-get install openssh-client"}};
  return kTools;
}

Finding check_tool(Context& context, const Tool& tool) {
  ProcessOptions options;
  options.timeout = std::chrono::seconds(10);
  try {
    const auto result = run_process(tool.call, options, context.cancel());
    const std::string words = result.standard_output.substr(0, result.standard_output.find('\n'));
    return good(tool.name, words.empty() ? "installed" : words);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
    return {tool.name, HealthState::poor, std::string("not installed: ") + tool.without, tool.hint};
  }
}

Finding check_store(Context& context) {
  if (!fs::exists(context.host().fs, store_root(context))) {
    return good("store", "none yet: `axon init` makes it");
  }
  const auto store = open_store(context);
  const auto reading = store->lock_content(context.cancel());
  if (const auto refs = store->history().check_refs(); !refs.bad.empty()) {
    return {"store", HealthState::bad, refs.bad.front().name + ": " + refs.bad.front().problem,
            "run `axon fsck --full`"};
  }
  const auto models = store::list_models(*store);
  std::size_t versions = 0;
  for (const auto& model : models) versions += model.versions.size();
  return good(
      "store",
      fmt::format("'{}' has {} and {}{}", store->layout().root.string(), format_count(models.size(), "model"),
                  format_count(versions, "named version"), store->read_only() ? ", read-only" : ""));
}

Finding check_workspace(Context& context) {
  const auto root = workspace::Workspace::find(context.host().fs, context.directory());
  if (!root) return good("workspace", "none here");
  const Place place = open_place(context);
  return good("workspace",
              fmt::format("'{}' is one of {}", root->string(), place.workspace->state().line.text()));
}

Finding guarded(const std::string& subject, const std::function<Finding()>& check) {
  try {
    return check();
  } catch (const std::exception& exception) {
    const Error error = as_error(exception);
    if (error.code() == ErrorCode::interrupted) throw;
    std::string text = error.message();
    for (const auto& cause : error.causes()) text += ": " + cause;
    return {subject, HealthState::bad, text, error.hints().empty() ? "" : error.hints().front()};
  }
}

}  // namespace

std::vector<Finding> examine(Context& context) {
  std::vector<Finding> findings;
  findings.push_back(guarded("home", [&] { return check_home(context); }));
  findings.push_back(guarded("space", [&] { return check_space(context); }));
  findings.push_back(guarded("settings", [&] { return check_settings(context); }));
  findings.push_back(guarded("store", [&] { return check_store(context); }));
  findings.push_back(guarded("workspace", [&] { return check_workspace(context); }));
  for (const auto& tool : tools()) {
    findings.push_back(guarded(tool.name, [&] { return check_tool(context, tool); }));
  }
  return findings;
}

}  // namespace axon::cli
