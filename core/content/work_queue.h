// WorkQueue: the threads of a pipeline that produce jobs for each other and help where they would wait.
//
// `run` starts items on all threads; an item pushes jobs, and calls `help` while it waits for memory or for a
// job of its own. When no item is left, threads finish the jobs. The first exception stops everything and is
// rethrown by run. Threads: push, help, stopped are thread-safe. A job gets the number of the thread that
// runs it (0 … threads − 1).
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>

#include "core/base/cancel.h"

namespace axon::content {

class WorkQueue {
 public:
  using Job = std::function<void(std::size_t thread)>;

  WorkQueue(std::size_t threads, const CancelToken& cancel) : threads_(threads), cancel_(cancel) {}
  std::size_t threads() const { return threads_; }

  void run(std::size_t count, const std::function<void(std::size_t item, std::size_t thread)>& item);
  void push(Job job);
  // Runs one queued job; with none queued waits until one is, or `wake` was called, or 20 ms have passed.
  // Throws Error(interrupted) when cancelled, or the failure of another thread.
  void help(std::size_t thread);
  // Runs one queued job if there is one.
  bool try_help(std::size_t thread);
  // Something that a helping thread may be waiting for has happened.
  void wake();
  // Throws when another thread failed or the user cancelled.
  void check();

 private:
  void work(std::size_t thread, std::size_t count, const std::function<void(std::size_t, std::size_t)>& item);
  bool run_one(std::unique_lock<std::mutex>& lock, std::size_t thread);

  const std::size_t threads_;
  const CancelToken& cancel_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  std::size_t next_item_ = 0;
  std::size_t busy_ = 0;  // threads inside an item or a job
  std::exception_ptr failure_;
};

}  // namespace axon::content
