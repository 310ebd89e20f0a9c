"""The measures, one function for each row or group of rows of the table."""
import os
import statistics
from dataclasses import dataclass, field

from harness.data import link_tree, replace_changed
from harness.run import Failure, clone, durable, files_below, remove, same_content, settle, stored_bytes
from harness.tools import hash_tree

MB = 1e6
LIMIT_RSS = 256 << 20


@dataclass
class Row:
    measure: str
    axon: str = "–"
    peer: str = "–"
    ratio: str = "–"
    must: str = ""
    ok: bool | None = None
    samples: dict = field(default_factory=dict)


@dataclass
class Bench:
    """What all measures share."""
    work: str
    data: object
    axon: object
    borg: object
    peers: list      # all available ones, borg included
    pairs: int
    rounds: int      # of the growth steps, of tools that are not slow
    cold: bool
    say: object      # called with a line of progress

    def tools(self):
        return [t for t in [self.axon, *self.peers] if t]

    def fresh(self, name):
        path = f"{self.work}/{name}"
        remove(path)
        return path


def median(values):
    return statistics.median(values) if values else None


def folder(path):
    os.makedirs(path)
    return path


class Session:
    """One store and one workspace of one tool, below a folder of their own."""

    def __init__(self, bench, tool, name):
        self.bench, self.tool = bench, tool
        self.root = bench.fresh(f"{tool.name.replace(' ', '-')}-{name}")
        self.home, self.tree = f"{self.root}/home", folder(f"{self.root}/{name}")
        self.versions = 0

    def load(self, letter):
        link_tree(self.bench.data.path(letter), self.tree)
        return self

    def create(self):
        self.tool.create(self.home, self.tree)
        return self

    def adopt(self, stored):
        """Starts with a copy of another session's store."""
        clone(stored.home, self.home)
        self.tool.adopt(self.home, self.tree)
        return self

    def commit(self):
        self.versions += 1
        version = f"{os.path.basename(self.tree)}{self.versions}"
        return durable(self.root, self.bench.cold, lambda: self.tool.commit(self.home, self.tree, version))

    def restore(self, target):
        version = f"{os.path.basename(self.tree)}{self.versions}"
        return durable(self.root, self.bench.cold,
                       lambda: self.tool.restore(self.home, self.tree, version, folder(target)))

    def stored(self):
        return stored_bytes(self.home)

    def close(self):
        remove(self.root)


def compare(row, axon, peers, better):
    """Fills in the best peer and the ratio; `better(axon, peer)` is the ratio as the row states it."""
    known = {name: value for name, value in peers.items() if value}
    if known:
        best = min(known, key=known.get)
        row.peer = f"{known[best]:.2f} s ({best})"
        if axon:
            row.ratio = f"{better(axon, known[best]):.2f}"
    if axon:
        row.axon = f"{axon:.2f} s"
    return row


def first_commit_and_checkout(bench):
    """Rows: first commit of A, its stored size, checkout of A. Axon and borg in interleaved pairs, each time in
    the other order; every other peer once, between them."""
    size = bench.data.size("A")
    commits, restores, shares = {}, {}, {}
    others = [t for t in bench.peers if t is not bench.borg]
    for number in range(bench.pairs):
        pair = [t for t in (bench.axon, bench.borg) if t]
        turn = (pair if number % 2 == 0 else pair[::-1]) + others[number::bench.pairs]
        for tool in turn:
            bench.say(f"A, round {number + 1} of {bench.pairs}: {tool.name}")
            session = Session(bench, tool, "a").create().load("A")
            commits.setdefault(tool.name, []).append(session.commit())
            shares[tool.name] = session.stored() / size
            target = f"{session.root}/restored"
            restores.setdefault(tool.name, []).append(session.restore(target))
            if number == 0 and not same_content(bench.data.path("A"), target):
                raise Failure(f"{tool.name} restored A with other bytes")
            session.close()
    hashing = hash_tree(bench.data.path("A"), files_below(bench.data.path("A")))
    return [_rate_row("first commit of A, durable", commits, size, 1.8),
            _share_row(shares),
            _rate_row("checkout of A, verified and synced", restores, size, 1.7),
            Row("reading and hashing A with sha256sum", peer=f"{size / MB / hashing.seconds:.0f} MB/s",
                samples={"sha256sum": [hashing]})]


def _rate_row(measure, samples, size, must):
    seconds = {name: median([s.seconds for s in taken]) for name, taken in samples.items()}
    row = Row(measure, must=f"≥ {must} × borg lz4", samples=samples)
    peers = {n: s for n, s in seconds.items() if n not in ("axon", "cp -r")}
    if peers:
        best = min(peers, key=peers.get)
        row.peer = f"{size / MB / peers[best]:.0f} MB/s ({best})"
    if "axon" in seconds:
        row.axon = f"{size / MB / seconds['axon']:.0f} MB/s"
    if "axon" in seconds and "borg lz4" in seconds:
        # Pair by pair, so that what slows both down in one round drops out.
        ratio = median([b.seconds / a.seconds for a, b in zip(samples["axon"], samples["borg lz4"])])
        row.ratio, row.ok = f"{ratio:.2f} × borg", ratio >= must
    return row


def _share_row(shares):
    row = Row("stored after A, of its size", must="≤ 0.67", samples=dict(shares))
    peers = {n: s for n, s in shares.items() if n != "axon"}
    if peers:
        best = min(peers, key=peers.get)
        row.peer = f"{peers[best]:.3f} ({best})"
    if "axon" in shares:
        row.axon, row.ok = f"{shares['axon']:.3f}", shares["axon"] <= 0.67
        if peers:
            row.ratio = f"{shares['axon'] / peers[best]:.2f}"
    return row


GROWTH = {"B": ("10 % of the weights changed", 0.068, True), "D": ("header edited", 0.001, True),
          "C": ("full fine-tune", 0.23, False)}


def growth(bench):
    """Rows: how long the next version takes and how much it adds, each on its own copy of a store that holds A."""
    taken = {letter: {} for letter in GROWTH}
    grown = {letter: {} for letter in GROWTH}
    for tool in bench.tools():
        if tool.name == "cp -r":
            continue
        base = Session(bench, tool, "base").create().load("A")
        base.commit()
        tool.base = base
    for letter in GROWTH:
        for number in range(bench.rounds):
            for tool in bench.tools():
                if tool.name == "cp -r" or (tool.slow and number > 0):
                    continue
                bench.say(f"{letter} after A, round {number + 1} of {bench.rounds}: {tool.name}")
                sample, added = _grow(bench, tool, letter)
                taken[letter].setdefault(tool.name, []).append(sample)
                grown[letter][tool.name] = added / bench.data.size(letter)
    for tool in bench.tools():
        if tool.name != "cp -r":
            tool.base.close()
    rows = []
    for letter, (what, share, fastest) in GROWTH.items():
        rows += [_growth_row(what, grown[letter], share), _growth_time_row(what, taken[letter], fastest)]
    return rows


def _grow(bench, tool, letter):
    session = Session(bench, tool, f"grow{letter.lower()}").load("A").adopt(tool.base)
    if not tool.reads_unchanged:
        session.commit()  # adds nothing; the tool now knows these files by their stat
    replace_changed(bench.data.path("A"), bench.data.path(letter), session.tree)
    before = session.stored()
    sample = session.commit()
    added = session.stored() - before
    session.close()
    return sample, added


def _growth_row(what, shares, must):
    row = Row(f"{what}: store grows by, of the size", must=f"≤ {must}", samples=dict(shares))
    peers = {n: s for n, s in shares.items() if n != "axon"}
    if peers:
        best = min(peers, key=peers.get)
        row.peer = f"{peers[best]:.5f} ({best})"
    if "axon" in shares:
        row.axon, row.ok = f"{shares['axon']:.5f}", shares["axon"] <= must
    return row


def _growth_time_row(what, samples, fastest):
    seconds = {name: median([s.seconds for s in taken]) for name, taken in samples.items()}
    axon = seconds.pop("axon", None)
    row = compare(Row(f"{what}: commit", samples=samples), axon, seconds, lambda a, p: p / a)
    if fastest:
        row.must = "faster than any peer"
        row.ok = axon < min(seconds.values()) if axon and seconds else None
    return row


def unchanged(bench, letter, limit):
    """Rows: status, and commit with nothing changed; and what the peers take to see that."""
    times, peers = {}, {}
    for tool in bench.tools():
        if tool.name == "cp -r":
            continue
        bench.say(f"{letter} unchanged: {tool.name}")
        session = Session(bench, tool, f"same{letter.lower()}").create().load(letter)
        session.commit()
        settle(session.root, bench.cold)
        if tool is bench.axon:
            times["status"] = [tool.status(session.home, session.tree) for _ in range(5)]
            times["commit"] = [tool.commit(session.home, session.tree, "again") for _ in range(5)]
        else:
            peers[tool.name] = tool.commit(session.home, session.tree, "again").seconds
        session.close()
    rows = []
    what = {"A": "A", "E": "many small files"}[letter]
    for operation in ("status", "commit"):
        taken = median([s.seconds for s in times.get(operation, [])])
        row = Row(f"{operation}, nothing changed, {what}", must=f"≤ {limit * 1000:.0f} ms",
                  samples={"axon": times.get(operation, []), **({"peers": peers} if operation == "commit" else {})})
        if operation == "commit" and peers:
            best = min(peers, key=peers.get)
            row.peer = f"{peers[best] * 1000:.0f} ms ({best})"
        if taken is not None:
            row.axon, row.ok = f"{taken * 1000:.0f} ms", taken <= limit
        rows.append(row)
    return rows


def small_files(bench):
    """Rows: commit and checkout of many small files."""
    commits, restores = {}, {}
    for number in range(bench.rounds):
        for tool in bench.tools():
            if tool.slow and number > 0:
                continue
            bench.say(f"small files, round {number + 1} of {bench.rounds}: {tool.name}")
            session = Session(bench, tool, "e").create().load("E")
            commits.setdefault(tool.name, []).append(session.commit())
            restores.setdefault(tool.name, []).append(session.restore(f"{session.root}/restored"))
            if tool is bench.axon and not same_content(bench.data.path("E"), f"{session.root}/restored"):
                raise Failure("axon restored the small files with other bytes")
            session.close()
    count = len(files_below(bench.data.path("E")))
    rows = []
    for what, samples in (("commit", commits), ("checkout", restores)):
        seconds = {n: median([s.seconds for s in taken]) for n, taken in samples.items()}
        axon, borg = seconds.pop("axon", None), seconds.get("borg lz4")
        seconds.pop("cp -r", None)
        row = Row(f"{what} of {count:,} small files, synced", must="no slower than borg", samples=samples)
        compare(row, axon, seconds, lambda a, p: p / a)
        if axon and borg:
            row.ratio, row.ok = f"{borg / axon:.2f} × borg", axon <= borg
        rows.append(row)
    return rows


def switching(bench):
    """Row: back to the version before, where one shard differs; only that file may be touched."""
    if not bench.axon:
        return []
    bench.say("switching versions")
    session = Session(bench, bench.axon, "switch").create().load("A")
    session.commit()
    changed = replace_changed(bench.data.path("A"), bench.data.path("D"), session.tree)
    session.commit()
    stats = {n: _identity(f"{session.tree}/{n}") for n in files_below(session.tree)}
    sample = durable(session.root, bench.cold, lambda: bench.axon.switch(session.home, session.tree, "~1"))
    touched = [n for n, was in stats.items() if _identity(f"{session.tree}/{n}") != was]
    right = same_content(bench.data.path("A"), session.tree)
    session.close()
    return [Row("switch to the version before", axon=f"{sample.seconds:.2f} s, {len(touched)} files touched",
                must=f"only the {len(changed)} that differ", ok=right and sorted(touched) == sorted(changed),
                samples={"axon": [sample]})]


def _identity(path):
    info = os.lstat(path)
    return info.st_ino, info.st_mtime_ns


def sparse(bench):
    """Rows: one huge file, nearly all hole: committed, restored with its holes."""
    if not bench.axon:
        return []
    bench.say("one sparse file")
    session = Session(bench, bench.axon, "sparse").create().load("S")
    commit = session.commit()
    restored = f"{session.root}/restored"
    checkout = session.restore(restored)
    source, copy = (os.lstat(f"{p}/sparse.bin") for p in (bench.data.path("S"), restored))
    whole = source.st_size == copy.st_size and _same_data(bench.data.path("S"), restored)
    holes = copy.st_blocks * 512 <= source.st_blocks * 512 * 1.1 + (1 << 20)
    session.close()
    return [Row(f"one sparse file of {source.st_size / 1e9:.0f} GB: commit, checkout",
                axon=f"{commit.seconds:.1f} s, {checkout.seconds:.1f} s", must="its holes are left",
                ratio=f"{copy.st_blocks * 512 / MB:.0f} MB on disk", ok=whole and holes,
                samples={"commit": [commit], "checkout": [checkout]})]


def _same_data(one, other):
    """Compares the pieces that are no holes in either file."""
    with open(f"{one}/sparse.bin", "rb") as a, open(f"{other}/sparse.bin", "rb") as b:
        for file in (a, b):
            at, end = 0, os.fstat(file.fileno()).st_size
            while at < end:
                try:
                    start = os.lseek(file.fileno(), at, os.SEEK_DATA)
                except OSError:  # ENXIO: only a hole is left
                    break
                at = os.lseek(file.fileno(), start, os.SEEK_HOLE)
                for offset in range(start, at, 1 << 22):
                    length = min(1 << 22, at - offset)
                    if os.pread(a.fileno(), length, offset) != os.pread(b.fileno(), length, offset):
                        return False
    return True


def memory(bench):
    """Row: the largest process of any operation of axon in this run."""
    if not bench.axon or not bench.axon.peak:
        return []
    operation, peak = max(bench.axon.peak.items(), key=lambda item: item[1])
    return [Row("peak memory of any operation", axon=f"{peak / (1 << 20):.0f} MiB ({operation})",
                must="≤ 256 MiB", ok=peak <= LIMIT_RSS, samples=dict(bench.axon.peak))]
