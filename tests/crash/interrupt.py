#!/usr/bin/env python3
"""Ctrl-C during a long commit: the program stops within two seconds with exit code 130, old state is whole, and the next
commit finds what was stored already.

    interrupt.py AXON [--megabytes 1200]
"""
import argparse, json, os, pathlib, random, signal, subprocess, sys, tempfile, time

MODEL = "crash/interrupted"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("axon")
    parser.add_argument("--megabytes", type=int, default=600)
    options = parser.parse_args()
    axon = os.path.abspath(options.axon)
    problems = []
    with tempfile.TemporaryDirectory(prefix="axon-interrupt-") as folder:
        root = pathlib.Path(folder)
        env = {k: v for k, v in os.environ.items() if not k.startswith("AXON_")}
        env.update(AXON_HOME=str(root / "home"), HOME=str(root), NO_COLOR="1")
        work = root / "work"
        work.mkdir()

        def run(*args):
            return subprocess.run([axon, *args], cwd=work, env=env, capture_output=True, text=True, timeout=300)

        (work / "small.txt").write_text("first\n")
        assert run("init", MODEL).returncode == 0
        assert run("commit", "-m", "first", "--tag", "v1").returncode == 0
        generator = random.Random(1)
        block = generator.randbytes(1 << 20)
        with open(work / "large.bin", "wb") as large:
            for i in range(options.megabytes):  # distinct blocks that cost little to make
                large.write(i.to_bytes(8, "little") + block[8:])
        process = subprocess.Popen([axon, "commit", "-m", "second"], cwd=work, env=env, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        time.sleep(0.5)
        running = process.poll() is None
        process.send_signal(signal.SIGINT)
        before = time.monotonic()
        _, errors = process.communicate(timeout=60)
        took = time.monotonic() - before
        if running:
            if took > 2:
                problems.append(f"stopping took {took:.1f} s")
            if process.returncode != 130:
                problems.append(f"exit code {process.returncode}: {errors}")
        else:
            problems.append("the commit was over before the signal: choose more --megabytes")
        if run("fsck", "--full").returncode != 0:
            problems.append("the store is damaged after the interruption")
        log = json.loads(run("log", "--json").stdout)
        if len(log["versions"]) != 1:
            problems.append(f"the line has {len(log['versions'])} versions")
        done = run("commit", "-m", "second", "--json")
        if done.returncode != 0:
            problems.append(f"the next commit fails: {done.stderr}")
        else:
            result = json.loads(done.stdout)
            if running and result["bytes_new"] >= options.megabytes << 20:
                problems.append("nothing of the interrupted commit was kept")
    for problem in problems:
        print("FAILED", problem)
    print(f"{0 if problems else 1} passed, {1 if problems else 0} failed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
