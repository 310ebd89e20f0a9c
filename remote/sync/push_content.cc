#include "remote/sync/push_content.h"

#include <algorithm>
#include <unordered_map>

#include "core/base/error.h"
#include "core/content/hash.h"
#include "core/content/pack_reader.h"
#include "core/content/pack_writer.h"
#include "remote/sync/local_frames.h"

namespace axon::sync {

namespace {

using content::FrameLocation;

Error incomplete(const std::string& what) {
  return Error(ErrorCode::integrity, "cannot push: " + what + " is not in this store")
      .hint("run `axon fsck`");
}

class Planner {
 public:
  Planner(store::Store& store, Remote& remote, const Whereabouts& where)
      : store_(store), remote_(remote), where_(where) {}

  ContentPlan plan(std::span<const Oid> files, const CancelToken& cancel) {
    add_files(files, cancel);
    find_locally();
    find_remotely();
    for (const auto& id : ids_) place(id);
    sort_by_place(plan_.copy);
    plan_.frames = ids_.size();
    return std::move(plan_);
  }

 private:
  void add(const FrameId& id) {
    if (locations_.emplace(id, FrameLocation{}).second) ids_.push_back(id);
  }

  void add_recipe(const RecipeId& id, const content::Recipe& recipe) {
    add(id.as<FrameId>());
    for (const auto& chunk : recipe.chunks) add(chunk.id.as<FrameId>());
  }

  // The recipes, in the order of their places; the store itself looks for those that cannot be read so.
  void add_files(std::span<const Oid> files, const CancelToken& cancel) {
    std::unordered_map<FrameId, Oid> wanted;
    std::vector<Oid> others;
    for (const auto& oid : files) {
      const auto candidates = store_.content().index().recipes(oid);
      if (candidates.empty()) others.push_back(oid);
      if (!candidates.empty()) wanted.emplace(candidates.front().id.as<FrameId>(), oid);
    }
    auto places = places_of(wanted, others);
    LocalFrames reader(store_.content(), places);
    for (std::size_t i = 0; i < places.size(); ++i) {
      cancel.throw_if_cancelled();
      const auto& id = places[i].entry.id;
      if (!read_recipe(reader, i, wanted.at(id))) others.push_back(wanted.at(id));
    }
    for (const auto& oid : others) {
      const auto found = store_.content().recipe(oid);
      if (!found) throw incomplete("the recipe of file '" + oid.short_hex() + "'");
      add_recipe(found->id, found->recipe);
    }
  }

  std::vector<FrameLocation> places_of(const std::unordered_map<FrameId, Oid>& wanted,
                                       std::vector<Oid>& others) {
    std::vector<FrameId> ids;
    for (const auto& [id, oid] : wanted) ids.push_back(id);
    const auto found = store_.content().find_many(ids);
    std::vector<FrameLocation> places;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (found[i]) {
        places.push_back(*found[i]);
      } else {
        others.push_back(wanted.at(ids[i]));
      }
    }
    sort_by_place(places);
    return places;
  }

  bool read_recipe(LocalFrames& reader, std::size_t number, const Oid& oid) {
    try {
      const auto bytes = reader.object(number);
      const auto recipe = content::decode_recipe(bytes);
      if (recipe.oid != oid) return false;
      add_recipe(content::recipe_id(bytes), recipe);
      return true;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::integrity) throw;
      return false;
    }
  }

  void find_locally() {
    const auto found = store_.content().find_many(ids_);
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      if (!found[i]) throw incomplete("object '" + ids_[i].short_hex() + "'");
      locations_[ids_[i]] = *found[i];
    }
  }

  void ask(const std::vector<FrameId>& ids) {
    const auto answers = remote_.missing(ids, where_);
    for (std::size_t i = 0; i < ids.size(); ++i) presences_[ids[i]] = answers[i];
  }

  // Asks for all frames and for the bases of those that are deltas, here or there.
  void find_remotely() {
    auto asked = ids_;
    for (const auto& id : ids_) {
      const auto& entry = locations_.at(id).entry;
      if (!entry.stands_alone() && !locations_.contains(entry.aux.as<FrameId>()))
        asked.push_back(entry.aux.as<FrameId>());
    }
    ask(asked);
    std::vector<FrameId> bases;
    for (const auto& [id, presence] : presences_) {
      if (presence.there && !presence.stands_alone && !presences_.contains(presence.base))
        bases.push_back(presence.base);
    }
    ask(bases);
  }

  bool stands_alone_there(const FrameId& id) const {
    const auto found = presences_.find(id);
    return found != presences_.end() && found->second.there && found->second.stands_alone;
  }
  // It can be read there: it stands alone, or its base does.
  bool usable_there(const FrameId& id) const {
    const auto& presence = presences_.at(id);
    return presence.there && (presence.stands_alone || stands_alone_there(presence.base));
  }
  void rely_on(const FrameId& id) {
    const auto& presence = presences_.at(id);
    plan_.relied.insert(presence.pack);
    if (!presence.stands_alone) plan_.relied.insert(presences_.at(presence.base).pack);
  }
  bool sent_standing_alone(const FrameId& id) const {
    const auto found = locations_.find(id);
    return found != locations_.end() && found->second.entry.stands_alone() && !usable_there(id);
  }

  void place(const FrameId& id) {
    const auto& location = locations_.at(id);
    if (usable_there(id)) {
      rely_on(id);
      plan_.bytes_present += location.entry.size();
      return;
    }
    plan_.bytes += location.entry.size();
    const auto base = location.entry.aux.as<FrameId>();
    if (location.entry.stands_alone() || sent_standing_alone(base)) {
      plan_.copy.push_back(location);
    } else if (stands_alone_there(base)) {
      rely_on(base);
      plan_.copy.push_back(location);
    } else {
      plan_.reencode.push_back(location);
    }
  }

  store::Store& store_;
  Remote& remote_;
  const Whereabouts& where_;
  ContentPlan plan_;
  std::vector<FrameId> ids_;  // of the files' recipes and chunks, each once
  std::unordered_map<FrameId, FrameLocation> locations_;
  std::unordered_map<FrameId, Presence> presences_;
};

}  // namespace

ContentPlan plan_content(store::Store& store, Remote& remote, std::span<const Oid> files,
                         const Whereabouts& where, const CancelToken& cancel) {
  return Planner(store, remote, where).plan(files, cancel);
}

std::vector<std::vector<FrameLocation>> split_into_packs(std::span<const FrameLocation> frames) {
  std::vector<std::vector<FrameLocation>> packs;
  std::uint64_t size = content::kPackTargetSize;
  for (const auto& frame : frames) {
    if (size >= content::kPackTargetSize) {
      packs.emplace_back();
      size = 0;
    }
    size += frame.entry.size();
    packs.back().push_back(frame);
  }
  return packs;
}

content::PackFooter write_standing_alone(store::Store& store, std::span<const FrameLocation> frames,
                                         const fs::Path& path, const CancelToken& cancel) {
  auto& [fs, clock, random] = store.environment();
  content::PackWriter writer(fs, path, random);
  content::Encoder encoder;
  content::ContentStore::Scratch scratch;
  Bytes raw, stored, payload;
  for (const auto& location : frames) {
    cancel.throw_if_cancelled();
    raw.resize(location.entry.raw);
    store.content().read_frame(location, scratch, raw);
    // What leaves under a name is what the name says.
    if (content::sha256(raw).as<FrameId>() != location.entry.id) {
      throw Error(ErrorCode::integrity, "object '" + location.entry.id.short_hex() + "' is damaged here")
          .hint("run `axon fsck --full`");
    }
    store.content().read_stored(location, stored);
    const auto element = content::element_of(location.entry.encoding,
                                             content::PackReader::check_frame(location.entry, stored));
    content::FrameEntry entry;
    entry.id = location.entry.id;
    entry.kind = location.entry.kind;
    entry.encoding = encoder.encode(raw, element, {}, payload);
    entry.raw = location.entry.raw;
    writer.append(entry, payload);
  }
  return writer.finish();
}

}  // namespace axon::sync
