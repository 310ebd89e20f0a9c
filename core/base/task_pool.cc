#include "core/base/task_pool.h"

#include <utility>

namespace axon {

TaskPool::TaskPool(std::size_t workers) {
  threads_.reserve(workers);
  for (std::size_t i = 0; i < workers; ++i) threads_.emplace_back([this] { run(); });
}

TaskPool::~TaskPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_all();
  for (auto& thread : threads_) thread.join();
  // A pool without workers promises the same: what is queued gets done.
  while (help()) {
  }
}

void TaskPool::submit(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(task));
  }
  ready_.notify_one();
}

bool TaskPool::help() {
  std::function<void()> task;
  {
    const std::lock_guard lock(mutex_);
    if (queue_.empty()) return false;
    task = std::move(queue_.front());
    queue_.pop_front();
  }
  task();
  return true;
}

std::size_t TaskPool::queued() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void TaskPool::run() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
    }
    // Between the two locks another thread may have taken the task; then there is just nothing to do.
    help();
  }
}

}  // namespace axon
