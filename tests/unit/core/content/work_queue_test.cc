#include "core/content/work_queue.h"

#include <gtest/gtest.h>

#include <atomic>

#include "core/base/error.h"

namespace axon::content {
namespace {

TEST(WorkQueue, RunsEveryItemOnce) {
  CancelToken cancel;
  WorkQueue queue(4, cancel);
  std::vector<std::atomic<int>> seen(1000);
  queue.run(seen.size(), [&](std::size_t item, std::size_t) { ++seen[item]; });
  for (const auto& count : seen) EXPECT_EQ(count, 1);
}

TEST(WorkQueue, FinishesTheJobsThatItemsPush) {
  CancelToken cancel;
  WorkQueue queue(3, cancel);
  std::atomic<int> done{0};
  queue.run(10, [&](std::size_t, std::size_t) {
    for (int i = 0; i < 10; ++i) queue.push([&](std::size_t) { ++done; });
  });
  EXPECT_EQ(done, 100);
}

TEST(WorkQueue, OneThreadHelpsItself) {
  CancelToken cancel;
  WorkQueue queue(1, cancel);
  bool done = false;
  queue.run(1, [&](std::size_t, std::size_t thread) {
    queue.push([&](std::size_t) { done = true; });
    while (!done) queue.help(thread);
  });
  EXPECT_TRUE(done);
}

TEST(WorkQueue, RethrowsTheFirstFailureOfAJob) {
  CancelToken cancel;
  WorkQueue queue(2, cancel);
  std::atomic<int> started{0};
  const auto run = [&] {
    queue.run(1'000'000, [&](std::size_t item, std::size_t thread) {
      ++started;
      if (item == 3) queue.push([](std::size_t) { throw Error(ErrorCode::no_space, "full"); });
      queue.try_help(thread);
      queue.check();
    });
  };
  EXPECT_THROW(run(), Error);
  EXPECT_LT(started, 1'000'000);
}

TEST(WorkQueue, StopsWhenCancelled) {
  CancelToken cancel;
  WorkQueue queue(2, cancel);
  const auto run = [&] {
    queue.run(1'000'000, [&](std::size_t item, std::size_t) {
      if (item == 5) cancel.cancel();
    });
  };
  try {
    run();
    FAIL() << "not interrupted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::interrupted);
  }
}

TEST(WorkQueue, CanRunAgain) {
  CancelToken cancel;
  WorkQueue queue(2, cancel);
  EXPECT_THROW(queue.run(1, [](std::size_t, std::size_t) { throw Error(ErrorCode::failed, "once"); }), Error);
  std::atomic<int> done{0};
  queue.run(5, [&](std::size_t, std::size_t) { ++done; });
  EXPECT_EQ(done, 5);
}

}  // namespace
}  // namespace axon::content
