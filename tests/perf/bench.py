#!/usr/bin/env python3
"""Measures axon beside cp, sha256sum, borg, restic, git-lfs, casync and ostree, interleaved, in one run.

Every step ends with `sync -f`, the peers' steps too. Figures are medians; compare the columns of one run, not of
two: on a virtual machine the state of memory alone changes the speed of writing several times over.
"""
import argparse
import os
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

from harness import measures, report  # noqa: E402
from harness.data import SIZES, Data  # noqa: E402
from harness.run import Failure, remove  # noqa: E402
from harness.tools import PEERS, Axon  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GROUPS = {
    "commit": ("A", lambda b: measures.first_commit_and_checkout(b)),
    "growth": ("ABCD", lambda b: measures.growth(b)),
    "unchanged": ("AE", lambda b: measures.unchanged(b, "A", 0.05) + measures.unchanged(b, "E", 0.5)),
    "small": ("E", lambda b: measures.small_files(b)),
    "switch": ("AD", lambda b: measures.switching(b)),
    "sparse": ("S", lambda b: measures.sparse(b)),
}


def parse(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small data, one round, borg as the only peer")
    parser.add_argument("--size", choices=SIZES, help="default: full, with --quick small")
    parser.add_argument("--peers", help=f"of {','.join(PEERS)} (default: all that are installed)")
    parser.add_argument("--only", help=f"of {','.join(GROUPS)} (default: all)")
    parser.add_argument("--pairs", type=int, help="interleaved rounds of commit and checkout (default: 5)")
    parser.add_argument("--cold", action="store_true", help="drop the page cache before each step (root)")
    parser.add_argument("--json", action="store_true", help="every sample, as one JSON object")
    parser.add_argument("--keep", action="store_true", help="keep the made-up models for the next run")
    parser.add_argument("--folder", default=f"{ROOT}/build/bench", help="where data and stores go")
    parser.add_argument("--axon", default=f"{ROOT}/build/axon")
    parser.add_argument("--make-model", default=f"{ROOT}/build/axon_make_model")
    return parser.parse_args(arguments)


def chosen(text, known, default):
    names = text.split(",") if text else default
    for name in names:
        if name not in known:
            raise Failure(f"'{name}' is none of {', '.join(known)}")
    return names


def prepare(options):
    say = (lambda line: None) if options.json else (lambda line: print(f"· {line}", file=sys.stderr, flush=True))
    names = chosen(options.peers, PEERS, ["borg"] if options.quick else list(PEERS))
    peers = {name: PEERS[name]() for name in names}
    peers = {name: tool for name, tool in peers.items() if tool.available()}
    axon = Axon(options.axon)
    if not axon.available():
        say(f"no axon at {options.axon}: only the peers are measured")
        axon = None
    data = Data(f"{options.folder}/data", os.path.abspath(options.make_model),
                options.size or ("small" if options.quick else "full"))
    pairs = options.pairs or (1 if options.quick else 5)
    return measures.Bench(work=f"{os.path.abspath(options.folder)}/work", data=data, axon=axon, borg=peers.get("borg"),
                          peers=list(peers.values()), pairs=pairs, rounds=min(pairs, 3), cold=options.cold, say=say)


def main(arguments):
    options = parse(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was made is removed
    try:
        groups = chosen(options.only, GROUPS, list(GROUPS))
        bench = prepare(options)
        bench.say("making the models")
        bench.data.make(sorted({letter for group in groups for letter in GROUPS[group][0]}))
        os.makedirs(bench.work, exist_ok=True)
        head = "; ".join([report.machine(bench.work)] + [tool.version() for tool in bench.tools()])
        rows = [row for group in groups for row in GROUPS[group][1](bench)] + measures.memory(bench)
        print(report.as_json(rows, head) if options.json else report.markdown(rows, head))
        return 0 if all(row.ok is not False for row in rows) else 1
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 2
    finally:
        remove(f"{options.folder}/work")
        if not options.keep:
            remove(f"{options.folder}/data")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
