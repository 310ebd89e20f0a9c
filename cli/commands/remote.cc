#include "cli/commands/remote.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/author.h"
#include "cli/output/format.h"
#include "cli/output/table.h"
#include "cli/remotes.h"
#include "cli/wiring.h"
#include "remote/sync/named_remotes.h"
#include "remote/sync/open_remote.h"

namespace axon::cli {

namespace {

nlohmann::json to_json(const sync::NamedRemote& remote) {
  return {{"name", remote.name}, {"address", remote.address}};
}

// Makes a remote of an empty place, so that a mistyped path is met here and not at the first push.
ExitCode add(Context& context, const std::string& name, const std::string& address) {
  const Place place = open_place_with_store(context);
  sync::NamedRemotes remotes(*place.store);
  const sync::NamedRemote remote{name, full_address(context, address)};
  refuse_taken_name(remotes, remote);
  const auto opened =
      sync::open_remote_at(*place.store, remote.address, sync::MissingRemote::create, context.cancel());
  remotes.add(remote, context.cancel());
  context.printer().show(
      [&] {
        auto json = to_json(remote);
        json["remote_id"] = opened->capabilities().id;
        return json;
      },
      [&] { context.printer().note("added remote " + name + ": " + printable(remote.address)); });
  return ExitCode::ok;
}

ExitCode list(Context& context) {
  const Place place = open_place_with_store(context);
  const auto remotes = sync::NamedRemotes(*place.store).list();
  const auto used = place.workspace ? place.workspace->state().remote : std::nullopt;
  Printer& printer = context.printer();
  printer.show(
      [&] {
        nlohmann::json list = nlohmann::json::array();
        for (const auto& remote : remotes) {
          list.push_back(to_json(remote));
          list.back()["workspace_default"] = remote.name == used;
        }
        return nlohmann::json{{"remotes", std::move(list)}};
      },
      [&] {
        Table table({Align::left, Align::left});
        for (const auto& remote : remotes)
          table.row({printer.style().bold(remote.name), printable(remote.address)});
        for (const auto& line : table.lines()) printer.line(line);
        if (remotes.empty()) printer.note("no remotes yet: `axon remote add NAME PATH`");
      });
  return ExitCode::ok;
}

ExitCode remove(Context& context, const std::string& name) {
  const Place place = open_place_with_store(context);
  sync::NamedRemotes remotes(*place.store);
  const auto remote = remotes.get(name);
  remotes.remove(name, author(context), context.cancel());
  context.printer().show([&] { return to_json(remote); },
                         [&] {
                           context.printer().note("removed remote " + name + "; what lies at " +
                                                  printable(remote.address) + " was not touched");
                         });
  return ExitCode::ok;
}

Command add_command() {
  return {"add",
          Group::share,
          "name a place to push to; an empty one is made a remote",
          [](CLI::App& app) {
            auto words = std::make_shared<std::pair<std::string, std::string>>();
            app.add_option("NAME", words->first, "how you will call it")->required();
            app.add_option("URL", words->second, "a directory, or file:///directory")->required();
            return Action([words](Context& context) { return add(context, words->first, words->second); });
          },
          {},
          "  $ axon remote add prod /mnt/models/prod\n"};
}

Command list_command() {
  return {"list", Group::share, "list the remotes of the store", [](CLI::App&) { return Action(list); }};
}

Command remove_command() {
  return {"remove", Group::share, "forget a remote; what lies there stays", [](CLI::App& app) {
            auto name = std::make_shared<std::string>();
            app.add_option("NAME", *name, "of the remote")->required();
            return Action([name](Context& context) { return remove(context, *name); });
          }};
}

}  // namespace

Command remote_command() {
  return {"remote",
          Group::share,
          "name the places that models are pushed to",
          [](CLI::App&) { return Action(list); },
          {add_command(), list_command(), remove_command()}};
}

}  // namespace axon::cli
