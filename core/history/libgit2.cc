#include "core/history/libgit2.h"

#include <cerrno>
#include <string_view>
#include <system_error>

#include "core/base/error.h"

namespace axon::history {

namespace {

constexpr std::size_t kCache = std::size_t{16} << 20;
constexpr std::size_t kWindow = std::size_t{8} << 20;
constexpr std::size_t kWindowsMapped = std::size_t{64} << 20;

void require(int result) {
  if (result >= 0) return;
  throw Error(ErrorCode::failed, "cannot start libgit2").because("it reported an error");
}

void start() {
  require(git_libgit2_init());
  require(git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, static_cast<ssize_t>(kCache)));
  require(git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, kWindow));
  require(git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, kWindowsMapped));
  require(git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1));
  require(git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0));
  // ObjectSource has compared each object with its name before libgit2 sees it.
  require(git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0));
  for (const auto level :
       {GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL})
    require(git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, ""));
}

// libgit2 keeps no errno; its messages end in strerror's text.
bool ends_in_text_of(std::string_view message, int error_number) {
  return message.ends_with(std::generic_category().message(error_number));
}

ErrorCode code_of(int result, const git_error* error) {
  if (result == GIT_ELOCKED) return ErrorCode::locked;
  if (result == GIT_EMODIFIED) return ErrorCode::moved;
  if (result == GIT_ENOTFOUND) return ErrorCode::not_found;
  if (result == GIT_EEXISTS) return ErrorCode::already_exists;
  if (result == GIT_EINVALIDSPEC) return ErrorCode::usage;
  if (error == nullptr) return ErrorCode::failed;
  const std::string_view message = error->message;
  for (const int number : {ENOSPC, EDQUOT})
    if (ends_in_text_of(message, number)) return ErrorCode::no_space;
  for (const int number : {EACCES, EPERM, EROFS})
    if (ends_in_text_of(message, number)) return ErrorCode::permission;
  if (error->klass == GIT_ERROR_OS || error->klass == GIT_ERROR_FILESYSTEM) return ErrorCode::io;
  return ErrorCode::integrity;
}

}  // namespace

void start_libgit2() {
  static const bool started = (start(), true);
  static_cast<void>(started);
}

void check_git(int result, const std::string& action) {
  if (result >= 0) return;
  const auto* error = git_error_last();
  Error failure(code_of(result, error), "cannot " + action);
  failure.because(error != nullptr ? error->message : "libgit2 reported error " + std::to_string(result));
  git_error_clear();
  throw failure;
}

}  // namespace axon::history
