#include "core/history/author.h"

#include <mutex>

#include "core/base/error.h"
#include "core/history/libgit2.h"

namespace axon::history {

namespace {

// libgit2 expands "~/" of includes by a setting of the whole process, which start_libgit2 left empty.
class HomeForIncludes {
 public:
  explicit HomeForIncludes(const fs::Path& home) : lock_(mutex()) { set(home.string()); }
  ~HomeForIncludes() { git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, GIT_CONFIG_LEVEL_GLOBAL, ""); }
  HomeForIncludes(const HomeForIncludes&) = delete;
  HomeForIncludes& operator=(const HomeForIncludes&) = delete;

 private:
  static std::mutex& mutex() {
    static std::mutex one;
    return one;
  }
  static void set(const std::string& home) {
    check_git(git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, GIT_CONFIG_LEVEL_GLOBAL, home.c_str()),
              "read the git configuration");
  }
  std::lock_guard<std::mutex> lock_;
};

std::string value_of(git_config* config, const char* key) {
  git_buf value = GIT_BUF_INIT;
  const int result = git_config_get_string_buf(&value, config, key);
  std::string text = result == 0 && value.ptr != nullptr ? value.ptr : "";
  git_buf_dispose(&value);
  if (result != GIT_ENOTFOUND) check_git(result, std::string("read '") + key + "' of the git configuration");
  return text;
}

}  // namespace

std::optional<ConfiguredAuthor> configured_author(std::span<const fs::Path> files, const fs::Path& home) {
  start_libgit2();
  const HomeForIncludes includes(home);
  const auto config =
      acquire<GitConfig>("read the git configuration", [](auto** out) { return git_config_new(out); });
  int level = 0;  // numbers of our own: a later file has a higher one and wins
  for (const auto& file : files) {
    const int result = git_config_add_file_ondisk(config.get(), file.c_str(),
                                                  static_cast<git_config_level_t>(++level), nullptr, 1);
    if (result == GIT_ENOTFOUND) continue;
    try {
      check_git(result, "read the git configuration '" + file.string() + "'");
    } catch (const Error& error) {
      Error usage(ErrorCode::usage, error.message());
      for (const auto& cause : error.causes()) usage.because(cause);
      throw usage;
    }
  }
  ConfiguredAuthor author{value_of(config.get(), "user.name"), value_of(config.get(), "user.email")};
  if (author.name.empty() && author.email.empty()) return std::nullopt;
  return author;
}

}  // namespace axon::history
