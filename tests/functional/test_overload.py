"""More clients, larger requests and slower clients than the engine accepts: it rejects them and serves the others."""

import concurrent.futures
import os
import pathlib
import socket
import time

import pytest

from conftest import Functions

LIMIT = ["prlimit", "--nofile=256:256"]  # soft and hard limit of open files


def processor_seconds(engine):
    fields = pathlib.Path(f"/proc/{engine.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def open_files(engine):
    return len(os.listdir(f"/proc/{engine.process.pid}/fd"))


# ---- open files -----------------------------------------------------------------------------------------------------

def test_soft_limit_of_open_files_is_raised(own_engine):
    engine = own_engine(wrapper=["prlimit", "--nofile=64:4096"])
    limits = pathlib.Path(f"/proc/{engine.process.pid}/limits").read_text()
    assert limits.partition("Max open files")[2].split()[:2] == ["4096", "4096"]


def test_idle_connections_do_not_block_new_clients(own_engine):
    engine = own_engine(wrapper=LIMIT)
    idle = [socket.create_connection(("127.0.0.1", engine.port)) for _ in range(400)]
    time.sleep(0.3)
    before, began = processor_seconds(engine), time.monotonic()
    time.sleep(2)
    assert processor_seconds(engine) - before < 0.3 * (time.monotonic() - began), "accept must not be repeated without a pause"
    assert engine.client("s3").list_buckets()["Buckets"] == []
    assert engine.run("local", "status").returncode == 0
    assert open_files(engine) < 256
    assert pathlib.Path(engine.log.name).stat().st_size < 10_000
    for connection in idle:
        connection.close()


def test_environments_are_throttled_below_open_files_limit(own_engine):
    engine = own_engine(wrapper=LIMIT)
    functions = Functions(engine)
    functions.python("slow", "import time\ndef handler(event, context):\n    time.sleep(1)\n    return 'done'\n", Timeout=30)

    def invoke(_):
        try:
            return engine.client("lambda").invoke(FunctionName="slow")["StatusCode"]
        except Exception as error:
            return error.response["Error"]["Code"]

    with concurrent.futures.ThreadPoolExecutor(60) as pool:
        outcomes = list(pool.map(invoke, range(60)))
    assert set(outcomes) == {200, "TooManyRequestsException"}
    assert open_files(engine) < 256


# ---- zips -----------------------------------------------------------------------------------------------------------

def test_zip_of_deep_folders_is_rejected_fast(engine):
    functions = Functions(engine)
    deep = {f"{i:02}/" + "a/" * 2000: "" for i in range(45)}
    began = time.monotonic()
    with pytest.raises(functions.lambda_.exceptions.InvalidParameterValueException):
        functions.create("deep", deep, "provided.al2023", "x")
    assert time.monotonic() - began < 2


# ---- memory of functions ----------------------------------------------------------------------------------------------

def test_memfd_counts_as_memory_of_function(engine):
    functions = Functions(engine)
    functions.python("memfd", """
import os, time
def handler(event, context):
    file = os.memfd_create("x")
    for _ in range(300):
        os.write(file, bytes(1_000_000))
    time.sleep(2)
""", MemorySize=128, Timeout=20)
    payload, _ = functions.invoke("memfd")
    assert payload and payload["errorType"] == "Runtime.OutOfMemory"
