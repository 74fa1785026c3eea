"""A disk that fails on request: builds disk_faults.c, preloads it into an engine, and controls its schedule."""

import mmap
import pathlib
import shutil
import struct
import subprocess

import pytest

SOURCE = pathlib.Path(__file__).with_name("disk_faults.c")
KINDS = {"ENOSPC": 1, "EIO": 2, "short": 4}
CALLS = {"write": 1, "sync": 2, "truncate": 4, "rename": 8, "read": 16}
# struct control: per_million, kinds, calls, unused, seed, considered, injected
CONTROL, COUNTERS = struct.Struct("=4I3Q"), struct.Struct("=2Q")
SCHEDULE = struct.Struct("=4IQ")


def build(folder):
    """Compiles the library in `folder` and returns its path. Skips the test without a C compiler, as on a host that only has the packages."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("this host has no C compiler to build the library that injects disk faults")
    library = pathlib.Path(folder) / "disk_faults.so"
    subprocess.run([compiler, "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"], check=True)
    return library


class Disk:
    """The disk of one engine, which must not run yet. Faults start with fail() and end with heal()."""

    def __init__(self, engine, library):
        control = engine.state.parent / f"{engine.state.name}.faults"
        control.write_bytes(bytes(CONTROL.size))
        with open(control, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), CONTROL.size)
        engine.environment |= {"LD_PRELOAD": str(library), "DISK_FAULTS_BELOW": str(engine.state), "DISK_FAULTS_CONTROL": str(control)}

    def fail(self, kinds, calls, per_million, seed=0):
        """Starts faults of these kinds in these calls, each with this probability."""
        schedule = SCHEDULE.pack(0, sum(KINDS[kind] for kind in kinds), sum(CALLS[call] for call in calls), 0, seed)
        self.memory[: SCHEDULE.size] = schedule
        self.memory[:4] = struct.pack("=I", per_million)

    def heal(self):
        self.memory[:4] = bytes(4)

    @property
    def injected(self):
        return COUNTERS.unpack_from(self.memory, SCHEDULE.size)[1]
