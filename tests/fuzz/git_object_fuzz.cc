// Any bytes as a commit, a tag, a tree or a message: read, or refused as damaged.
#include <cstdlib>

#include "core/base/error.h"
#include "core/history/commit_text.h"
#include "core/history/path_rules.h"
#include "core/history/trailers.h"
#include "core/history/tree_object.h"

namespace {

template <class Call>
void refused_as(axon::ErrorCode code, Call call) {
  try {
    call();
  } catch (const axon::Error& error) {
    if (error.code() != code) std::abort();
  }
}

void check_message(std::string_view message) {
  using namespace axon::history;
  const Trailers trailers{axon::Digest{}, axon::GitId{}};
  const auto with = append_trailers(message, trailers);
  const auto back = parse_trailers(with);
  if (back.files != trailers.files || back.base != trailers.base) std::abort();
  if (append_trailers(with, trailers) != with) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace axon;
  using namespace axon::history;
  const ByteSpan bytes(reinterpret_cast<const std::byte*>(data), size);
  refused_as(ErrorCode::integrity, [&] { parse_commit({}, bytes); });
  refused_as(ErrorCode::integrity, [&] { parse_tag(bytes); });
  refused_as(ErrorCode::integrity, [&] { parse_tree(bytes); });
  refused_as(ErrorCode::integrity, [&] { parse_trailers(as_text(bytes)); });
  refused_as(ErrorCode::usage, [&] { check_path(as_text(bytes), PathOrigin::user); });
  split_signature(ObjectType::commit, bytes);
  split_signature(ObjectType::tag, bytes);
  refused_as(ErrorCode::usage, [&] { check_message(as_text(bytes)); });
  return 0;
}
