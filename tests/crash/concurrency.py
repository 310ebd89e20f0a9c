#!/usr/bin/env python3
"""Many processes commit into one store at once, and none of their commits is lost.

    concurrency.py AXON [--processes 8] [--commits 50]

First all on one line with --on-latest, each from a copy of the same workspace; then each on a line of its own.
"""
import argparse, json, os, pathlib, shutil, subprocess, sys, tempfile, threading

MODEL = "many/hands"


class Session:
    def __init__(self, axon, root):
        self.axon, self.root, self.home = axon, root, root / "home"

    def run(self, *args, cwd):
        env = {k: v for k, v in os.environ.items() if not k.startswith("AXON_")}
        env.update(AXON_HOME=str(self.home), HOME=str(self.root), NO_COLOR="1", GIT_CONFIG_NOSYSTEM="1")
        done = subprocess.run([self.axon, *args], cwd=cwd, env=env, capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            raise RuntimeError(f"axon {' '.join(args)}: exit {done.returncode}: {done.stderr}")
        return done.stdout

    def git(self, *args):
        return subprocess.run(["git", "-C", str(self.home / "store" / "git"), *args], check=True, capture_output=True,
                              text=True).stdout


def work(session, folder, number, commits, arguments, errors):
    try:
        for count in range(1, commits + 1):
            (folder / f"own-{number}.txt").write_text(f"{count}\n")
            (folder / f"own-{number}.bin").write_bytes(bytes([number, count % 256]) * 4000)
            session.run("commit", "-q", "-m", f"by {number} number {count}", *arguments, cwd=folder)
    except Exception as problem:  # told by the main thread
        errors.append(f"process {number}: {problem}")


def run_all(session, folders, commits, arguments):
    errors = []
    threads = [threading.Thread(target=work, args=(session, folder, i, commits, arguments, errors))
               for i, folder in enumerate(folders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def expect(condition, problem, problems):
    if not condition:
        problems.append(problem)


def one_line(session, processes, commits, problems):
    first = session.root / "first"
    first.mkdir()
    (first / "shared.txt").write_text("the beginning\n")
    session.run("init", MODEL, cwd=first)
    session.run("commit", "-m", "first", cwd=first)
    folders = []
    for i in range(processes):
        folders.append(session.root / f"copy-{i}")
        shutil.copytree(first, folders[-1])
    problems += run_all(session, folders, commits, ["--on-latest"])
    messages = session.git("log", "--format=%s", f"refs/heads/{MODEL}").split("\n")
    for i in range(processes):
        for count in range(1, commits + 1):
            expect(messages.count(f"by {i} number {count}") == 1, f"commit {count} of process {i} is lost", problems)
        last = session.git("show", f"refs/heads/{MODEL}:own-{i}.txt").strip()
        expect(last == str(commits), f"the tip has {last!r} of process {i}", problems)
    expect(len(messages) == processes * commits + 2, f"{len(messages) - 1} commits", problems)  # and an empty line


def many_lines(session, processes, commits, problems):
    folders = []
    for i in range(processes):
        folder = session.root / f"line-{i}"
        folder.mkdir()
        (folder / "start.txt").write_text("the beginning\n")
        session.run("init", f"many/line-{i}", cwd=folder)
        folders.append(folder)
    problems += run_all(session, folders, commits, [])
    for i in range(processes):
        count = len(session.git("log", "--format=%s", f"refs/heads/many/line-{i}").split("\n")) - 1
        expect(count == commits, f"line {i} has {count} commits", problems)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("axon")
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--commits", type=int, default=50)
    options = parser.parse_args()
    failed = 0
    for story in (one_line, many_lines):
        problems = []
        with tempfile.TemporaryDirectory(prefix="axon-concurrency-") as folder:
            session = Session(os.path.abspath(options.axon), pathlib.Path(folder))
            story(session, options.processes, options.commits, problems)
            session.run("fsck", "--full", cwd=folder)
            session.git("fsck", "--strict")
        for problem in problems[:20]:
            print("FAILED", story.__name__, problem)
        failed += bool(problems)
        print(f"{story.__name__}: {options.processes} processes × {options.commits} commits", flush=True)
    print(f"{2 - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
