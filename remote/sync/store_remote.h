// StoreRemote: a passive storage as a remote. Nobody answers there, so what a daemon would know is read from
// the push log and from the footers of packs.
#pragma once

#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "core/base/cancel.h"
#include "core/base/clock.h"
#include "remote/storage/storage.h"
#include "remote/sync/push_log.h"
#include "remote/sync/remote.h"
#include "remote/sync/remote_memory.h"

namespace axon::sync {

// What a StoreRemote works with; references outlive it.
struct RemoteEnvironment {
  fs::FileSystem& fs;
  const Clock& clock;
  const CancelToken& cancel;
};

class StoreRemote final : public Remote {
 public:
  // `memory` is read now, and written, if that works, whenever the log was read or appended to.
  StoreRemote(const RemoteEnvironment& environment, std::unique_ptr<storage::Storage> storage,
              const RemoteId& id, RemoteMemory memory);
  ~StoreRemote() override;

  Capabilities capabilities() const override;
  const std::map<std::string, GitId>& refs() override;
  std::vector<Presence> missing(std::span<const FrameId> ids, const Whereabouts& where) override;
  SendOutcome send(const ListedPack& pack, ByteSource& source) override;
  void receive(const FrameRequest& request, FrameSink& sink) override;
  std::vector<ReceivedPack> receive_history(std::span<const GitId> wants,
                                            const std::function<bool(const Digest&)>& have,
                                            const fs::Path& folder) override;
  UpdateOutcome update_refs(const RefTransaction& transaction) override;

  // As of the last refs() or update_refs().
  const RemoteState& state() const { return log_.state(); }
  const RemoteId& id() const { return log_.state().remote_id(); }
  storage::Storage& storage() { return *storage_; }

 private:
  struct Located {
    const ListedPack* pack = nullptr;
    content::FrameEntry entry;
  };
  void remember();
  const content::PackFooter& footer(const ListedPack& pack);
  std::vector<ListedPack> packs_of(std::span<const GitId> tips, PackKind kind) const;
  bool usable(const ListedPack& uploaded);
  ReceivedPack receive_pack(const ListedPack& pack, const fs::Path& folder);
  std::optional<LogEntry> make_entry(const RefTransaction& transaction) const;
  std::optional<std::vector<std::uint32_t>> needs_of(const NewTip& tip, const LogEntry& entry) const;

  RemoteEnvironment environment_;
  std::unique_ptr<storage::Storage> storage_;
  RemoteMemory memory_;
  PushLog log_;
  std::unordered_map<PackId, content::PackFooter> footers_;
  std::unordered_set<Digest> usable_;  // uploaded packs that were seen to be there
};

}  // namespace axon::sync
