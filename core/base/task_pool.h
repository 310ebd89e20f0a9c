// TaskPool: a fixed set of worker threads for CPU work, with bounded memory because callers bound what they
// submit.
//
// Threads: all members are thread-safe. `help` lets a thread that must wait do queued work instead, so a pool
// of `workers` threads plus its caller keeps every core busy and cannot deadlock on its own queue.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace axon {

class TaskPool {
 public:
  explicit TaskPool(std::size_t workers);
  // Finishes what is queued, then joins.
  ~TaskPool();
  TaskPool(const TaskPool&) = delete;
  TaskPool& operator=(const TaskPool&) = delete;

  // Tasks must not throw: whoever submits catches inside and carries the exception to its own waiter.
  void submit(std::function<void()> task);
  // Runs one queued task on this thread; false when none is queued.
  bool help();
  std::size_t workers() const { return threads_.size(); }
  std::size_t queued() const;

 private:
  void run();
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace axon
