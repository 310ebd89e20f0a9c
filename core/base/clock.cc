#include "core/base/clock.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <limits>
#include <optional>
#include <string_view>

#include "core/base/error.h"

namespace axon {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

class SystemClock final : public Clock {
 public:
  std::int64_t now_ns() const override {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return std::int64_t{now.tv_sec} * kSecond + now.tv_nsec;
  }
  void sleep_ns(std::int64_t duration) const override {
    if (duration <= 0) return;
    timespec left{duration / kSecond, duration % kSecond};
    while (::nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
  }
};

class SystemRandom final : public Random {
 public:
  void fill(MutableByteSpan into) override {
    while (!into.empty()) {
      const auto got = ::getrandom(into.data(), into.size(), 0);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) throw system_error(errno, "read", "the kernel's random numbers");
      into = into.subspan(static_cast<std::size_t>(got));
    }
  }
};

// Whole seconds, rounded down also before 1970.
std::int64_t floor_seconds(std::int64_t ns) {
  return ns / kSecond - (ns % kSecond < 0 ? 1 : 0);
}

// Reads a time from left to right; every `take` consumes what it matched and nothing else.
class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : text_(text) {}
  bool empty() const { return text_.empty(); }
  bool take(std::string_view any_of) {
    if (text_.empty() || any_of.find(text_.front()) == std::string_view::npos) return false;
    taken_ = text_.front();
    text_.remove_prefix(1);
    return true;
  }
  char taken() const { return taken_; }
  // Exactly `digits` digits, in [low, high].
  std::optional<int> number(std::size_t digits, int low, int high) {
    if (text_.size() < digits) return std::nullopt;
    int value = 0;
    for (const char c : text_.substr(0, digits)) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    if (value < low || value > high) return std::nullopt;
    text_.remove_prefix(digits);
    return value;
  }
  // One digit or more, as far as they go; nullopt past 2^31.
  std::optional<std::int64_t> count() {
    if (text_.empty() || !is_digit(text_.front())) return std::nullopt;
    std::int64_t value = 0;
    while (!text_.empty() && is_digit(text_.front())) {
      value = value * 10 + (text_.front() - '0');
      if (value > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
      text_.remove_prefix(1);
    }
    return value;
  }
  std::string_view rest() const { return text_; }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  std::string_view text_;
  char taken_ = 0;
};

std::optional<std::int64_t> read_date(TimeReader& in) {
  const auto year = in.number(4, 0, 9999);
  if (!year || !in.take("-")) return std::nullopt;
  const auto month = in.number(2, 1, 12);
  if (!month || !in.take("-")) return std::nullopt;
  const auto day = in.number(2, 1, 31);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days{date}.time_since_epoch().count() * std::int64_t{86400};
}

// Seconds east of UTC: "Z" or "+02:00".
std::optional<std::int64_t> read_zone(TimeReader& in) {
  if (in.take("Zz")) return 0;
  if (!in.take("+-")) return std::nullopt;
  const int sign = in.taken() == '-' ? -1 : 1;
  const auto hours = in.number(2, 0, 23);
  if (!hours || !in.take(":")) return std::nullopt;
  const auto minutes = in.number(2, 0, 59);
  if (!minutes) return std::nullopt;
  return sign * (*hours * 3600 + *minutes * 60);
}

// "hh:mm:ss[.fraction]zone", relative to midnight UTC.
std::optional<std::int64_t> read_time_of_day(TimeReader& in) {
  const auto hour = in.number(2, 0, 23);
  if (!hour || !in.take(":")) return std::nullopt;
  const auto minute = in.number(2, 0, 59);
  if (!minute || !in.take(":")) return std::nullopt;
  const auto second = in.number(2, 0, 60);  // 60: a leap second, which Unix time counts as the next one
  if (!second) return std::nullopt;
  if (in.take(".")) {
    if (!in.take("0123456789")) return std::nullopt;
    while (in.take("0123456789")) {
    }
  }
  const auto zone = read_zone(in);
  if (!zone) return std::nullopt;
  return *hour * 3600 + *minute * 60 + *second - *zone;
}

std::optional<std::int64_t> read_moment(std::string_view text) {
  TimeReader in(text);
  const auto date = read_date(in);
  if (!date) return std::nullopt;
  if (in.empty()) return date;
  if (!in.take("Tt ")) return std::nullopt;
  const auto time = read_time_of_day(in);
  if (!time || !in.empty()) return std::nullopt;
  return *date + *time;
}

std::optional<std::int64_t> seconds_per(std::string_view unit) {
  struct Unit {
    std::string_view letter, word, words;
    std::int64_t seconds;
  };
  static constexpr std::array<Unit, 5> kUnits{{{"s", "second", "seconds", 1},
                                               {"m", "minute", "minutes", 60},
                                               {"h", "hour", "hours", 3600},
                                               {"d", "day", "days", 86400},
                                               {"w", "week", "weeks", 7 * 86400}}};
  const auto found = std::ranges::find_if(
      kUnits, [&](const Unit& u) { return unit == u.letter || unit == u.word || unit == u.words; });
  if (found == kUnits.end()) return std::nullopt;
  return found->seconds;
}

// "90s", "2 days", "2 days ago"; in seconds.
std::optional<std::int64_t> read_duration(std::string_view text) {
  TimeReader in(text);
  const auto amount = in.count();
  if (!amount) return std::nullopt;
  in.take(" ");
  std::string_view unit = in.rest();
  if (unit.ends_with(" ago")) unit.remove_suffix(4);
  const auto seconds = seconds_per(unit);
  if (!seconds) return std::nullopt;
  return *amount * *seconds;
}

}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

Random& system_random() {
  static SystemRandom random;
  return random;
}

std::string format_rfc3339(std::int64_t ns) {
  const std::chrono::sys_seconds moment{std::chrono::seconds{floor_seconds(ns)}};
  const auto midnight = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date{midnight};
  const std::chrono::hh_mm_ss time{moment - midnight};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

std::int64_t parse_time(const std::string& text, std::int64_t now_ns) {
  if (const auto moment = read_moment(text)) return *moment;
  if (const auto duration = read_duration(text)) return floor_seconds(now_ns) - *duration;
  throw Error(ErrorCode::usage, "'" + text + "' is not a time")
      .hint(
          "write a date `2026-11-20`, a time `2026-11-20T20:19:03Z`, or how long ago: `90s`, `15m`, `12h`, "
          "`3d`, `2w`");
}

}  // namespace axon
