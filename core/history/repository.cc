#include "core/history/repository.h"

#include <algorithm>
#include <utility>

#include "core/history/commit_text.h"
#include "core/history/git_pack_writer.h"
#include "core/history/odb_adapter.h"
#include "core/history/path_rules.h"
#include "core/history/repository_state.h"
#include "core/history/tree_object.h"

namespace axon::history {

namespace {

constexpr std::string_view kConfig =
    "[core]\n"
    "\trepositoryformatversion = 0\n"
    "\tfilemode = true\n"
    "\tbare = true\n"
    "\tlogallrefupdates = always\n"
    "[gc]\n"
    "\tauto = 0\n";
constexpr std::string_view kHead = "ref: refs/heads/main\n";
constexpr std::size_t kMaxTags = 64;                       // a tag of a tag of a tag …
constexpr std::size_t kMaxEntries = std::size_t{1} << 20;  // of one version
constexpr std::size_t kMaxFolders = std::size_t{1} << 17;
constexpr std::size_t kShortestPrefix = 4;

std::optional<EntryMode> mode_of(std::uint32_t mode) {
  switch (mode) {
    case 0100644:
    case 0100664:  // old versions of git wrote it
      return EntryMode::file;
    case 0100755:
      return EntryMode::executable;
    case 0120000:
      return EntryMode::symlink;
    default:
      return std::nullopt;
  }
}

// Flattens a tree. A tree may name the same tree many times, at every level, so that a few hundred bytes
// stand for more files than there are atoms: what counts is the number of visits.
class Flattener {
 public:
  explicit Flattener(Repository::State& state) : state_(state) {}

  void tree(const GitId& id, const std::string& prefix) {
    count(folders_, kMaxFolders);
    const auto content = state_.read(id, ObjectType::tree, kMaxStructure);
    for (const auto& item : parse_tree(content)) {
      auto path = prefix + std::string(item.name);
      if (item.mode == kTreeMode) {
        check_path(path, PathOrigin::stored);  // bounds the recursion
        tree(item.id, path + "/");
      } else {
        leaf(item, std::move(path));
      }
    }
  }
  std::vector<TreeEntry> entries;

 private:
  static void count(std::size_t& counter, std::size_t most) {
    if (++counter <= most) return;
    throw Error(ErrorCode::integrity, "a version has too many files")
        .because("it has more than " + std::to_string(kMaxEntries) + " files or " +
                 std::to_string(kMaxFolders) + " folders");
  }
  void leaf(const TreeItem& item, std::string path) {
    count(files_, kMaxEntries);
    if (const auto mode = mode_of(item.mode)) {
      entries.push_back({std::move(path), *mode, item.id});
      return;
    }
    check_path(path, PathOrigin::stored);
    throw Error(ErrorCode::integrity, "a version has '" + path + "', which is no file, folder or link")
        .because(item.mode == kSubmoduleMode ? "it is a submodule" : "its mode is unknown");
  }

  Repository::State& state_;
  std::size_t files_ = 0, folders_ = 0;
};

}  // namespace

void throw_missing(const GitId& id) {
  throw Error(ErrorCode::integrity, "object '" + id.hex() + "' is missing from the history")
      .because("no git pack of the store holds it")
      .hint("run `axon fsck`");
}

Repository::State::State(fs::FileSystem& f, fs::Path dir)
    : fs(f), git_dir(std::move(dir)), objects(fs, git_dir), odb(make_odb(objects)) {
  repository = acquire<GitRepository>("open the history '" + git_dir.string() + "'", [&](auto** out) {
    return git_repository_open_bare(out, git_dir.c_str());
  });
  check_git(git_repository_set_odb(repository.get(), odb.get()), "open the history");
}

RawObject Repository::State::read(const GitId& id, std::uint64_t limit) {
  auto object = objects.read(id, limit);
  if (!object) throw_missing(id);
  return std::move(*object);
}

Bytes Repository::State::read(const GitId& id, ObjectType type, std::uint64_t limit) {
  auto object = read(id, limit);
  if (object.type == type) return std::move(object.content);
  throw Error(ErrorCode::integrity, "object '" + id.hex() + "' of the history is a " + to_string(object.type))
      .because(std::string("a ") + to_string(type) + " was expected")
      .hint("run `axon fsck`");
}

Repository::State::Peeled Repository::State::peel(const GitId& id) {
  Peeled peeled{id, ObjectType::commit, {}};
  for (;;) {
    const auto info = objects.info(peeled.id);
    if (!info) throw_missing(peeled.id);
    peeled.type = info->type;
    if (info->type != ObjectType::tag) return peeled;
    if (peeled.tags.size() == kMaxTags) {
      throw Error(ErrorCode::integrity, "tag '" + id.hex() + "' leads to too many other tags");
    }
    peeled.tags.push_back(peeled.id);
    peeled.id = parse_tag(read(peeled.id, ObjectType::tag, kMaxStructure)).target;
  }
}

GitId Repository::State::commit_behind(const GitId& id) {
  const auto peeled = peel(id);
  if (peeled.type == ObjectType::commit) return peeled.id;
  throw Error(ErrorCode::integrity, "object '" + id.hex() + "' is no commit")
      .because(std::string("it is a ") + to_string(peeled.type));
}

void Repository::create(fs::FileSystem& fs, const fs::Path& git_dir) {
  fs::make_directories(fs, git_dir);
  for (const char* folder : {"objects", "objects/pack", "refs", "refs/heads", "refs/tags"})
    fs.make_directory(git_dir / folder);
  // The two files sync git_dir itself. What lies in refs/ may be lost: whoever writes a ref makes its
  // folders.
  fs.sync_directory(git_dir / "objects");
  fs::write_file_atomically(fs, git_dir / "config", as_bytes(kConfig));
  fs::write_file_atomically(fs, git_dir / "HEAD", as_bytes(kHead));
}

Repository::Repository(fs::FileSystem& fs, fs::Path git_dir)
    : state_(std::make_unique<State>(fs, std::move(git_dir))) {}
Repository::~Repository() = default;

const fs::Path& Repository::git_dir() const {
  return state_->git_dir;
}

void Repository::refresh() {
  state_->objects.refresh();
}

bool Repository::contains(const GitId& id) {
  return state_->objects.contains(id);
}

RawObject Repository::read_raw(const GitId& id, std::uint64_t limit) {
  return state_->read(id, limit);
}

Bytes Repository::blob(const GitId& id, std::uint64_t limit) {
  return state_->read(id, ObjectType::blob, limit);
}

Commit Repository::commit(const GitId& id) {
  return parse_commit(id, state_->read(id, ObjectType::commit, kMaxStructure));
}

std::vector<TreeEntry> Repository::entries(const GitId& commit_or_tree) {
  const auto object = state_->read(commit_or_tree, kMaxStructure);
  Flattener flattener(*state_);
  flattener.tree(
      object.type == ObjectType::commit ? parse_commit(commit_or_tree, object.content).tree : commit_or_tree,
      "");
  check_paths(flattener.entries, PathOrigin::stored);
  return std::move(flattener.entries);
}

std::vector<GitId> Repository::find_commits(const std::string& hex_prefix) {
  std::string hex = hex_prefix;
  for (char& c : hex)
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  if (hex.size() < kShortestPrefix || hex.size() > 2 * GitId::kSize ||
      hex.find_first_not_of("0123456789abcdef") != hex.npos) {
    throw Error(ErrorCode::usage, "'" + hex_prefix + "' is no start of a commit's name")
        .because("it takes 4 to 40 hex digits");
  }
  auto ids = state_->objects.find_prefix(hex);
  std::erase_if(ids, [&](const GitId& id) {
    const auto info = state_->objects.info(id);
    return !info || info->type != ObjectType::commit;
  });
  return ids;
}

std::optional<GitId> Repository::peel_to_commit(const GitId& id) {
  GitId at = id;
  for (std::size_t step = 0; step <= kMaxTags; ++step) {
    const auto info = state_->objects.info(at);
    if (!info) return std::nullopt;
    if (info->type == ObjectType::commit) return at;
    if (info->type != ObjectType::tag) return std::nullopt;
    at = parse_tag(state_->read(at, ObjectType::tag, kMaxStructure)).target;
  }
  return std::nullopt;
}

}  // namespace axon::history
