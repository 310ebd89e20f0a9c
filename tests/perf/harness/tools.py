"""Axon and its peers behind one face: make a store, commit a folder, restore it."""
import os
import shutil
import subprocess

from harness.run import Sample, run, remove


class Tool:
    """A version store. `home` is everything that it keeps; `tree` is the folder that it versions, a workspace of
    its own for each tool. `Tool.slow` tools run once where others run several times."""
    name = program = ""
    slow = False
    reads_unchanged = True  # False: it knows unchanged files by their stat, so a growth step must have seen A

    def available(self):
        return shutil.which(self.program) is not None

    def version(self):
        out = subprocess.run([self.program, "--version"], capture_output=True, text=True).stdout
        return " ".join(out.split()[:2])

    def create(self, home, tree):
        """Makes the store; `tree` exists and may be empty."""
        raise NotImplementedError

    def adopt(self, home, tree):
        """Lets an existing store version another tree."""

    def commit(self, home, tree, version):
        raise NotImplementedError

    def restore(self, home, tree, version, target):
        """Writes the version into `target`, an empty folder."""
        raise NotImplementedError


class Axon(Tool):
    name = "axon"
    reads_unchanged = False

    def __init__(self, program):
        self.program = os.path.abspath(program)
        self.peak = {}  # operation → bytes, over the whole run

    def available(self):
        return os.access(self.program, os.X_OK)

    def version(self):
        return subprocess.run([self.program, "version"], capture_output=True, text=True).stdout.split("\n")[0]

    def call(self, operation, home, tree, *arguments):
        sample = run([self.program, "--home", f"{home}/axon", *arguments], cwd=tree, env=self.environment(home))
        self.peak[operation] = max(self.peak.get(operation, 0), sample.rss)
        return sample

    @staticmethod
    def environment(home):
        return {"AXON_HOME": f"{home}/axon", "GIT_AUTHOR_NAME": "bench", "GIT_AUTHOR_EMAIL": "bench@localhost",
                "GIT_COMMITTER_NAME": "bench", "GIT_COMMITTER_EMAIL": "bench@localhost"}

    def create(self, home, tree):
        os.makedirs(home)
        self.adopt(home, tree)

    def adopt(self, home, tree):
        self.call("init", home, tree, "init", f"bench/{os.path.basename(tree)}")

    def commit(self, home, tree, version):
        return self.call("commit", home, tree, "commit", "-m", version)

    def restore(self, home, tree, version, target):
        return self.call("checkout", home, tree, "checkout", "@latest", "--to", target, "--force")

    def status(self, home, tree):
        return self.call("status", home, tree, "status")

    def switch(self, home, tree, spec):
        return self.call("checkout", home, tree, "checkout", spec)


class Borg(Tool):
    name = "borg lz4"
    program = "borg"
    reads_unchanged = False

    @staticmethod
    def environment(home):
        return {"BORG_BASE_DIR": f"{home}/base", "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes",
                "BORG_RELOCATED_REPO_ACCESS_IS_OK": "yes"}

    def create(self, home, tree):
        os.makedirs(f"{home}/base")
        run(["borg", "init", "-e", "none", f"{home}/repo"], env=self.environment(home))

    def commit(self, home, tree, version):
        return run(["borg", "create", "-C", "lz4", f"{home}/repo::{version}", "."], cwd=tree,
                   env=self.environment(home))

    def restore(self, home, tree, version, target):
        return run(["borg", "extract", f"{home}/repo::{version}"], cwd=target, env=self.environment(home))


class Restic(Tool):
    name = program = "restic"
    reads_unchanged = False

    def version(self):
        return " ".join(subprocess.run(["restic", "version"], capture_output=True, text=True).stdout.split()[:2])

    @staticmethod
    def call(home, *arguments, cwd=None):
        return run(["restic", "-q", "-r", f"{home}/repo", "--cache-dir", f"{home}/cache", *arguments], cwd=cwd,
                   env={"RESTIC_PASSWORD": "bench"})

    def create(self, home, tree):
        os.makedirs(home)
        self.call(home, "init")

    def commit(self, home, tree, version):
        return self.call(home, "backup", "--tag", version, ".", cwd=tree)

    def restore(self, home, tree, version, target):
        return self.call(home, "restore", "latest", "--tag", version, "--target", target)


class GitLfs(Tool):
    name = program = "git-lfs"
    slow = True
    reads_unchanged = False

    def version(self):
        return super().version().split(" ")[0].replace("/", " ")

    @staticmethod
    def call(home, tree, *arguments):
        return run(["git", f"--git-dir={home}/git", f"--work-tree={tree}", "-c", "user.name=bench", "-c",
                    "user.email=bench@localhost", "-c", "gc.auto=0", *arguments], cwd=tree)

    def create(self, home, tree):
        os.makedirs(home)
        run(["git", "init", "-q", "--bare", f"{home}/git"])
        run(["git", f"--git-dir={home}/git", "config", "core.bare", "false"])
        run(["git", "lfs", "install", "--local", "--skip-repo"], cwd=f"{home}/git",
            env={"GIT_DIR": f"{home}/git"})
        os.makedirs(f"{home}/git/info", exist_ok=True)
        with open(f"{home}/git/info/attributes", "w") as file:
            file.write("".join(f"*.{e} filter=lfs diff=lfs merge=lfs -text\n" for e in ("safetensors", "bin", "gguf")))

    def commit(self, home, tree, version):
        return self.call(home, tree, "add", "-A", ".") + self.call(
            home, tree, "commit", "-q", "--allow-empty", "-m", version)

    def restore(self, home, tree, version, target):
        return self.call(home, target, "checkout", "-q", "-f", "HEAD", "--", ".")


class Casync(Tool):
    name = program = "casync"
    slow = True

    def create(self, home, tree):
        os.makedirs(f"{home}/default.castr")

    def commit(self, home, tree, version):
        return run(["casync", "make", f"--store={home}/default.castr", f"{home}/{version}.caidx", tree])

    def restore(self, home, tree, version, target):
        return run(["casync", "extract", f"--store={home}/default.castr", f"{home}/{version}.caidx", target])


class Ostree(Tool):
    name = program = "ostree"
    slow = True

    def version(self):
        out = subprocess.run(["ostree", "--version"], capture_output=True, text=True).stdout.split()
        return "ostree " + out[out.index("Version:") + 1].strip("'") if "Version:" in out else "ostree"

    def create(self, home, tree):
        os.makedirs(home)
        run(["ostree", "init", f"--repo={home}/repo", "--mode=bare-user"])

    def commit(self, home, tree, version):
        return run(["ostree", "commit", f"--repo={home}/repo", "-b", "bench", "-s", version,
                    f"--tree=dir={tree}"])

    def restore(self, home, tree, version, target):
        remove(target)
        return run(["ostree", "checkout", f"--repo={home}/repo", "-U", "--force-copy", "bench", target])


class Copy(Tool):
    """`cp -r`: no history at all, but the floor of what writing costs."""
    name, program = "cp -r", "cp"

    def version(self):
        return " ".join(subprocess.run(["cp", "--version"], capture_output=True, text=True).stdout.split()[:4])

    def create(self, home, tree):
        os.makedirs(home)

    def commit(self, home, tree, version):
        return run(["cp", "-r", tree, f"{home}/{version}"])

    def restore(self, home, tree, version, target):
        return run(["cp", "-r", f"{home}/{version}/.", target])


def hash_tree(tree, names) -> Sample:
    """`sha256sum` over the files: what reading and hashing alone costs."""
    return run(["sha256sum", "--", *names], cwd=tree)


PEERS = {"borg": Borg, "restic": Restic, "git-lfs": GitLfs, "casync": Casync, "ostree": Ostree, "cp": Copy}
