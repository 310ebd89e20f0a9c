#include "core/base/subprocess.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>

#include "core/base/error.h"

namespace axon {

namespace {

using SteadyClock = std::chrono::steady_clock;

// How often a cancellation or a stopped child is looked for; everything else wakes the poll by itself.
constexpr std::chrono::milliseconds kTick{50};
// Between asking (SIGTERM) and insisting (SIGKILL).
constexpr std::chrono::milliseconds kGrace{500};

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() { close(); }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

struct Pipe {
  Descriptor read, write;
};

Error cannot_run(const std::string& program, int error_number) {
  return system_error(error_number, "run", program);
}

Pipe make_pipe(const std::string& program) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw cannot_run(program, errno);
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

void set_nonblocking(const Descriptor& end) {
  ::fcntl(end.get(), F_SETFL, ::fcntl(end.get(), F_GETFL) | O_NONBLOCK);
}

// While it lives, writing to a child that has closed its input is EPIPE on this thread instead of SIGPIPE for
// the process. A signal that was pending before stays pending.
class PipeSignalBlocked {
 public:
  PipeSignalBlocked() {
    ::sigemptyset(&pipe_);
    ::sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    ::sigpending(&pending);
    was_pending_ = ::sigismember(&pending, SIGPIPE) == 1;
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  PipeSignalBlocked(const PipeSignalBlocked&) = delete;
  PipeSignalBlocked& operator=(const PipeSignalBlocked&) = delete;
  ~PipeSignalBlocked() {
    const timespec now{0, 0};
    if (!was_pending_) {
      while (::sigtimedwait(&pipe_, nullptr, &now) < 0 && errno == EINTR) {
      }
    }
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_, before_;
  bool was_pending_ = false;
};

// NULL-terminated, as exec wants it; the strings outlive it.
std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (auto& each : strings) pointers.push_back(each.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environment_with(const std::vector<std::pair<std::string, std::string>>& changes) {
  std::vector<std::string> environment;
  const auto changed = [&](std::string_view entry) {
    const auto name = entry.substr(0, entry.find('='));
    return std::ranges::any_of(changes, [&](const auto& change) { return change.first == name; });
  };
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    if (!changed(*entry)) environment.emplace_back(*entry);
  }
  for (const auto& [name, value] : changes) {
    if (!value.empty()) environment.push_back(name + "=" + value);
  }
  return environment;
}

// posix_spawn's two settings objects.
class SpawnSettings {
 public:
  SpawnSettings() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  void connect(const Descriptor& end, int as) {
    ::posix_spawn_file_actions_adddup2(&actions_, end.get(), as);
  }
  void change_directory(const std::string& directory) {
    ::posix_spawn_file_actions_addchdir_np(&actions_, directory.c_str());
  }
  // A process group of its own, no blocked signals, and no SIGPIPE or SIGINT that we happen to ignore.
  void start_fresh() {
    sigset_t none, defaults;
    ::sigemptyset(&none);
    ::sigemptyset(&defaults);
    for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGQUIT}) ::sigaddset(&defaults, signal);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &defaults);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(&attributes_,
                               POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

// A started child: killed with its whole group and reaped by the destructor unless `wait`ed for.
class Child {
 public:
  Child(const std::vector<std::string>& argv, const ProcessOptions& options);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ > 0) {
      signal_group(SIGKILL);
      reap();
    }
  }

  // Moves what can be moved between the pipes and us, waiting at most `patience`.
  void serve(std::chrono::milliseconds patience);
  bool exited() const {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid != 0;
  }
  // True when it was stopped for using the terminal, which a group in the background may not.
  bool wants_terminal() const {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WSTOPPED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid != 0 && (info.si_status == SIGTTIN || info.si_status == SIGTTOU);
  }
  // Asks the group to end, then makes it.
  void terminate() {
    signal_group(SIGTERM);
    signal_group(SIGCONT);
    const auto until = SteadyClock::now() + kGrace;
    while (!exited() && SteadyClock::now() < until) serve(std::chrono::milliseconds(10));
    signal_group(SIGKILL);
  }
  bool too_much() const {
    return result_.standard_output.size() > output_limit_ || result_.standard_error.size() > output_limit_;
  }
  // Call it once `exited`.
  ProcessResult finish();

 private:
  void signal_group(int signal) const { ::kill(-pid_, signal); }
  int reap() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }
  void feed();
  bool drain(Descriptor& from, std::string& into);

  std::string_view input_;
  std::size_t output_limit_;
  pid_t pid_ = -1;
  Descriptor process_, stdin_, stdout_, stderr_;
  ProcessResult result_;
};

Error cannot_start(const std::string& program, const ProcessOptions& options, int error_number) {
  struct stat status {};
  const auto& folder = options.working_directory;
  if (folder && ::stat(folder->c_str(), &status) != 0)
    return Error(ErrorCode::not_found, "cannot run '" + program + "'").because("no folder '" + *folder + "'");
  // ENOENT and EACCES alike say that there is no such program for this user.
  const Error reason = system_error(error_number, "run", program);
  return Error(ErrorCode::not_found, reason.message()).because(reason.causes().front());
}

Child::Child(const std::vector<std::string>& argv, const ProcessOptions& options)
    : input_(options.standard_input), output_limit_(options.output_limit) {
  const auto& program = argv.at(0);
  Pipe in = make_pipe(program), out = make_pipe(program), err = make_pipe(program);
  SpawnSettings settings;
  settings.connect(in.read, STDIN_FILENO);
  settings.connect(out.write, STDOUT_FILENO);
  settings.connect(err.write, STDERR_FILENO);
  if (options.working_directory) settings.change_directory(*options.working_directory);
  settings.start_fresh();

  auto arguments = argv;
  auto environment = environment_with(options.environment);
  const int failure = ::posix_spawnp(&pid_, program.c_str(), settings.actions(), settings.attributes(),
                                     pointers_to(arguments).data(), pointers_to(environment).data());
  if (failure != 0) {
    pid_ = -1;
    throw cannot_start(program, options, failure);
  }
  stdin_ = std::move(in.write);
  stdout_ = std::move(out.read);
  stderr_ = std::move(err.read);
  for (const auto* end : {&stdin_, &stdout_, &stderr_}) set_nonblocking(*end);
  // Wakes the poll when the child ends while somebody it started still holds the pipes open.
  // (By number: <sys/pidfd.h> of glibc 2.36 forgets to declare its functions extern "C".)
  process_ = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
}

void Child::feed() {
  while (!input_.empty()) {
    const auto put = ::write(stdin_.get(), input_.data(), input_.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0 && errno == EAGAIN) return;
    if (put < 0) break;  // EPIPE: it wants no more, which is its right
    input_.remove_prefix(static_cast<std::size_t>(put));
  }
  stdin_.close();
}

// False when nothing more is there just now; closes at the end.
bool Child::drain(Descriptor& from, std::string& into) {
  std::array<char, 64 * 1024> block;
  const auto got = ::read(from.get(), block.data(), block.size());
  if (got < 0 && errno == EINTR) return true;
  if (got < 0 && errno == EAGAIN) return false;
  if (got <= 0) {
    from.close();
    return false;
  }
  into.append(block.data(), static_cast<std::size_t>(got));
  return true;
}

void Child::serve(std::chrono::milliseconds patience) {
  // poll ignores negative descriptors, so closed ends need no bookkeeping.
  std::array<pollfd, 4> ends{{{stdin_.get(), POLLOUT, 0},
                              {stdout_.get(), POLLIN, 0},
                              {stderr_.get(), POLLIN, 0},
                              {process_.get(), POLLIN, 0}}};
  if (::poll(ends.data(), ends.size(), static_cast<int>(patience.count())) <= 0) return;
  if (ends[0].revents != 0) feed();
  if (ends[1].revents != 0) drain(stdout_, result_.standard_output);
  if (ends[2].revents != 0) drain(stderr_, result_.standard_error);
}

ProcessResult Child::finish() {
  // What it wrote before it ended is in the pipes already; a grandchild that keeps them open is not waited
  // for.
  while (stdout_.open() && !too_much() && drain(stdout_, result_.standard_output)) {
  }
  while (stderr_.open() && !too_much() && drain(stderr_, result_.standard_error)) {
  }
  const int status = reap();
  result_.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return std::move(result_);
}

[[noreturn]] void give_up(Child& child, const std::string& program, const std::string& cause) {
  child.terminate();
  throw Error(ErrorCode::failed, "'" + program + "' was stopped").because(cause);
}

}  // namespace

ProcessResult run_process(const std::vector<std::string>& argv, const ProcessOptions& options,
                          const CancelToken& cancel) {
  if (argv.empty() || argv[0].empty()) throw Error(ErrorCode::usage, "no program to run was named");
  cancel.throw_if_cancelled();
  const PipeSignalBlocked no_signal;
  Child child(argv, options);
  const auto deadline = SteadyClock::now() + options.timeout;
  const auto limit_hit = [&] {
    return "it wrote more than " + std::to_string(options.output_limit) + " bytes";
  };
  while (!child.exited()) {
    child.serve(kTick);
    if (child.too_much()) give_up(child, argv[0], limit_hit());
    if (cancel.cancelled()) child.terminate();
    cancel.throw_if_cancelled();
    if (child.wants_terminal()) give_up(child, argv[0], "it asked for input at the terminal");
    if (SteadyClock::now() >= deadline)
      give_up(
          child, argv[0],
          fmt::format("it did not finish in {:g} s", static_cast<double>(options.timeout.count()) / 1000));
  }
  auto result = child.finish();
  if (std::max(result.standard_output.size(), result.standard_error.size()) > options.output_limit)
    throw Error(ErrorCode::failed, "'" + argv[0] + "' was stopped").because(limit_hit());
  return result;
}

}  // namespace axon
