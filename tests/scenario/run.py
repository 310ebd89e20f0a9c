#!/usr/bin/env python3
"""Runs session files: prose around command lines and what they print.

  run.py [--accept] [--bin DIR] SESSION…

A session is a text file. Lines that begin at the left margin are prose. Indented by two spaces:

    $ command        run by one bash for the whole session, so cd, variables and functions live on
    > more           the command's next line
    output           standard output and error of the command, in the order they were written
    [2]              the exit code, when it is not 0

Each session has a directory of its own, its own AXON_HOME and HOME in it, and programs from DIR first in its PATH.
An expected line matches when it is the same, or by its words in angle brackets:

    <id>      a short id: 12 hex digits            <hex>     any run of hex digits
    <size>    "2.20 GB"                            <rate>    ", 640 MB/s", or nothing
    <time>    "3.3 s", "2 min 05 s", "12 ms"       <age>     "just now", "5 minutes ago"
    <n>       a number, with commas                <date>    "2026-11-20 20:41:07 +0000"
    <any>     anything in this line, or nothing
    <blank>   alone on a line: an empty line
    <...>     alone on a line: any lines, or none

A session that prints something else fails and shows how it differs; --accept writes what it printed into the file
instead (lines that still match keep their words).
"""
import argparse
import difflib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

AGE = r"(?:just now|yesterday|\d+ (?:second|minute|hour|day|week|month|year)s? ago)"
WORDS = {
    "<id>": r"[0-9a-f]{12}",
    "<hex>": r"[0-9a-f]+",
    "<size>": r"\d+(?:\.\d+)? [kMGTPE]?B",
    "<rate>": r"(?:, \d+(?:\.\d+)? [kMGTPE]?B/s)?",
    "<time>": r"(?:\d+ h \d+ min|\d+ min \d+ s|\d+(?:\.\d+)? m?s)",
    "<age>": AGE,
    "<n>": r"\d[\d,]*",
    "<date>": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}",
    "<any>": r".*",
}
MARK = "--axon-scenario-mark--"
TIMEOUT = 240


class Step:
    """A command, the prose before it, and the lines that it should print (the exit code's among them)."""

    def __init__(self):
        self.prose, self.command, self.expected = [], [], []


def read_session(text):
    steps, step = [], Step()
    for line in text.splitlines():
        if line.startswith("  $ "):
            if step.command:
                steps.append(step)
                step = Step()
            step.command.append(line[4:])
        elif line.startswith("  > ") and step.command and not step.expected:
            step.command.append(line[4:])
        elif line.startswith("  ") and step.command:
            step.expected.append(line[2:])
        else:
            if step.command:
                steps.append(step)
                step = Step()
            step.prose.append(line)
    return steps + [step]


def line_matches(expected, actual):
    if expected == actual or (expected == "<blank>" and not actual):
        return True
    parts = re.split("(" + "|".join(map(re.escape, WORDS)) + ")", expected)
    pattern = "".join(WORDS.get(part, re.escape(part)) for part in parts)
    return re.fullmatch(pattern, actual) is not None


def lines_match(expected, actual):
    """Greedy is enough: <...> is followed by a line that occurs once."""
    if not expected:
        return not actual
    if expected[0] == "<...>":
        return any(lines_match(expected[1:], actual[skip:]) for skip in range(len(actual) + 1))
    return bool(actual) and line_matches(expected[0], actual[0]) and lines_match(expected[1:], actual[1:])


def script_of(steps):
    script = ["unset CDPATH"]
    for number, step in enumerate(steps):
        if step.command:
            script += step.command
            script.append(f"printf '\\n%s %s %s\\n' {MARK} {number} $?")
    return "\n".join(script) + "\n"


def environment(folder, programs):
    kept = {name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}
    return kept | {
        "PATH": ":".join([*map(str, programs), os.environ.get("PATH", "/usr/bin:/bin")]),
        "HOME": str(folder / "home"),
        "AXON_HOME": str(folder / "home" / ".axon"),
        "TMPDIR": str(folder / "tmp"),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Ann",
        "GIT_AUTHOR_EMAIL": "ann@example.org",
    }


def run_session(steps, programs):
    """[(output lines, exit code)] of each step that ran; a session that hangs or dies gives fewer."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="axon-scenario-")).resolve()
    try:
        for name in ("home", "work", "tmp"):
            (folder / name).mkdir()
        # A file, not standard input: a command that reads that would eat the rest of the session.
        script = folder / "session.sh"
        script.write_text(script_of(steps))
        shell = subprocess.Popen(
            ["bash", "--norc", "--noprofile", str(script)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder / "work",
            env=environment(folder, programs),
            start_new_session=True,
        )
        try:
            output, _ = shell.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            os.killpg(shell.pid, signal.SIGKILL)
            output, _ = shell.communicate()
            output += f"\n(killed after {TIMEOUT} s)\n".encode()
        text = output.decode(errors="backslashreplace").replace(str(folder), "/scenario")
    finally:
        subprocess.run(["chmod", "-R", "u+rwX", str(folder)], check=False)
        shutil.rmtree(folder, ignore_errors=True)
    return split_output(text)


def split_output(text):
    results, lines = [], []
    for line in text.split("\n"):
        mark = re.fullmatch(rf"{MARK} (\d+) (\d+)", line)
        if not mark:
            lines.append(line)
            continue
        # printf puts the mark on its own line, so one line end before it is not the command's.
        if lines and lines[-1] == "":
            lines.pop()
        results.append((lines, int(mark.group(2))))
        lines = []
    return results, [line for line in lines if line]


def printed_lines(output, code):
    return output + ([f"[{code}]"] if code else [])


def render(steps, results):
    lines = []
    for step, (output, code) in zip(steps, results):
        lines += step.prose
        prefix = "  $ "
        for part in step.command:
            lines.append(prefix + part)
            prefix = "  > "
        printed = printed_lines(output, code)
        kept = step.expected if lines_match(step.expected, printed) else keep_words(step.expected, printed)
        lines += ["  " + line for line in kept]
    lines += [line for step in steps[len(results) :] for line in step.prose]
    return "\n".join(lines) + "\n"


def keep_words(expected, printed):
    """What was printed, with those expected lines that match one of it in its place."""
    known = [line for line in expected if line != "<...>"]
    return [next((line for line in known if line_matches(line, actual)), actual or "<blank>") for actual in printed]


def check_session(path, programs, accept):
    """A list of complaints; empty when all is as written."""
    steps = read_session(path.read_text())
    results, rest = run_session(steps, programs)
    commands = [step for step in steps if step.command]
    if accept and len(results) == len(commands):
        path.write_text(render(steps, results))
        return []
    complaints = []
    for step, (output, code) in zip(commands, results):
        printed = printed_lines(output, code)
        if not lines_match(step.expected, printed):
            complaints.append("  $ " + "\n  > ".join(step.command))
            complaints += [
                "  " + line for line in list(difflib.unified_diff(step.expected, printed, lineterm="", n=99))[3:]
            ]
    if len(results) < len(commands):
        complaints += ["the session ended early, in:", "  $ " + commands[len(results)].command[0], *rest]
    return complaints


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accept", action="store_true")
    parser.add_argument("--bin", type=pathlib.Path, action="append", default=[])
    parser.add_argument("sessions", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    programs = [folder.resolve() for folder in arguments.bin]
    failed = 0
    for path in arguments.sessions:
        complaints = check_session(path, programs, arguments.accept)
        if complaints:
            failed += 1
            print(f"{path}:", *complaints, sep="\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
