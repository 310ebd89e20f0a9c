#!/usr/bin/env python3
"""Takes one guard out of the program at a time, and expects a test of its folder to turn red.

    run.py [--only TEXT] [--seams | --hashes]

Hash checks: each line of hash_checks.txt is a one-line patch, built and tested in a copy of the tree under
build/mutants. Syncs and renames: the program axon_skip_mutants leaves out the N-th of each operation and cuts the power
(skip_mutants.cc). Prints a Markdown table for docs/testing.md; exit 1 when a mutant survives that is not listed as
harmless.
"""
import argparse, os, pathlib, re, shutil, subprocess, sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
COPY = ROOT / "build" / "mutants" / "tree"
BUILD = ROOT / "build" / "mutants" / "build"


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


def copy_tree():
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], check=True, capture_output=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        source, target = ROOT / name, COPY / name
        if not source.is_file():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_bytes() != source.read_bytes():
            shutil.copy2(source, target)


def build(targets):
    if not (BUILD / "build.ninja").exists():
        subprocess.run(["cmake", "-S", str(COPY), "-B", str(BUILD), "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release"],
                       check=True, stdout=subprocess.DEVNULL)
    done = subprocess.run(["ninja", "-C", str(BUILD), *targets], capture_output=True, text=True)
    return done.returncode == 0, done.stdout


def hash_mutants(only):
    copy_tree()
    patches = [p for p in read_patches() if only in p["file"] + p["find"]]
    ok, output = build(sorted({p["test"] for p in patches}))
    if not ok:
        sys.exit(f"the tree does not build:\n{output}")
    survivors = 0
    print("| guard removed | in | red |\n|---|---|---|")
    for patch in patches:
        path = COPY / patch["file"]
        original = path.read_text()
        if original.count(patch["find"]) != 1:
            sys.exit(f"{patch['file']}: not exactly once: {patch['find']}")
        path.write_text(original.replace(patch["find"], patch["put"]))
        try:
            ok, output = build([patch["test"]])
            if not ok:
                sys.exit(f"the mutant of {patch['file']} does not build:\n{output}")
            program = next(BUILD.glob(f"**/{patch['test']}"))
            run = subprocess.run([str(program), f"--gtest_filter={patch['filter']}"], capture_output=True, text=True,
                                 timeout=600, errors="replace")
            failed = re.findall(r"^\[  FAILED  \] (\S+)", run.stdout, re.M)
            killed = run.returncode != 0
        finally:
            path.write_text(original)
        survivors += not killed
        guard = patch["find"].strip().replace("|", "\\|")
        print(f"| `{guard}` | {patch['file']} | {failed[0] if failed else 'crash' if killed else '**none**'} |", flush=True)
    return survivors


def seam_mutants():
    ok, output = build_here("axon_skip_mutants")
    if not ok:
        sys.exit(output)
    return subprocess.run([str(ROOT / "build" / "axon_skip_mutants")]).returncode


def build_here(target):
    done = subprocess.run(["ninja", "-C", str(ROOT / "build"), target], capture_output=True, text=True)
    return done.returncode == 0, done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="")
    parser.add_argument("--seams", action="store_true")
    parser.add_argument("--hashes", action="store_true")
    options = parser.parse_args()
    survivors = 0
    if not options.seams:
        survivors += hash_mutants(options.only)
    if not options.hashes:
        survivors += seam_mutants()
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
