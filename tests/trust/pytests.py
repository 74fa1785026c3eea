"""Campaigns that are files of pytest: disk faults, and hostile functions in each mode of the sandbox."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

from support import HERE, ROOT, Failed

DISK_FAULTS = HERE / "test_disk_faults.py"
HOSTILE = ROOT / "tests/functional/test_hostile_functions.py"  # runs each function in the modes auto, strict and off
ORDINARY_UID = 65_534  # has no privileges and no cgroup, as a user without systemd
SUMMARY = re.compile(r"(\d+) (passed|skipped|failed|errors?)\b")


def run_pytest(name, options, arguments, totals, **process_settings):
    """Runs pytest, shows its output, and stores the numbers of its summary. Raises Failed if a test failed."""
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "--osbot", str(options.osbot), *map(str, arguments)]
    last = ""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT, **process_settings) as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            last = line
    totals.setdefault("results", {})[name] = {kind: int(number) for number, kind in SUMMARY.findall(last)}
    if process.returncode != 0:
        raise Failed(f"{name}: pytest exited with {process.returncode}")


def is_missing(file):
    if not file.exists():
        print(f"SKIPPED [1] {file.relative_to(ROOT)}: this file is not in the tree")
    return not file.exists()


def run_disk(options, totals):
    if is_missing(DISK_FAULTS):
        return
    mine = totals.campaign("disk", 1)
    run_pytest("disk", options, [DISK_FAULTS, *([] if options.short else ["--full"])], mine)
    mine["done"] = 1
    totals.complete(mine)


def run_hostile(options, totals):
    """Runs the hostile functions as the present user, and if that is root, as an ordinary user too."""
    if is_missing(HOSTILE):
        return
    mine = totals.campaign("hostile", 1)
    run_pytest("hostile", options, [HOSTILE], mine)
    if os.getuid() == 0:
        run_as_ordinary_user(options, mine)
    else:
        print("SKIPPED [1] tests/trust/pytests.py: hostile functions of an engine of root need root")
    mine["done"] = 1
    totals.complete(mine)


def run_as_ordinary_user(options, totals):
    with tempfile.TemporaryDirectory(prefix="osbot-trust-user-") as folder:
        pathlib.Path(folder).chmod(0o755)
        home = pathlib.Path(folder, "home")
        home.mkdir()
        os.chown(home, ORDINARY_UID, ORDINARY_UID)
        environment = {**os.environ, "HOME": str(home), "TMPDIR": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
        run_pytest("hostile, ordinary user", options, [HOSTILE], totals, env=environment, user=ORDINARY_UID, group=ORDINARY_UID, extra_groups=[])
