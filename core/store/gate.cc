#include "core/store/gate.h"

#include "core/base/error.h"

namespace axon::store {

std::vector<std::string> ask_gates(std::span<Gate* const> gates, const Change& change) {
  std::vector<std::string> warnings;
  for (Gate* gate : gates) {
    auto verdict = gate->check(change);
    for (auto& warning : verdict.warnings) warnings.push_back(std::move(warning));
    if (verdict.accepted) continue;
    throw Error(ErrorCode::refused, "gate '" + gate->name() + "' refuses '" + change.model.text() + "'")
        .because(verdict.reason);
  }
  return warnings;
}

}  // namespace axon::store
