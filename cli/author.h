// Who makes a commit, a tag or a push.
#pragma once

#include <optional>
#include <string>

#include "cli/context.h"
#include "core/history/types.h"

namespace axon::cli {

// `given` (of --author), else the settings user.name and user.email, else GIT_AUTHOR_NAME and
// GIT_AUTHOR_EMAIL, else the user's git configuration, else user@host; now, in the local time zone.
history::Person author(Context& context, const std::optional<std::string>& given = std::nullopt);

// The same with the machine, as a remote's log tells who pushed and from where: "Ada <ada@example.org> on
// laptop".
std::string actor(const history::Person& who);

// The path of the SSH key to sign with: the setting user.signingkey, else git's user.signingkey. Throws
// Error(usage) when neither is set.
std::string signing_key(Context& context);

}  // namespace axon::cli
