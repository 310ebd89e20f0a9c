// The names in a zip file's central directory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/fs/file_system.h"

namespace axon::model {

// The directory's first names, at most those in its first 256 KiB; empty when the file is no sound zip. Zip64
// too. Nothing about the members is trusted or checked.
std::vector<std::string> zip_names(fs::File& file, std::uint64_t size);

}  // namespace axon::model
