// The names of refs: which are good, which clash, and which there are.
#pragma once

#include <set>
#include <span>
#include <string>

#include "core/history/repository_state.h"

namespace axon::history {

// "hf/bert" of "refs/heads/hf/bert", for messages.
std::string short_ref(const std::string& name);

// Every name under "refs/" that starts with `prefix`, packed or loose, whatever its file holds. libgit2's own
// iterator passes over damaged files, which would make a model vanish without a word. The caller holds
// state.mutex.
std::set<std::string> list_refs(Repository::State& state, const std::string& prefix);

// Error(usage) for names that git refuses, names given twice, and new ones that are a folder of an existing
// one or the reverse. The caller holds state.mutex.
void check_ref_names(Repository::State& state, std::span<const RefUpdate> updates);

}  // namespace axon::history
