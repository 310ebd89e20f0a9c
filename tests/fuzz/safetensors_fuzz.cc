// Any bytes as a .safetensors file: no crash, bounded memory, and a layout that the cutter accepts or none.
#include <cstdlib>

#include "core/content/chunker.h"
#include "core/model/probe.h"
#include "tests/support/memory_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace axon;
  // The first byte says how many weights follow, in pieces of 64 KiB: inputs need not carry them.
  if (size == 0) return 0;
  const std::uint64_t weights = std::uint64_t{data[0]} << 16;
  const ByteSpan bytes(reinterpret_cast<const std::byte*>(data + 1), size - 1);
  test::MemoryFile file(bytes, bytes.size() + weights);
  const model::Probe result = model::probe(file, file.size(), "model.safetensors");
  content::check_layout(result.layout, file.size());
  if (result.warning && !result.layout.tensors.empty()) std::abort();
  return 0;
}
