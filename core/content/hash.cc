#include "core/content/hash.h"

#include <openssl/evp.h>

#include <variant>

#include "core/base/error.h"
#include "core/content/hash_streams.h"

namespace axon::content {

namespace {

[[noreturn]] void fail() {
  throw Error(ErrorCode::failed, "cannot compute a SHA-256 digest").because("OpenSSL reported an error");
}

// Fetched once: a lookup by name in every call costs more than hashing a small chunk.
const EVP_MD* sha256_method() {
  static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  if (method == nullptr) fail();
  return method;
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

}  // namespace

Digest sha256(ByteSpan bytes) {
  Digest digest;
  auto* into = reinterpret_cast<unsigned char*>(digest.bytes.data());
  if (EVP_Digest(bytes.data(), bytes.size(), into, nullptr, sha256_method(), nullptr) != 1) fail();
  return digest;
}

struct Sha256::State {
  std::unique_ptr<EVP_MD_CTX, FreeContext> context{EVP_MD_CTX_new()};

  State() { start(); }
  void start() {
    if (!context || EVP_DigestInit_ex2(context.get(), sha256_method(), nullptr) != 1) fail();
  }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(ByteSpan bytes) {
  if (EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) != 1) fail();
}

Digest Sha256::finish() {
  Digest digest;
  auto* into = reinterpret_cast<unsigned char*>(digest.bytes.data());
  if (EVP_DigestFinal_ex(state_->context.get(), into, nullptr) != 1) fail();
  state_->start();
  return digest;
}

struct FileHasher::State {
  std::variant<PairedFileHasher, PlainFileHasher> hasher;

  State() {
    if (!has_paired_sha256()) hasher.emplace<PlainFileHasher>();
  }
};

FileHasher::FileHasher() : state_(std::make_unique<State>()) {}
FileHasher::~FileHasher() = default;
FileHasher::FileHasher(FileHasher&&) noexcept = default;
FileHasher& FileHasher::operator=(FileHasher&&) noexcept = default;

void FileHasher::update(ByteSpan bytes) {
  std::visit([&](auto& hasher) { hasher.update(bytes); }, state_->hasher);
}
ChunkId FileHasher::cut() {
  return std::visit([](auto& hasher) { return hasher.cut(); }, state_->hasher);
}
Oid FileHasher::finish() {
  return std::visit([](auto& hasher) { return hasher.finish(); }, state_->hasher);
}

bool has_paired_sha256() {
  return sha_instructions();
}

}  // namespace axon::content
