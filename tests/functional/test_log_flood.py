"""Tests that a function that floods its log is slowed down, while the engine's memory, disk space and other functions are not affected."""

import pathlib
import re
import threading
import time

import pytest
from conftest import Functions

MIB = 1 << 20
LOGS_MAX = 16 * MIB
FLOOD = """
    import os, time
    def handler(event, context):
        block, end = event['line'].encode() * (65536 // len(event['line'])), time.monotonic() + event['seconds']
        written = 0
        while written < event['bytes'] and time.monotonic() < end:
            written += os.write(1, block)
        return written
    """


def peak_memory(pid):
    return int(re.search(r"VmHWM:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) * 1024


def disk_space(state):
    return sum(file.stat().st_size for file in state.glob("state.db*"))


@pytest.mark.parametrize("line, size", [("x" * 199 + "\n", 200 * MIB), ("\n", 50 * MIB)], ids=["lines", "empty lines"])
def test_log_flood_takes_no_memory_and_stops_quickly(own_engine, line, size):
    engine = own_engine("--logs-max", "16M")
    functions, others = Functions(engine), Functions(engine)
    flood = functions.python("flood", FLOOD, Timeout=60)
    other = others.python("other", "def handler(event, context):\n    print('one line')\n    return event\n")
    for name in (flood, other):
        functions.invoke(name, {"line": line, "bytes": 0, "seconds": 0})
    memory_before, written = peak_memory(engine.process.pid), []
    thread = threading.Thread(target=lambda: written.append(functions.invoke(flood, {"line": line, "bytes": size, "seconds": 4})[0]))
    thread.start()
    latencies, space = [], 0
    while thread.is_alive():
        began = time.monotonic()
        assert others.invoke(other, 1)[0] == 1
        latencies.append(time.monotonic() - began)
        space = max(space, disk_space(engine.state))
        thread.join(0.02)
    assert written[0] >= MIB // 8, "the flood makes progress"
    assert peak_memory(engine.process.pid) - memory_before < 48 * MIB, f"{written[0]} bytes were printed"
    assert space < 3 * LOGS_MAX
    assert max(latencies) < 1, sorted(latencies)[-3:]

    second = threading.Thread(target=lambda: pytest.raises(Exception, functions.invoke, flood, {"line": line, "bytes": size, "seconds": 30}))
    second.start()
    time.sleep(1)
    began = time.monotonic()
    engine.stop()
    assert time.monotonic() - began < 3
    second.join()
    functions.names.clear()
