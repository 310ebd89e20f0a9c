// FakeClock and SeededRandom: time that moves only when told, and bytes that are the same in every run.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <random>

#include "core/base/clock.h"

namespace axon::test {

// Starts at 2026-01-01T00:00:00Z; sleeping returns at once and moves it on. Thread-safe.
class FakeClock final : public Clock {
 public:
  static constexpr std::int64_t kStart = 1'767'225'600'000'000'000;
  explicit FakeClock(std::int64_t start_ns = kStart) : now_(start_ns) {}

  std::int64_t now_ns() const override { return now_; }
  void sleep_ns(std::int64_t duration) const override {
    slept_ += duration;
    now_ += duration;
  }
  void advance_ns(std::int64_t duration) { now_ += duration; }
  void set_ns(std::int64_t now) { now_ = now; }
  // The sum of all sleeps.
  std::int64_t slept_ns() const { return slept_; }

 private:
  mutable std::atomic<std::int64_t> now_;
  mutable std::atomic<std::int64_t> slept_{0};
};

// The same seed gives the same bytes, however they are asked for. Thread-safe.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed = 1) : engine_(seed) {}

  void fill(MutableByteSpan into) override {
    const std::lock_guard lock(mutex_);
    for (auto& byte : into) {
      if (left_ == 0) {
        word_ = engine_();
        left_ = sizeof word_;
      }
      byte = static_cast<std::byte>(word_ & 0xff);
      word_ >>= 8;
      --left_;
    }
  }

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
  std::uint64_t word_ = 0;
  std::size_t left_ = 0;
};

}  // namespace axon::test
