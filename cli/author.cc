#include "cli/author.h"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <ctime>

#include "cli/settings.h"
#include "core/base/error.h"
#include "core/base/subprocess.h"
#include "core/history/author.h"
#include "core/history/commit_text.h"

namespace axon::cli {

namespace {

// Where git looks, least important first (git-config(1), FILES).
std::vector<fs::Path> git_configuration(Context& context, const fs::Path& home) {
  const Environment& environment = context.host().environment;
  std::vector<fs::Path> files;
  if (!environment("GIT_CONFIG_NOSYSTEM")) files.push_back("/etc/gitconfig");
  if (const auto global = environment("GIT_CONFIG_GLOBAL")) {
    files.push_back(*global);
    return files;
  }
  const auto xdg = environment("XDG_CONFIG_HOME");
  files.push_back((xdg ? fs::Path(*xdg) : home / ".config") / "git" / "config");
  files.push_back(home / ".gitconfig");
  return files;
}

std::string user_name(Context& context) {
  if (const auto user = context.host().environment("USER")) return *user;
  const passwd* entry = getpwuid(geteuid());  // NOLINT(concurrency-mt-unsafe): no other thread runs yet
  return entry != nullptr ? entry->pw_name : "user";
}

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
  return name.data();
}

// What a commit's header cannot hold is left out, as git does.
std::string cleaned(std::string text) {
  std::erase_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '<' || c == '>'; });
  const auto first = text.find_first_not_of(' ');
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// The first of the places that has one.
history::Person configured(Context& context) {
  const Environment& environment = context.host().environment;
  const Config config = load_config(context);
  const auto name = config.get("user.name");
  const auto email = config.get("user.email");
  history::Person person{name ? name->value : environment("GIT_AUTHOR_NAME").value_or(""),
                         email ? email->value : environment("GIT_AUTHOR_EMAIL").value_or(""), 0, 0};
  if (person.name.empty() || person.email.empty()) {
    const fs::Path home = environment("HOME").value_or("/");
    const auto git = history::configured_author(git_configuration(context, home), home);
    if (git && person.name.empty()) person.name = git->name;
    if (git && person.email.empty()) person.email = git->email;
  }
  person.name = cleaned(person.name);
  person.email = cleaned(person.email);
  if (person.name.empty()) person.name = user_name(context);
  if (person.email.empty()) person.email = user_name(context) + "@" + host_name();
  return person;
}

// Git expands "~/" itself when asked for a path.
std::string git_signing_key(Context& context) {
  ProcessOptions options;
  options.working_directory = context.directory().string();
  options.timeout = std::chrono::seconds(10);
  try {
    auto result =
        run_process({"git", "config", "--path", "--get", "user.signingkey"}, options, context.cancel());
    std::string key = std::move(result.standard_output);
    while (key.ends_with('\n')) key.pop_back();
    return key;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::not_found) return "";  // git is not installed
    throw;
  }
}

}  // namespace

history::Person author(Context& context, const std::optional<std::string>& given) {
  history::Person person = given ? history::parse_person(*given) : configured(context);
  person.seconds = context.now_seconds();
  const auto now = static_cast<std::time_t>(person.seconds);
  std::tm local{};
  if (localtime_r(&now, &local) != nullptr) person.offset_minutes = static_cast<int>(local.tm_gmtoff / 60);
  return person;
}

std::string actor(const history::Person& who) {
  return who.name + " <" + who.email + "> on " + cleaned(host_name());
}

std::string signing_key(Context& context) {
  const auto setting = load_config(context).get("user.signingkey");
  std::string key = setting ? setting->value : git_signing_key(context);
  if (key.empty()) {
    throw Error(ErrorCode::usage, "there is no key to sign with")
        .because("neither axon's user.signingkey nor git's user.signingkey is set")
        .hint("run `axon config set user.signingkey ~/.ssh/id_ed25519`");
  }
  if (key.starts_with("~/")) key = context.host().environment("HOME").value_or("") + key.substr(1);
  return context.resolve(key).string();
}

}  // namespace axon::cli
