// What `axon doctor` looks at: the things around axon that it needs or that make it more useful.
#pragma once

#include <string>
#include <vector>

#include "cli/context.h"

namespace axon::cli {

enum class HealthState { good, poor, bad };  // poor: something works less well; bad: something does not work
struct Finding {
  std::string subject;  // "home", "git", …
  HealthState state = HealthState::good;
  std::string text;
  std::string hint;  // empty when there is nothing to do
};

// Never throws for what it finds; a check that cannot be made is a finding.
std::vector<Finding> examine(Context& context);

}  // namespace axon::cli
