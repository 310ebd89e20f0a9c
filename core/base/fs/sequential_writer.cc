#include "core/base/fs/sequential_writer.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

namespace axon::fs {
namespace {

constexpr std::size_t kBlock = AlignedBuffer::kAlignment;
constexpr std::size_t kQueued = 2;  // one being written, one waiting; a third is being filled

bool all_zero(const std::byte* data, std::size_t size) {
  return data[0] == std::byte{0} && std::memcmp(data, data + 1, size - 1) == 0;
}

// Writes `size` bytes (a multiple of kBlock) at `offset`, leaving out runs of zero blocks.
void write_around_zeros(File& file, std::uint64_t offset, const std::byte* data, std::size_t size) {
  std::size_t start = 0;
  for (std::size_t at = 0; at <= size; at += kBlock) {
    if (at < size && !all_zero(data + at, kBlock)) continue;
    if (at > start) file.write_at(offset + start, {data + start, at - start});
    start = at + kBlock;
  }
}

}  // namespace

struct SequentialWriter::State {
  struct Job {
    BufferPool::Lease buffer;
    std::uint64_t offset = 0;
    std::size_t size = 0;
  };

  State(File& f, BufferPool& p, Zeros z) : file(f), pool(p), zeros(z) {}

  void write(const Job& job) {
    if (zeros == Zeros::leave_holes) {
      write_around_zeros(file, job.offset, job.buffer.data(), job.size);
    } else {
      file.write_at(job.offset, {job.buffer.data(), job.size});
    }
  }

  void run() {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [this] { return stopping || !queue.empty(); });
      if (queue.empty() || (stopping && !draining)) return;
      Job job = std::move(queue.front());
      lock.unlock();
      std::exception_ptr caught;
      try {
        write(job);
      } catch (...) {
        caught = std::current_exception();
      }
      job.buffer.release();
      lock.lock();
      queue.pop_front();
      if (caught && !failure) failure = caught;
      if (failure) queue.clear();
      changed.notify_all();
    }
  }

  void submit(Job job) {
    std::unique_lock lock(mutex);
    if (!thread.joinable()) thread = std::thread([this] { run(); });
    changed.wait(lock, [this] { return failure || queue.size() < kQueued; });
    throw_failure();
    queue.push_back(std::move(job));
    changed.notify_all();
  }

  void throw_failure() {
    if (failure) std::rethrow_exception(failure);
  }

  void stop(bool drain) {
    if (!thread.joinable()) return;
    {
      std::lock_guard lock(mutex);
      stopping = true;
      draining = drain;
    }
    changed.notify_all();
    thread.join();
  }

  File& file;
  BufferPool& pool;
  Zeros zeros;
  Job current;
  std::uint64_t appended = 0;

  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Job> queue;  // the front stays until it is written
  std::exception_ptr failure;
  bool stopping = false, draining = false;
  std::thread thread;
};

SequentialWriter::SequentialWriter(File& file, BufferPool& pool, Zeros zeros)
    : state_(std::make_unique<State>(file, pool, zeros)) {}

SequentialWriter::~SequentialWriter() {
  state_->stop(false);
}

std::uint64_t SequentialWriter::size() const {
  return state_->appended;
}

void SequentialWriter::append(ByteSpan bytes) {
  State& s = *state_;
  while (!bytes.empty()) {
    if (!s.current.buffer) s.current = {s.pool.acquire(), s.appended, 0};
    const auto take = std::min(bytes.size(), s.current.buffer.capacity() - s.current.size);
    std::memcpy(s.current.buffer.data() + s.current.size, bytes.data(), take);
    s.current.size += take;
    s.appended += take;
    bytes = bytes.subspan(take);
    if (s.current.size == s.current.buffer.capacity()) s.submit(std::move(s.current));
  }
}

void SequentialWriter::finish() {
  State& s = *state_;
  s.stop(true);
  s.throw_failure();
  if (s.current.buffer && s.current.size > 0) {
    // Direct writes need whole blocks: the padding is cut off by the resize below.
    const auto padded = (s.current.size + kBlock - 1) / kBlock * kBlock;
    std::memset(s.current.buffer.data() + s.current.size, 0, padded - s.current.size);
    s.current.size = padded;
    s.write(s.current);
    s.current.buffer.release();
  }
  s.file.resize(s.appended);
}

}  // namespace axon::fs
