#include "core/history/signatures.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <optional>
#include <vector>

#include "core/base/error.h"
#include "core/base/subprocess.h"

namespace axon::history {

namespace {

constexpr const char* kProgram = "ssh-keygen";
constexpr const char* kNamespace = "git";

std::string trimmed(std::string_view text) {
  const auto last = text.find_last_not_of(" \t\r\n");
  return std::string(text.substr(0, last + 1));
}

std::string first_line(std::string_view text) {
  return trimmed(text.substr(0, text.find('\n')));
}

ProcessResult keygen(std::vector<std::string> arguments, std::string_view input, const CancelToken& cancel) {
  arguments.insert(arguments.begin(), kProgram);
  ProcessOptions options;
  options.standard_input = std::string(input);
  // Its messages are read below, and its times are UTC by the zone, which older versions cannot be told.
  options.environment = {{"LC_ALL", "C"}, {"TZ", "UTC0"}};
  try {
    return run_process(arguments, options, cancel);
  } catch (Error& error) {
    if (error.code() == ErrorCode::not_found) error.hint("install OpenSSH: `apt install openssh-client`");
    throw;
  }
}

// A file that lives as long as this object; ssh-keygen reads signatures from files alone.
class SignatureFile {
 public:
  SignatureFile(fs::FileSystem& fs, const fs::Path& folder, std::string_view signature)
      : fs_(fs), path_(fs::unique_path(folder, "signature-")) {
    const auto file = fs_.open(path_, {.access = fs::Access::create, .mode = 0600});
    file->write_at(0, as_bytes(std::string(signature) + "\n"));
    file->close();
  }
  ~SignatureFile() {
    try {
      fs_.remove(path_);
    } catch (...) {  // scratch is swept by its owner
    }
  }
  SignatureFile(const SignatureFile&) = delete;
  SignatureFile& operator=(const SignatureFile&) = delete;
  std::string text() const { return path_.string(); }

 private:
  fs::FileSystem& fs_;
  fs::Path path_;
};

// `Good "git" signature with ED25519 key SHA256:…` → `ED25519 SHA256:…`
std::string key_of(std::string_view answer) {
  auto line = first_line(answer);
  const auto with = line.rfind(" with ");
  if (with == line.npos) return line;
  auto key = line.substr(with + 6);
  if (const auto word = key.find(" key "); word != key.npos) key.erase(word, 4);
  return key;
}

std::string time_option(std::int64_t signed_at) {
  const auto when = static_cast<std::time_t>(signed_at);
  return fmt::format("-Overify-time={:%Y%m%d%H%M%S}", fmt::gmtime(when));
}

std::vector<std::string> principals_of(const SignatureFile& signature, const std::string& allowed,
                                       const std::string& time, const CancelToken& cancel) {
  const auto found =
      keygen({"-Y", "find-principals", "-f", allowed, "-s", signature.text(), time}, "", cancel);
  std::vector<std::string> principals;
  if (found.exit_code != 0) return principals;
  std::string_view rest = found.standard_output;
  while (!rest.empty()) {
    const auto line = first_line(rest);
    if (!line.empty()) principals.push_back(line);
    rest.remove_prefix(std::min(rest.find('\n'), rest.size() - 1) + 1);
  }
  return principals;
}

}  // namespace

std::string sign(std::string_view payload, const fs::Path& key, const CancelToken& cancel) {
  const auto made = keygen({"-Y", "sign", "-n", kNamespace, "-f", key.string()}, payload, cancel);
  if (made.exit_code == 0) return trimmed(made.standard_output);
  throw Error(ErrorCode::failed, "cannot sign with the key '" + key.string() + "'")
      .because("ssh-keygen says: " + first_line(made.standard_error))
      .hint("check the key with `ssh-keygen -l -f " + key.string() + "`");
}

SignatureCheck verify(fs::FileSystem& fs, const fs::Path& scratch, std::string_view payload,
                      std::string_view signature, const fs::Path& allowed_signers, std::int64_t signed_at,
                      const CancelToken& cancel) {
  const SignatureFile file(fs, scratch, signature);
  const auto sound = keygen({"-Y", "check-novalidate", "-n", kNamespace, "-s", file.text()}, payload, cancel);
  if (sound.exit_code != 0) return {};
  SignatureCheck check{SignatureState::unknown, "", key_of(sound.standard_output)};
  if (!fs::exists(fs, allowed_signers)) return check;
  const auto allowed = allowed_signers.string();
  const auto time = time_option(signed_at);
  for (const auto& principal : principals_of(file, allowed, time, cancel)) {
    const auto verified =
        keygen({"-Y", "verify", "-n", kNamespace, "-f", allowed, "-I", principal, "-s", file.text(), time},
               payload, cancel);
    if (verified.exit_code == 0) return {SignatureState::good, principal, check.key};
  }
  return check;
}

}  // namespace axon::history
