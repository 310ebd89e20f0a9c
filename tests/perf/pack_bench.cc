// Packs written and read at the speed of the disk. Set TMPDIR to a folder on the disk in question.

#include <benchmark/benchmark.h>

#include <thread>

#include "core/content/pack_reader.h"
#include "core/content/pack_writer.h"
#include "tests/support/counter_random.h"
#include "tests/support/temp_dir.h"

namespace axon::content {
namespace {

Bytes some_bytes(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t at = 0; at + 8 <= size; at += 8) store_le(bytes.data() + at, test::random_at(1, at));
  return bytes;
}

FrameEntry entry_of(std::uint64_t number, std::size_t size) {
  FrameEntry entry;
  store_le(entry.id.bytes.data(), test::random_at(2, number));
  entry.encoding = Encoding::planes;
  entry.raw = 1 << 20;
  entry.stored = static_cast<std::uint32_t>(size);
  return entry;
}

// A pack of 128 MiB from as many threads as asked for, made durable.
PackFooter write_pack(const fs::Path& path, ByteSpan payload, std::int64_t threads) {
  PackWriter writer(fs::posix(), path, system_random());
  const auto work = [&](std::int64_t thread) {
    for (std::uint64_t i = 0; writer.size() < kPackTargetSize; ++i) {
      writer.append(entry_of((i << 8) + static_cast<std::uint64_t>(thread), payload.size()), payload);
    }
  };
  std::vector<std::thread> others;
  for (std::int64_t thread = 1; thread < threads; ++thread) others.emplace_back(work, thread);
  work(0);
  for (auto& thread : others) thread.join();
  return writer.finish();
}

void append(benchmark::State& state) {
  const test::TempDir folder;
  const auto payload = some_bytes(static_cast<std::size_t>(state.range(0)));
  std::int64_t bytes = 0;
  for (auto _ : state) {
    bytes += static_cast<std::int64_t>(write_pack(folder / "a", payload, state.range(1)).pack_size);
    state.PauseTiming();
    std::filesystem::remove(folder / "a");
    state.ResumeTiming();
  }
  state.SetBytesProcessed(bytes);
}
BENCHMARK(append)
    ->Args({700'000, 1})
    ->Args({700'000, 2})
    ->Args({4'000, 2})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(6)
    ->UseRealTime();

// A commit of a few kilobytes: what one pack costs at least.
void write_small_pack(benchmark::State& state) {
  const test::TempDir folder;
  const auto payload = some_bytes(5'000);
  for (auto _ : state) {
    PackWriter writer(fs::posix(), folder / "a", system_random());
    writer.append(entry_of(1, payload.size()), payload);
    writer.finish();
    std::filesystem::remove(folder / "a");
  }
}
BENCHMARK(write_small_pack)->Unit(benchmark::kMicrosecond)->UseRealTime();

void read_frames(benchmark::State& state) {
  const test::TempDir folder;
  const auto footer = write_pack(folder / "a", some_bytes(700'000), 1);
  PackReader reader(fs::posix(), folder / "a",
                    state.range(0) != 0 ? fs::Caching::direct : fs::Caching::buffered);
  Bytes frame;
  std::int64_t bytes = 0;
  for (auto _ : state) {
    for (const auto& entry : footer.entries)
      bytes += static_cast<std::int64_t>(reader.read_frame(entry, frame).size());
  }
  state.SetBytesProcessed(bytes);
}
BENCHMARK(read_frames)->ArgName("direct")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond)->UseRealTime();

void check_frame(benchmark::State& state) {
  const test::TempDir folder;
  const auto footer = write_pack(folder / "a", some_bytes(700'000), 1);
  PackReader reader(fs::posix(), folder / "a");
  Bytes frame;
  reader.read_frame(footer.entries[0], frame);
  for (auto _ : state) benchmark::DoNotOptimize(PackReader::check_frame(footer.entries[0], frame));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(frame.size()));
}
BENCHMARK(check_frame)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace axon::content

BENCHMARK_MAIN();
