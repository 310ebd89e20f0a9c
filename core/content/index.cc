#include "core/content/index.h"

#include <algorithm>
#include <mutex>
#include <numeric>
#include <string>
#include <utility>

#include "core/base/error.h"
#include "core/content/index_rows.h"
#include "core/content/index_schema.h"

namespace axon::content {
namespace {

std::string with_frame_columns(const char* before, const char* after) {
  return std::string(before) + kFrameColumns + after;
}

constexpr const char* kFindEnd =
    " FROM lookup l CROSS JOIN frames f ON f.pack=l.pack AND f.offset=l.offset "
    "CROSS JOIN packs p ON p.number=l.pack WHERE l.prefix=?1 AND f.id=?2 "
    "ORDER BY l.delta, l.pack, l.offset";

}  // namespace

struct Index::State {
  State(const fs::Path& path, IndexMode mode)
      : database(open_index(path, mode)),
        find(database->prepare(with_frame_columns("SELECT p.id, ", kFindEnd))),
        recipes(database->prepare(
            "SELECT f.id, r.verified FROM recipes r "
            "CROSS JOIN frames f ON f.pack=r.pack AND f.offset=r.offset "
            "WHERE r.prefix=?1 AND f.aux=?2 AND f.kind=2 ORDER BY r.verified DESC, r.pack, r.offset")),
        frames_of(database->prepare(
            with_frame_columns("SELECT ",
                               " FROM frames f WHERE f.pack=(SELECT number FROM packs WHERE id=?1) "
                               "ORDER BY f.offset"))) {}

  template <class Work>
  auto guarded(const Work& work) {
    const std::lock_guard lock(mutex);
    return failure_is_damage(work);
  }

  // Steps to the first frame of `id`, or returns nullopt. The caller resets the statement.
  std::optional<FrameLocation> first(const FrameId& id) {
    const auto prefix = prefix_of(id);
    find.bind(1, prefix).bind_blob(2, id.span());
    return next();
  }
  std::optional<FrameLocation> next() {
    if (!find.step()) return std::nullopt;
    return FrameLocation{read_id<PackId>(find, 0), read_frame_row(find, 1)};
  }

  void mark_verified(std::span<const Verified> list) {
    Transaction transaction(*database, Transaction::Kind::write);
    auto update = database->prepare(
        "UPDATE recipes SET verified=1 WHERE prefix=?1 AND NOT verified AND EXISTS("
        "SELECT 1 FROM frames f WHERE f.pack=recipes.pack AND f.offset=recipes.offset AND f.id=?2 AND "
        "f.aux=?3)");
    for (const auto& recipe : list) {
      update.bind(1, prefix_of(recipe.oid))
          .bind_blob(2, recipe.recipe.span())
          .bind_blob(3, recipe.oid.span());
      update.run();
    }
    transaction.commit();
  }

  void remove_pack(const PackId& id);

  std::mutex mutex;
  std::unique_ptr<Database> database;
  Statement find, recipes, frames_of;
};

Index::Index(const fs::Path& path, IndexMode mode)
    : state_(failure_is_damage([&] { return std::make_unique<State>(path, mode); })) {}

Index::~Index() = default;

std::optional<FrameLocation> Index::find(const FrameId& id) {
  return state_->guarded([&] {
    const Statement::Use use(state_->find);
    return state_->first(id);
  });
}

std::vector<std::optional<FrameLocation>> Index::find_many(std::span<const FrameId> ids) {
  // In the order of the tree, so that each of its pages is visited once.
  std::vector<std::size_t> order(ids.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return prefix_of(ids[a]) < prefix_of(ids[b]); });
  return state_->guarded([&] {
    std::vector<std::optional<FrameLocation>> found(ids.size());
    Transaction transaction(*state_->database, Transaction::Kind::read);
    for (const auto position : order) {
      const Statement::Use use(state_->find);
      found[position] = state_->first(ids[position]);
    }
    transaction.commit();
    return found;
  });
}

std::vector<FrameLocation> Index::find_all(const FrameId& id) {
  return state_->guarded([&] {
    const Statement::Use use(state_->find);
    std::vector<FrameLocation> found;
    for (auto location = state_->first(id); location; location = state_->next()) found.push_back(*location);
    return found;
  });
}

std::vector<RecipeLocation> Index::recipes(const Oid& oid) {
  return state_->guarded([&] {
    auto& statement = state_->recipes;
    const Statement::Use use(statement);
    statement.bind(1, prefix_of(oid)).bind_blob(2, oid.span());
    std::vector<RecipeLocation> found;
    while (statement.step()) {
      const RecipeLocation recipe{read_id<RecipeId>(statement, 0), statement.column_int(1) != 0};
      const bool known = std::any_of(found.begin(), found.end(),
                                     [&](const RecipeLocation& other) { return other.id == recipe.id; });
      if (!known) found.push_back(recipe);
    }
    return found;
  });
}

void Index::mark_verified(const Oid& oid, const RecipeId& recipe) {
  const Verified one{oid, recipe};
  mark_verified({&one, 1});
}

void Index::mark_verified(std::span<const Verified> recipes) {
  state_->guarded([&] { state_->mark_verified(recipes); });
}

std::vector<IndexedPack> Index::packs() {
  return state_->guarded([&] {
    auto statement = state_->database->prepare("SELECT id, size, frames FROM packs ORDER BY number");
    std::vector<IndexedPack> packs;
    while (statement.step()) {
      packs.push_back({read_id<PackId>(statement, 0), static_cast<std::uint64_t>(statement.column_int(1)),
                       static_cast<std::uint64_t>(statement.column_int(2))});
    }
    return packs;
  });
}

std::vector<FrameEntry> Index::frames_of(const PackId& pack) {
  return state_->guarded([&] {
    auto& statement = state_->frames_of;
    const Statement::Use use(statement);
    statement.bind_blob(1, pack.span());
    std::vector<FrameEntry> frames;
    while (statement.step()) frames.push_back(read_frame_row(statement, 0));
    return frames;
  });
}

void Index::add_packs(std::span<const PackFooter> footers) {
  if (footers.empty()) return;
  state_->guarded([&] {
    Transaction transaction(*state_->database, Transaction::Kind::write);
    PackInserter inserter(*state_->database);
    for (const auto& footer : footers) inserter.add(footer);
    inserter.finish();
    transaction.commit();
  });
}

void Index::remove_packs(std::span<const PackId> packs) {
  if (packs.empty()) return;
  state_->guarded([&] {
    Transaction transaction(*state_->database, Transaction::Kind::write);
    for (const auto& pack : packs) state_->remove_pack(pack);
    transaction.commit();
  });
}

void Index::State::remove_pack(const PackId& id) {
  auto find_pack = database->prepare("SELECT number FROM packs WHERE id=?1");
  find_pack.bind_blob(1, id.span());
  if (!find_pack.step()) return;
  const auto number = find_pack.column_int(0);
  find_pack.reset();
  std::vector<FrameEntry> frames;
  {
    const Statement::Use use(frames_of);
    frames_of.bind_blob(1, id.span());
    while (frames_of.step()) frames.push_back(read_frame_row(frames_of, 0));
  }
  std::sort(frames.begin(), frames.end(),
            [](const FrameEntry& a, const FrameEntry& b) { return prefix_of(a.id) < prefix_of(b.id); });
  auto lookup =
      database->prepare("DELETE FROM lookup WHERE prefix=?1 AND delta=?2 AND pack=?3 AND offset=?4");
  auto recipe = database->prepare("DELETE FROM recipes WHERE prefix=?1 AND pack=?2 AND offset=?3");
  for (const auto& frame : frames) {
    const auto offset = static_cast<std::int64_t>(frame.offset);
    lookup.bind(1, prefix_of(frame.id)).bind(2, !frame.stands_alone()).bind(3, number).bind(4, offset).run();
    if (frame.kind != FrameKind::recipe) continue;
    recipe.bind(1, prefix_of(frame.aux)).bind(2, number).bind(3, offset).run();
  }
  database->prepare("DELETE FROM frames WHERE pack=?1").bind(1, number).run();
  database->prepare("DELETE FROM packs WHERE number=?1").bind(1, number).run();
}

Index::Totals Index::totals() {
  return state_->guarded([&] {
    auto statement = state_->database->prepare(
        "SELECT coalesce(sum(frames), 0), coalesce(sum(raw), 0), coalesce(sum(stored), 0) FROM packs");
    statement.step();
    const auto column = [&](int number) { return static_cast<std::uint64_t>(statement.column_int(number)); };
    return Totals{column(0), column(1), column(2)};
  });
}

}  // namespace axon::content
