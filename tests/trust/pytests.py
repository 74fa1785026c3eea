"""Campaigns that are files of pytest: disk faults, and hostile functions in each mode of the sandbox."""

import re
import subprocess
import sys

from support import HERE, ROOT, Failed

DISK_FAULTS = HERE / "test_disk_faults.py"
HOSTILE = ROOT / "tests/functional/test_sandbox_reach.py"
SUMMARY = re.compile(r"(\d+) (passed|skipped|failed|errors?)\b")


def run_pytest(name, options, arguments, totals):
    """Runs pytest, shows its output, and stores the numbers of its summary. Raises Failed if a test failed."""
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "--osbot", str(options.osbot), *map(str, arguments)]
    last = ""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT) as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            last = line
    totals.setdefault("results", {})[name] = {kind: int(number) for number, kind in SUMMARY.findall(last)}
    if process.returncode != 0:
        raise Failed(f"{name}: pytest exited with {process.returncode}")


def run_file(name, options, file, arguments, totals):
    if not file.exists():
        return print(f"SKIPPED [1] {file.relative_to(ROOT)}: this file is not in the tree")
    mine = totals.campaign(name, 1)
    run_pytest(name, options, [file, *arguments], mine)
    mine["done"] = 1
    totals.complete(mine)


def run_disk(options, totals):
    run_file("disk", options, DISK_FAULTS, [] if options.short else ["--full"], totals)


def run_hostile(options, totals):
    """The file runs each function in all modes of the sandbox, as this user and, if this is root, as an ordinary user."""
    run_file("hostile", options, HOSTILE, [], totals)
