#include "cli/output/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <vector>

#include "cli/output/format.h"

namespace axon::cli {

namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
// Shorter phases show nothing: a bar that flashes up only disturbs.
constexpr std::int64_t kFirstDraw = 250 * kMillisecond;
constexpr std::int64_t kBarInterval = 100 * kMillisecond;
constexpr std::int64_t kPlainInterval = 1000 * kMillisecond;

std::string rate_of(const PhaseState& state) {
  if (state.unit == PhaseState::Unit::bytes) return format_rate(state.done, state.elapsed_ns);
  if (state.done == 0 || state.elapsed_ns <= 0) return "";
  const double rate = static_cast<double>(state.done) * 1e9 / static_cast<double>(state.elapsed_ns);
  return format_count(static_cast<std::uint64_t>(rate)) + "/s";
}

// Nothing until there is something to extrapolate from.
std::string time_left(const PhaseState& state) {
  if (state.total == 0 || state.done == 0 || state.done >= state.total) return "";
  if (state.elapsed_ns < kFirstDraw) return "";
  const double left = static_cast<double>(state.total - state.done) / static_cast<double>(state.done);
  const auto seconds = std::llround(left * static_cast<double>(state.elapsed_ns) / 1e9);
  if (seconds < 1) return "";
  return seconds < 60 ? fmt::format("{} s left", seconds)
                      : format_duration(seconds * 1'000'000'000) + " left";
}

std::string amount(const PhaseState& state) {
  if (state.unit == PhaseState::Unit::bytes) {
    return state.total == 0 ? format_size(state.done) : format_size_of(state.done, state.total);
  }
  if (state.total == 0) return format_count(state.done);
  return format_count(state.done) + "/" + format_count(state.total);
}

std::string percent(const PhaseState& state) {
  return fmt::format("{} %",
                     state.total == 0 ? 0 : std::min<std::uint64_t>(100, state.done * 100 / state.total));
}

std::vector<std::string> facts(const PhaseState& state) {
  std::vector<std::string> all;
  if (state.total != 0) all.push_back(percent(state));
  all.push_back(amount(state));
  for (auto text : {rate_of(state), time_left(state)}) {
    if (!text.empty()) all.push_back(std::move(text));
  }
  return all;
}

std::string strip(double share, std::size_t columns, const ProgressOptions& options) {
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(columns));
  const Style style(options.color);
  if (options.charset == Charset::ascii) {
    return "[" + std::string(filled, '=') + std::string(columns - filled, ' ') + "]";
  }
  std::string full, rest;
  for (std::size_t at = 0; at < columns; ++at) (at < filled ? full : rest) += "━";
  // Without color the two parts would look the same.
  if (options.color == Color::off) rest = std::string(columns - filled, ' ');
  return style.green(full) + style.faint(rest);
}

}  // namespace

std::string progress_line(const PhaseState& state) {
  return fmt::format("{}: {}", state.phase, fmt::join(facts(state), ", "));
}

std::string progress_bar(const PhaseState& state, const ProgressOptions& options) {
  const std::string tail = fmt::format("{}", fmt::join(facts(state), "  "));
  const std::size_t used = state.phase.size() + 2 + tail.size() + 4;
  constexpr std::size_t kLongest = 30, kShortest = 8;
  const std::size_t space = options.width > used ? options.width - used : 0;
  if (state.total == 0 || space < kShortest) {
    return fmt::format("{}  {}", state.phase, tail).substr(0, std::max<std::size_t>(options.width, 2) - 1);
  }
  const double share = std::min(1.0, static_cast<double>(state.done) / static_cast<double>(state.total));
  return fmt::format("{}  {}  {}", state.phase, strip(share, std::min(space, kLongest), options), tail);
}

namespace {

class DrawnProgress final : public Progress {
 public:
  DrawnProgress(std::ostream& err, const Clock& clock, const ProgressOptions& options,
                std::function<void(std::string_view)> warn)
      : err_(err), clock_(clock), options_(options), warn_(std::move(warn)) {}
  ~DrawnProgress() override { erase(); }

  void begin(std::string_view phase, std::uint64_t total) override {
    start(phase, total, PhaseState::Unit::bytes);
  }
  void begin_items(std::string_view phase, std::uint64_t total) override {
    start(phase, total, PhaseState::Unit::items);
  }

  void advance(std::uint64_t amount) override {
    done_.fetch_add(amount, std::memory_order_relaxed);
    if (options_.view == ProgressView::none) return;
    const std::int64_t now = clock_.now_ns();
    if (now < next_draw_.load(std::memory_order_relaxed)) return;
    const std::unique_lock guard(mutex_, std::try_to_lock);
    if (guard) draw(now);
  }

  void end() override {
    const std::lock_guard guard(mutex_);
    erase();
    running_ = false;
  }

  void warn(std::string_view text) override {
    const std::lock_guard guard(mutex_);
    erase();
    warn_(text);
  }

 private:
  void start(std::string_view phase, std::uint64_t total, PhaseState::Unit unit) {
    const std::lock_guard guard(mutex_);
    erase();
    begun_ = clock_.now_ns();
    state_ = {std::string(phase), unit, 0, total, 0};
    done_ = 0;
    running_ = true;
    next_draw_ = begun_ + (options_.view == ProgressView::plain ? kPlainInterval : kFirstDraw);
  }

  void draw(std::int64_t now) {
    if (!running_ || now < next_draw_) return;
    state_.done = done_;
    state_.elapsed_ns = now - begun_;
    if (options_.view == ProgressView::plain) {
      err_ << progress_line(state_) << std::endl;
      next_draw_ = now + kPlainInterval;
      return;
    }
    err_ << "\r\033[K" << progress_bar(state_, options_) << std::flush;
    drawn_ = true;
    next_draw_ = now + kBarInterval;
  }

  void erase() {
    if (drawn_) err_ << "\r\033[K" << std::flush;
    drawn_ = false;
  }

  std::ostream& err_;
  const Clock& clock_;
  ProgressOptions options_;
  std::function<void(std::string_view)> warn_;
  std::atomic<std::uint64_t> done_{0};
  std::atomic<std::int64_t> next_draw_{0};
  std::mutex mutex_;  // guards everything below, and err_
  PhaseState state_;
  std::int64_t begun_ = 0;
  bool running_ = false, drawn_ = false;
};

}  // namespace

std::unique_ptr<Progress> make_progress(std::ostream& err, const Clock& clock, const ProgressOptions& options,
                                        std::function<void(std::string_view)> warn) {
  return std::make_unique<DrawnProgress>(err, clock, options, std::move(warn));
}

}  // namespace axon::cli
