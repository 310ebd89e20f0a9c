// What an operation under way shows on standard error: a bar on a terminal, plain lines once a second, or
// nothing.
//
// Drawing happens on whichever thread calls `advance`, at most ten times a second (bar) or once (plain), and
// never waits for another thread's drawing.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "cli/output/style.h"
#include "core/base/clock.h"
#include "core/base/progress.h"

namespace axon::cli {

enum class ProgressView { bar, plain, none };
enum class Charset { ascii, utf8 };

struct ProgressOptions {
  ProgressView view = ProgressView::none;
  Charset charset = Charset::utf8;
  Color color = Color::off;
  std::size_t width = 80;  // columns of the terminal
};

// How far a phase is; the text of both views is made from this.
struct PhaseState {
  enum class Unit { bytes, items };
  std::string phase;
  Unit unit = Unit::bytes;
  std::uint64_t done = 0, total = 0;  // total 0: unknown
  std::int64_t elapsed_ns = 0;
};
// "writing  ━━━━━━━━╸━━━━━━━  63 %  1.39/2.20 GB  712 MB/s  1 s left", at most options.width columns.
std::string progress_bar(const PhaseState& state, const ProgressOptions& options);
// "writing: 63 %, 1.39/2.20 GB, 712 MB/s, 1 s left".
std::string progress_line(const PhaseState& state);

// `warn` receives the warnings that pass through, after the bar was taken away.
std::unique_ptr<Progress> make_progress(std::ostream& err, const Clock& clock, const ProgressOptions& options,
                                        std::function<void(std::string_view)> warn);

}  // namespace axon::cli
