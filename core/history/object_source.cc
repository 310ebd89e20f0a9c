#include "core/history/object_source.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <string_view>
#include <utility>

#include "core/base/error.h"
#include "core/history/deflate.h"
#include "core/history/git_pack_writer.h"

namespace axon::history {

namespace {

constexpr std::size_t kMostOpenPacks = 256;  // of 1,024 descriptors that a process usually has
constexpr int kAttempts = 10;                // of reading a folder that others are changing

bool is_loose_folder(const fs::DirectoryEntry& entry) {
  return entry.type == fs::FileType::directory && entry.name.size() == 2 &&
         entry.name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::optional<ObjectType> type_named(std::string_view name) {
  for (const auto type : {ObjectType::commit, ObjectType::tree, ObjectType::blob, ObjectType::tag})
    if (name == to_string(type)) return type;
  return std::nullopt;
}

// "blob 12\0…" → type and content; nullopt when it is anything else.
std::optional<RawObject> parse_loose(Bytes inflated) {
  const auto text = as_text(inflated);
  const auto space = text.find(' ');
  const auto zero = text.find('\0');
  if (space == text.npos || zero == text.npos || space > zero) return std::nullopt;
  const auto type = type_named(text.substr(0, space));
  const auto digits = text.substr(space + 1, zero - space - 1);
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
  if (!type || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (size != inflated.size() - zero - 1) return std::nullopt;
  inflated.erase(inflated.begin(), inflated.begin() + static_cast<std::ptrdiff_t>(zero) + 1);
  return RawObject{*type, std::move(inflated)};
}

// Everything that the stream holds, up to `limit` bytes; nullopt when it is damaged or longer.
std::optional<Bytes> inflate_all(ByteSpan stream, std::uint64_t limit) {
  Inflater inflater;
  Bytes content;
  for (;;) {
    const auto before = content.size();
    content.resize(before + std::clamp<std::size_t>(before, 4096, std::size_t{1} << 20));
    const auto step = inflater.step(stream, MutableByteSpan(content).subspan(before));
    content.resize(before + step.produced);
    stream = stream.subspan(step.consumed);
    if (content.size() > limit) return std::nullopt;
    if (step.status == Inflater::Status::done) return content;
    if (step.status == Inflater::Status::damaged || (step.consumed == 0 && step.produced == 0))
      return std::nullopt;
  }
}

}  // namespace

ObjectSource::ObjectSource(fs::FileSystem& fs, fs::Path git_dir) : fs_(fs), git_dir_(std::move(git_dir)) {}

std::shared_ptr<const ObjectSource::Packs> ObjectSource::packs() {
  const std::lock_guard lock(mutex_);
  if (!packs_) packs_ = load(false);
  return packs_;
}

void ObjectSource::refresh() {
  const std::lock_guard lock(mutex_);
  packs_ = load(false);
}

void ObjectSource::look_again() {
  const std::lock_guard lock(mutex_);
  packs_ = load(true);
}

// A pack that goes between being listed and being opened has been merged into one that the next list shows.
std::shared_ptr<const ObjectSource::Packs> ObjectSource::load(bool with_unindexed) {
  for (int attempt = 1;; ++attempt) {
    try {
      return try_load(with_unindexed);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::not_found || attempt == kAttempts) throw;
    }
  }
}

std::shared_ptr<const ObjectSource::Packs> ObjectSource::try_load(bool with_unindexed) {
  const auto objects = fs_.list(git_dir_ / "objects");
  any_loose_ = std::any_of(objects.begin(), objects.end(), is_loose_folder);
  const auto folder = pack_folder(git_dir_);
  std::set<std::string> names;
  for (auto& entry : fs_.list(folder)) names.insert(std::move(entry.name));
  auto packs = std::make_shared<Packs>();
  for (const auto& name : names) {
    if (!name.starts_with("pack-") || !name.ends_with(".pack")) continue;
    if (auto known = known_pack(folder / name)) {
      packs->push_back(std::move(known));
    } else if (with_unindexed || names.contains(idx_of(name).string())) {
      const auto keep = packs->size() < kMostOpenPacks ? PackFile::KeepOpen::yes : PackFile::KeepOpen::no;
      packs->push_back(std::make_shared<const PackFile>(fs_, folder / name, keep));
    }
  }
  return packs;
}

// The pack as it is open already, unless its file has been replaced since (a damaged one, by a good one).
std::shared_ptr<const PackFile> ObjectSource::known_pack(const fs::Path& path) const {
  if (!packs_) return nullptr;
  for (const auto& pack : *packs_)
    if (pack->path() == path) return pack->is_current() ? pack : nullptr;
  return nullptr;
}

std::optional<ObjectSource::Found> ObjectSource::find_in(const Packs& packs, const GitId& id) {
  for (const auto& pack : packs)
    if (const auto at = pack->index().find(id)) return Found{pack, *at};
  return std::nullopt;
}

std::optional<ObjectSource::Found> ObjectSource::find(const GitId& id) {
  if (auto found = find_in(*packs(), id)) return found;
  if (has_loose(id)) return std::nullopt;
  look_again();
  return find_in(*packs(), id);
}

bool ObjectSource::contains(const GitId& id) {
  return find_in(*packs(), id).has_value() || has_loose(id);
}

std::optional<ObjectInfo> ObjectSource::info(const GitId& id) {
  if (const auto found = find(id)) return found->pack->info(found->at);
  const auto loose = read_loose(id, std::uint64_t{1} << 30);
  if (!loose) return std::nullopt;
  return ObjectInfo{loose->type, loose->content.size()};
}

std::optional<RawObject> ObjectSource::read(const GitId& id, std::uint64_t limit) {
  if (const auto found = find(id)) return found->pack->read(found->at, limit);
  return read_loose(id, limit);
}

std::vector<GitId> ObjectSource::find_prefix(const std::string& hex) {
  std::vector<GitId> ids;
  for (const auto& pack : *packs()) {
    const auto [first, last] = pack->index().find_prefix(hex);
    for (auto at = first; at < last; ++at) ids.push_back(pack->index().id(at));
  }
  if (any_loose_ && hex.size() >= 2) {
    const auto folder = git_dir_ / "objects" / hex.substr(0, 2);
    if (fs::exists(fs_, folder)) {
      for (const auto& entry : fs_.list(folder)) {
        const auto id = GitId::parse(hex.substr(0, 2) + entry.name);
        if (id && id->hex().starts_with(hex)) ids.push_back(*id);
      }
    }
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

std::shared_ptr<const ObjectSource::Packs> ObjectSource::all_packs() {
  look_again();
  return packs();
}

fs::Path ObjectSource::loose_path(const GitId& id) const {
  const auto hex = id.hex();
  return git_dir_ / "objects" / hex.substr(0, 2) / hex.substr(2);
}

bool ObjectSource::has_loose(const GitId& id) {
  return any_loose_ && fs::exists(fs_, loose_path(id));
}

std::optional<RawObject> ObjectSource::read_loose(const GitId& id, std::uint64_t limit) {
  if (!has_loose(id)) return std::nullopt;
  const auto path = loose_path(id);
  auto inflated = inflate_all(fs::read_file(fs_, path, limit + 4096), limit + 64);
  auto object = inflated ? parse_loose(std::move(*inflated)) : std::nullopt;
  if (object && object_id(object->type, object->content) == id) return object;
  throw Error(ErrorCode::integrity, "git object '" + path.string() + "' is damaged")
      .because("its bytes are not what its name says")
      .hint("run `axon fsck`");
}

}  // namespace axon::history
