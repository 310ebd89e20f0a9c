#!/usr/bin/env python3
"""Strikes axon at its system calls and looks at what is left.

    run.py AXON SHIM [--long] [--operation commit] [--mode kill] [--seed 1] [--jobs 2]

For each operation (commit, checkout, gc, push, clone) and mode (kill, eio, enospc, short) the operation runs on a copy
of a prepared store with the N-th file-changing system call struck (see shim.c). Afterwards:
  * a strike that is no kill gave a clear error, or the operation really was done;
  * the old version is whole: `axon fsck --full`, `git fsck --strict`, and its files byte for byte;
  * the same operation then succeeds, and the new state is whole.
Ordinarily one N of each call site is struck, chosen by the seed; --long strikes every N.
"""
import argparse, collections, concurrent.futures, filecmp, json, os, pathlib, random, shutil, struct, subprocess, sys
import tempfile

MODES = ("kill", "eio", "enospc", "short")
MODEL = "crash/model"


def safetensors(tensors):
    header, offset = {}, 0
    for name, data in tensors.items():
        header[name] = {"dtype": "BF16", "shape": [len(data) // 2], "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + b"".join(tensors.values())


def write_version(folder, version):
    """The files of one version; deterministic."""
    generator = random.Random(version)
    same = random.Random(0)
    tensors = {"embed": same.randbytes(200_000), "head": generator.randbytes(130_000), "norm": same.randbytes(512)}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.safetensors").write_bytes(safetensors(tensors))
    (folder / "config.json").write_text(json.dumps({"version": version}))
    (folder / "vocab.bin").write_bytes(generator.randbytes(20_000))
    (folder / "sub").mkdir(exist_ok=True)
    (folder / "sub" / f"notes-{version}.txt").write_text(f"version {version}\n" * 50)
    for other in folder.glob("sub/notes-*.txt"):
        if other.name != f"notes-{version}.txt":
            other.unlink()


def same_tree(a, b):
    def names(root):
        return sorted(str(p.relative_to(root)) for p in root.rglob("*") if ".axon" not in p.parts and p.is_file())
    return names(a) == names(b) and all(filecmp.cmp(a / n, b / n, shallow=False) for n in names(a))


class Case:
    """One copy of the prepared state."""

    def __init__(self, runner, root):
        self.runner, self.root = runner, root
        self.home, self.work, self.remote = root / "home", root / "work", root / "remote"

    def axon(self, *args, cwd=None, environment=None):
        env = {k: v for k, v in os.environ.items() if not k.startswith("AXON_")}
        env.update(AXON_HOME=str(self.home), GIT_CONFIG_NOSYSTEM="1", HOME=str(self.root), NO_COLOR="1")
        env.update(environment or {})
        return subprocess.run([self.runner.axon, *args], cwd=cwd or self.work, env=env, capture_output=True, text=True,
                              errors="replace", timeout=120)

    def must(self, *args, **options):
        done = self.axon(*args, **options)
        assert done.returncode == 0, f"axon {' '.join(args)}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def assert_version(self, spec, expected):
        out = pathlib.Path(tempfile.mkdtemp(dir=self.root))
        self.must("checkout", spec, "--to", str(out / "files"))
        assert same_tree(out / "files", expected), f"{spec} is not what was committed"
        shutil.rmtree(out)

    def assert_whole(self):
        self.must("fsck", "--full")
        git = subprocess.run(["git", "-C", str(self.home / "store" / "git"), "fsck", "--strict"], capture_output=True,
                             text=True)
        assert git.returncode == 0, f"git fsck: {git.stdout}{git.stderr}"
        self.assert_version(f"{MODEL}@v1", self.runner.version(1))


class Operation:
    def arguments(self, case):
        raise NotImplementedError

    def done(self, case):
        """Raises unless the operation's effect is wholly there."""
        raise NotImplementedError


class Commit(Operation):
    def arguments(self, case):
        return ["commit", "-m", "second", "--tag", "v2"]

    def done(self, case):
        case.assert_version(f"{MODEL}@v2", case.runner.version(2))
        case.assert_version(MODEL, case.runner.version(2))  # the line and its tag go together


class Checkout(Operation):
    def arguments(self, case):
        return ["checkout", "@v1", "--force"]

    def done(self, case):
        assert same_tree(case.work, case.runner.version(1)), "the workspace is not at v1"
        status = json.loads(case.must("status", "--json").stdout)
        assert not status["changes"], status


class Gc(Operation):
    def arguments(self, case):
        return ["gc"]

    def done(self, case):
        case.assert_whole()


class Push(Operation):
    def arguments(self, case):
        return ["push", "prod"]

    def done(self, case):
        case.must("clone", str(case.remote), MODEL, str(case.root / "cloned"), "--home", str(case.root / "home2"))
        assert same_tree(case.root / "cloned", case.runner.version(3)), "the push lost something"


class Clone(Operation):
    def arguments(self, case):
        return ["clone", str(case.remote), MODEL, str(case.root / "cloned"), "--home", str(case.root / "home2")]

    def done(self, case):
        assert same_tree(case.root / "cloned", case.runner.version(1)), "the clone differs"

    def retry(self, case):
        # What a failed clone left is either nothing or a workspace that the second attempt may replace.
        shutil.rmtree(case.root / "cloned", ignore_errors=True)


OPERATIONS = {"commit": Commit(), "checkout": Checkout(), "gc": Gc(), "push": Push(), "clone": Clone()}


class Runner:
    def __init__(self, axon, shim, root):
        self.axon, self.shim, self.root = axon, shim, root
        for version in (1, 2, 3):
            write_version(root / f"v{version}", version)

    def version(self, number):
        return self.root / f"v{number}"

    def prepare(self, name):
        """The state that an operation starts from."""
        case = Case(self, self.root / f"base-{name}")
        case.root.mkdir()
        write_version(case.work, 1)
        case.must("init", MODEL)
        case.must("commit", "-m", "first", "--tag", "v1")
        case.must("remote", "add", "prod", str(case.remote))
        case.must("push", "prod")
        if name == "commit":
            write_version(case.work, 2)
        if name == "push":
            write_version(case.work, 3)
            case.must("commit", "-m", "third")
        if name == "gc":  # a branch whose content nothing refers to any more
            case.must("switch", "-c", "trial")
            write_version(case.work, 2)
            case.must("commit", "-m", "trial")
            case.must("switch", "main")
            case.must("branch", "-d", "trial")
        return case

    def copy(self, base, label):
        root = self.root / label
        subprocess.run(["cp", "-a", str(base.root), str(root)], check=True)
        for description in (root / "work" / ".axon" / "workspace.json", root / "home" / "store" / "remotes.json"):
            if description.exists():
                description.write_text(description.read_text().replace(str(base.root), str(root)))
        return Case(self, root)

    def strike(self, case, operation, mode, number, log=None):
        environment = {"LD_PRELOAD": self.shim, "AXON_SHIM_MODE": mode, "AXON_SHIM_AT": str(number)}
        if log:
            environment["AXON_SHIM_LOG"] = str(log)
        return case.axon(*operation.arguments(case), environment=environment)

    def call_sites(self, name, base):
        case = self.copy(base, f"count-{name}")
        log = self.root / f"log-{name}"
        done = self.strike(case, OPERATIONS[name], "count", 0, log)
        assert done.returncode == 0, f"{name} fails under the shim: {done.stderr}"
        OPERATIONS[name].done(case)
        shutil.rmtree(case.root)
        sites = collections.defaultdict(list)
        for line in log.read_text().splitlines():
            number, function, site = line.split(" ", 2)
            sites[function, site].append(int(number))
        return sites

    def check(self, name, base, mode, number):
        case = self.copy(base, f"{name}-{mode}-{number}")
        operation = OPERATIONS[name]
        try:
            struck = self.strike(case, operation, mode, number)
            if mode == "kill":
                assert struck.returncode in (-9, 0), f"exit {struck.returncode}: {struck.stderr}"
            elif struck.returncode != 0:
                assert 0 < struck.returncode < 126, f"exit {struck.returncode}: {struck.stderr}"
                assert "error:" in struck.stderr, f"no clear error: {struck.stderr!r}"
            if struck.returncode == 0:
                operation.done(case)
            else:
                case.assert_whole()
                if hasattr(operation, "retry"):
                    operation.retry(case)
                # A commit whose last step was struck may have been done all the same; one that was killed between its
                # line and its tag is finished by the next.
                again = case.axon(*operation.arguments(case))
                assert again.returncode == 0 or self.was_done(operation, case), \
                    f"the next run fails: exit {again.returncode}: {again.stderr}"
                operation.done(case)
            case.assert_whole()
        except (AssertionError, subprocess.TimeoutExpired) as problem:
            return f"{name}, {mode} at call {number}: {problem}"
        finally:
            shutil.rmtree(case.root, ignore_errors=True)
        return None

    @staticmethod
    def was_done(operation, case):
        try:
            operation.done(case)
            return True
        except AssertionError:
            return False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("axon")
    parser.add_argument("shim")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--operation", action="append", choices=OPERATIONS)
    parser.add_argument("--mode", action="append", choices=MODES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    chosen = random.Random(options.seed)
    problems, strikes = [], 0
    with tempfile.TemporaryDirectory(prefix="axon-crash-") as folder:
        runner = Runner(os.path.abspath(options.axon), os.path.abspath(options.shim), pathlib.Path(folder))
        for name in options.operation or OPERATIONS:
            base = runner.prepare(name)
            sites = runner.call_sites(name, base)
            for mode in options.mode or MODES:
                if mode == "short":
                    wanted = {s: n for s, n in sites.items() if s[0].startswith(("write", "pwrite"))}
                else:
                    wanted = sites
                numbers = sorted(n for calls in wanted.values() for n in (calls if options.long else [chosen.choice(calls)]))
                strikes += len(numbers)
                with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
                    found = pool.map(lambda n: runner.check(name, base, mode, n), numbers)
                    problems += [problem for problem in found if problem]
            print(f"{name}: {sum(map(len, sites.values()))} calls at {len(sites)} sites", flush=True)
    for problem in problems:
        print("FAILED", problem)
    print(f"{strikes - len(problems)} passed, {len(problems)} failed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
