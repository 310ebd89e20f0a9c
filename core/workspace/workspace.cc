#include "core/workspace/workspace.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "core/base/error.h"
#include "core/base/json.h"

namespace axon::workspace {

namespace {

constexpr int kFormat = 1;
constexpr std::uint64_t kMaxDescription = 64 * 1024;
constexpr std::array<std::string_view, 10> kKeys = {"format",     "store",          "line",      "base",
                                                    "publishing", "publishing_tag", "restoring", "remote",
                                                    "lineage",    "lineage_spec"};

std::string encode(const WorkspaceState& state) {
  nlohmann::json json = {{"format", kFormat}, {"store", state.store.string()}, {"line", state.line.text()}};
  if (state.base) json["base"] = state.base->hex();
  if (state.publishing) {
    json["publishing"] = state.publishing->commit.hex();
    if (state.publishing->tag) json["publishing_tag"] = state.publishing->tag->text();
  }
  if (state.restoring) json["restoring"] = state.restoring->hex();
  if (state.remote) json["remote"] = *state.remote;
  if (state.lineage) json["lineage"] = state.lineage->hex();
  if (state.lineage_spec) json["lineage_spec"] = *state.lineage_spec;
  return canonical_json(json) + "\n";
}

// Reads workspace.json and says what is wrong with it.
class Decoder {
 public:
  explicit Decoder(const fs::Path& path) : path_(path) {}

  WorkspaceState decode(ByteSpan bytes) {
    json_ = parse_json(as_text(bytes), path_.string());
    if (!json_.is_object() || !json_.contains("format") || !json_["format"].is_number_integer()) {
      throw damaged("it has no format");
    }
    if (json_["format"] != kFormat) {
      throw Error(ErrorCode::unsupported, "cannot open the workspace '" + root() + "'")
          .because("it was made by a newer version of axon");
    }
    for (const auto& [key, value] : json_.items()) {
      if (std::ranges::find(kKeys, key) == kKeys.end()) throw damaged("it has an unknown key '" + key + "'");
    }
    WorkspaceState state{
        fs::Path(required("store")), line(),       id("base"),     text("remote"), id("lineage"),
        text("lineage_spec"),        publishing(), id("restoring")};
    if (!state.store.is_absolute()) throw damaged("the path of its store is not absolute");
    return state;
  }

 private:
  std::string root() const { return path_.parent_path().parent_path().string(); }

  Error damaged(const std::string& why) const {
    return Error(ErrorCode::integrity, "cannot read '" + path_.string() + "'")
        .because(why)
        .hint("remove the folder '" + path_.parent_path().string() +
              "' and run `axon init`: the files and the store keep all versions");
  }

  std::optional<std::string> text(const char* key) const {
    if (!json_.contains(key)) return std::nullopt;
    if (!json_[key].is_string()) throw damaged("'" + std::string(key) + "' is no text");
    return json_[key].get<std::string>();
  }

  std::string required(const char* key) const {
    auto value = text(key);
    if (!value) throw damaged("it has no '" + std::string(key) + "'");
    return *std::move(value);
  }

  std::optional<GitId> id(const char* key) const {
    const auto hex = text(key);
    if (!hex) return std::nullopt;
    const auto id = GitId::parse(*hex);
    if (!id) throw damaged("'" + std::string(key) + "' is no id of a commit");
    return id;
  }

  Line line() const {
    const auto name = required("line");
    auto line = Line::from_ref("refs/heads/" + name);
    if (!line) throw damaged("'" + name + "' is no line");
    return *std::move(line);
  }

  std::optional<Publishing> publishing() const {
    const auto commit = id("publishing");
    const auto tag = text("publishing_tag");
    if (!commit && tag) throw damaged("it has a tag for no commit");
    if (!commit) return std::nullopt;
    if (!tag) return Publishing{*commit};
    try {
      return Publishing{*commit, VersionName::parse(*tag)};
    } catch (const Error&) {
      throw damaged("'" + *tag + "' is no name of a version");
    }
  }

  const fs::Path& path_;
  nlohmann::json json_;
};

WorkspaceState read_state(fs::FileSystem& fs, const store::WorkspaceLayout& layout) {
  const auto path = layout.description();
  if (!fs::exists(fs, path)) {
    throw Error(ErrorCode::not_a_workspace, "there is no workspace at '" + layout.root.string() + "'")
        .hint("run `axon init`");
  }
  return Decoder(path).decode(fs::read_file(fs, path, kMaxDescription));
}

}  // namespace

void Workspace::create(const store::Environment& environment, const fs::Path& root,
                       const WorkspaceState& state) {
  auto& fs = environment.fs;
  if (const auto found = find(fs, root)) {
    const bool here = *found == root;
    throw Error(ErrorCode::already_exists, "cannot make a workspace in '" + root.string() + "'")
        .because(here ? "it is one already" : "it lies in the workspace '" + found->string() + "'")
        .hint(here ? "run `axon status`" : "choose a folder outside");
  }
  const store::WorkspaceLayout layout{root};
  fs::make_directories(fs, layout.folder());
  fs::write_file_atomically(fs, layout.description(), as_bytes(encode(state)));
}

std::optional<fs::Path> Workspace::find(fs::FileSystem& fs, const fs::Path& start) {
  fs::Path folder = start.has_filename() ? start : start.parent_path();
  for (;;) {
    if (fs::exists(fs, store::WorkspaceLayout{folder}.description())) return folder;
    const auto parent = folder.parent_path();
    if (parent == folder || parent.empty()) return std::nullopt;
    folder = parent;
  }
}

Workspace::Workspace(const store::Environment& environment, const fs::Path& root)
    : environment_(environment), layout_{root}, state_(read_state(environment.fs, layout_)) {}

void Workspace::save(const WorkspaceState& state) {
  fs::write_file_atomically(environment_.fs, layout_.description(), as_bytes(encode(state)));
  state_ = state;
}

fs::FileLock Workspace::lock(const CancelToken& cancel, std::chrono::milliseconds timeout) {
  fs::FileLock lock(environment_.fs, layout_.lock(), fs::LockMode::exclusive, timeout, cancel);
  state_ = read_state(environment_.fs, layout_);
  return lock;
}

}  // namespace axon::workspace
