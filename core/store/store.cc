#include "core/store/store.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <thread>
#include <utility>

#include "core/base/error.h"
#include "core/base/json.h"

namespace axon::store {
namespace {

constexpr int kFormat = 1;
constexpr std::uint64_t kMaxDescription = 64 * 1024;

// What a creation that was cut short may have left; anything else in the folder is somebody's.
bool is_ours(const std::string& name) {
  static constexpr std::array<std::string_view, 6> kNames = {"git",     "packs",        "tmp",
                                                             "gc.lock", "publish.lock", "index.db"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end() || name.starts_with("index.db-") ||
         name.starts_with("axon.json") || name.starts_with(".tmp-");  // of a file that was being replaced
}

void check_place(fs::FileSystem& fs, const StoreLayout& layout) {
  for (const auto& entry : fs.list(layout.root)) {
    if (is_ours(entry.name)) continue;
    throw Error(ErrorCode::already_exists, "cannot make a store at '" + layout.root.string() + "'")
        .because("the folder holds other things, such as '" + entry.name + "'")
        .hint("name an empty or new folder with `--home DIR`");
  }
}

void check_description(fs::FileSystem& fs, const StoreLayout& layout) {
  const auto description = parse_json(as_text(fs::read_file(fs, layout.description(), kMaxDescription)),
                                      layout.description().string());
  const bool whole = description.is_object() && description.contains("format") &&
                     description.contains("kind") && description["format"].is_number_integer() &&
                     description["kind"].is_string();
  if (!whole) {
    throw Error(ErrorCode::integrity, "cannot open the store '" + layout.root.string() + "'")
        .because("its axon.json has no format and kind");
  }
  if (description["kind"] != "local") {
    throw Error(ErrorCode::not_a_workspace, "'" + layout.root.string() + "' is not a local store")
        .because("it is a remote")
        .hint("run `axon clone " + layout.root.string() + " NAME`");
  }
  if (description["format"] != kFormat) {
    throw Error(ErrorCode::unsupported, "cannot open the store '" + layout.root.string() + "'")
        .because("it has format " + description["format"].dump() + ", this program knows " +
                 std::to_string(kFormat))
        .hint("use a newer axon");
  }
}

content::ContentPaths content_paths(const StoreLayout& layout) {
  return {layout.packs(), layout.index(), layout.temporary()};
}

bool can_write(fs::FileSystem& fs, const StoreLayout& layout) {
  try {
    fs::OpenOptions options;
    options.access = fs::Access::open_or_create;
    fs.open(layout.publish_lock(), options);
    return true;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::permission) return false;
    throw;
  }
}

}  // namespace

struct Store::State {
  State(const Environment& e, const fs::Path& root, const StoreOptions& o)
      : environment(e),
        layout{root},
        options(o),
        read_only(!can_write(e.fs, layout)),
        content(e.fs, content_paths(layout),
                read_only ? content::StoreAccess::read_only : content::StoreAccess::read_write, e.random),
        history(e.fs, layout.git()) {}

  Environment environment;
  StoreLayout layout;
  StoreOptions options;
  bool read_only;
  content::ContentStore content;
  history::Repository history;
};

void Store::create(const Environment& environment, const fs::Path& root) {
  auto& fs = environment.fs;
  const StoreLayout layout{root};
  fs::make_directories(fs, root);
  if (fs::exists(fs, layout.description())) return check_description(fs, layout);
  check_place(fs, layout);
  const CancelToken cancel;
  const fs::FileLock lock(fs, layout.publish_lock(), fs::LockMode::exclusive, StoreOptions{}.lock_timeout,
                          cancel);
  if (fs::exists(fs, layout.description())) return;
  fs::remove_all(fs, layout.git());  // of a creation that was cut short
  history::Repository::create(fs, layout.git());
  // Their names last with the one of axon.json.
  for (const auto& folder : {layout.packs(), layout.temporary()})
    if (!fs::exists(fs, folder)) fs.make_directory(folder);
  const std::string description = canonical_json({{"format", kFormat}, {"kind", "local"}}) + "\n";
  fs::write_file_atomically(fs, layout.description(), as_bytes(description));
}

Store::Store(const Environment& environment, const fs::Path& root, const StoreOptions& options) {
  const StoreLayout layout{root};
  if (!fs::exists(environment.fs, layout.description())) {
    throw Error(ErrorCode::not_a_workspace, "there is no store at '" + root.string() + "'")
        .hint("run `axon init` in a folder with a model");
  }
  check_description(environment.fs, layout);
  state_ = std::make_unique<State>(environment, root, options);
}

Store::~Store() = default;

content::ContentStore& Store::content() {
  return state_->content;
}
history::Repository& Store::history() {
  return state_->history;
}
const StoreLayout& Store::layout() const {
  return state_->layout;
}
const Environment& Store::environment() const {
  return state_->environment;
}
const StoreOptions& Store::options() const {
  return state_->options;
}
bool Store::read_only() const {
  return state_->read_only;
}

std::size_t Store::threads() const {
  if (state_->options.threads > 0) return state_->options.threads;
  return std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

fs::FileLock Store::lock_content(const CancelToken& cancel) {
  return {state_->environment.fs, state_->layout.gc_lock(), fs::LockMode::shared,
          state_->options.lock_timeout, cancel};
}

fs::FileLock Store::lock_publish(const CancelToken& cancel) {
  return {state_->environment.fs, state_->layout.publish_lock(), fs::LockMode::exclusive,
          state_->options.lock_timeout, cancel};
}

fs::FileLock Store::lock_for_deletion(const CancelToken& cancel) {
  return {state_->environment.fs, state_->layout.gc_lock(), fs::LockMode::exclusive,
          state_->options.lock_timeout, cancel};
}

std::optional<fs::FileLock> Store::try_lock_for_deletion() {
  try {
    const CancelToken cancel;
    return fs::FileLock(state_->environment.fs, state_->layout.gc_lock(), fs::LockMode::exclusive,
                        std::chrono::milliseconds{0}, cancel);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::locked) return std::nullopt;
    throw;
  }
}

}  // namespace axon::store
