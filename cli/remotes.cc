#include "cli/remotes.h"

#include "core/base/error.h"
#include "remote/storage/open_storage.h"

namespace axon::cli {

Place open_place_with_store(Context& context) {
  if (workspace::Workspace::find(context.host().fs, context.directory())) return open_place(context);
  Place place;
  place.store = open_or_create_store(context);
  return place;
}

std::string full_address(const Context& context, const std::string& address) {
  return storage::is_url(address) ? address : context.resolve(address).string();
}

void refuse_taken_name(const sync::NamedRemotes& remotes, const sync::NamedRemote& remote) {
  if (!sync::NamedRemotes::valid_name(remote.name)) {
    throw Error(ErrorCode::usage, "'" + remote.name + "' is no name for a remote")
        .because("a name has letters, digits, '-' and '_', and starts with a letter or digit");
  }
  const auto other = remotes.find(remote.name);
  if (!other || other->address == remote.address) return;
  throw Error(ErrorCode::already_exists, "there is a remote '" + remote.name + "' already")
      .because("it is at '" + other->address + "'")
      .hint("choose another name, or `axon remote remove " + remote.name + "`");
}

sync::NamedRemote choose_remote(const Place& place, const std::optional<std::string>& name) {
  const sync::NamedRemotes remotes(*place.store);
  if (name) return remotes.get(*name);
  if (place.workspace && place.workspace->state().remote)
    return remotes.get(*place.workspace->state().remote);
  const auto all = remotes.list();
  if (all.size() == 1) return all.front();
  if (all.empty()) {
    throw Error(ErrorCode::not_found, "there is no remote yet").hint("run `axon remote add NAME PATH`");
  }
  Error error(ErrorCode::usage, "which remote?");
  std::string names;
  for (const auto& remote : all) names += (names.empty() ? "'" : ", '") + remote.name + "'";
  throw error.because("there are " + names).hint("name one: `axon push " + all.front().name + "`");
}

}  // namespace axon::cli
