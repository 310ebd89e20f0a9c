#include "cli/output/printer.h"

#include <nlohmann/json.hpp>

#include "cli/output/format.h"

namespace axon::cli {

void Printer::show(const std::function<nlohmann::json()>& as_json, const std::function<void()>& as_text) {
  if (!json()) return as_text();
  // Names in a model may hold bytes that are no UTF-8; a document with a replaced character beats none.
  out_ << as_json().dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
}

void Printer::line(std::string_view text) {
  if (!json()) out_ << text << '\n';
}

void Printer::note(std::string_view text) {
  if (options_.verbosity != Verbosity::quiet) line(text);
}

void Printer::detail(std::string_view text) {
  if (verbose()) line(text);
}

void Printer::warn(std::string_view text) {
  const std::lock_guard guard(warning_);
  if (json()) {
    const nlohmann::json warning = {{"warning", text}};
    err_ << warning.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
  } else {
    err_ << Style(options_.err_color).yellow("warning:") << ' ' << printable(text) << std::endl;
  }
}

}  // namespace axon::cli
