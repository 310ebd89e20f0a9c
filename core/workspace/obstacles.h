// Obstacles: what stands in a folder where a version is to go, and that no rename of a file replaces: a file
// or a link where the version has a folder, a folder where it has a file.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/store/snapshot.h"

namespace axon::workspace {

struct Obstacle {
  std::string path;  // relative to the root
  std::string why;   // one line that names it
};

// In the way of `files` below `root`. `goes`: true for the path of a file that is removed first. A folder
// that then holds nothing, or only folders that hold nothing, is no obstacle.
std::vector<Obstacle> find_obstacles(fs::FileSystem& fs, const fs::Path& root,
                                     std::span<const store::VersionFile> files,
                                     const std::function<bool(const std::string& path)>& goes);

// Throws Error(failed) that names them, unless there are none.
void refuse_obstacles(const std::vector<Obstacle>& obstacles);

}  // namespace axon::workspace
