"""The folders that are measured, made once and kept in a cache folder."""
import os

from harness.run import Failure, files_below, remove, run

# Variants by the letter that the table uses, with axon_make_model's word for each.
VARIANTS = {"A": "base", "B": "redrawn10", "C": "finetune", "D": "header", "E": "small-files", "S": "sparse"}
SIZES = {
    "full": {"model": 2_200_000_000, "files": 20_000, "sparse": 20_000_000_000},
    "small": {"model": 300_000_000, "files": 2_000, "sparse": 2_000_000_000},
}


class Data:
    def __init__(self, folder, generator, size):
        self.folder, self.generator, self.sizes = os.path.join(folder, size), generator, SIZES[size]

    def make(self, letters):
        for letter in letters:
            if not os.path.exists(f"{self.path(letter)}.done"):
                self._make(letter)

    def path(self, letter):
        return f"{self.folder}/{letter}"

    def size(self, letter):
        return sum(os.lstat(f"{self.path(letter)}/{n}").st_size for n in files_below(self.path(letter)))

    def _make(self, letter):
        if not os.access(self.generator, os.X_OK):
            raise Failure(f"no generator at {self.generator}: run ./dev build")
        remove(self.path(letter))
        os.makedirs(self.folder, exist_ok=True)
        amount = {"E": ["--files", self.sizes["files"]], "S": ["--bytes", self.sizes["sparse"]]}.get(
            letter, ["--bytes", self.sizes["model"]])
        shards = ["--shards", 4] if letter in "ABCD" else []
        run([self.generator, self.path(letter), "--variant", VARIANTS[letter], *amount, *shards])
        open(f"{self.path(letter)}.done", "w").close()


def link_tree(source, target):
    """A workspace with the source's files as hard links: no copy, so nobody's memory is warmer than another's.
    Linking touches a file's ctime; each tool therefore gets its links just before it first looks at them."""
    for name in files_below(source):
        path = f"{target}/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.link(f"{source}/{name}", path)


def replace_changed(before, after, tree):
    """Turns a linked tree of `before` into one of `after`, touching only the files that differ, whose
    names are returned."""
    changed = []
    for name in files_below(after):
        if not _same(f"{before}/{name}", f"{after}/{name}"):
            if os.path.lexists(f"{tree}/{name}"):
                os.remove(f"{tree}/{name}")
            os.link(f"{after}/{name}", f"{tree}/{name}")
            changed.append(name)
    for name in set(files_below(before)) - set(files_below(after)):
        os.remove(f"{tree}/{name}")
        changed.append(name)
    return changed


def _same(one, other):
    if not os.path.exists(one) or os.path.getsize(one) != os.path.getsize(other):
        return False
    with open(one, "rb") as a, open(other, "rb") as b:
        while True:
            block = a.read(1 << 22)
            if block != b.read(1 << 22):
                return False
            if not block:
                return True
