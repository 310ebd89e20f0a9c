// The tests of this folder make hundreds of small stores; on a disk they would mostly wait for fsync. What
// disks do to data is tested through the seam, not by them.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

namespace {

class MemoryDisk final : public testing::Environment {
 public:
  void SetUp() override {
    if (::getenv("TMPDIR") == nullptr && ::access("/dev/shm", W_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 1);
  }
};

[[maybe_unused]] const auto* const kMemoryDisk = testing::AddGlobalTestEnvironment(new MemoryDisk);

}  // namespace
