#include "core/history/ref_names.h"

#include <string_view>
#include <vector>

namespace axon::history {

namespace {

void add_packed(Repository::State& state, const std::string& prefix, std::set<std::string>& names) {
  const auto iterator = acquire<GitReferenceIterator>(
      "list refs", [&](auto** out) { return git_reference_iterator_new(out, state.repository.get()); });
  const char* name = nullptr;
  int result = 0;
  while ((result = git_reference_next_name(&name, iterator.get())) == 0)
    if (std::string_view(name).starts_with(prefix)) names.insert(name);
  if (result != GIT_ITEROVER) check_git(result, "list refs");
}

// Only folders that can hold names with the prefix are read.
void add_loose(fs::FileSystem& fs, const fs::Path& git_dir, const std::string& prefix,
               std::set<std::string>& names) {
  std::vector<std::string> folders{"refs/"};
  if (const auto slash = prefix.rfind('/'); prefix.starts_with("refs/"))
    folders.front() = prefix.substr(0, slash + 1);
  while (!folders.empty()) {
    const auto folder = folders.back();
    folders.pop_back();
    const auto info = fs.stat(git_dir / folder.substr(0, folder.size() - 1));
    if (!info || info->type != fs::FileType::directory) continue;
    for (const auto& entry : fs.list(git_dir / folder)) {
      const auto name = folder + entry.name;
      if (entry.type == fs::FileType::directory) {
        folders.push_back(name + "/");
      } else if (name.starts_with(prefix) && !name.ends_with(".lock") && !entry.name.starts_with('.')) {
        names.insert(name);
      }
    }
  }
}

[[noreturn]] void refuse_folder(const std::string& name, const std::string& other) {
  throw Error(ErrorCode::usage, "cannot make '" + short_ref(name) + "'")
      .because("there is '" + short_ref(other) + "', and one name would be a folder of the other")
      .hint("choose another name");
}

bool is_folder_of(const std::string& folder, const std::string& name) {
  return name.size() > folder.size() && name.starts_with(folder) && name[folder.size()] == '/';
}

bool ref_exists(Repository::State& state, const std::string& name) {
  git_reference* found = nullptr;
  const int result = git_reference_lookup(&found, state.repository.get(), name.c_str());
  const GitReference owned(found);
  // A damaged one is there, too.
  return result != GIT_ENOTFOUND && result != GIT_EINVALIDSPEC;
}

void check_folders(Repository::State& state, const std::string& name) {
  for (auto slash = name.find('/', 5); slash != name.npos; slash = name.find('/', slash + 1)) {
    const auto above = name.substr(0, slash);
    if (ref_exists(state, above)) refuse_folder(name, above);
  }
  const auto below = list_refs(state, name + "/");
  if (!below.empty()) refuse_folder(name, *below.begin());
}

}  // namespace

std::string short_ref(const std::string& name) {
  for (const std::string_view prefix : {"refs/heads/", "refs/tags/", "refs/remotes/"})
    if (name.starts_with(prefix)) return name.substr(prefix.size());
  return name;
}

std::set<std::string> list_refs(Repository::State& state, const std::string& prefix) {
  std::set<std::string> names;
  add_packed(state, prefix, names);
  add_loose(state.fs, state.git_dir, prefix, names);
  return names;
}

void check_ref_names(Repository::State& state, std::span<const RefUpdate> updates) {
  std::set<std::string> names;
  for (const auto& update : updates) {
    int valid = 0;
    check_git(git_reference_name_is_valid(&valid, update.name.c_str()), "check a ref's name");
    if (valid == 0 || !update.name.starts_with("refs/")) {
      throw Error(ErrorCode::usage, "'" + update.name + "' cannot be the name of a ref");
    }
    if (!names.insert(update.name).second) {
      throw Error(ErrorCode::usage, "'" + short_ref(update.name) + "' is given twice");
    }
  }
  for (const auto& update : updates) {
    if (update.target.is_zero() || !update.expected_old.is_zero()) continue;
    for (const auto& name : names) {
      if (is_folder_of(update.name, name) || is_folder_of(name, update.name))
        refuse_folder(update.name, name);
    }
    check_folders(state, update.name);
  }
}

}  // namespace axon::history
