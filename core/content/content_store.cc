#include "core/content/content_store.h"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <unordered_set>

#include "core/base/error.h"
#include "core/content/hash.h"

namespace axon::content {
namespace {

constexpr const char* kPackSuffix = ".pack";
constexpr std::size_t kMostOpenPacks = 256;  // descriptors are few: usually 1,024 for a process

std::optional<PackId> pack_of_name(const std::string& name) {
  const std::string_view text = name;
  if (!text.ends_with(kPackSuffix)) return std::nullopt;
  return PackId::parse(text.substr(0, text.size() - 5));
}

[[noreturn]] void throw_missing(const FrameId& id) {
  throw Error(ErrorCode::integrity, "cannot read object '" + id.short_hex() + "'")
      .because("no pack of the store has it")
      .hint("run `axon fsck`");
}

}  // namespace

struct ContentStore::State {
  State(fs::FileSystem& f, ContentPaths p, StoreAccess a, Random& r)
      : fs(f), paths(std::move(p)), access(a), random(r) {}

  IndexMode index_mode() const {
    return access == StoreAccess::read_only ? IndexMode::read_only : IndexMode::read_write;
  }

  fs::FileSystem& fs;
  ContentPaths paths;
  StoreAccess access;
  Random& random;
  std::unique_ptr<Index> index;
  std::mutex packs_mutex;
  std::map<PackId, std::shared_ptr<PackReader>> packs;
  std::mutex refresh_mutex;
};

ContentStore::ContentStore(fs::FileSystem& fs, ContentPaths paths, StoreAccess access, Random& random)
    : state_(std::make_unique<State>(fs, std::move(paths), access, random)) {
  try {
    state_->index = std::make_unique<Index>(state_->paths.index, state_->index_mode());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::integrity || access == StoreAccess::read_only) throw;
    rebuild();
    return;
  }
  if (access == StoreAccess::read_write) refresh_index();
}

ContentStore::~ContentStore() = default;

Index& ContentStore::index() {
  return *state_->index;
}
const ContentPaths& ContentStore::paths() const {
  return state_->paths;
}
fs::FileSystem& ContentStore::file_system() {
  return state_->fs;
}
Random& ContentStore::random() {
  return state_->random;
}

fs::Path ContentStore::pack_path(const PackId& id) const {
  const auto hex = id.hex();
  return state_->paths.packs / hex.substr(0, 2) / (hex + kPackSuffix);
}

std::vector<PackId> ContentStore::packs_in_folder() {
  std::vector<PackId> ids;
  if (!fs::exists(state_->fs, state_->paths.packs)) return ids;
  for (const auto& folder : state_->fs.list(state_->paths.packs)) {
    if (folder.type != fs::FileType::directory) continue;
    for (const auto& file : state_->fs.list(state_->paths.packs / folder.name)) {
      const auto id = pack_of_name(file.name);
      if (id && file.type == fs::FileType::regular && file.name.starts_with(folder.name)) ids.push_back(*id);
    }
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::shared_ptr<PackReader> ContentStore::pack(const PackId& id) {
  std::lock_guard lock(state_->packs_mutex);
  if (state_->packs.size() >= kMostOpenPacks) {
    std::erase_if(state_->packs, [](const auto& open) { return open.second.use_count() == 1; });
  }
  auto& reader = state_->packs[id];
  if (!reader) {
    reader = std::make_shared<PackReader>(state_->fs, pack_path(id), fs::Caching::direct);
  }
  return reader;
}

void ContentStore::forget_pack(const PackId& id) {
  std::lock_guard lock(state_->packs_mutex);
  state_->packs.erase(id);
}

bool ContentStore::refresh_index() {
  std::lock_guard lock(state_->refresh_mutex);
  const auto in_folder = packs_in_folder();
  std::vector<PackId> indexed;
  for (const auto& pack : state_->index->packs()) indexed.push_back(pack.id);
  std::sort(indexed.begin(), indexed.end());
  std::vector<PackId> unseen, gone;
  std::set_difference(in_folder.begin(), in_folder.end(), indexed.begin(), indexed.end(),
                      std::back_inserter(unseen));
  std::set_difference(indexed.begin(), indexed.end(), in_folder.begin(), in_folder.end(),
                      std::back_inserter(gone));
  if (unseen.empty() && gone.empty()) return false;
  if (state_->access == StoreAccess::read_only) return false;
  std::vector<PackFooter> footers;
  for (const auto& id : unseen) {
    try {
      footers.push_back(pack(id)->read_footer(id));
    } catch (const Error& error) {
      forget_pack(id);  // fsck reports it; what it holds is missing, which every reader reports by name
      if (error.code() != ErrorCode::integrity && error.code() != ErrorCode::not_found) throw;
    }
  }
  if (footers.empty() && gone.empty()) return false;
  state_->index->remove_packs(gone);
  state_->index->add_packs(footers);
  for (const auto& id : gone) forget_pack(id);
  return true;
}

std::vector<PackId> ContentStore::rebuild() {
  std::lock_guard lock(state_->refresh_mutex);
  state_->index.reset();
  IndexRebuild index(state_->fs, state_->paths.index);
  std::vector<PackId> unreadable;
  for (const auto& id : packs_in_folder()) {
    try {
      index.add(PackReader(state_->fs, pack_path(id)).read_footer(id));
    } catch (const Error& error) {
      if (error.code() != ErrorCode::integrity) throw;
      unreadable.push_back(id);
    }
  }
  index.finish();
  state_->index = std::make_unique<Index>(state_->paths.index, state_->index_mode());
  return unreadable;
}

std::optional<FrameLocation> ContentStore::find(const FrameId& id) {
  if (auto found = state_->index->find(id)) return found;
  return refresh_index() ? state_->index->find(id) : std::nullopt;
}

std::vector<std::optional<FrameLocation>> ContentStore::find_many(std::span<const FrameId> ids) {
  auto found = state_->index->find_many(ids);
  const bool all =
      std::all_of(found.begin(), found.end(), [](const auto& location) { return location.has_value(); });
  return all || !refresh_index() ? found : state_->index->find_many(ids);
}

std::optional<ContentStore::FoundRecipe> ContentStore::recipe(const Oid& oid,
                                                              std::span<const RecipeId> except) {
  const auto look = [&]() -> std::optional<FoundRecipe> {
    std::optional<Error> unreadable;
    for (const auto& candidate : state_->index->recipes(oid)) {
      if (std::find(except.begin(), except.end(), candidate.id) != except.end()) continue;
      try {
        auto recipe = decode_recipe(read_object(candidate.id.as<FrameId>()));
        if (recipe.oid == oid) return FoundRecipe{candidate.id, candidate.verified, std::move(recipe)};
      } catch (const Error& error) {
        if (error.code() != ErrorCode::integrity) throw;
        unreadable = error;
      }
    }
    if (unreadable) throw *unreadable;
    return std::nullopt;
  };
  if (auto found = look()) return found;
  if (!refresh_index()) return std::nullopt;
  return look();
}

void ContentStore::mark_verified(std::span<const Index::Verified> recipes) {
  if (state_->access == StoreAccess::read_write && !recipes.empty()) state_->index->mark_verified(recipes);
}

void ContentStore::read_frame(const FrameLocation& location, Scratch& scratch, MutableByteSpan into) {
  const FrameEntry& entry = location.entry;
  if (into.size() != entry.raw) {
    throw Error(ErrorCode::integrity, "cannot read object '" + entry.id.short_hex() + "'")
        .because("its length differs from what refers to it");
  }
  ByteSpan base;
  if (entry.encoding == Encoding::delta) {
    const auto base_id = entry.aux.as<FrameId>();
    const auto base_location = find(base_id);
    if (!base_location) throw_missing(base_id);
    if (!base_location->entry.stands_alone() || base_location->entry.raw != entry.raw) {
      throw Error(ErrorCode::integrity, "cannot read object '" + entry.id.short_hex() + "'")
          .because("its base '" + base_id.short_hex() + "' does not stand alone or has another length");
    }
    scratch.base.resize(entry.raw);
    const auto payload = pack(base_location->pack)->read_frame(base_location->entry, scratch.base_frame);
    scratch.decoder.decode(base_location->entry.encoding, payload, {}, scratch.base);
    base = scratch.base;
  }
  const auto payload = pack(location.pack)->read_frame(entry, scratch.frame);
  scratch.decoder.decode(entry.encoding, payload, base, into);
}

Bytes ContentStore::read_object(const FrameId& id) {
  auto locations = state_->index->find_all(id);
  if (locations.empty() && refresh_index()) locations = state_->index->find_all(id);
  if (locations.empty()) throw_missing(id);
  std::optional<Error> failure;
  Scratch scratch;
  for (const auto& location : locations) {
    try {
      Bytes bytes(location.entry.raw);
      read_frame(location, scratch, bytes);
      if (sha256(bytes).as<FrameId>() == id) return bytes;
      failure = Error(ErrorCode::integrity, "cannot read object '" + id.short_hex() + "'")
                    .because("its bytes in pack '" + location.pack.short_hex() + "' have another hash")
                    .hint("run `axon fsck --full`");
    } catch (const Error& error) {
      failure = error;
    }
  }
  throw *failure;
}

void ContentStore::read_stored(const FrameLocation& location, Bytes& frame) {
  pack(location.pack)->read_frame(location.entry, frame);
}

}  // namespace axon::content
