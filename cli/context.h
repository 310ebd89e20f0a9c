// Context: what every command gets: the global options as parsed, the host, and where to print.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/host.h"
#include "cli/output/printer.h"
#include "cli/output/progress.h"

namespace axon::cli {

enum class ColorChoice { automatic, never };
enum class ProgressMode { automatic, plain, none };

// Options that every command takes.
struct GlobalOptions {
  OutputForm form = OutputForm::text;
  Verbosity verbosity = Verbosity::normal;
  ColorChoice color = ColorChoice::automatic;
  ProgressMode progress = ProgressMode::automatic;
  std::optional<std::string> directory;     // -C
  std::optional<std::string> home;          // --home
  std::optional<std::string> lock_timeout;  // a wait that parse_wait (settings.h) takes
};

// NO_COLOR, TERM=dumb and --no-color turn colors off; so does output that is no terminal.
Color color_for(const Host& host, const Terminal& terminal, ColorChoice choice);

class Context {
 public:
  // `host` outlives the context. Throws Error(usage) when the directory of -C does not exist.
  Context(Host& host, const GlobalOptions& options);

  const GlobalOptions& options() const { return options_; }
  Host& host() { return host_; }
  Printer& printer() { return printer_; }
  Progress& progress() { return *progress_; }
  const CancelToken& cancel() const { return host_.cancel; }
  std::int64_t now_seconds() const { return host_.clock.now_ns() / 1'000'000'000; }

  // Where the user stands: -C, else the working directory. Absolute.
  const fs::Path& directory() const { return directory_; }
  // A path as the user typed it, made absolute and normalised (no symbolic link is resolved).
  fs::Path resolve(const std::string& path) const;
  // AXON_HOME: --home, else the variable, else ~/.axon. Throws Error(usage) when there is none of them.
  fs::Path home() const;

 private:
  Host& host_;
  GlobalOptions options_;
  fs::Path directory_;
  Printer printer_;
  std::unique_ptr<Progress> progress_;
};

}  // namespace axon::cli
