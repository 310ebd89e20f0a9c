#include "core/base/error.h"

#include <cerrno>
#include <system_error>

namespace axon {

Error& Error::because(std::string cause) & {
  causes_.push_back(std::move(cause));
  return *this;
}

Error&& Error::because(std::string cause) && {
  return std::move(because(std::move(cause)));
}

Error& Error::hint(std::string command) & {
  hints_.push_back(std::move(command));
  return *this;
}

Error&& Error::hint(std::string command) && {
  return std::move(hint(std::move(command)));
}

Error& Error::within(std::string message) & {
  causes_.insert(causes_.begin(), std::move(message_));
  message_ = std::move(message);
  return *this;
}

namespace {

ErrorCode code_of(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return ErrorCode::no_space;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorCode::permission;
    case ENOENT:
      return ErrorCode::not_found;
    case EEXIST:
      return ErrorCode::already_exists;
    default:
      return ErrorCode::io;
  }
}

}  // namespace

Error system_error(int error_number, const std::string& action, const std::string& subject) {
  // std::generic_category rather than strerror, which is not thread-safe.
  std::string cause = std::generic_category().message(error_number);
  // "No such file" starts a sentence; ours do not. "RPC failed" and the like keep their capitals.
  if (cause.size() > 1 && cause[0] >= 'A' && cause[0] <= 'Z' && !(cause[1] >= 'A' && cause[1] <= 'Z'))
    cause[0] = static_cast<char>(cause[0] - 'A' + 'a');
  return Error(code_of(error_number), "cannot " + action + " '" + subject + "'").because(std::move(cause));
}

const char* to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::failed:
      return "failed";
    case ErrorCode::usage:
      return "usage";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::already_exists:
      return "already_exists";
    case ErrorCode::partial:
      return "partial";
    case ErrorCode::not_a_workspace:
      return "not_a_workspace";
    case ErrorCode::locked:
      return "locked";
    case ErrorCode::moved:
      return "moved";
    case ErrorCode::integrity:
      return "integrity";
    case ErrorCode::refused:
      return "refused";
    case ErrorCode::network:
      return "network";
    case ErrorCode::rolled_back:
      return "rolled_back";
    case ErrorCode::unknown_outcome:
      return "unknown_outcome";
    case ErrorCode::interrupted:
      return "interrupted";
    case ErrorCode::no_space:
      return "no_space";
    case ErrorCode::permission:
      return "permission";
    case ErrorCode::io:
      return "io";
    case ErrorCode::unsupported:
      return "unsupported";
  }
  return "failed";
}

}  // namespace axon
