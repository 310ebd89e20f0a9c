#include "core/workspace/working_version.h"

#include <algorithm>
#include <memory>

#include "core/base/error.h"
#include "core/content/hash.h"
#include "core/content/recipe.h"
#include "core/model/probe.h"
#include "core/store/compare.h"
#include "core/workspace/compare.h"
#include "core/workspace/contents.h"
#include "core/workspace/parallel.h"

namespace axon::workspace {
namespace {

constexpr std::size_t kReadBlock = std::size_t{1} << 20;
static_assert(kReadBlock == content::kTensorChunkSize, "a block read is a chunk hashed");

store::VersionFile version_file(const ScannedFile& file, const KnownContent& content) {
  store::VersionFile made;
  made.path = file.path;
  made.mode = mode_of(file.info);
  made.blob = content.blob;
  made.pointer = content.pointer;
  made.size = content.size;
  made.sha256 = content.sha256;
  return made;
}

KnownContent read_now(const fs::Path& root, const ScannedFile& file, const store::Environment& environment,
                      const CancelToken& cancel) {
  if (file.info.type == fs::FileType::symlink) return blob_content(as_bytes(file.target));
  StableFile opened(environment.fs, root, file.path, file.info.size);
  AlignedBuffer buffer(kReadBlock);
  const auto content = read_content(opened, file.path, buffer, cancel);
  opened.check_unchanged(environment.clock);
  return content;
}

// The bytes of a tensor, one block after another.
struct FilePart {
  std::unique_ptr<fs::File> file;
  std::uint64_t at = 0, left = 0;

  std::size_t read(MutableByteSpan into) {
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left));
    const auto got = file->read_at(at, into.first(length));
    if (got < length) throw Error(ErrorCode::failed, "a file became shorter while it was read");
    at += got;
    left -= got;
    return got;
  }
};

TensorId tensor_id(fs::File& file, const content::LayoutTensor& tensor, AlignedBuffer& buffer,
                   const CancelToken& cancel) {
  std::vector<content::RecipeChunk> chunks;
  for (std::uint64_t done = 0; done < tensor.length;) {
    cancel.throw_if_cancelled();
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(kReadBlock, tensor.length - done));
    if (file.read_at(tensor.offset + done, buffer.span().first(length)) < length) {
      throw Error(ErrorCode::failed, "a file became shorter while it was read");
    }
    const auto digest = content::sha256({buffer.data(), length});
    if (tensor.length < content::kTensorChunkThreshold) return digest.as<TensorId>();
    chunks.push_back({digest.as<ChunkId>(), static_cast<std::uint32_t>(length)});
    done += length;
  }
  return content::large_tensor_id(chunks, tensor.length);
}

std::vector<model::ModelTensor> tensors_of_file(fs::FileSystem& fs, const fs::Path& root,
                                                const store::VersionFile& file, Progress& progress,
                                                const CancelToken& cancel) {
  const auto opened = fs.open(root / file.path, {});
  const auto probe = model::probe(*opened, file.size, file.path);
  AlignedBuffer buffer(kReadBlock);
  std::vector<model::ModelTensor> tensors;
  for (const auto& tensor : probe.layout.tensors) {
    const auto id = tensor_id(*opened, tensor, buffer, cancel);
    tensors.push_back({tensor.name, tensor.dtype, tensor.shape, tensor.length, id, file.path});
    progress.advance(tensor.length);
  }
  return tensors;
}

}  // namespace

WorkingVersion read_working_version(store::Store& store, Workspace& workspace, Progress& progress,
                                    const CancelToken& cancel) {
  const auto& environment = workspace.environment();
  const auto& root = workspace.layout().root;
  const auto rules = IgnoreRules::read(environment.fs, root / store::WorkspaceLayout::kIgnore);
  const Scan scanned = scan(environment.fs, root, store.layout().root, rules, cancel);
  const auto tree = read_tree(store, workspace.state().base);
  const StatCache cache(environment.fs, workspace.layout().stat_cache());

  WorkingVersion version;
  version.warnings = scanned.warnings;
  version.warnings.insert(version.warnings.end(), scanned.problems.begin(), scanned.problems.end());
  std::vector<ComparedFile> present = compare(store, scanned, tree, cache);
  std::erase_if(present, [](const auto& each) { return each.file == nullptr; });
  version.files.resize(present.size());
  progress.begin_items("reading", present.size());
  parallel_for(present.size(), store.threads(), cancel, [&](std::size_t at) {
    const ScannedFile& file = *present[at].file;
    const KnownContent* known = cache.unchanged(file.path, file.info);
    if (present[at].verdict == Verdict::same && present[at].base != nullptr) {
      version.files[at] = describe(store, tree, *present[at].base);
    } else {
      version.files[at] = version_file(file, known ? *known : read_now(root, file, environment, cancel));
    }
    progress.advance(1);
  });
  progress.end();
  return version;
}

std::vector<model::ModelTensor> read_working_tensors(store::Store& store, const Workspace& workspace,
                                                     const WorkingVersion& version, Progress& progress,
                                                     const CancelToken& cancel) {
  std::vector<store::VersionFile> stored, fresh;
  std::uint64_t bytes = 0;
  for (const auto& file : version.files) {
    if (!file.pointer) continue;
    const bool known = store.content().recipe(file.sha256.as<Oid>()).has_value();
    (known ? stored : fresh).push_back(file);
    if (!known) bytes += file.size;
  }
  auto tensors = store::read_tensors(store, stored);
  std::vector<std::vector<model::ModelTensor>> read(fresh.size());
  progress.begin("reading tensors", bytes);
  parallel_for(fresh.size(), store.threads(), cancel, [&](std::size_t at) {
    read[at] =
        tensors_of_file(workspace.environment().fs, workspace.layout().root, fresh[at], progress, cancel);
  });
  progress.end();
  for (auto& list : read) std::move(list.begin(), list.end(), std::back_inserter(tensors));
  return tensors;
}

model::TensorReader working_tensor_reader(const Workspace& workspace, const model::ModelTensor& tensor) {
  auto file = workspace.environment().fs.open(workspace.layout().root / tensor.file, {});
  const auto probe = model::probe(*file, file->info().size, tensor.file);
  const auto& all = probe.layout.tensors;
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.name == tensor.name; });
  if (found == all.end()) throw Error(ErrorCode::failed, "'" + tensor.file + "' changed while it was read");
  // Copies of the reader read one tensor on, as copies of a descriptor would.
  auto part = std::make_shared<FilePart>(FilePart{std::move(file), found->offset, found->length});
  return [part](MutableByteSpan into) { return part->read(into); };
}

}  // namespace axon::workspace
