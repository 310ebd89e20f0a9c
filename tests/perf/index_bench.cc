// The index at the size of a large store: 2 million frames in packs of 128 (about 2 TB of weights).
//   axon_index_bench [--benchmark_filter=…]; works in $TMPDIR, else /tmp

#include <benchmark/benchmark.h>

#include <memory>

#include "core/content/index.h"
#include "tests/support/counter_random.h"
#include "tests/support/temp_dir.h"

namespace axon::content {
namespace {

constexpr std::uint64_t kPacks = 15'625, kFramesEach = 128;

template <class AnyId>
AnyId id_of(std::uint64_t number) {
  AnyId id;
  for (std::size_t word = 0; word < 4; ++word) {
    store_le(id.bytes.data() + 8 * word, test::random_at(number, word));
  }
  return id;
}

PackFooter footer_of(std::uint64_t pack) {
  PackFooter footer;
  footer.id = id_of<PackId>(~pack);
  footer.pack_size = kPackHeaderSize;
  for (std::uint64_t i = 0; i < kFramesEach; ++i) {
    FrameEntry entry;
    entry.id = id_of<FrameId>(pack * kFramesEach + i);
    entry.encoding = Encoding::planes;
    entry.raw = 1 << 20;
    entry.stored = 700'000 + static_cast<std::uint32_t>(i);
    entry.crc = static_cast<std::uint32_t>(pack * 0x9E3779B9U);
    entry.offset = footer.pack_size;
    footer.pack_size += entry.size();
    footer.entries.push_back(entry);
  }
  return footer;
}

// One index of all packs, made once for all benchmarks.
struct LargeIndex {
  LargeIndex() {
    IndexRebuild rebuild(fs::posix(), path);
    for (std::uint64_t pack = 0; pack < kPacks; ++pack) rebuild.add(footer_of(pack));
    rebuild.finish();
  }
  test::TempDir folder;
  fs::Path path = folder / "index.db";
};
LargeIndex& large_index() {
  static LargeIndex large;
  return large;
}

void rebuild(benchmark::State& state) {
  test::TempDir folder;
  for (auto _ : state) {
    IndexRebuild rebuild(fs::posix(), folder / "index.db");
    for (std::uint64_t pack = 0; pack < kPacks; ++pack) rebuild.add(footer_of(pack));
    rebuild.finish();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kPacks * kFramesEach));
  state.counters["bytes_per_frame"] =
      static_cast<double>(std::filesystem::file_size(folder / "index.db")) / (kPacks * kFramesEach);
}
BENCHMARK(rebuild)->Unit(benchmark::kMillisecond)->Iterations(1);

// What a commit of 2 GB does: 16 packs at once, to a small or a large index.
void add_packs(benchmark::State& state, Index& index) {
  std::uint64_t next = kPacks;
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<PackFooter> footers;
    for (int i = 0; i < 16; ++i) footers.push_back(footer_of(next++));
    state.ResumeTiming();
    index.add_packs(footers);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(16 * kFramesEach));
}
void add_packs_to_empty(benchmark::State& state) {
  test::TempDir folder;
  Index index(folder / "index.db", IndexMode::read_write);
  add_packs(state, index);
}
void add_packs_to_large(benchmark::State& state) {
  Index index(large_index().path, IndexMode::read_write);
  add_packs(state, index);
  std::vector<PackId> added;
  for (const auto& pack : index.packs()) added.push_back(pack.id);
  added.erase(added.begin(), added.begin() + kPacks);
  index.remove_packs(added);
}
BENCHMARK(add_packs_to_empty)->Unit(benchmark::kMillisecond)->Iterations(20);
BENCHMARK(add_packs_to_large)->Unit(benchmark::kMillisecond)->Iterations(20);

void open_and_close(benchmark::State& state) {
  for (auto _ : state) Index(large_index().path, IndexMode::read_write).totals();
}
BENCHMARK(open_and_close)->Unit(benchmark::kMicrosecond);

void find_one(benchmark::State& state, std::uint64_t first) {
  Index index(large_index().path, IndexMode::read_write);
  test::CounterRandom random(1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(index.find(id_of<FrameId>(first + random.below(kPacks * kFramesEach))));
  }
}
void find_hit(benchmark::State& state) {
  find_one(state, 0);
}
void find_miss(benchmark::State& state) {
  find_one(state, kPacks * kFramesEach);
}
BENCHMARK(find_hit)->Unit(benchmark::kMicrosecond);
BENCHMARK(find_miss)->Unit(benchmark::kMicrosecond);

void find_many(benchmark::State& state, std::uint64_t first) {
  Index index(large_index().path, IndexMode::read_write);
  std::vector<FrameId> ids;
  for (std::uint64_t i = 0; i < 100'000; ++i) ids.push_back(id_of<FrameId>(first + i * 19));
  for (auto _ : state) benchmark::DoNotOptimize(index.find_many(ids));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(ids.size()));
}
void find_many_hits(benchmark::State& state) {
  find_many(state, 0);
}
void find_many_misses(benchmark::State& state) {
  find_many(state, kPacks * kFramesEach);
}
BENCHMARK(find_many_hits)->Unit(benchmark::kMillisecond);
BENCHMARK(find_many_misses)->Unit(benchmark::kMillisecond);

void frames_of_one_pack(benchmark::State& state) {
  Index index(large_index().path, IndexMode::read_write);
  std::uint64_t pack = 0;
  for (auto _ : state) benchmark::DoNotOptimize(index.frames_of(id_of<PackId>(~(pack++ * 7919 % kPacks))));
}
BENCHMARK(frames_of_one_pack)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace axon::content

BENCHMARK_MAIN();
