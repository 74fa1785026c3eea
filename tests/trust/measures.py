"""Measures of an engine: memory, descriptors, threads, processes, mounts, cgroups and disk, and the bound of the growth of each."""

import os
import pathlib
import re

from support import Failed

MIB = 1 << 20

# Work that has ended must leave nothing behind. The tolerances are for caches and for memory that the allocator retains.
GROWTH_MAX = {
    "rss_bytes": 24 * MIB,
    "pss_bytes": 24 * MIB,
    "descriptors": 4,
    "threads": 4,      # worker threads start on demand
    "processes": 0,    # two of each execution environment: as many environments run before and after
    "mounts": 0,       # of the engine's namespace: mounts of functions belong to theirs
    "cgroups": 0,      # one of each execution environment
    "disk_bytes": 48 * MIB,  # log events up to LOGS_MAX, their index, and the write-ahead log
    "state_files": 40,       # code folders that wait for the next housekeeping
}
LOGS_MAX = "16M"  # --logs-max of the campaigns, so that log events reach their limit early


def parents():
    """Returns {process: parent} of all processes of the host that this user can see."""
    found = {}
    for folder in pathlib.Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                found[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                pass  # it ended in the meantime
    return found


def descendants(pid):
    """Returns the processes below a process."""
    parent_of, found, added = parents(), set(), {pid}
    while added:
        added = {child for child, parent in parent_of.items() if parent in added} - found
        found |= added
    return found


def cgroups_of(pids):
    """Returns the cgroups that engines with these process ids created: src/sandbox/cgroup.cpp has their names."""
    names = tuple(f"osbot_aws.{pid}." for pid in pids)
    return [os.path.join(path, name) for path, folders, _ in os.walk("/sys/fs/cgroup") for name in folders if name.startswith(names)]


def disk_use(folder):
    """Returns (bytes, number of files) below a folder."""
    size = count = 0
    for path, folders, files in os.walk(folder):
        for name in files:
            try:
                size += os.lstat(os.path.join(path, name)).st_blocks * 512
            except FileNotFoundError:
                continue
            count += 1
        count += len(folders)
    return size, count


def measure(engine):
    """Returns the measures of an engine, with the names of GROWTH_MAX."""
    folder = pathlib.Path(f"/proc/{engine.process.pid}")
    status = (folder / "status").read_text()
    pss = re.search(r"^Pss:\s+(\d+)", (folder / "smaps_rollup").read_text(), re.M)
    disk, files = disk_use(engine.state)
    return {
        "rss_bytes": int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024, "pss_bytes": int(pss[1]) * 1024,
        "descriptors": len(os.listdir(folder / "fd")), "threads": int(re.search(r"Threads:\s+(\d+)", status)[1]),
        "processes": len(descendants(engine.process.pid)), "mounts": len((folder / "mountinfo").read_text().splitlines()),
        "cgroups": len(cgroups_of([engine.process.pid])), "disk_bytes": disk, "state_files": files,
    }


def check_growth(campaign, before, after, totals):
    """Stores the largest growth in the totals. Raises Failed if a measure grew by more than its bound."""
    growth = {name: after[name] - before[name] for name in GROWTH_MAX}
    stored = totals.setdefault("growth", {})
    for name, value in growth.items():
        stored[name] = max(value, stored.get(name, value))
    exceeded = [f"{name}: {before[name]} before, {after[name]} after; the bound of the growth is {GROWTH_MAX[name]}"
                for name, value in growth.items() if value > GROWTH_MAX[name]]
    if exceeded:
        raise Failed(f"{campaign}: " + "; ".join(exceeded))


def growth_text(totals):
    """Returns the growth of a campaign in one line."""
    values = totals.get("growth", {})
    return ", ".join(f"{name} {value / MIB:+.1f} MiB" if name.endswith("bytes") else f"{name} {value:+d}" for name, value in values.items())
