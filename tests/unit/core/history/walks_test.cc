#include <algorithm>
#include <set>

#include "tests/unit/core/history/history_fixture.h"

namespace axon::history {
namespace {

//   a ── b ── c ── e      e merges c and d
//         \       /
//          ── d ──   x (unrelated)
class WalksTest : public HistoryFixture {
 protected:
  GitId at(const std::string& content, const std::vector<GitId>& parents, int minute) {
    return commit({{"file", content}, {"same", "always"}}, parents, content + "\n",
                  kAda.seconds + minute * 60);
  }
  GitId a = at("a", {}, 0), b = at("b", {a}, 1), c = at("c", {b}, 2), d = at("d", {b}, 3),
        e = at("e", {c, d}, 4);
  GitId x = at("x", {}, 5);
  using Ids = std::vector<GitId>;
};

std::set<GitId> as_set(const std::vector<GitId>& ids) {
  return {ids.begin(), ids.end()};
}

TEST_F(WalksTest, GoFromNewToOld) {
  EXPECT_EQ(open().walk(Ids{e}, {}), (Ids{e, d, c, b, a}));
  EXPECT_EQ(open().walk(Ids{c, d}, {}), (Ids{d, c, b, a}));
}

TEST_F(WalksTest, StopAtWhatIsHidden) {
  EXPECT_EQ(open().walk(Ids{e}, Ids{c}), (Ids{e, d}));
  EXPECT_EQ(open().walk(Ids{e}, Ids{e}), Ids{});
  EXPECT_EQ(open().walk(Ids{e}, Ids{object_id(ObjectType::commit, as_bytes("nobody"))}).size(), 5U);
}

TEST_F(WalksTest, NeverShowAParentFirstWhateverTheClockSays) {
  const auto late = at("late", {}, 1000);
  const auto early = at("early", {late}, -1000);
  EXPECT_EQ(open().walk(Ids{early}, {}), (Ids{early, late}));
}

TEST_F(WalksTest, FailWhereHistoryIsMissing) {
  const auto nobody = object_id(ObjectType::commit, as_bytes("nobody"));
  const auto orphan = at("orphan", {nobody}, 6);
  EXPECT_TRUE(error_of([&] { open().walk(Ids{orphan}, {}); }));
  EXPECT_EQ(error_of([&] { open().walk(Ids{nobody}, {}); }), ErrorCode::integrity);
}

TEST_F(WalksTest, FindMergeBases) {
  EXPECT_EQ(open().merge_base(c, d), b);
  EXPECT_EQ(open().merge_base(a, e), a);
  EXPECT_FALSE(open().merge_base(a, x));
}

TEST_F(WalksTest, KnowAncestors) {
  EXPECT_TRUE(open().is_ancestor(a, e));
  EXPECT_TRUE(open().is_ancestor(e, e));
  EXPECT_FALSE(open().is_ancestor(e, a));
  EXPECT_FALSE(open().is_ancestor(c, d));
  EXPECT_FALSE(open().is_ancestor(x, e));
}

TEST_F(WalksTest, CountAheadAndBehind) {
  EXPECT_EQ(open().ahead_behind(c, d), (std::pair<std::size_t, std::size_t>{1, 1}));
  EXPECT_EQ(open().ahead_behind(e, b), (std::pair<std::size_t, std::size_t>{3, 0}));
  EXPECT_EQ(open().ahead_behind(a, e), (std::pair<std::size_t, std::size_t>{0, 4}));
}

TEST_F(WalksTest, GatherEachObjectOnce) {
  const auto all = open().objects(Ids{e}, {});
  EXPECT_EQ(as_set(all).size(), all.size());
  std::set<GitId> expected;
  const auto listed = git({"rev-list", "--objects", "--no-object-names", e.hex()});
  for (std::size_t at = 0; at < listed.size(); at += 41)
    expected.insert(*GitId::parse(listed.substr(at, 40)));
  EXPECT_EQ(as_set(all), expected);
}

TEST_F(WalksTest, GatherOnlyWhatTheOtherSideLacks) {
  const auto missing = as_set(open().objects(Ids{e}, Ids{c}));
  EXPECT_TRUE(missing.contains(e));
  EXPECT_TRUE(missing.contains(d));
  EXPECT_FALSE(missing.contains(c));
  EXPECT_FALSE(missing.contains(object_id(ObjectType::blob, as_bytes("always"))));
  EXPECT_FALSE(missing.contains(object_id(ObjectType::blob, as_bytes("c"))));
  EXPECT_TRUE(missing.contains(object_id(ObjectType::blob, as_bytes("d"))));
  EXPECT_EQ(missing.size(), 6U);  // two commits, their trees, their files
}

TEST_F(WalksTest, GatherAnnotatedTags) {
  GitPackWriter writer(fs::posix(), pack_folder(git_dir), random);
  const auto tag =
      writer.add(ObjectType::tag, as_bytes(encode_tag({a, ObjectType::commit, "v1", kAda, "one", ""})));
  writer.finish();
  const auto all = open().objects(Ids{tag}, {});
  EXPECT_EQ(all.front(), tag);
  EXPECT_EQ(all.size(), 5U);  // tag, commit, tree, two files
  EXPECT_TRUE(open().objects(Ids{tag}, Ids{tag}).empty());
}

// What `objects` names is enough for a stranger who has `hidden`.
TEST_F(WalksTest, GatherWhatMakesACompletePack) {
  const auto other = dir / "other";
  Repository::create(fs::posix(), other);
  const auto carry = [&](const Ids& ids) {
    GitPackWriter writer(fs::posix(), pack_folder(other), random);
    for (const auto& id : ids) {
      const auto object = open().read_raw(id);
      writer.add(object.type, object.content);
    }
    writer.finish();
  };
  carry(open().objects(Ids{c}, {}));
  carry(open().objects(Ids{e}, Ids{c}));
  Repository repository(fs::posix(), other);
  repository.update_refs(std::vector<RefUpdate>{{"refs/heads/hf/bert", {}, e}}, kAda, "x");
  const auto checked = run({"git", "-C", other.string(), "fsck", "--strict", "--connectivity-only"});
  EXPECT_EQ(checked.exit_code, 0) << checked.standard_error;
}

}  // namespace
}  // namespace axon::history
