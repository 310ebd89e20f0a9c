#include "cli/context.h"

#include "core/base/error.h"

namespace axon::cli {

Color color_for(const Host& host, const Terminal& terminal, ColorChoice choice) {
  if (choice == ColorChoice::never || !terminal.interactive) return Color::off;
  if (host.environment("NO_COLOR") || host.environment("TERM") == "dumb") return Color::off;
  return Color::on;
}

namespace {

PrinterOptions printer_options(const Host& host, const GlobalOptions& options) {
  return {options.form, options.verbosity, color_for(host, host.out_terminal, options.color),
          color_for(host, host.err_terminal, options.color)};
}

// By the rule of POSIX: the first of these three that is set decides.
Charset charset_of(const Host& host) {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const auto value = host.environment(name);
    if (!value) continue;
    const bool utf8 = value->find("UTF-8") != std::string::npos || value->find("utf8") != std::string::npos;
    return utf8 ? Charset::utf8 : Charset::ascii;
  }
  return Charset::ascii;
}

ProgressOptions progress_options(const Host& host, const GlobalOptions& options) {
  ProgressOptions progress;
  progress.charset = charset_of(host);
  progress.color = color_for(host, host.err_terminal, options.color);
  progress.width = host.err_terminal.width;
  if (options.progress == ProgressMode::plain) {
    progress.view = ProgressView::plain;
  } else if (options.progress == ProgressMode::automatic && host.err_terminal.interactive &&
             options.verbosity != Verbosity::quiet && options.form == OutputForm::text) {
    progress.view = host.environment("TERM") == "dumb" ? ProgressView::plain : ProgressView::bar;
  }
  return progress;
}

fs::Path absolute(const fs::Path& base, const fs::Path& path) {
  fs::Path joined = (base / path).lexically_normal();
  // "a/b/" names the same folder as "a/b", and only the latter has a file name.
  return joined.has_filename() || joined == joined.root_path() ? joined : joined.parent_path();
}

fs::Path standing_directory(const Host& host, const GlobalOptions& options) {
  if (!options.directory) return host.working_directory;
  fs::Path directory = absolute(host.working_directory, *options.directory);
  // "/." makes lstat follow a link that names a folder.
  const auto info = host.fs.stat(directory / ".");
  if (!info || info->type != fs::FileType::directory) {
    throw Error(ErrorCode::usage, "cannot work in '" + *options.directory + "'")
        .because("there is no such directory");
  }
  return directory;
}

}  // namespace

Context::Context(Host& host, const GlobalOptions& options)
    : host_(host),
      options_(options),
      directory_(standing_directory(host, options)),
      printer_(host.out, host.err, printer_options(host, options)),
      progress_(make_progress(host.err, host.clock, progress_options(host, options),
                              [this](std::string_view text) { printer_.warn(text); })) {}

fs::Path Context::resolve(const std::string& path) const {
  return absolute(directory_, path);
}

fs::Path Context::home() const {
  if (options_.home) return resolve(*options_.home);
  if (const auto home = host_.environment("AXON_HOME")) return absolute(host_.working_directory, *home);
  if (const auto home = host_.environment("HOME")) return absolute(host_.working_directory, *home) / ".axon";
  throw Error(ErrorCode::usage, "cannot tell where axon keeps its files")
      .because("neither AXON_HOME nor HOME is set")
      .hint("set AXON_HOME, or pass --home DIR");
}

}  // namespace axon::cli
