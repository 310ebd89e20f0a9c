// The codec, the hasher and the cutter on frames of 1 MiB, one thread.
//
// Content is made up unless AXON_BENCH_FILE names a file of bf16 weights and AXON_BENCH_BASE its parent: then
// 64 MiB are taken from the middle of both.

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <string>

#include "core/content/codec.h"
#include "core/content/fastcdc.h"
#include "core/content/hash.h"
#include "core/content/plane_kernels.h"
#include "tests/unit/core/content/codec_data.h"

namespace axon::content {
namespace {

constexpr std::size_t kFrame = std::size_t{1} << 20;
constexpr std::size_t kFrames = 64;

Bytes from_file(const char* variable) {
  const char* path = std::getenv(variable);
  if (path == nullptr) return {};
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  Bytes bytes(kFrame * kFrames);
  file.seekg(static_cast<std::streamoff>(file.tellg()) / 2 / 4096 * 4096);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return file ? bytes : Bytes{};
}

struct Content {
  Element element;
  Bytes raw, base;

  ByteSpan frame(std::size_t i) const { return ByteSpan(raw).subspan(i % kFrames * kFrame, kFrame); }
  ByteSpan base_of(std::size_t i) const {
    return base.empty() ? ByteSpan{} : ByteSpan(base).subspan(i % kFrames * kFrame, kFrame);
  }
};

const Bytes& parent_weights() {
  static const Bytes bytes = [] {
    Bytes read = from_file("AXON_BENCH_BASE");
    return read.empty() ? weights<std::uint16_t>(kFrame * kFrames / 2) : read;
  }();
  return bytes;
}

const Bytes& child_weights() {
  static const Bytes bytes = [] {
    Bytes read = from_file("AXON_BENCH_FILE");
    return read.empty() ? fine_tuned(parent_weights()) : read;
  }();
  return bytes;
}

Bytes repeated(const Bytes& piece) {
  Bytes bytes(kFrame * kFrames);
  for (std::size_t at = 0; at < bytes.size(); ++at) bytes[at] = piece[at % piece.size()];
  return bytes;
}

const Content& content(const std::string& kind) {
  static std::map<std::string, Content> made;
  if (const auto found = made.find(kind); found != made.end()) return found->second;
  Content c{Element::bytes, {}, {}};
  if (kind == "bf16") c = {Element::bf16, child_weights(), {}};
  if (kind == "delta") c = {Element::bf16, child_weights(), parent_weights()};
  if (kind == "f32") c = {Element::f32, weights<std::uint32_t>(kFrame * kFrames / 4), {}};
  if (kind == "f64") c = {Element::f64, weights<std::uint64_t>(kFrame * kFrames / 8), {}};
  if (kind == "guessed") c = {Element::bytes, child_weights(), {}};
  if (kind == "noise") c = {Element::bytes, noise(kFrame * kFrames), {}};
  if (kind == "prose") c = {Element::bytes, repeated(prose(5'000'000)), {}};
  return made.emplace(kind, std::move(c)).first->second;
}

void encode(benchmark::State& state, const std::string& kind) {
  const Content& c = content(kind);
  Encoder encoder;
  Bytes out;
  std::size_t stored = 0, i = 0;
  for (auto _ : state) {
    encoder.encode(c.frame(i), c.element, c.base_of(i), out);
    stored += out.size();
    ++i;
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(i * kFrame));
  state.counters["ratio"] = static_cast<double>(i * kFrame) / static_cast<double>(stored);
}

void decode(benchmark::State& state, const std::string& kind) {
  const Content& c = content(kind);
  Encoder encoder;
  std::vector<Bytes> payloads(kFrames);
  std::vector<Encoding> encodings(kFrames);
  for (std::size_t i = 0; i < kFrames; ++i) {
    encodings[i] = encoder.encode(c.frame(i), c.element, c.base_of(i), payloads[i]);
  }
  Decoder decoder;
  Bytes raw(kFrame);
  std::size_t i = 0;
  for (auto _ : state) {
    const std::size_t frame = i++ % kFrames;
    const ByteSpan base = encodings[frame] == Encoding::delta ? c.base_of(frame) : ByteSpan{};
    decoder.decode(encodings[frame], payloads[frame], base, raw);
    benchmark::DoNotOptimize(raw.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(i * kFrame));
}

void split(benchmark::State& state, const PlaneKernels* kernels, std::size_t width, Turn turn) {
  const Content& c = content("bf16");
  Bytes planes(kFrame);
  PlanePointers pointers{};
  for (std::size_t p = 0; p < width; ++p) pointers[p] = planes.data() + p * (kFrame / width);
  std::size_t i = 0;
  for (auto _ : state) {
    const auto* raw = c.frame(i++).data();
    split_planes(*kernels, raw, raw, turn, width, kFrame / width, pointers);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(i * kFrame));
}

void join(benchmark::State& state, const PlaneKernels* kernels, std::size_t width, Turn turn) {
  const Content& c = content("bf16");
  Bytes raw(kFrame);
  std::size_t i = 0;
  for (auto _ : state) {
    ConstPlanePointers pointers{};
    const auto* planes = c.frame(i++).data();
    for (std::size_t p = 0; p < width; ++p) pointers[p] = planes + p * (kFrame / width);
    join_planes(*kernels, pointers, planes, turn, width, kFrame / width, raw.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(i * kFrame));
}

void hash_file_and_chunks(benchmark::State& state) {
  const Content& c = content("bf16");
  FileHasher hasher;
  hasher.update(noise(1000));  // a header: the chunks' blocks are not the file's
  hasher.cut();
  std::size_t i = 0;
  for (auto _ : state) {
    hasher.update(c.frame(i++));
    benchmark::DoNotOptimize(hasher.cut());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(i * kFrame));
}

void hash_once(benchmark::State& state) {
  const Content& c = content("bf16");
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(sha256(c.frame(i++)));
  state.SetBytesProcessed(static_cast<std::int64_t>(i * kFrame));
}

void cut(benchmark::State& state) {
  const Content& c = content("noise");
  std::size_t at = 0, bytes = 0;
  for (auto _ : state) {
    if (at + kMaxCut > c.raw.size()) at = 0;
    const std::size_t length = fastcdc_cut(ByteSpan(c.raw).subspan(at));
    at += length;
    bytes += length;
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}

void register_all() {
  for (const std::string kind : {"bf16", "delta", "f32", "f64", "guessed", "noise", "prose"}) {
    benchmark::RegisterBenchmark(("encode/" + kind).c_str(), encode, kind);
    benchmark::RegisterBenchmark(("decode/" + kind).c_str(), decode, kind);
  }
  for (const PlaneKernels& kernels : plane_kernels()) {
    for (const std::size_t width : {2, 4, 8}) {
      const std::string tail = "/" + std::string(kernels.name) + "/" + std::to_string(width);
      benchmark::RegisterBenchmark(("split" + tail).c_str(), split, &kernels, width, Turn::rotate);
      benchmark::RegisterBenchmark(("join" + tail).c_str(), join, &kernels, width, Turn::rotate);
    }
    benchmark::RegisterBenchmark((std::string("split_delta/") + kernels.name).c_str(), split, &kernels, 2,
                                 Turn::delta);
    benchmark::RegisterBenchmark((std::string("join_delta/") + kernels.name).c_str(), join, &kernels, 2,
                                 Turn::delta);
  }
  benchmark::RegisterBenchmark("hash/file_and_chunks", hash_file_and_chunks);
  benchmark::RegisterBenchmark("hash/once", hash_once);
  benchmark::RegisterBenchmark("cut/fastcdc", cut);
}

}  // namespace
}  // namespace axon::content

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  axon::content::register_all();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
