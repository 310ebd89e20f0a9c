#include "tests/contract/storage_contract.h"

#include "remote/storage/adapters/local_directory.h"
#include "remote/storage/adapters/memory.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_dir.h"

namespace axon::storage {
namespace {

constexpr std::size_t kPageSize = 3;

StorageUnderTest make_memory() {
  const auto clock = std::make_shared<test::FakeClock>();
  return {clock, std::make_unique<MemoryStorage>(*clock, kPageSize), kPageSize};
}

StorageUnderTest make_local_directory() {
  const auto folder = std::make_shared<test::TempDir>();
  return {folder, std::make_unique<LocalDirectory>(fs::posix(), folder->path() / "remote", kPageSize),
          kPageSize};
}

INSTANTIATE_TEST_SUITE_P(Memory, StorageContract, testing::Values(StorageMaker{make_memory}));
INSTANTIATE_TEST_SUITE_P(LocalDirectory, StorageContract,
                         testing::Values(StorageMaker{make_local_directory}));

}  // namespace
}  // namespace axon::storage
