// Remotes as the user writes them: names, addresses, and which one is meant when none is named.
#pragma once

#include <optional>
#include <string>

#include "cli/wiring.h"
#include "remote/sync/named_remotes.h"

namespace axon::cli {

// As open_place, but makes the user's store when there is none: remotes may be named before the first model.
Place open_place_with_store(Context& context);

// A path made absolute; a URL as it is.
std::string full_address(const Context& context, const std::string& address);

// Throws, before anything is made at the address, when the name is bad or another remote's.
void refuse_taken_name(const sync::NamedRemotes& remotes, const sync::NamedRemote& remote);

// `name`, else the one that the workspace remembers, else the only one. Throws Error(usage) when there are
// several, Error(not_found) when there is none.
sync::NamedRemote choose_remote(const Place& place, const std::optional<std::string>& name);

}  // namespace axon::cli
