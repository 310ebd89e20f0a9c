#include "cli/commands/doctor.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/health.h"
#include "cli/output/format.h"
#include "cli/output/table.h"

namespace axon::cli {

namespace {

const char* word(HealthState state) {
  switch (state) {
    case HealthState::good:
      return "ok";
    case HealthState::poor:
      return "note";
    case HealthState::bad:
      return "bad";
  }
  return "";
}

std::string colored(const Style& style, HealthState state) {
  if (state == HealthState::good) return style.green(word(state));
  return state == HealthState::poor ? style.yellow(word(state)) : style.red(word(state));
}

void print_text(Printer& printer, const std::vector<Finding>& findings) {
  Table table({Align::left, Align::left, Align::left});
  for (const auto& finding : findings) {
    const std::string hint = finding.hint.empty() ? "" : " (" + finding.hint + ")";
    table.row({colored(printer.style(), finding.state), finding.subject, printable(finding.text + hint)});
  }
  for (const auto& line : table.lines()) printer.line(line);
}

nlohmann::json to_json(const std::vector<Finding>& findings) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& finding : findings) {
    list.push_back({{"subject", finding.subject},
                    {"state", word(finding.state)},
                    {"text", finding.text},
                    {"hint", finding.hint}});
  }
  return {{"findings", std::move(list)}};
}

ExitCode run(Context& context) {
  const auto findings = examine(context);
  context.printer().show([&] { return to_json(findings); }, [&] { print_text(context.printer(), findings); });
  const bool bad = std::any_of(findings.begin(), findings.end(),
                               [](const auto& each) { return each.state == HealthState::bad; });
  return bad ? ExitCode::failed : ExitCode::ok;
}

}  // namespace

Command doctor_command() {
  return {"doctor",
          Group::settings,
          "check that all that axon needs is there",
          [](CLI::App&) { return Action(run); },
          {},
          "Exits with 1 when something is bad. `axon fsck` checks the store itself.\n"};
}

}  // namespace axon::cli
