// Clock and Random: the two sources of surprise, passed in so that tests can hold them still.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/bytes.h"

namespace axon {

class Clock {
 public:
  virtual ~Clock() = default;
  // Nanoseconds since 1970-01-01 UTC.
  virtual std::int64_t now_ns() const = 0;
  virtual void sleep_ns(std::int64_t duration) const = 0;
};
const Clock& system_clock();

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(MutableByteSpan into) = 0;
};
// The kernel's generator; thread-safe.
Random& system_random();

// "2026-11-20T20:19:03Z"; whole seconds, UTC.
std::string format_rfc3339(std::int64_t ns);
// Seconds since 1970 of an RFC 3339 time, "2 days ago"-like durations ("90s", "15m", "12h", "3d", "2w")
// before `now`, or a plain date. Throws Error(usage) with the accepted forms.
std::int64_t parse_time(const std::string& text, std::int64_t now_ns);

}  // namespace axon
