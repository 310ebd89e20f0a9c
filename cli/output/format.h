// Numbers, sizes, times and foreign text as people read them. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace axon::cli {

// Three significant digits, decimal units: "0 B", "999 B", "1.00 kB", "2.20 GB", "113 MB".
std::string format_size(std::uint64_t bytes);
// The amount done and the total in the total's unit: "1.39/2.20 GB", "12/290 MB".
std::string format_size_of(std::uint64_t bytes, std::uint64_t total);
// "667 MB/s"; nothing sensible to say (no time passed): "".
std::string format_rate(std::uint64_t bytes, std::int64_t elapsed_ns);
// " in 3.3 s, 667 MB/s"; of less than a megabyte only the time, for its rate says nothing.
std::string format_pace(std::uint64_t bytes, std::int64_t elapsed_ns);
// "3 ms", "0.42 s", "3.3 s", "42 s", "2 min 05 s", "1 h 12 min".
std::string format_duration(std::int64_t elapsed_ns);
// "12,345".
std::string format_count(std::uint64_t count);
// "1 file", "12,345 files"; `many` where an s is not enough ("2 branches").
std::string format_count(std::uint64_t count, std::string_view one, std::string_view many = {});
// "33 %"; below one percent "0.07 %"; of nothing "0 %".
std::string format_percent(std::uint64_t part, std::uint64_t whole);
// "just now", "5 minutes ago", "yesterday", "3 weeks ago"; a time to come: "in the future".
std::string format_age(std::int64_t then_seconds, std::int64_t now_seconds);
// "2026-11-20 21:41:07 +0100", in the zone that is `offset_minutes` east of UTC.
std::string format_time(std::int64_t seconds, int offset_minutes);

// Foreign text (paths, messages, tensor names) made safe for a terminal and for one line: control characters
// and bytes that are no UTF-8 become \xNN, a line end \n.
std::string printable(std::string_view text);
// Columns that `text` takes on a terminal: code points, escape sequences not counted.
std::size_t display_width(std::string_view text);

}  // namespace axon::cli
