#include "cli/app.h"

#include <algorithm>

#include "cli/parse.h"

namespace axon::cli {

namespace {

// Output that could not be written (a full disk, a closed file) is an error like any other.
void check_output(Host& host) {
  host.out.flush();
  if (!host.out.good()) throw Error(ErrorCode::io, "cannot write the output");
}

ColorChoice wanted_color(const std::vector<std::string>& words) {
  return std::find(words.begin(), words.end(), "--no-color") != words.end() ? ColorChoice::never
                                                                            : ColorChoice::automatic;
}

}  // namespace

int run_app(const std::vector<Command>& table, const std::vector<std::string>& words, Host& host) {
  OutputForm form = wanted_form(words);
  ExitCode code = ExitCode::ok;
  try {
    const Invocation invocation = parse(table, words);
    form = invocation.options.form;
    Context context(host, invocation.options);
    code = invocation.run(context);
    check_output(host);
  } catch (const std::exception& exception) {
    const Error error = as_error(exception);
    host.out.flush();
    report_error(host.err, error, form, color_for(host, host.err_terminal, wanted_color(words)));
    code = exit_code(error.code());
  }
  return static_cast<int>(code);
}

}  // namespace axon::cli
