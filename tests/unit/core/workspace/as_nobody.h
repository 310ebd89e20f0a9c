// as_nobody: does a thing as a user without rights, whoever runs the tests.
#pragma once

#include <grp.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>

namespace axon::test {

// Root may do everything, so under root `act` runs in a child process that has become nobody; its failed
// expectations are printed there, and fail the test here. Any other user has no more rights than its files
// grant and runs it in place.
inline void as_nobody(const std::function<void()>& act) {
  if (::geteuid() != 0) return act();
  constexpr unsigned kNobody = 65534;
  const auto child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (::setgroups(0, nullptr) != 0 || ::setgid(kNobody) != 0 || ::setuid(kNobody) != 0) ::_exit(3);
    try {
      act();
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
    }
    ::_exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status)) << "killed by signal " << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), 0) << "(3: it could not become nobody)";
}

// For as_nobody to see: all below `folder`, readable by everybody; writable by everybody or nobody.
enum class Writable { no, yes };
inline void open_to_all(const std::filesystem::path& folder, Writable writable) {
  using std::filesystem::perms;
  const auto allow = [&](const std::filesystem::path& path) {
    auto wanted = perms::owner_read | perms::group_read | perms::others_read;
    if (writable == Writable::yes) wanted |= perms::owner_write | perms::group_write | perms::others_write;
    const auto run = perms::owner_exec | perms::group_exec | perms::others_exec;
    const auto status = std::filesystem::status(path);
    if (status.type() == std::filesystem::file_type::directory) wanted |= run;
    std::filesystem::permissions(path, wanted | (status.permissions() & run));
  };
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_symlink()) allow(entry.path());
  }
  allow(folder);
}

}  // namespace axon::test
