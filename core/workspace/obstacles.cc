#include "core/workspace/obstacles.h"

#include <optional>
#include <unordered_map>

#include "core/base/error.h"

namespace axon::workspace {

namespace {

constexpr std::size_t kMostListed = 10;

class Search {
 public:
  Search(fs::FileSystem& fs, const fs::Path& root, const std::function<bool(const std::string&)>& goes)
      : fs_(fs), root_(root), goes_(goes) {}

  void look_at(const std::string& path) {
    for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
      if (!is_folder(path.substr(0, slash), path)) return;
    }
    const auto info = fs_.stat(root_ / path);
    if (!info || info->type != fs::FileType::directory) return;
    if (const auto stays = find_staying(path)) {
      found_.push_back({path, "'" + path + "' is a folder, and '" + *stays + "' in it is in no version"});
    }
  }

  std::vector<Obstacle> take() { return std::move(found_); }

 private:
  // True when `folder` is one. What is no folder, and stays, is an obstacle on the way to `path`.
  bool is_folder(const std::string& folder, const std::string& path) {
    const auto [known, fresh] = folders_.try_emplace(folder, false);
    if (!fresh) return known->second;
    const auto info = fs_.stat(root_ / folder);
    if (!info) return false;
    known->second = info->type == fs::FileType::directory;
    if (!known->second && !goes_(folder)) {
      const char* what = info->type == fs::FileType::symlink ? "a link" : "no folder";
      found_.push_back({folder, "'" + folder + "' is " + what + ", and the version has '" + path + "'"});
    }
    return known->second;
  }

  // A file below `folder` that nobody removes.
  std::optional<std::string> find_staying(const std::string& folder) {
    for (const auto& entry : fs_.list(root_ / folder)) {
      const auto path = folder + "/" + entry.name;
      if (entry.type != fs::FileType::directory) {
        if (!goes_(path)) return path;
      } else if (auto below = find_staying(path)) {
        return below;
      }
    }
    return std::nullopt;
  }

  fs::FileSystem& fs_;
  const fs::Path& root_;
  const std::function<bool(const std::string&)>& goes_;
  std::unordered_map<std::string, bool> folders_;  // looked at: whether it is one
  std::vector<Obstacle> found_;
};

}  // namespace

std::vector<Obstacle> find_obstacles(fs::FileSystem& fs, const fs::Path& root,
                                     std::span<const store::VersionFile> files,
                                     const std::function<bool(const std::string&)>& goes) {
  Search search(fs, root, goes);
  for (const auto& file : files) search.look_at(file.path);
  return search.take();
}

void refuse_obstacles(const std::vector<Obstacle>& obstacles) {
  if (obstacles.empty()) return;
  Error error(ErrorCode::failed, "cannot put the version's files in their places");
  for (std::size_t i = 0; i < obstacles.size() && i < kMostListed; ++i) error.because(obstacles[i].why);
  if (obstacles.size() > kMostListed) {
    error.because("and " + std::to_string(obstacles.size() - kMostListed) + " more stand in the way");
  }
  throw error.hint(obstacles.size() == 1 ? "move '" + obstacles.front().path + "' away and try again"
                                         : "move them away and try again");
}

}  // namespace axon::workspace
