#!/usr/bin/env python3
"""Takes one guard out of the program at a time, and expects a test of its folder to turn red.

    run.py [--build FOLDER] [--seams | --hashes] [--only TEXT]

Hash checks: each block of hash_checks.txt is a patch of one line. The patched source alone is compiled, and linked in
front of the libraries of its folder's test program. Syncs and renames: the program axon_skip_mutants leaves out the
N-th of each operation and cuts the power (skip_mutants.cc). Prints Markdown tables for docs/testing.md; exit 1 when a
mutant survives that is not explained.
"""
import argparse, concurrent.futures, json, os, pathlib, re, shlex, shutil, subprocess, sys, tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SEAM_OPERATIONS = (("init", "commit", "push"), ("checkout", "export", "gc", "clone"))  # about as long, side by side


def read_patches():
    """Blocks of: file, line to find, line to put, test program, filter; separated by empty lines."""
    blocks = (ROOT / "tests" / "mutants" / "hash_checks.txt").read_text().split("\n\n")
    for block in blocks:
        lines = [line for line in block.split("\n") if line and not line.startswith("#")]
        if lines:
            patch = dict(zip(("file", "find", "put", "test", "filter"), lines, strict=True))
            if patch["put"] == "(nothing)":
                patch["put"] = ""
            yield patch


def succeed(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", **options)
    if done.returncode != 0:
        sys.exit(f"{command if isinstance(command, str) else shlex.join(command)}:\n{done.stdout}{done.stderr}")
    return done.stdout


class HashMutants:
    def __init__(self, build, folder):
        self.build, self.folder = build, folder
        commands = json.loads((build / "compile_commands.json").read_text())
        self.compilations = {entry["file"]: entry for entry in commands}
        self.links = {}

    def prepare(self, patches):
        """Builds the test programs, and holds them to being green as long as nothing is taken out."""
        for patch in patches:
            if (ROOT / patch["file"]).read_text().count(patch["find"]) != 1:
                sys.exit(f"{patch['file']}: not exactly once: {patch['find']}")
        filters = {}
        for patch in patches:
            filters.setdefault(patch["test"], set()).update(patch["filter"].split(":"))
        succeed(["ninja", "-C", str(self.build), *filters])
        for test, wanted in filters.items():
            commands = succeed(["ninja", "-C", str(self.build), "-t", "commands", test]).splitlines()
            self.links[test] = commands[-1]
            program = re.search(r" -o (\S+)", commands[-1])[1]
            succeed([str(self.build / program), f"--gtest_filter={':'.join(sorted(wanted))}", "--gtest_brief=1"])

    def try_one(self, number, patch):
        """The first test that turned red, or None."""
        folder = self.folder / str(number)
        folder.mkdir()
        source, object_file, program = folder / pathlib.Path(patch["file"]).name, folder / "mutant.o", folder / "test"
        source.write_text((ROOT / patch["file"]).read_text().replace(patch["find"], patch["put"]))
        entry = self.compilations[str(ROOT / patch["file"])]
        words = shlex.split(entry["command"])
        words[words.index("-o") + 1], words[words.index("-c") + 1] = str(object_file), str(source)
        # What a removed check leaves unused is no error here.
        launcher = ["ccache"] if shutil.which("ccache") else []
        succeed([*launcher, *words, "-O1", "-Wno-error"], cwd=entry["directory"])
        # Before the libraries: the linker takes each function from where it meets it first.
        link = re.sub(r" -o \S+", lambda _: f" {object_file} -o {program}", self.links[patch["test"]], count=1)
        succeed(link, shell=True, cwd=self.build)
        try:
            run = subprocess.run([str(program), f"--gtest_filter={patch['filter']}", "--gtest_brief=1"], text=True,
                                 capture_output=True, timeout=300, errors="replace")
        except subprocess.TimeoutExpired:
            return "it hangs"
        finally:
            shutil.rmtree(folder)
        failed = re.search(r"^\[  FAILED  \] (\w+\S*?)(,| \(|$)", run.stdout, re.M)
        return failed[1] if failed else "it crashes" if run.returncode != 0 else None


def hash_mutants(build, only):
    patches = [p for p in read_patches() if only in p["file"] + " " + p["find"]]
    survivors = 0
    with tempfile.TemporaryDirectory(prefix="axon-mutants-") as folder:
        mutants = HashMutants(build, pathlib.Path(folder))
        mutants.prepare(patches)
        print("| file | check that was taken out | red |\n|---|---|---|", flush=True)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for patch, red in zip(patches, pool.map(mutants.try_one, range(len(patches)), patches)):
                survivors += red is None
                guard = patch["find"].strip().replace("|", "\\|")
                print(f"| `{patch['file']}` | `{guard}` | {red or '**none**'} |", flush=True)
    print(f"{len(patches)} hash checks, {survivors} mutants survived", file=sys.stderr)
    return survivors


def seam_mutants(build, only):
    succeed(["ninja", "-C", str(build), "axon_skip_mutants"])
    program = str(build / "axon_skip_mutants")
    chosen = [[name for name in names if only in name] for names in SEAM_OPERATIONS]
    running = [subprocess.Popen([program, *names], stdout=subprocess.PIPE, text=True) for names in chosen if names]
    outputs = [process.communicate()[0] for process in running]
    lines = [output.splitlines() for output in outputs]
    print("\n".join(lines[0] + [line for others in lines[1:] for line in others[2:]]), flush=True)
    return sum(process.returncode != 0 for process in running)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--only", default="")
    parser.add_argument("--seams", action="store_true")
    parser.add_argument("--hashes", action="store_true")
    options = parser.parse_args()
    build = options.build.resolve()
    if not (build / "build.ninja").exists():
        succeed(["cmake", "--preset", "release", "-B", str(build)], cwd=ROOT)
    survivors = 0
    if not options.seams:
        survivors += hash_mutants(build, options.only)
    if not options.hashes:
        survivors += seam_mutants(build, options.only)
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
