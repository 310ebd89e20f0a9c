#include "tests/support/model_generator.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

#include "tests/support/counter_random.h"
#include "tests/support/model_container.h"
#include "tests/support/model_sidecars.h"

namespace axon::test {
namespace {

constexpr std::uint64_t kBlock = std::uint64_t{4} << 20;
constexpr std::uint64_t kShardSize = 565'000'000;
constexpr std::uint64_t kSparseData = std::uint64_t{4} << 20;

// Runs job(0) … job(count − 1) on `threads` threads and throws the first exception.
void run_jobs(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& job) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  const auto work = [&] {
    try {
      for (std::size_t i = next++; i < count; i = next++) job(i);
    } catch (...) {
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
      next = count;
    }
  };
  {
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < threads; ++i) others.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);
}

void write_text(fs::FileSystem& fs, const fs::Path& path, std::string_view text) {
  const auto file = fs.open(path, {.access = fs::Access::create});
  file->write_at(0, as_bytes(text));
  file->close();
}

// One file of weights; any block of it can be made on its own.
class WeightFile {
 public:
  WeightFile(std::string name, ModelHeader header, std::vector<WeightSource> sources)
      : name_(std::move(name)), header_(std::move(header)), sources_(std::move(sources)) {}

  void open(fs::FileSystem& fs, const fs::Path& folder, fs::Caching caching) {
    file_ = fs.open(folder / name_, {.access = fs::Access::create, .caching = caching});
  }
  std::uint64_t blocks() const { return (header_.file_size + kBlock - 1) / kBlock; }

  void write_block(std::uint64_t number, AlignedBuffer& buffer) const {
    const std::uint64_t start = number * kBlock, end = std::min(start + kBlock, header_.file_size);
    const std::uint64_t padded = (end - start + 4095) / 4096 * 4096;
    fill(start, buffer.span().first(padded));
    file_->write_at(start, buffer.span().first(file_->direct() ? padded : end - start));
  }
  GeneratedFile finish() {
    file_->resize(header_.file_size);
    file_->close();
    return {name_, header_.file_size, header_.layout};
  }

 private:
  void fill(std::uint64_t start, MutableByteSpan into) const {
    std::fill(into.begin(), into.end(), std::byte{0});
    const std::uint64_t end = start + into.size();
    for (std::uint64_t at = start; at < std::min<std::uint64_t>(end, header_.bytes.size()); ++at)
      into[at - start] = header_.bytes[at];
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      const auto& tensor = header_.layout.tensors[i];
      const std::uint64_t from = std::max(start, tensor.offset);
      const std::uint64_t to = std::min(end, tensor.offset + tensor.length);
      if (from < to)
        sources_[i].fill((from - tensor.offset) / sources_[i].element_size(),
                         into.subspan(from - start, to - from));
    }
  }

  std::string name_;
  ModelHeader header_;
  std::vector<WeightSource> sources_;
  std::unique_ptr<fs::File> file_;
};

class WeightModel {
 public:
  WeightModel(const ModelOptions& options)
      : options_(options), tensors_(model_tensors(options.shape)), redrawn_(choose_redrawn(tensors_)) {
    for (const auto& tensor : tensors_) total_ += tensor.elements() * size_of(options.type);
    plan();
  }

  std::vector<GeneratedFile> write(fs::FileSystem& fs, const fs::Path& out) {
    std::vector<std::pair<WeightFile*, std::uint64_t>> blocks;
    for (auto& file : files_) {
      file.open(fs, out, options_.caching);
      for (std::uint64_t i = 0; i < file.blocks(); ++i) blocks.emplace_back(&file, i);
    }
    run_jobs(blocks.size(), options_.threads, [&](std::size_t i) {
      thread_local AlignedBuffer buffer(kBlock);
      blocks[i].first->write_block(blocks[i].second, buffer);
    });
    std::vector<GeneratedFile> result;
    for (auto& file : files_) result.push_back(file.finish());
    for (const auto& [name, text] : sidecars()) {
      write_text(fs, out / name, text);
      result.push_back({name, text.size(), {}});
    }
    return result;
  }

 private:
  std::vector<NamedText> sidecars() const {
    // Only what a variant is about differs from the base: its weights or one header, not its README.
    return model_sidecars(options_.shape, options_.type, options_.seed, total_, "base", weight_map_);
  }

  // A tensor goes to the shard that holds the middle of its bytes when the shards are equally long.
  void plan() {
    const std::uint64_t shards = options_.container == Container::gguf ? 1
                                 : options_.shards != 0                ? options_.shards
                                                        : (total_ + kShardSize - 1) / kShardSize;
    std::vector<std::vector<std::size_t>> members(shards);
    std::uint64_t before = 0;
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
      const std::uint64_t length = tensors_[i].elements() * size_of(options_.type);
      members[(before + length / 2) * shards / total_].push_back(i);
      before += length;
    }
    std::erase_if(members, [](const auto& shard) { return shard.empty(); });
    for (std::size_t i = 0; i < members.size(); ++i) add_file(members[i], i, members.size());
  }

  void add_file(const std::vector<std::size_t>& members, std::size_t number, std::size_t count) {
    const std::string name = file_name(number, count);
    std::vector<TensorShape> held;
    std::vector<WeightSource> sources;
    for (const std::size_t i : members) {
      held.push_back(tensors_[i]);
      sources.emplace_back(gaussian_, options_.seed, tensors_[i].name, options_.type, draw(i));
      weight_map_.emplace_back(tensors_[i].name, name);
    }
    files_.emplace_back(name, header(std::move(held), number), std::move(sources));
  }

  std::string file_name(std::size_t number, std::size_t count) const {
    if (options_.container == Container::gguf) return "model.gguf";
    if (count == 1) return "model.safetensors";
    return fmt::format("model-{:05}-of-{:05}.safetensors", number + 1, count);
  }

  Draw draw(std::size_t tensor) const {
    if (options_.variant == Variant::finetune) return Draw::finetuned;
    return options_.variant == Variant::redrawn && redrawn_[tensor] ? Draw::redrawn : Draw::base;
  }

  ModelHeader header(std::vector<TensorShape> held, std::size_t number) const {
    if (options_.container == Container::gguf) {
      for (auto& tensor : held) tensor.name = gguf_name(tensor.name);
      return gguf_header(held, options_.type, made_up_words(options_.seed, options_.shape.vocab));
    }
    // `,"note":"…"` is 10 bytes around its text.
    const bool longer = options_.variant == Variant::header && number == 0;
    return safetensors_header(held, options_.type, longer ? std::string(62, 'x') : std::string());
  }

  ModelOptions options_;
  Gaussian gaussian_;
  std::vector<TensorShape> tensors_;
  std::vector<bool> redrawn_;
  std::uint64_t total_ = 0;
  std::vector<NamedText> weight_map_;
  std::vector<WeightFile> files_;
};

std::vector<GeneratedFile> write_small_files(fs::FileSystem& fs, const fs::Path& out,
                                             const ModelOptions& options) {
  const auto words = made_up_words(options.seed, 20'000);
  std::vector<GeneratedFile> files(options.files);
  for (std::uint32_t i = 0; i < options.files; i += 200)
    fs.make_directory(out / fmt::format("part-{:03}", i / 200));
  run_jobs(files.size(), options.threads, [&](std::size_t i) {
    const auto number = static_cast<std::uint32_t>(i);
    const std::string content = small_file(options.seed, number, words);
    const char* form = number % 2 == 1 ? "part-{:03}/blob-{:05}.bin" : "part-{:03}/text-{:05}.txt";
    files[i] = {fmt::format(fmt::runtime(form), number / 200, number), content.size(), {}};
    write_text(fs, out / files[i].path, content);
  });
  return files;
}

std::vector<GeneratedFile> write_sparse(fs::FileSystem& fs, const fs::Path& out,
                                        const ModelOptions& options) {
  const std::uint64_t size = options.sparse_size, data = std::min(kSparseData, size / 8 / 4096 * 4096);
  const auto file = fs.open(out / "sparse.bin", {.access = fs::Access::create});
  file->resize(size);
  Bytes block(data);
  for (const std::uint64_t at : {std::uint64_t{0}, size / 2 / 4096 * 4096, size - data}) {
    for (std::size_t i = 0; i + 8 <= block.size(); i += 8)
      store_le(block.data() + i, random_at(stream_seed(options.seed, "sparse", at), i));
    file->write_at(at, block);
  }
  file->close();
  return {{"sparse.bin", size, {}}};
}

}  // namespace

std::vector<GeneratedFile> generate_model(fs::FileSystem& fs, const fs::Path& out,
                                          const ModelOptions& options) {
  fs::make_directories(fs, out);
  if (options.variant == Variant::small_files) return write_small_files(fs, out, options);
  if (options.variant == Variant::sparse) return write_sparse(fs, out, options);
  return WeightModel(options).write(fs, out);
}

}  // namespace axon::test
