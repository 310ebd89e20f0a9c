// SSH signatures of commits and tags, made and checked by ssh-keygen in git's namespace ("git"), so that
// `git verify-commit` agrees.
//
// Keys stay with ssh-keygen: `key` is the path of a private key, or of a public one whose private half an
// agent holds. `allowed_signers` is the policy, in the format of ssh-keygen(1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/cancel.h"
#include "core/base/fs/file_system.h"

namespace axon::history {

// The armour, without a final newline. Error(failed) with ssh-keygen's words when it cannot.
std::string sign(std::string_view payload, const fs::Path& key, const CancelToken& cancel);

enum class SignatureState {
  good,     // by a key that allowed_signers names
  unknown,  // a sound signature, by a key that it does not name, or not for this time
  bad,      // does not match the payload, or is no SSH signature
};
struct SignatureCheck {
  SignatureState state = SignatureState::bad;
  std::string signer;  // the principal when good
  std::string key;     // "ED25519 SHA256:…" unless bad
};
// `scratch` is an existing folder for a temporary file. An absent `allowed_signers` names nobody.
// Error(not_found) when ssh-keygen is not installed. `signed_at` (seconds since 1970) is when the commit
// says it was made; keys are checked for their validity then.
SignatureCheck verify(fs::FileSystem& fs, const fs::Path& scratch, std::string_view payload,
                      std::string_view signature, const fs::Path& allowed_signers, std::int64_t signed_at,
                      const CancelToken& cancel);

}  // namespace axon::history
