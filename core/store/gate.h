// Gate: a check that may refuse a commit, a push, a receive or a deployment. Implemented in hooks, wired by
// the CLI and the daemon, asked by the floor that is about to publish.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/base/model_spec.h"
#include "core/store/snapshot.h"

namespace axon::store {

enum class GateEvent { commit, push, receive, deploy };

// What is about to happen. References live for the call.
struct Change {
  GateEvent event;
  const ModelName& model;
  Store& store;                           // content of `files` can be read from here or from `root`
  const std::vector<VersionFile>& files;  // the new version
  const fs::Path* root = nullptr;         // the folder that holds the files, at commit
};

struct Verdict {
  bool accepted = true;
  std::string reason;                 // why not, one line
  std::vector<std::string> warnings;  // shown, whatever the verdict
};

class Gate {
 public:
  virtual ~Gate() = default;
  virtual std::string name() const = 0;
  virtual Verdict check(const Change& change) = 0;
};

// Asks all; throws Error(refused) with the name and reason of the first that refuses. Returns the warnings.
std::vector<std::string> ask_gates(std::span<Gate* const> gates, const Change& change);

}  // namespace axon::store
