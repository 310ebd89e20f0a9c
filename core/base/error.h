// Error: the one exception type. What failed, why, and the command that helps.
//
// Thrown for failure; absence is std::optional. Caught only at boundaries (the CLI's main, a task, a C
// callback). Rendered only in cli/error_report:
//   error: cannot push 'hf/bert' to 'prod'
//   because: the remote moved to 4f2c1a9be0d1
//   hint: run `axon pull`, then push again
// Texts are lower case, values in single quotes, no full stop. Secrets never appear in them.
#pragma once

#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace axon {

enum class ErrorCode {
  failed,           // anything that has no code of its own
  usage,            // bad command line, name, spec or configuration
  not_found,        // a named thing does not exist
  already_exists,   // put-if-absent met something
  partial,          // some of several targets failed
  not_a_workspace,  // no workspace or store here
  locked,           // a lock was not released in time
  moved,            // a compare-and-swap lost: pull and retry
  integrity,        // bytes do not match their name, checksum or grammar
  refused,          // a gate said no
  network,          // a remote did not answer as it should
  rolled_back,      // a deployment was undone
  unknown_outcome,  // an operation may or may not have happened
  interrupted,      // cancelled by the user
  no_space,         // ENOSPC, EDQUOT
  permission,       // EACCES, EPERM, EROFS
  io,               // any other failing system call
  unsupported,      // a version, format or kind that this program does not know
};

class Error : public std::exception {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  // Adds one line of "because"; the first added is the nearest cause. Chainable on a temporary:
  //   throw Error(ErrorCode::integrity, "cannot read pack '…'").because("its footer is cut short").hint("run
  //   `axon fsck`");
  Error& because(std::string cause) &;
  Error&& because(std::string cause) &&;
  Error& hint(std::string command) &;
  Error&& hint(std::string command) &&;
  // Puts a new headline above: the old message becomes the first "because".
  Error& within(std::string message) &;

  ErrorCode code() const { return code_; }
  const std::string& message() const { return message_; }
  const std::vector<std::string>& causes() const { return causes_; }
  const std::vector<std::string>& hints() const { return hints_; }
  // True where the same call may succeed if made again unchanged (network, locked).
  bool transient() const { return code_ == ErrorCode::network || code_ == ErrorCode::locked; }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  ErrorCode code_;
  std::string message_;
  std::vector<std::string> causes_;
  std::vector<std::string> hints_;
};

// The error of a failed system call: code from errno (ENOSPC → no_space, EACCES → permission, ENOENT →
// not_found, EEXIST → already_exists, else io), "cannot <action> '<subject>'", because: strerror.
Error system_error(int error_number, const std::string& action, const std::string& subject);

// The word of a code as it appears in --json ("integrity", "no_space", …).
const char* to_string(ErrorCode code);

}  // namespace axon
