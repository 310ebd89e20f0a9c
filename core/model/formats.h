// Names of formats that are recognised and not looked into.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/fs/file_system.h"

namespace axon::model {

// How much of a file's start `recognise` wants to see.
constexpr std::size_t kStartSize = 4096;

// Lower-case, without its dot: "safetensors"; "" when the last component has none.
std::string extension_of(std::string_view path);

// "onnx", "pytorch", "pickle", "keras", "hdf5", "tflite", "numpy" or "". `start`: the file's first kStartSize
// bytes, or all of a shorter one. Reads at most 400 KiB more, of a zip's directory.
std::string recognise(fs::File& file, std::uint64_t size, ByteSpan start, std::string_view extension);

}  // namespace axon::model
