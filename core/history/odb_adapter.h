// make_odb: an ObjectSource as libgit2's object database, read-only.
#pragma once

#include "core/history/libgit2.h"
#include "core/history/object_source.h"

namespace axon::history {

// Reads from `source`, which outlives it. What `source` throws becomes libgit2's error with the same text.
GitOdb make_odb(ObjectSource& source);

}  // namespace axon::history
