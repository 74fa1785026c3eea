"""Campaigns that are files of pytest: disk faults, and hostile functions in each mode of the sandbox."""

import os
import re
import shutil
import subprocess
import sys
import tempfile

from support import HERE, ROOT, Failed

DISK_FAULTS = HERE / "test_disk_faults.py"
HOSTILE = ROOT / "tests/functional/test_hostile_functions.py"
MODES = ["auto", "strict", "off", "user"]  # user: auto, as an ordinary user, who has no cgroup
ORDINARY_USER = "nobody"
SUMMARY = re.compile(r"(\d+) (passed|skipped|failed|errors?)")


def run_pytest(name, command, totals, key):
    """Runs pytest, shows its output, and stores the numbers of its summary. Raises Failed if a test failed."""
    lines = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT) as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    totals.setdefault("results", {})[key] = {kind: int(number) for number, kind in SUMMARY.findall(lines[-1] if lines else "")}
    if process.returncode != 0:
        raise Failed(f"{name}: pytest exited with {process.returncode}")


def pytest_command(options, *arguments):
    return [sys.executable, "-m", "pytest", "-q", "-rs", "--osbot", str(options.osbot), *map(str, arguments)]


def run_disk_faults(options, totals):
    mine = totals.campaign("disk", 1)
    run_pytest("disk", pytest_command(options, DISK_FAULTS), mine, "all")
    mine["done"] = 1
    totals.complete(mine)


def run_hostile(options, totals):
    raise Failed("not yet")
