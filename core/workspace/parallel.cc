#include "core/workspace/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace axon::workspace {

void parallel_for(std::size_t count, std::size_t threads, const CancelToken& cancel,
                  const std::function<void(std::size_t)>& item) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  const auto work = [&] {
    try {
      for (auto number = next++; number < count; number = next++) {
        cancel.throw_if_cancelled();
        item(number);
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
      next = count;
    }
  };
  std::vector<std::thread> others;
  // A thread costs as much as a small file.
  const auto wanted = std::min(threads, (count + 3) / 4);
  for (std::size_t i = 1; i < wanted; ++i) others.emplace_back(work);
  work();
  for (auto& other : others) other.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace axon::workspace
