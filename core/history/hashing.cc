#include "core/history/hashing.h"

#include <openssl/evp.h>

#include "core/base/error.h"

namespace axon::history {

namespace {

void require(bool worked) {
  if (worked) return;
  throw Error(ErrorCode::failed, "cannot compute a digest").because("OpenSSL reported an error");
}

// Fetched once: a lookup by name in every call costs more than hashing a small object.
const EVP_MD* sha1_method() {
  static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  require(method != nullptr);
  return method;
}

const EVP_MD* sha256_method() {
  static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  require(method != nullptr);
  return method;
}

template <class Id>
Id digest_of(ByteSpan bytes, const EVP_MD* method) {
  Id id;
  auto* into = reinterpret_cast<unsigned char*>(id.bytes.data());
  require(EVP_Digest(bytes.data(), bytes.size(), into, nullptr, method, nullptr) == 1);
  return id;
}

}  // namespace

void Sha1::Free::operator()(evp_md_ctx_st* context) const {
  EVP_MD_CTX_free(context);
}

Sha1::Sha1() : context_(EVP_MD_CTX_new()) {
  require(context_ && EVP_DigestInit_ex2(context_.get(), sha1_method(), nullptr) == 1);
}

void Sha1::update(ByteSpan bytes) {
  require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
}

GitId Sha1::finish() {
  GitId id;
  require(EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(id.bytes.data()), nullptr) ==
          1);
  require(EVP_DigestInit_ex2(context_.get(), sha1_method(), nullptr) == 1);
  return id;
}

GitId sha1(ByteSpan bytes) {
  return digest_of<GitId>(bytes, sha1_method());
}

Digest sha256(ByteSpan bytes) {
  return digest_of<Digest>(bytes, sha256_method());
}

}  // namespace axon::history
