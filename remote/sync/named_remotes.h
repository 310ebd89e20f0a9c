// NamedRemotes: the remotes that a store knows by name (remotes.json; docs/formats/store.md).
//
//   name = [A-Za-z0-9] [A-Za-z0-9_-]{0,63}          no dot, slash or colon: REMOTE:SPEC must be told from a
//   path
// Threads and processes: every change is made under the store's publish.lock and replaces the file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/store/store.h"

namespace axon::sync {

struct NamedRemote {
  std::string name;
  std::string address;  // a URL or an absolute path
  bool operator==(const NamedRemote&) const = default;
};

class NamedRemotes {
 public:
  explicit NamedRemotes(store::Store& store) : store_(store) {}

  // Sorted by name.
  std::vector<NamedRemote> list() const;
  std::optional<NamedRemote> find(std::string_view name) const;
  // Throws Error(not_found) with "did you mean".
  NamedRemote get(std::string_view name) const;
  std::optional<NamedRemote> find_address(std::string_view address) const;

  // Throws Error(usage) for a bad name, Error(already_exists) when it is taken by another address.
  void add(const NamedRemote& remote, const CancelToken& cancel);
  // Its tracking refs go with it. Throws Error(not_found).
  void remove(std::string_view name, const history::Person& who, const CancelToken& cancel);

  // A free name for this address: its host or last segment, "-2" appended if taken.
  std::string suggest_name(std::string_view address) const;
  static bool valid_name(std::string_view name);

 private:
  void save(const std::vector<NamedRemote>& remotes);

  store::Store& store_;
};

}  // namespace axon::sync
