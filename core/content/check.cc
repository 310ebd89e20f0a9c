// The part of maintenance.h that looks for damage.

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>

#include "core/base/error.h"
#include "core/content/hash.h"
#include "core/content/maintenance.h"
#include "core/content/work_queue.h"

namespace axon::content {
namespace {

std::string cause_of(const Error& error) {
  return error.causes().empty() ? error.message() : error.causes().back();
}

class Checker {
 public:
  Checker(ContentStore& store, Progress& progress) : store_(store), progress_(progress) {}

  void report(std::string subject, std::string problem) {
    std::lock_guard lock(mutex_);
    damage_.push_back({std::move(subject), std::move(problem)});
  }

  std::optional<PackFooter> check_pack(const PackId& id) {
    try {
      auto footer = PackReader(store_.file_system(), store_.pack_path(id)).read_footer(id);
      auto indexed = store_.index().frames_of(id);
      auto entries = footer.entries;
      const auto by_offset = [](const FrameEntry& a, const FrameEntry& b) { return a.offset < b.offset; };
      std::sort(indexed.begin(), indexed.end(), by_offset);
      std::sort(entries.begin(), entries.end(), by_offset);
      if (indexed != entries) report("index", "differs from the footer of pack '" + id.short_hex() + "'");
      return footer;
    } catch (const Error& error) {
      report("pack '" + id.hex() + "'", cause_of(error));
      return std::nullopt;
    }
  }

  void check_frames(const PackFooter& footer, ContentStore::Scratch& scratch, const CancelToken& cancel) {
    Bytes raw;
    for (const auto& entry : footer.entries) {
      cancel.throw_if_cancelled();
      try {
        raw.resize(entry.raw);
        store_.read_frame({footer.id, entry}, scratch, raw);
        if (sha256(raw).as<FrameId>() != entry.id) {
          report("object '" + entry.id.hex() + "'",
                 "its bytes in pack '" + footer.id.short_hex() + "' have another hash");
        } else if (entry.kind == FrameKind::recipe && decode_recipe(raw).oid != entry.aux.as<Oid>()) {
          report("recipe '" + entry.id.hex() + "'", "makes another file than the pack's footer says");
        }
      } catch (const Error& error) {
        report("object '" + entry.id.hex() + "' in pack '" + footer.id.short_hex() + "'", cause_of(error));
      }
      progress_.advance(entry.stored);
    }
  }

  void check_file(const Oid& oid, CheckDepth depth, ContentStore::Scratch& scratch,
                  const CancelToken& cancel) {
    const std::string subject = "file '" + oid.hex() + "'";
    try {
      const auto found = store_.recipe(oid);
      if (!found) return report(subject, "the store has no recipe for it");
      if (check_chunks(subject, found->recipe) && depth == CheckDepth::full) {
        hash_file(subject, *found, scratch, cancel);
      }
    } catch (const Error& error) {
      if (error.code() == ErrorCode::interrupted) throw;
      report(subject, cause_of(error));
    }
  }

  std::vector<PackDamage> take() {
    std::sort(damage_.begin(), damage_.end(), [](const auto& a, const auto& b) {
      return std::tie(a.subject, a.problem) < std::tie(b.subject, b.problem);
    });
    return std::move(damage_);
  }

 private:
  bool check_chunks(const std::string& subject, const Recipe& recipe) {
    std::vector<FrameId> ids;
    for (const auto& chunk : recipe.chunks) ids.push_back(chunk.id.as<FrameId>());
    const auto locations = store_.find_many(ids);
    bool whole = true;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (!locations[i]) {
        report(subject, "its chunk '" + ids[i].short_hex() + "' is in no pack");
        whole = false;
      } else if (locations[i]->entry.raw != recipe.chunks[i].length) {
        report(subject, "its chunk '" + ids[i].short_hex() + "' has another length in the store");
        whole = false;
      } else if (!locations[i]->entry.stands_alone()) {
        const auto base = store_.find(locations[i]->entry.aux.as<FrameId>());
        if (base && base->entry.stands_alone()) continue;
        report(subject, "the base of its chunk '" + ids[i].short_hex() + "' is missing");
        whole = false;
      }
    }
    return whole;
  }

  void hash_file(const std::string& subject, const ContentStore::FoundRecipe& found,
                 ContentStore::Scratch& scratch, const CancelToken& cancel) {
    Sha256 hasher;
    Bytes raw;
    for (const auto& chunk : found.recipe.chunks) {
      cancel.throw_if_cancelled();
      raw.resize(chunk.length);
      store_.read_frame(store_.find(chunk.id.as<FrameId>()).value(), scratch, raw);
      hasher.update(raw);
      progress_.advance(chunk.length);
    }
    if (hasher.finish().as<Oid>() != found.recipe.oid) report(subject, "its recipe makes another file");
  }

  ContentStore& store_;
  Progress& progress_;
  std::mutex mutex_;
  std::vector<PackDamage> damage_;
};

}  // namespace

std::vector<PackDamage> check(ContentStore& store, std::span<const Oid> files, CheckDepth depth,
                              std::size_t threads, Progress& progress, const CancelToken& cancel) {
  const auto packs = store.packs_in_folder();
  const auto totals = store.index().totals();
  progress.begin("checking", depth == CheckDepth::full ? totals.stored + totals.raw : 0);
  Checker checker(store, progress);
  WorkQueue queue(threads, cancel);
  std::vector<std::unique_ptr<ContentStore::Scratch>> scratch;
  for (std::size_t thread = 0; thread < threads; ++thread) {
    scratch.push_back(std::make_unique<ContentStore::Scratch>());
  }
  queue.run(packs.size(), [&](std::size_t item, std::size_t thread) {
    const auto footer = checker.check_pack(packs[item]);
    if (footer && depth == CheckDepth::full) checker.check_frames(*footer, *scratch[thread], cancel);
  });
  queue.run(files.size(), [&](std::size_t item, std::size_t thread) {
    checker.check_file(files[item], depth, *scratch[thread], cancel);
  });
  progress.end();
  return checker.take();
}

}  // namespace axon::content
