// Printer: everything that a command says on standard output, as text or as one JSON document, and its
// warnings.
//
// A command makes a result, then calls `show` with how it looks in both forms. In JSON form standard output
// holds that document and nothing else; standard error holds JSON objects, one per line. Threads: `warn` may
// be called from any.
#pragma once

#include <functional>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <ostream>
#include <string_view>

#include "cli/output/style.h"

namespace axon::cli {

enum class OutputForm { text, json };
enum class Verbosity { quiet, normal, verbose };

struct PrinterOptions {
  OutputForm form = OutputForm::text;
  Verbosity verbosity = Verbosity::normal;
  Color out_color = Color::off, err_color = Color::off;
};

class Printer {
 public:
  Printer(std::ostream& out, std::ostream& err, const PrinterOptions& options)
      : out_(out), err_(err), options_(options) {}

  bool json() const { return options_.form == OutputForm::json; }
  bool verbose() const { return options_.verbosity == Verbosity::verbose; }
  Style style() const { return Style(json() ? Color::off : options_.out_color); }

  // The result, once per command.
  void show(const std::function<nlohmann::json()>& as_json, const std::function<void()>& as_text);

  // Lines of the text form. What was asked for:
  void line(std::string_view text);
  // what happened, which --quiet leaves out:
  void note(std::string_view text);
  // what --verbose adds:
  void detail(std::string_view text);
  // A warning, on standard error, whatever the verbosity.
  void warn(std::string_view text);

 private:
  std::ostream& out_;
  std::ostream& err_;
  PrinterOptions options_;
  std::mutex warning_;
};

}  // namespace axon::cli
