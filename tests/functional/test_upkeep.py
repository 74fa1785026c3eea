"""Tests `osbot local status` and `osbot local prune`: running functions, disk usage and freeing space."""

import json
import re

from conftest import Functions

TALKATIVE = """
def handler(event, context):
    for i in range(event.get("lines", 0)):
        print(i, "x" * 1000)
    return "done"
"""


def status(engine):
    return json.loads(engine.run("local", "status", "--json").stdout)


def pruned(engine, *arguments):
    """Prunes with a separate package cache, so that the cache of the user who runs the tests is kept."""
    cache = {"XDG_CACHE_HOME": str(engine.state.parent / "cache")}
    return json.loads(engine.run("local", "prune", "--yes", "--json", *arguments, env=cache).stdout)["pruned"]


def test_status_shows_running_functions_and_disk_usage(own_engine):
    engine = own_engine()
    functions = Functions(engine)
    functions.python("talkative", TALKATIVE)
    before = status(engine)
    assert before["functions"] == 1 and before["running"] == [] and before["environments"] == 0
    functions.invoke("talkative")
    engine.run("logs", "talkative")  # log events are flushed before they are read
    now = status(engine)
    [running] = now["running"]
    assert (running["name"], running["version"], running["idle"], running["busy"]) == ("talkative", "$LATEST", 1, 0)
    assert running["memory_bytes"] > 1 << 20
    assert set(now["bytes"]) == {"database", "blobs", "code", "images", "log_file"}
    assert now["bytes"]["code"] >= len(TALKATIVE) and now["bytes"]["blobs"] > 0 and now["bytes"]["database"] > 0
    assert now["log_events"] >= 3 and now["uptime_s"] >= 0 and now["pid"] == engine.process.pid
    assert now["limits"] == {"logs_bytes_max": 512 << 20, "code_bytes_max": 2 << 30, "images_bytes_max": None}
    text = engine.run("local", "status").stdout
    for line in ["functions      1", "talkative: 0 busy, 1 idle", "unpacked code .* of 2.0 GiB", f"process        {engine.process.pid}, up for",
                 "maximum size of logs 512.0 MiB", r"sandbox        \S+"]:
        assert re.search(line, text), (line, text)


def test_prune_removes_idle_code_and_the_function_still_works(own_engine, tmp_path):
    engine = own_engine()
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    functions = Functions(engine)
    functions.python("idle_one", TALKATIVE)
    functions.python("running_one", TALKATIVE + "# another")
    functions.invoke("running_one")
    unpacked = lambda: sorted(path.name for path in (engine.state / "code").iterdir())
    assert len(unpacked()) == 2
    planned = json.loads(engine.run("local", "prune", "--dry-run", "--json", env=cache).stdout)["pruned"]
    assert [item["kind"] for item in planned] == ["code"] and len(unpacked()) == 2
    assert planned[0]["name"] in engine.run("local", "prune", "--dry-run", env=cache).stdout
    plan = engine.run("local", "prune", env=cache, check=False)
    assert plan.returncode == 2 and "--yes" in plan.stderr and len(unpacked()) == 2
    assert re.search(rf"code +\S+ \S+  1 item of {engine.state}", plan.stderr), plan.stderr
    text = engine.run("local", "prune", "--yes", env=cache).stdout
    assert re.search(r"code +1 removed", text) and "freed" in text
    assert len(unpacked()) == 1 and planned[0]["name"] not in unpacked()
    assert functions.invoke("running_one")[0] == functions.invoke("idle_one")[0] == "done"


def test_prune_deletes_the_oldest_log_events(own_engine):
    engine = own_engine()
    functions = Functions(engine)
    functions.python("talkative", TALKATIVE)
    for _ in range(4):
        functions.invoke("talkative", {"lines": 1000})
    messages = lambda: [event["message"] for event in json.loads(engine.run("logs", "talkative", "--lines", "100000", "--json").stdout)]
    assert len(messages()) > 4000
    [removed] = pruned(engine, "--logs-max", "1M", "--code-max", "1T")
    assert removed["kind"] == "logs" and removed["bytes"] > 1 << 20
    remaining = messages()
    assert 0 < len(remaining) < 1500 and remaining[-1].startswith("REPORT") and remaining[-3].startswith("999 x")
    assert status(engine)["log_events"] == len(remaining)


def test_prune_works_without_a_running_engine(own_engine, tmp_path):
    engine = own_engine()
    Functions(engine).python("idle_one", TALKATIVE)
    engine.stop()
    assert engine.run("local", "status", check=False).returncode == 4
    assert [item["kind"] for item in pruned(engine)] == ["code"]
    assert pruned(engine) == []


def test_prune_removes_packages_of_earlier_deploys(own_engine, tmp_path):
    engine = own_engine()
    cache = {"XDG_CACHE_HOME": str(tmp_path)}
    (tmp_path / "osbot_aws").mkdir()
    (tmp_path / "osbot_aws/0123").write_bytes(b"x" * 5000)
    plan = engine.run("local", "prune", env=cache, check=False).stderr
    assert f"{tmp_path}/osbot_aws, the cache of all state folders" in plan and "4.9 KiB" in plan
    run = lambda *more: json.loads(engine.run("local", "prune", "--json", *more, env=cache).stdout)["pruned"]
    assert run("--cache-max", "10K") == []
    assert run("--dry-run") == [{"kind": "packages", "name": "1 zip of earlier deploys", "bytes": 5000}]
    assert run("--yes")[0]["bytes"] == 5000 and list((tmp_path / "osbot_aws").iterdir()) == []


def test_start_accepts_limits_with_units(own_engine):
    engine = own_engine("--logs-max", "10M", "--code-max", "1536M", "--images-max", "0")
    assert status(engine)["limits"] == {"logs_bytes_max": 10 << 20, "code_bytes_max": 3 << 29, "images_bytes_max": 0}
    for size in ("much", "3Q"):
        done = engine.run("local", "start", "--logs-max", size, check=False)
        assert done.returncode == 2 and f"invalid --logs-max '{size}': expected a size such as 500K, 100M" in done.stderr
