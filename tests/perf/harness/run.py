"""Runs a program and measures it: wall clock, processor time, peak memory; durable steps end with a sync."""
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Sample:
    """What one step took. `rss` is the largest of any single process in it, in bytes."""
    seconds: float
    cpu: float
    rss: int

    def __add__(self, other):
        return Sample(self.seconds + other.seconds, self.cpu + other.cpu, max(self.rss, other.rss))


class Failure(Exception):
    """A step that did not do what it should; the text tells the user which."""


def run(argv, cwd=None, env=None, ok=(0,)):
    """One program to its end. Python's own memory is the floor of `rss`: the kernel counts it at exec."""
    start = time.perf_counter()
    process = subprocess.Popen([str(a) for a in argv], cwd=cwd, env={**os.environ, **(env or {})},
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    seconds = time.perf_counter() - start
    if process.returncode not in ok:
        tail = output.decode(errors="replace").strip().splitlines()[-6:]
        raise Failure(f"{' '.join(map(str, argv[:4]))} … ended with {process.returncode}: " + " | ".join(tail))
    return Sample(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def sync(path):
    """What every step ends with, the peers' too: the whole file system that holds `path` is on disk."""
    return run(["sync", "-f", path])


def settle(path, cold):
    """Before a step: nothing is left to write, and with `cold` nothing is left in memory."""
    sync(path)
    if cold:
        Path("/proc/sys/vm/drop_caches").write_text("3\n")


def durable(path, cold, *steps):
    """The steps (functions that give a Sample) one after another, and the sync, as one Sample."""
    settle(path, cold)
    total = Sample(0, 0, 0)
    for step in steps:
        total += step()
    return total + sync(path)


def stored_bytes(folder):
    """The bytes of all files below, each inode once; of a sparse file what it takes on disk."""
    seen, total = set(), 0
    for root, _, names in os.walk(folder):
        for name in names:
            info = os.lstat(os.path.join(root, name))
            if (info.st_dev, info.st_ino) not in seen:
                seen.add((info.st_dev, info.st_ino))
                total += min(info.st_size, info.st_blocks * 512)
    return total


def remove(folder):
    shutil.rmtree(folder, ignore_errors=True)


def files_below(folder):
    """Relative paths of the regular files below, hidden folders left out, sorted."""
    found = []
    for root, folders, names in os.walk(folder):
        folders[:] = [f for f in folders if not f.startswith(".")]
        found += [os.path.relpath(os.path.join(root, n), folder) for n in names if not n.startswith(".")]
    return sorted(found)


def clone(source, target, copy_below=4 << 20):
    """A copy of a store that may be written to. Large files are immutable in every store measured here (packs,
    segments, objects), so they are linked, which leaves the state of memory as it is."""
    def place(from_path, to_path):
        if os.stat(from_path, follow_symlinks=False).st_size >= copy_below:
            os.link(from_path, to_path)
        else:
            shutil.copy2(from_path, to_path, follow_symlinks=False)
        return to_path
    shutil.copytree(source, target, symlinks=True, copy_function=place)


def same_content(one, other):
    """True when both folders hold the same files with the same bytes."""
    names = files_below(one)
    if names != files_below(other):
        return False
    for name in names:
        with open(f"{one}/{name}", "rb") as a, open(f"{other}/{name}", "rb") as b:
            while True:
                block = a.read(1 << 22)
                if block != b.read(1 << 22):
                    return False
                if not block:
                    break
    return True
