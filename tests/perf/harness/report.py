"""One Markdown table, or JSON, of what was measured, with the machine that it was measured on."""
import dataclasses
import json
import os
import platform


def machine(folder):
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo")
                  if line.startswith("model name")), platform.machine())
    memory = next(int(line.split()[1]) for line in open("/proc/meminfo") if line.startswith("MemTotal"))
    return (f"{os.cpu_count()} cores ({model}), {memory / (1 << 20):.0f} GiB, {_file_system(folder)}, "
            f"Linux {platform.release().split('-')[0]}")


def _file_system(folder):
    best = ("", "?")
    for line in open("/proc/mounts"):
        _, point, kind, *_ = line.split()
        if os.path.realpath(folder).startswith(point) and len(point) > len(best[0]):
            best = (point, kind)
    return best[1]


def markdown(rows, head):
    lines = [head, "", "| measure | axon | best peer | ratio | must reach | |", "|---|---|---|---|---|---|"]
    for row in rows:
        verdict = {True: "ok", False: "**missed**", None: ""}[row.ok]
        lines.append(f"| {row.measure} | {row.axon} | {row.peer} | {row.ratio} | {row.must} | {verdict} |")
    return "\n".join(lines)


def as_json(rows, head):
    def plain(value):
        if dataclasses.is_dataclass(value):
            return {key: plain(item) for key, item in vars(value).items()}
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        return [plain(item) for item in value] if isinstance(value, list) else value
    return json.dumps({"machine": head, "rows": [plain(row) for row in rows]}, indent=2, ensure_ascii=False)
