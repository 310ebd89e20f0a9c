#!/usr/bin/env python3
"""Holds the sources to the floors that CMake declares.

  floors_test.py ROOT          names every line of ROOT that breaks a rule; exit code 1 if there is one
  floors_test.py --self-test   checks the checker on a small tree made for it

Rules:
  1  a folder of an axon_library includes only from itself and from the FLOORS on its line
  2  a quoted include is written from the root and exists; nothing includes from tests/
  3  only core/history includes <git2.h>; only cli/ includes CLI11
  4  heavy headers (nlohmann/json.hpp, yaml-cpp, CLI11, git2) stay out of our headers, but for the wrapper of libgit2,
     which only core/history includes
  5  only cli/ reads the environment or writes to the standard streams
"""
import pathlib
import re
import sys
import tempfile

LIBRARY = re.compile(r"^\s*axon_library\(\s*(\S+)([^)]*)\)", re.M)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
GIT_WRAPPER = "core/history/libgit2.h"
HEAVY = ("nlohmann/json.hpp", "yaml-cpp/", "CLI/", "git2.h", "git2/")
ENVIRONMENT = re.compile(r"\b(?:secure_)?(?:getenv|setenv|putenv)\s*\(")
PRINTING = re.compile(
    r"\bstd::(?:cout|cerr|clog|puts|printf)\b|\bstd(?:out|err)\b|\bd?v?write\w*\s*\(\s*(?:STD\w+_FILENO|[12]\b)"
    r"|(?<![\w:.>])(?:v?printf|puts|putchar|perror)\s*\(|\bfmt::(?:print|println|vprint)\s*\(\s*\""
)
# Raw strings, strings, characters and comments, in one alternation so that each hides the others. A quote after
# a digit separates digits (1'000).
NOISE = re.compile(
    r'R"(?P<tag>[^()\s\\]{0,16})\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\''
    r"|//[^\n]*|/\*.*?\*/",
    re.S,
)


def floors(root):
    """{folder: the folders that it may include from, itself among them}"""
    allowed = {}
    tops = [p for p in root.iterdir() if p.is_dir() and p.name not in ("build", "tests", ".git")]
    for lists in sorted(found for top in tops for found in top.rglob("CMakeLists.txt")):
        for folder, arguments in LIBRARY.findall(lists.read_text()):
            words = arguments.split()
            below = []
            if "FLOORS" in words:
                for word in words[words.index("FLOORS") + 1 :]:
                    if word.isupper():
                        break
                    below.append(word)
            allowed[folder] = {folder, *below}
    return allowed


def owner(path, folders):
    """The innermost library folder that holds `path`, or None."""
    return max((f for f in folders if path.startswith(f + "/")), key=len, default=None)


def without_noise(text):
    """The code alone: comments and literals emptied, line numbers kept."""

    def blank(match):
        kept = '""' if match.group(0)[0] in "\"'R" else ""
        return kept + "\n" * match.group(0).count("\n")

    return NOISE.sub(blank, text)


def check_include(root, path, folder, allowed, kind, target):
    if kind == '"':
        if target.startswith("tests/"):
            return f"includes {target}: code does not include from tests"
        if not (root / target).is_file():
            return f"includes {target}, which is no file under the root"
        floor = owner(target, allowed)
        if floor and floor not in allowed[folder]:
            return f"includes {target}: {floor} is not among the floors of {folder}"
    if (target.startswith("git2") or target == GIT_WRAPPER) and folder != "core/history":
        return f"includes {target}: only core/history may"
    if target.startswith("CLI/") and folder != "cli":
        return f"includes {target}: only cli may"
    if path.suffix == ".h" and target.startswith(HEAVY) and path != root / GIT_WRAPPER:
        return f"includes {target} in a header"
    return None


def check_file(root, path, folder, allowed):
    raw = path.read_text()
    for number, line in enumerate(raw.splitlines(), 1):
        include = INCLUDE.match(line)
        if include:
            fault = check_include(root, path, folder, allowed, *include.groups())
            if fault:
                yield number, fault
    if folder == "cli":
        return
    for number, line in enumerate(without_noise(raw).splitlines(), 1):
        if ENVIRONMENT.search(line):
            yield number, "touches the environment: only cli may"
        if PRINTING.search(line):
            yield number, "writes to a standard stream: only cli may"


def faults(root):
    allowed = floors(root)
    if not allowed:
        yield "no axon_library(…) line found"
        return
    for folder, may in sorted(allowed.items()):
        for floor in sorted(may - allowed.keys()):
            yield f"{folder}: its floor {floor} is no axon_library"
    for path in sorted(p for top in {f.split("/")[0] for f in allowed} for p in (root / top).rglob("*")):
        if path.suffix not in (".h", ".cc"):
            continue
        relative = path.relative_to(root)
        folder = owner(str(relative), allowed)
        if folder is None:
            yield f"{relative}: belongs to no axon_library"
            continue
        for number, fault in check_file(root, path, folder, allowed):
            yield f"{relative}:{number}: {fault}"


def self_test():
    tree = {
        "core/CMakeLists.txt": "axon_library(core/base LIBRARIES fmt::fmt)\n"
        "axon_library(core/history FLOORS core/base\n  LIBRARIES git2)\n"
        "axon_library(core/model FLOORS core/base)\naxon_library(core/store FLOORS core/history)\n",
        "cli/CMakeLists.txt": "axon_library(cli FLOORS core/base core/history)\n",
        "tests/support/temp.h": "",
        "core/base/a.h": "#pragma once\n// stderr is named here, getenv( too\n",
        "core/base/up.cc": '#include "core/model/m.h"\n',
        "core/base/loud.cc": 'auto a = "stdout";\nint i = 1\'000; void f() { std::cout << i; }\nauto h = getenv("HOME");\n'
        "void g() { dup2(3, STDOUT_FILENO); write(STDERR_FILENO, h, 1); }\n",
        "core/base/lost.cc": '#include "a.h"\n#include "tests/support/temp.h"\n',
        "core/history/h.cc": "#include <git2.h>\n#include \"core/base/a.h\"\n",
        "core/model/m.h": "#include <nlohmann/json.hpp>\n",
        "core/model/m.cc": '#include "core/history/h.h"\n#include <git2.h>\n',
        "core/history/h.h": "#include <git2.h>\n",
        "core/history/libgit2.h": "#include <git2.h>\n",
        "core/store/s.cc": '#include "core/history/libgit2.h"\n',
        "cli/main.cc": 'void f() { puts(getenv("HOME")); }\n#include "core/model/m.h"\n',
    }
    expected = [
        "cli/main.cc:2: includes core/model/m.h: core/model is not among the floors of cli",
        "core/base/lost.cc:1: includes a.h, which is no file under the root",
        "core/base/lost.cc:2: includes tests/support/temp.h: code does not include from tests",
        "core/base/loud.cc:2: writes to a standard stream: only cli may",
        "core/base/loud.cc:3: touches the environment: only cli may",
        "core/base/loud.cc:4: writes to a standard stream: only cli may",
        "core/base/up.cc:1: includes core/model/m.h: core/model is not among the floors of core/base",
        "core/history/h.h:1: includes git2.h in a header",
        "core/model/m.cc:1: includes core/history/h.h: core/history is not among the floors of core/model",
        "core/model/m.cc:2: includes git2.h: only core/history may",
        "core/model/m.h:1: includes nlohmann/json.hpp in a header",
        "core/store/s.cc:1: includes core/history/libgit2.h: only core/history may",
    ]
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in tree.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        found = list(faults(root))
    if found != expected:
        print("self-test: expected", *expected, "found", *found, sep="\n  ")
        return 1
    return 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    if len(arguments) != 1:
        print(__doc__)
        return 2
    found = list(faults(pathlib.Path(arguments[0])))
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
