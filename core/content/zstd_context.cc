#define ZSTD_STATIC_LINKING_ONLY  // for the magicless format and ZSTD_c_literalCompressionMode
#include "core/content/zstd_context.h"

#include <zstd.h>
#include <zstd_errors.h>

#include <new>

#include "core/base/error.h"

namespace axon::content {

namespace {

std::size_t checked(std::size_t result) {
  if (ZSTD_isError(result)) {
    throw Error(ErrorCode::failed, "cannot compress").because(ZSTD_getErrorName(result));
  }
  return result;
}

void set(ZSTD_CCtx* context, ZSTD_cParameter parameter, int value) {
  checked(ZSTD_CCtx_setParameter(context, parameter, value));
}

// Plain negative levels would switch Huffman coding off with the match search; this keeps it: the search
// steps over targetLength bytes at a time, so it looks at one or two places per block.
void set_huffman_only(ZSTD_CCtx* context) {
  set(context, ZSTD_c_strategy, ZSTD_fast);
  set(context, ZSTD_c_minMatch, 7);
  set(context, ZSTD_c_hashLog, ZSTD_HASHLOG_MIN);
  set(context, ZSTD_c_targetLength, ZSTD_TARGETLENGTH_MAX);
  set(context, ZSTD_c_literalCompressionMode, ZSTD_ps_enable);
}

}  // namespace

void ZstdCompressor::Free::operator()(ZSTD_CCtx* context) const {
  ZSTD_freeCCtx(context);
}
void ZstdDecompressor::Free::operator()(ZSTD_DCtx* context) const {
  ZSTD_freeDCtx(context);
}

ZstdCompressor::Context ZstdCompressor::make(Effort effort) {
  Context context(ZSTD_createCCtx());
  if (!context) throw std::bad_alloc();
  set(context.get(), ZSTD_c_compressionLevel, 1);
  if (effort == Effort::huffman) set_huffman_only(context.get());
  set(context.get(), ZSTD_c_format, ZSTD_f_zstd1_magicless);
  set(context.get(), ZSTD_c_contentSizeFlag, 0);
  set(context.get(), ZSTD_c_checksumFlag, 0);
  set(context.get(), ZSTD_c_dictIDFlag, 0);
  return context;
}

ZstdCompressor::ZstdCompressor() : huffman_(make(Effort::huffman)), matches_(make(Effort::matches)) {}

std::optional<std::size_t> ZstdCompressor::compress(ByteSpan from, Effort effort, MutableByteSpan into) {
  ZSTD_CCtx* context = (effort == Effort::huffman ? huffman_ : matches_).get();
  const std::size_t size = ZSTD_compress2(context, into.data(), into.size(), from.data(), from.size());
  if (ZSTD_getErrorCode(size) == ZSTD_error_dstSize_tooSmall) return std::nullopt;
  return checked(size);
}

ZstdDecompressor::ZstdDecompressor() : context_(ZSTD_createDCtx()) {
  if (!context_) throw std::bad_alloc();
  checked(ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_format, ZSTD_f_zstd1_magicless));
}

bool ZstdDecompressor::decompress(ByteSpan from, MutableByteSpan into) {
  const std::size_t size =
      ZSTD_decompressDCtx(context_.get(), into.data(), into.size(), from.data(), from.size());
  return !ZSTD_isError(size) && size == into.size();
}

}  // namespace axon::content
