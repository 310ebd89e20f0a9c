#include "core/model/formats.h"

#include <algorithm>
#include <vector>

#include "core/model/zip_directory.h"

namespace axon::model {
namespace {

using namespace std::string_view_literals;

constexpr auto kHdf5Mark = "\x89HDF\r\n\x1a\n"sv;
constexpr auto kLegacyPyTorchMark = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e"sv;

bool any_of(std::string_view value, std::initializer_list<std::string_view> values) {
  return std::ranges::find(values, value) != values.end();
}

std::string zip_format(const std::vector<std::string>& names) {
  const auto has = [&](std::string_view name) { return std::ranges::find(names, name) != names.end(); };
  const auto ends = [](std::string_view ending) {
    return [ending](const std::string& name) { return name.ends_with(ending); };
  };
  // Both `archive/data.pkl` and torch.export's `archive/archive_format` stand in one top folder.
  if (std::ranges::any_of(names, ends("/data.pkl")) || std::ranges::any_of(names, ends("/archive_format")))
    return "pytorch";
  if (has("config.json") && (has("model.weights.h5") || has("model.weights.npz"))) return "keras";
  return !names.empty() && std::ranges::all_of(names, ends(".npy")) ? "numpy" : "";
}

// HDF5 allows a user's block of 512 bytes, or that doubled, before its mark.
bool is_hdf5(std::string_view start) {
  for (std::size_t at = 0; at < start.size(); at = std::max<std::size_t>(512, 2 * at))
    if (start.substr(at).starts_with(kHdf5Mark)) return true;
  return false;
}

// PROTO 2 to 5, then what real pickles go on with: a frame, a mark, an empty container, a global or a text.
bool is_pickle(std::string_view start) {
  return start.size() > 3 && start[0] == '\x80' && start[1] >= 2 && start[1] <= 5 &&
         "\x95\x8a\x8c]}()cXKJMG\x88\x89N\x8f"sv.find(start[2]) != std::string_view::npos;
}

// A protobuf has no mark: the first field of an ONNX file is normally ir_version (08, a small number), and
// the second its producer's name (12), its graph (3a) or its opsets (42).
bool is_onnx(std::string_view start, std::string_view extension) {
  if (start.size() < 4 || start[0] != '\x08' || start[1] < 3 || start[1] > 32) return false;
  return extension == "onnx" ||
         (extension.empty() && "\x12\x3a\x42"sv.find(start[2]) != std::string_view::npos &&
          start.substr(0, 64).find("onnx") != std::string_view::npos);
}

}  // namespace

std::string extension_of(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos) return {};
  std::string extension(name.substr(dot + 1));
  std::ranges::transform(extension, extension.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return extension;
}

std::string recognise(fs::File& file, std::uint64_t size, ByteSpan start, std::string_view extension) {
  const std::string_view text = as_text(start);
  if (text.starts_with("PK\3\4"sv)) return zip_format(zip_names(file, size));
  if (text.starts_with(kLegacyPyTorchMark)) return "pytorch";
  if (text.starts_with("\x93NUMPY"sv)) return "numpy";
  if (is_hdf5(text)) return "hdf5";
  if (text.size() >= 8 && text.substr(4, 4) == "TFL3") return "tflite";
  if (is_onnx(text, extension)) return "onnx";
  if (is_pickle(text)) return "pickle";
  // The oldest pickles have no mark, and nothing else than their name tells them.
  return any_of(extension, {"pkl", "pickle", "joblib"}) ? "pickle" : "";
}

}  // namespace axon::model
