#include "cli/diff_sides.h"

#include "cli/checkout_view.h"
#include "core/store/compare.h"
#include "core/workspace/working_version.h"

namespace axon::cli {

namespace {

class VersionSide final : public DiffSide {
 public:
  VersionSide(store::Store& store, store::ResolvedSpec version)
      : store_(store), version_(std::move(version)), files_(store::read_version(store, version_.commit)) {}

  std::string name() const override { return name_of(version_); }
  std::optional<GitId> commit() const override { return version_.commit; }
  const std::vector<store::VersionFile>& files() const override { return files_; }
  std::vector<model::ModelTensor> tensors() override { return store::read_tensors(store_, files_); }
  model::TensorReader read(const model::ModelTensor& tensor) override {
    return store::tensor_reader(store_, files_, tensor);
  }

 private:
  store::Store& store_;
  store::ResolvedSpec version_;
  std::vector<store::VersionFile> files_;
};

class WorkspaceSide final : public DiffSide {
 public:
  WorkspaceSide(Context& context, Place& place)
      : context_(context),
        place_(place),
        version_(workspace::read_working_version(*place.store, *place.workspace, context.progress(),
                                                 context.cancel())) {
    for (const auto& warning : version_.warnings) context.printer().warn(warning);
  }

  std::string name() const override { return "the files here"; }
  std::optional<GitId> commit() const override { return std::nullopt; }
  const std::vector<store::VersionFile>& files() const override { return version_.files; }
  std::vector<model::ModelTensor> tensors() override {
    return workspace::read_working_tensors(*place_.store, *place_.workspace, version_, context_.progress(),
                                           context_.cancel());
  }
  model::TensorReader read(const model::ModelTensor& tensor) override {
    return workspace::working_tensor_reader(*place_.workspace, tensor);
  }

 private:
  Context& context_;
  Place& place_;
  workspace::WorkingVersion version_;
};

// Before the first commit: everything is new.
class EmptySide final : public DiffSide {
 public:
  std::string name() const override { return "nothing"; }
  std::optional<GitId> commit() const override { return std::nullopt; }
  const std::vector<store::VersionFile>& files() const override { return files_; }
  std::vector<model::ModelTensor> tensors() override { return {}; }
  model::TensorReader read(const model::ModelTensor&) override {
    return [](MutableByteSpan) { return std::size_t{0}; };
  }

 private:
  std::vector<store::VersionFile> files_;
};

}  // namespace

DiffSides open_sides(Context& context, Place& place, const std::string& before, const std::string& after) {
  DiffSides sides;
  if (before.empty() && !place.workspace->state().base) {
    sides.before = std::make_unique<EmptySide>();
  } else {
    sides.before = std::make_unique<VersionSide>(
        *place.store, resolve_spec(context, place, before.empty() ? "@HEAD" : before));
  }
  if (after.empty()) {
    sides.after = std::make_unique<WorkspaceSide>(context, place);
  } else {
    sides.after = std::make_unique<VersionSide>(*place.store, resolve_spec(context, place, after));
  }
  return sides;
}

}  // namespace axon::cli
