#include "tests/support/temp_dir.h"

#include <stdlib.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace axon::test {

TempDir::TempDir() {
  const char* root = std::getenv("TMPDIR");
  std::string name = std::string(root != nullptr && *root != '\0' ? root : "/tmp") + "/axon-test-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr)
    throw std::system_error(errno, std::generic_category(), "cannot make '" + name + "'");
  path_ = name;
}

TempDir::~TempDir() {
  std::error_code ignored;
  // Tests make folders read-only; a user that is not root could not remove what is in them.
  for (auto each = std::filesystem::recursive_directory_iterator(
           path_, std::filesystem::directory_options::skip_permission_denied, ignored);
       each != std::filesystem::recursive_directory_iterator(); each.increment(ignored)) {
    if (each->is_directory(ignored) && !each->is_symlink(ignored))
      std::filesystem::permissions(each->path(), std::filesystem::perms::owner_all,
                                   std::filesystem::perm_options::add, ignored);
  }
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace axon::test
