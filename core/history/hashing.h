// The digests of history: SHA-1, which names git's objects and closes its files, and SHA-256 for trailers.
#pragma once

#include <memory>

#include "core/base/bytes.h"
#include "core/base/ids.h"

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX

namespace axon::history {

// Streaming; reusable after `finish`. One thread at a time.
class Sha1 {
 public:
  Sha1();
  void update(ByteSpan bytes);
  GitId finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

GitId sha1(ByteSpan bytes);
Digest sha256(ByteSpan bytes);

}  // namespace axon::history
