#include "core/base/buffer_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace axon {
namespace {

TEST(BufferPool, LendsNoMoreThanItsCount) {
  BufferPool pool(2, 4096);
  auto first = pool.try_acquire();
  auto second = pool.try_acquire();
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(pool.try_acquire());
}

TEST(BufferPool, ReusesWhatIsGivenBack) {
  BufferPool pool(1, 4096);
  const std::byte* address = nullptr;
  {
    auto lease = pool.acquire();
    address = lease.data();
  }
  EXPECT_EQ(pool.acquire().data(), address);
}

TEST(BufferPool, AlignsItsBuffers) {
  BufferPool pool(1, 8192);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(pool.acquire().data()) % AlignedBuffer::kAlignment, 0u);
}

TEST(BufferPool, WakesAThreadThatWaits) {
  BufferPool pool(1, 4096);
  auto lease = pool.acquire();
  std::atomic<bool> got{false};
  std::thread waiter([&] {
    auto mine = pool.acquire();
    got = true;
  });
  EXPECT_FALSE(got);
  lease.release();
  waiter.join();
  EXPECT_TRUE(got);
}

TEST(BufferPool, AMovedLeaseGivesBackOnce) {
  BufferPool pool(1, 4096);
  {
    auto lease = pool.acquire();
    BufferPool::Lease other = std::move(lease);
    lease.release();  // NOLINT(bugprone-use-after-move,clang-analyzer-cplusplus.Move): what is tested
    EXPECT_FALSE(pool.try_acquire());
  }
  const auto again = pool.try_acquire();
  EXPECT_TRUE(again);
  EXPECT_FALSE(pool.try_acquire());
}

}  // namespace
}  // namespace axon
