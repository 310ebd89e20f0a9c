#include "cli/output/format.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <ctime>
#include <optional>

namespace axon::cli {

namespace {

struct Unit {
  double factor;
  const char* name;
};
constexpr std::array<Unit, 7> kUnits{
    {{1, "B"}, {1e3, "kB"}, {1e6, "MB"}, {1e9, "GB"}, {1e12, "TB"}, {1e15, "PB"}, {1e18, "EB"}}};

// 999.5 and more would be printed as 1000, so the next unit begins there.
const Unit& unit_for(double value) {
  std::size_t at = 0;
  while (at + 1 < kUnits.size() && value >= 999.5 * kUnits[at].factor) ++at;
  return kUnits[at];
}

std::string three_digits(double value) {
  if (value < 9.995) return fmt::format("{:.2f}", value);
  if (value < 99.95) return fmt::format("{:.1f}", value);
  return fmt::format("{:.0f}", value);
}

std::string in_unit(double value, const Unit& unit) {
  return unit.factor == 1 ? fmt::format("{:.0f}", value) : three_digits(value / unit.factor);
}

// The bytes of the well-formed UTF-8 character at the start of `text` (RFC 3629), 0 when there is none.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t at = 1; at < length; ++at) {
    if ((byte(at) & 0xC0) != 0x80) return 0;
  }
  const bool overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  const bool outside = (first == 0xED && byte(1) > 0x9F) || (first == 0xF4 && byte(1) > 0x8F);
  return overlong || outside ? 0 : length;
}

}  // namespace

std::string format_size(std::uint64_t bytes) {
  const auto value = static_cast<double>(bytes);
  const Unit& unit = unit_for(value);
  return fmt::format("{} {}", in_unit(value, unit), unit.name);
}

std::string format_size_of(std::uint64_t bytes, std::uint64_t total) {
  const Unit& unit = unit_for(static_cast<double>(total));
  return fmt::format("{}/{} {}", in_unit(static_cast<double>(bytes), unit),
                     in_unit(static_cast<double>(total), unit), unit.name);
}

std::string format_rate(std::uint64_t bytes, std::int64_t elapsed_ns) {
  if (elapsed_ns <= 0 || bytes == 0) return "";
  const double value = static_cast<double>(bytes) * 1e9 / static_cast<double>(elapsed_ns);
  const Unit& unit = unit_for(value);
  return fmt::format("{} {}/s", in_unit(value, unit), unit.name);
}

std::string format_pace(std::uint64_t bytes, std::int64_t elapsed_ns) {
  constexpr std::uint64_t kTelling = 1'000'000;
  const std::string rate = bytes < kTelling ? "" : format_rate(bytes, elapsed_ns);
  return " in " + format_duration(elapsed_ns) + (rate.empty() ? "" : ", " + rate);
}

std::string format_duration(std::int64_t elapsed_ns) {
  const double seconds = static_cast<double>(elapsed_ns < 0 ? 0 : elapsed_ns) / 1e9;
  if (seconds < 0.0995) return fmt::format("{:.0f} ms", seconds * 1e3);
  if (seconds < 0.995) return fmt::format("{:.2f} s", seconds);
  if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
  const auto whole = std::llround(seconds);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

std::string format_count(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

std::string format_count(std::uint64_t count, std::string_view one, std::string_view many) {
  if (count == 1) return fmt::format("1 {}", one);
  return many.empty() ? fmt::format("{} {}s", format_count(count), one)
                      : fmt::format("{} {}", format_count(count), many);
}

std::string format_percent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0 || part == 0) return "0 %";
  const double percent = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  if (percent < 0.01) return "0.01 %";
  return percent < 0.995 ? fmt::format("{:.2f} %", percent) : fmt::format("{:.0f} %", percent);
}

std::string format_age(std::int64_t then_seconds, std::int64_t now_seconds) {
  const std::int64_t age = now_seconds - then_seconds;
  constexpr std::int64_t kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour, kWeek = 7 * kDay;
  constexpr std::int64_t kMonth = 30 * kDay, kYear = 365 * kDay;
  const auto ago = [&](std::int64_t unit, const char* name) {
    return format_count(static_cast<std::uint64_t>(age / unit), name) + " ago";
  };
  if (age < -kMinute) return "in the future";  // clocks of two machines may differ by a little
  if (age < 10) return "just now";
  if (age < kMinute) return ago(1, "second");
  if (age < kHour) return ago(kMinute, "minute");
  if (age < kDay) return ago(kHour, "hour");
  if (age < 2 * kDay) return "yesterday";
  if (age < 2 * kWeek) return ago(kDay, "day");
  if (age < 2 * kMonth) return ago(kWeek, "week");
  return age < 2 * kYear ? ago(kMonth, "month") : ago(kYear, "year");
}

std::string format_time(std::int64_t seconds, int offset_minutes) {
  const std::time_t shifted = static_cast<std::time_t>(seconds) + offset_minutes * 60;
  std::tm parts{};
  if (gmtime_r(&shifted, &parts) == nullptr) return std::to_string(seconds);
  const int offset = offset_minutes < 0 ? -offset_minutes : offset_minutes;
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} {}{:02}{:02}", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     offset_minutes < 0 ? '-' : '+', offset / 60, offset % 60);
}

std::string printable(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    const auto first = static_cast<unsigned char>(text[0]);
    // C1 controls are the two bytes C2 80 … C2 9F; some terminals obey them as they obey ESC.
    const bool c1 = length == 2 && first == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0;
    if (first == '\n') {
      safe += "\\n";
    } else if (length == 0 || first < 0x20 || first == 0x7F) {
      safe += fmt::format("\\x{:02x}", first);
    } else if (c1) {
      safe += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[1]));
    } else {
      safe += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return safe;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\033') {
      const std::size_t end = text.find('m', at);
      if (end == std::string_view::npos) break;
      at = end;
    } else if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80) {
      ++width;
    }
  }
  return width;
}

}  // namespace axon::cli
