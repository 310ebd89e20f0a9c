#include "core/content/work_queue.h"

#include <chrono>
#include <thread>
#include <utility>
#include <vector>

namespace axon::content {

void WorkQueue::run(std::size_t count, const std::function<void(std::size_t, std::size_t)>& item) {
  next_item_ = 0;
  failure_ = nullptr;
  std::vector<std::thread> others;
  for (std::size_t thread = 1; thread < threads_; ++thread) {
    others.emplace_back([this, thread, count, &item] { work(thread, count, item); });
  }
  work(0, count, item);
  for (auto& other : others) other.join();
  jobs_.clear();
  if (failure_) std::rethrow_exception(failure_);
  cancel_.throw_if_cancelled();
}

void WorkQueue::work(std::size_t thread, std::size_t count,
                     const std::function<void(std::size_t, std::size_t)>& item) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (failure_) break;
    if (next_item_ < count) {
      const auto number = next_item_++;
      ++busy_;
      lock.unlock();
      std::exception_ptr failure;
      try {
        check();
        item(number, thread);
      } catch (...) {
        failure = std::current_exception();
      }
      lock.lock();
      --busy_;
      if (failure && !failure_) failure_ = failure;
      changed_.notify_all();
      continue;
    }
    if (run_one(lock, thread)) continue;
    if (busy_ == 0) break;  // nobody is left who could push another job
    changed_.wait(lock);
  }
  changed_.notify_all();
}

bool WorkQueue::run_one(std::unique_lock<std::mutex>& lock, std::size_t thread) {
  if (jobs_.empty() || failure_) return false;
  Job job = std::move(jobs_.front());
  jobs_.pop_front();
  ++busy_;
  lock.unlock();
  std::exception_ptr failure;
  try {
    cancel_.throw_if_cancelled();
    job(thread);
  } catch (...) {
    failure = std::current_exception();
  }
  job = nullptr;  // gives back its buffers before anybody is woken for them
  lock.lock();
  --busy_;
  if (failure && !failure_) failure_ = failure;
  changed_.notify_all();
  return true;
}

void WorkQueue::push(Job job) {
  {
    std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  changed_.notify_one();
}

void WorkQueue::help(std::size_t thread) {
  check();
  std::unique_lock lock(mutex_);
  if (run_one(lock, thread)) return;
  changed_.wait_for(lock, std::chrono::milliseconds(20));
}

bool WorkQueue::try_help(std::size_t thread) {
  std::unique_lock lock(mutex_);
  return run_one(lock, thread);
}

void WorkQueue::wake() {
  changed_.notify_all();
}

void WorkQueue::check() {
  cancel_.throw_if_cancelled();
  std::lock_guard lock(mutex_);
  if (failure_) std::rethrow_exception(failure_);
}

}  // namespace axon::content
