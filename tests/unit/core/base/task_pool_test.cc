#include "core/base/task_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace axon {
namespace {

TEST(TaskPool, RunsEveryTaskBeforeItIsDestroyed) {
  std::atomic<int> done{0};
  {
    TaskPool pool(3);
    EXPECT_EQ(pool.workers(), 3u);
    for (int i = 0; i < 1000; ++i) pool.submit([&] { ++done; });
  }
  EXPECT_EQ(done, 1000);
}

TEST(TaskPool, RunsTasksSideBySide) {
  TaskPool pool(2);
  std::promise<void> first, second;
  std::promise<void> both;
  pool.submit([&] {
    first.set_value();
    second.get_future().wait();
    both.set_value();
  });
  pool.submit([&] {
    first.get_future().wait();
    second.set_value();
  });
  EXPECT_EQ(both.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

TEST(TaskPool, LetsAWaitingThreadDoQueuedWork) {
  TaskPool pool(0);
  std::thread::id ran_on;
  pool.submit([&] { ran_on = std::this_thread::get_id(); });
  EXPECT_EQ(pool.queued(), 1u);
  EXPECT_TRUE(pool.help());
  EXPECT_EQ(ran_on, std::this_thread::get_id());
  EXPECT_FALSE(pool.help());
  EXPECT_EQ(pool.queued(), 0u);
}

TEST(TaskPool, WithoutWorkersFinishesItsQueueAtTheEnd) {
  int done = 0;
  {
    TaskPool pool(0);
    pool.submit([&] { ++done; });
  }
  EXPECT_EQ(done, 1);
}

TEST(TaskPool, AcceptsTasksFromTasks) {
  std::atomic<int> done{0};
  {
    TaskPool pool(2);
    for (int i = 0; i < 50; ++i) {
      pool.submit([&] {
        pool.submit([&] { ++done; });
        ++done;
      });
    }
  }
  EXPECT_EQ(done, 100);
}

TEST(TaskPool, RunsTasksInTheOrderOfTheirSubmission) {
  std::vector<int> order;
  TaskPool pool(0);
  for (int i = 0; i < 5; ++i) pool.submit([&order, i] { order.push_back(i); });
  while (pool.help()) {
  }
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
}

}  // namespace
}  // namespace axon
