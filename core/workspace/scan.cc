#include "core/workspace/scan.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "core/base/error.h"
#include "core/history/attributes.h"
#include "core/history/path_rules.h"
#include "core/store/layout.h"

namespace axon::workspace {

namespace {

std::string in_quotes(std::string_view path) {
  return "'" + std::string(path) + "'";
}

// The part of `inner` below `outer`, '/'-separated; empty when it does not lie below.
std::string below(const fs::Path& outer, const fs::Path& inner) {
  const auto relative = inner.lexically_normal().lexically_relative(outer.lexically_normal());
  const auto text = relative.generic_string();
  return text.empty() || text == "." || text.starts_with("..") ? std::string() : text;
}

std::string folded(std::string text) {
  for (char& letter : text) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return text;
}

std::string reason(const Error& error) {
  return error.causes().empty() ? error.message() : error.causes().back();
}

std::optional<std::string> path_problem(const std::string& path) {
  try {
    history::check_path(path, history::PathOrigin::user);
    return std::nullopt;
  } catch (const Error& error) {
    return reason(error);
  }
}

class Walk {
 public:
  Walk(fs::FileSystem& fs, const fs::Path& root, const fs::Path& store, const IgnoreRules& rules,
       const CancelToken& cancel)
      : fs_(fs), root_(root.string() + "/"), store_(below(root, store)), rules_(rules), cancel_(cancel) {}

  Scan run() {
    folder("", fs_.list(root_));
    return std::move(scan_);
  }

 private:
  struct Child {
    std::string name;  // of a folder: with a slash behind, so that sorting names sorts paths
    fs::FileType type;
  };

  fs::Path full(const std::string& path) const { return fs::Path(root_ + path); }

  static std::vector<Child> sorted(std::vector<fs::DirectoryEntry> entries) {
    std::vector<Child> children;
    children.reserve(entries.size());
    for (auto& entry : entries) {
      if (entry.type == fs::FileType::directory) entry.name += '/';
      children.push_back({std::move(entry.name), entry.type});
    }
    std::sort(children.begin(), children.end(),
              [](const Child& a, const Child& b) { return a.name < b.name; });
    return children;
  }

  // `prefix`: the folder's path with a slash behind; of the root: empty.
  void folder(const std::string& prefix, std::vector<fs::DirectoryEntry> entries) {
    std::unordered_map<std::string, std::string> names;  // folded → as it is
    for (const auto& child : sorted(std::move(entries))) {
      cancel_.throw_if_cancelled();
      std::string path = prefix + child.name;
      const bool is_folder = child.type == fs::FileType::directory;
      if (is_folder) path.pop_back();
      if (rules_.ignored(path, child.type)) continue;
      const auto before = scan_.files.size();
      visit(path, child.type);
      if (scan_.files.size() > before) check_twin(names, prefix, path.substr(prefix.size()));
    }
  }

  void visit(const std::string& path, fs::FileType type) {
    switch (type) {
      case fs::FileType::directory:
        return visit_folder(path);
      case fs::FileType::regular:
      case fs::FileType::symlink:
        return visit_file(path);
      case fs::FileType::other:
        scan_.warnings.push_back("left out " + in_quotes(path) + ": it is no regular file");
        return;
    }
  }

  void visit_folder(const std::string& path) {
    if (path == store_) {
      scan_.warnings.push_back("left out " + in_quotes(path) + ": it is the store");
      return;
    }
    if (path.size() > history::kMaxPath) return refuse(path, "the path is too long");
    std::vector<fs::DirectoryEntry> entries;
    try {
      entries = fs_.list(full(path));
    } catch (const Error& error) {
      if (error.code() == ErrorCode::not_found) return;  // gone since its parent was listed
      if (error.code() != ErrorCode::permission) throw;
      return refuse(path, "it cannot be listed: " + reason(error));
    }
    if (is_workspace(path, entries)) {
      scan_.warnings.push_back("left out " + in_quotes(path) + ": it is a workspace of its own");
      return;
    }
    folder(path + "/", std::move(entries));
  }

  bool is_workspace(const std::string& path, const std::vector<fs::DirectoryEntry>& entries) {
    const bool has_folder = std::ranges::any_of(entries, [](const fs::DirectoryEntry& entry) {
      return entry.name == store::WorkspaceLayout::kFolder && entry.type == fs::FileType::directory;
    });
    return has_folder && fs_.stat(store::WorkspaceLayout{full(path)}.description()).has_value();
  }

  void visit_file(const std::string& path) {
    if (const auto problem = path_problem(path)) return refuse(path, *problem);
    const auto info = fs_.stat(full(path));
    if (!info) return;
    if (info->type == fs::FileType::symlink) return visit_link(path, *info);
    if (info->type != fs::FileType::regular) return;  // it became something else this very moment
    if (info->size == 0 && history::is_attributes_path(path)) return;
    scan_.files.push_back({path, *info, {}});
  }

  void visit_link(const std::string& path, const fs::FileInfo& info) {
    if (history::is_attributes_path(path)) return refuse(path, "git follows no link there");
    auto target = fs_.read_symlink(full(path));
    if (!stays_inside(path, target)) {
      scan_.warnings.push_back("left out " + in_quotes(path) + ": the link leads out of the workspace");
      return;
    }
    scan_.files.push_back({path, info, std::move(target)});
  }

  void check_twin(std::unordered_map<std::string, std::string>& names, const std::string& prefix,
                  const std::string& name) {
    const auto [twin, fresh] = names.emplace(folded(name), name);
    if (fresh) return;
    scan_.problems.push_back(in_quotes(prefix + twin->second) + " and " + in_quotes(prefix + name) +
                             " differ only in upper and lower case");
  }

  void refuse(const std::string& path, const std::string& why) {
    scan_.problems.push_back(in_quotes(path) + ": " + why);
  }

  fs::FileSystem& fs_;
  const std::string root_;
  const std::string store_;
  const IgnoreRules& rules_;
  const CancelToken& cancel_;
  Scan scan_;
};

}  // namespace

// `..` may only lead: behind another name it would be resolved from wherever that name, which may be a link
// itself, leads to.
bool stays_inside(std::string_view path, std::string_view target) {
  if (target.empty() || target.starts_with('/') || target.find('\0') != std::string_view::npos) return false;
  auto depth = std::ranges::count(path, '/');
  bool leading = true;
  while (!target.empty()) {
    const auto slash = target.find('/');
    const auto name = target.substr(0, slash);
    if (name == "..") {
      if (!leading || --depth < 0) return false;
    } else if (!name.empty() && name != ".") {
      leading = false;
    }
    if (slash == std::string_view::npos) break;
    target.remove_prefix(slash + 1);
  }
  return true;
}

Scan scan(fs::FileSystem& fs, const fs::Path& root, const fs::Path& store, const IgnoreRules& rules,
          const CancelToken& cancel) {
  return Walk(fs, root, store, rules, cancel).run();
}

}  // namespace axon::workspace
