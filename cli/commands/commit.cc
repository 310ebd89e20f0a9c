#include "cli/commands/commit.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <nlohmann/json.hpp>

#include "cli/author.h"
#include "cli/output/format.h"
#include "cli/version_view.h"
#include "cli/wiring.h"
#include "core/base/error.h"
#include "core/workspace/commit.h"
#include "hooks/builtin/manifest_checksums.h"

namespace axon::cli {

namespace {

struct Options {
  std::optional<std::string> message, author, base, tag;
  std::vector<std::string> paths;
  bool allow_empty = false, sign = false, on_latest = false;
};

workspace::CommitOptions to_service(Context& context, const Place& place, const Options& options) {
  workspace::CommitOptions commit;
  commit.message = options.message;
  commit.paths = workspace_paths(context, place, options.paths);
  commit.author = author(context, options.author);
  commit.committer = options.author ? author(context, std::nullopt) : commit.author;
  commit.empty = options.allow_empty ? workspace::EmptyCommit::allow : workspace::EmptyCommit::refuse;
  commit.onto = options.on_latest ? workspace::CommitOnto::latest : workspace::CommitOnto::base;
  if (options.tag) commit.tag = VersionName::parse(*options.tag);
  if (options.base) commit.lineage = resolve_spec(context, place, *options.base).commit;
  if (options.sign) commit.signing_key = signing_key(context);
  return commit;
}

// "stored 151 MB (93 % saved)": what the store grew by, against what was read.
std::string storage_line(const workspace::CommitResult& result) {
  std::string text = "stored " + format_size(result.bytes_stored);
  if (result.bytes_read > result.bytes_stored) {
    const std::uint64_t saved = result.bytes_read - result.bytes_stored;
    text += fmt::format(" of {}, {} saved", format_size(result.bytes_read),
                        format_percent(saved, result.bytes_read));
  }
  return text + format_pace(result.bytes_read, result.elapsed_ns);
}

std::string changes_line(const workspace::CommitResult& result) {
  std::vector<std::string> parts;
  const auto part = [&](std::size_t count, const char* what) {
    if (count > 0) parts.push_back(format_count(count) + " " + what);
  };
  part(result.added, "added");
  part(result.changed, "changed");
  part(result.removed, "removed");
  const std::string all =
      fmt::format("{}, {}", format_count(result.files, "file"), format_size(result.bytes));
  return parts.empty() ? all : fmt::format("{}: {}", all, fmt::join(parts, ", "));
}

std::string first_line(const std::string& message) {
  return message.substr(0, message.find('\n'));
}

void print_text(Printer& printer, const Line& line, const Options& options,
                const workspace::CommitResult& result) {
  if (!result.committed) {
    return printer.note(result.id.is_zero() ? "there are no files to commit"
                                            : "nothing changed since the last commit");
  }
  const std::string tag = options.tag ? " as " + *options.tag : "";
  printer.note(fmt::format("committed {} to {}{}: {}", printer.style().yellow(result.id.short_hex()),
                           line.text(), tag, printable(first_line(result.message))));
  printer.note("  " + changes_line(result));
  printer.note("  " + storage_line(result));
  printer.detail(fmt::format("  new content {}, the rest was in the store", format_size(result.bytes_new)));
}

nlohmann::json to_json(const Line& line, const Options& options, const workspace::CommitResult& result) {
  return {{"committed", result.committed},
          {"id", result.committed ? nlohmann::json(result.id.hex()) : nlohmann::json()},
          {"line", line.text()},
          {"tag", options.tag && result.committed ? nlohmann::json(*options.tag) : nlohmann::json()},
          {"message", result.message},
          {"files", result.files},
          {"bytes", result.bytes},
          {"added", result.added},
          {"changed", result.changed},
          {"removed", result.removed},
          {"bytes_read", result.bytes_read},
          {"bytes_new", result.bytes_new},
          {"bytes_stored", result.bytes_stored},
          {"seconds", static_cast<double>(result.elapsed_ns) / 1e9},
          {"warnings", result.warnings}};
}

ExitCode run(Context& context, const Options& options) {
  Place place = open_workspace(context);
  hooks::ManifestChecksums manifest;
  const std::array<store::Gate*, 1> gates{&manifest};
  auto commit = to_service(context, place, options);
  commit.gates = gates;
  const auto result =
      workspace::commit(*place.store, *place.workspace, commit, context.progress(), context.cancel());
  Printer& printer = context.printer();
  if (!printer.json()) {
    for (const auto& warning : result.warnings) printer.warn(warning);
  }
  const Line& line = place.workspace->state().line;
  printer.show([&] { return to_json(line, options, result); },
               [&] { print_text(printer, line, options, result); });
  return ExitCode::ok;
}

Action declare(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("PATH", options->paths, "only these files and folders (default: all)");
  app.add_option("-m,--message", options->message, "say why (default: made from what changed)")
      ->type_name("MSG");
  app.add_option("--tag", options->tag, "also name the version")->type_name("V");
  app.add_option("--author", options->author, "'Name <email>' (default: as git has it)")->type_name("A");
  app.add_flag("--on-latest", options->on_latest, "apply the changes to the line's latest version");
  app.add_flag("--allow-empty", options->allow_empty, "commit although nothing changed");
  app.add_option("--base", options->base, "the version that this one was made from")->type_name("SPEC");
  app.add_flag("--sign", options->sign, "sign with the SSH key that git uses (user.signingkey)");
  return [options](Context& context) { return run(context, *options); };
}

}  // namespace

Command commit_command() {
  return {"commit",
          Group::work,
          "record the files as a new version",
          declare,
          {},
          "There is no staging area: all files that `axon status` shows are recorded, or those under PATH.\n"
          "Unchanged files are not opened. The files themselves are never written.\n\n"
          "  $ axon commit -m \"Fine-tune on support tickets\" --tag v2\n"};
}

}  // namespace axon::cli
