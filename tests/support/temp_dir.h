// TempDir: a new empty folder for one test, removed with all its content by the destructor.
//
// Lies under $TMPDIR, else /tmp. Unique among processes and threads. Write-protected content is removed too.
#pragma once

#include <filesystem>
#include <string>

namespace axon::test {

class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace axon::test
