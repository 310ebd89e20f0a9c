#include "core/history/odb_adapter.h"

#include <cstring>
#include <exception>

#include "core/base/error.h"

namespace axon::history {

namespace {

// Commits, trees and tags are all that libgit2 reads here.
constexpr std::uint64_t kLimit = std::uint64_t{64} << 20;

struct Backend {
  git_odb_backend base;  // first, so that libgit2's pointer to it is one to the whole
  ObjectSource* source;
};

ObjectSource& source_of(git_odb_backend* backend) {
  return *reinterpret_cast<Backend*>(backend)->source;
}

// No exception may cross libgit2's frames.
template <class Call>
int guarded(Call call) noexcept {
  try {
    return call();
  } catch (const Error& error) {
    std::string text = error.message();
    for (const auto& cause : error.causes()) text += ": " + cause;
    git_error_set_str(GIT_ERROR_ODB, text.c_str());
  } catch (const std::exception& error) {
    git_error_set_str(GIT_ERROR_ODB, error.what());
  }
  return GIT_ERROR;
}

int not_found(const git_oid* oid) {
  git_error_set_str(GIT_ERROR_ODB, ("object '" + to_id(*oid).hex() + "' is missing").c_str());
  return GIT_ENOTFOUND;
}

int read(void** data, std::size_t* size, git_object_t* type, git_odb_backend* backend, const git_oid* oid) {
  return guarded([&] {
    const auto object = source_of(backend).read(to_id(*oid), kLimit);
    if (!object) return not_found(oid);
    *size = object->content.size();
    *type = static_cast<git_object_t>(object->type);
    *data = git_odb_backend_data_alloc(backend, *size);
    if (*data == nullptr) return static_cast<int>(GIT_ERROR);
    if (*size > 0) std::memcpy(*data, object->content.data(), *size);
    return 0;
  });
}

int read_header(std::size_t* size, git_object_t* type, git_odb_backend* backend, const git_oid* oid) {
  return guarded([&] {
    const auto info = source_of(backend).info(to_id(*oid));
    if (!info) return not_found(oid);
    *size = info->size;
    *type = static_cast<git_object_t>(info->type);
    return 0;
  });
}

int exists(git_odb_backend* backend, const git_oid* oid) {
  return guarded([&] { return source_of(backend).info(to_id(*oid)).has_value() ? 1 : 0; }) == 1;
}

void free_backend(git_odb_backend* backend) {
  const std::unique_ptr<Backend> owned(reinterpret_cast<Backend*>(backend));
}

}  // namespace

GitOdb make_odb(ObjectSource& source) {
  start_libgit2();
  auto odb = acquire<GitOdb>("open the history", [](auto** out) { return git_odb_new(out); });
  auto backend = std::make_unique<Backend>();
  check_git(git_odb_init_backend(&backend->base, GIT_ODB_BACKEND_VERSION), "open the history");
  backend->base.read = read;
  backend->base.read_header = read_header;
  backend->base.exists = exists;
  backend->base.free = free_backend;
  backend->source = &source;
  check_git(git_odb_add_backend(odb.get(), &backend->base, 1), "open the history");
  static_cast<void>(backend.release());  // the odb frees it
  return odb;
}

}  // namespace axon::history
