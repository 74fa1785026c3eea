"""Tests `osbot local start --sandbox off --debug FUNCTION` with real debuggers: a breakpoint is hit, then the function continues."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from conftest import free_port

TIMEOUT_S = 60
SOURCE = """\
def handler(event, context):
    doubled = event["n"] * 2
    return {"doubled": doubled, "ms_left": context.get_remaining_time_in_millis()}
"""


class Debug_Adapter:
    """A client with the part of the Debug Adapter Protocol that an editor needs for a breakpoint."""

    def __init__(self, port):
        self.port, deadline = port, time.monotonic() + TIMEOUT_S
        while True:
            try:
                self.socket = socket.create_connection(("127.0.0.1", port), TIMEOUT_S)
                break
            except ConnectionRefusedError:
                assert time.monotonic() < deadline, f"no server is listening on {port}"
                time.sleep(0.05)
        self.stream, self.sequence, self.pending = self.socket.makefile("rb"), 0, []

    def send(self, command, **arguments):
        self.sequence += 1
        body = json.dumps({"seq": self.sequence, "type": "request", "command": command, "arguments": arguments}).encode()
        self.socket.sendall(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        return self.sequence

    def close(self):
        """Closes the connection and waits until the debugpy process has released the port."""
        self.stream.close()
        self.socket.close()
        deadline = time.monotonic() + TIMEOUT_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except ConnectionRefusedError:
                return
            assert time.monotonic() < deadline, f"a server is still listening on {self.port}"
            time.sleep(0.05)

    def read(self):
        length = 0
        while (line := self.stream.readline().strip()):
            length = int(line.split(b":")[1]) if line.lower().startswith(b"content-length") else length
        return json.loads(self.stream.read(length))

    def wait(self, matches):
        for message in self.pending:
            if matches(message):
                self.pending.remove(message)
                return message
        while not matches(message := self.read()):
            self.pending.append(message)
        return message

    def event(self, name):
        return self.wait(lambda message: message.get("event") == name).get("body")

    def request(self, command, **arguments):
        number = self.send(command, **arguments)
        response = self.wait(lambda message: message.get("request_seq") == number)
        assert response["success"], response
        return response.get("body")


class Invoke(threading.Thread):
    def __init__(self, engine, name, event):
        super().__init__(daemon=True)
        self.engine, self.name_, self.event_text, self.done = engine, name, json.dumps(event), None
        self.start()

    def run(self):
        self.done = self.engine.run("invoke", self.name_, self.event_text, check=False)

    def result(self):
        self.join(TIMEOUT_S)
        assert self.done is not None and self.done.returncode == 0, self.done
        return json.loads(self.done.stdout)


def wait_for_output(engine, pattern):
    """Waits until the output of the engine matches the pattern. Returns the match."""
    log, deadline = pathlib.Path(engine.log.name), time.monotonic() + TIMEOUT_S
    while not (found := re.search(pattern, log.read_text(errors="replace"))):
        assert time.monotonic() < deadline, f"no {pattern} in\n{log.read_text(errors='replace')}"
        time.sleep(0.02)
    return found


def test_debugpy_breakpoint_stops_a_function_and_its_timeouts(own_engine, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}")  # like an activated environment
    port = free_port()
    engine = own_engine("--sandbox", "off", "--debug", f"debugged:{port}")
    source = tmp_path / "debugged.py"
    source.write_text(SOURCE)
    runtime = f"python{sys.version_info.major}.{sys.version_info.minor}"
    engine.run("deploy", source, "--timeout", "1", "--runtime", runtime)
    snippet = json.loads(re.search(r"launch.json:\n(\s+\{.*?\n    \})", wait_for_output(engine, r"(?s).*launch.json:.*\n    \}").group(0), re.S).group(1))
    assert snippet["connect"] == {"host": "127.0.0.1", "port": port}

    invoked = Invoke(engine, "debugged", {"n": 21})
    wait_for_output(engine, f"debugged waits for a debugger: attach to 127.0.0.1:{port}")
    adapter = Debug_Adapter(port)
    adapter.request("initialize", adapterID="test", pathFormat="path", linesStartAt1=True)
    mapping = [{"localRoot": str(tmp_path), "remoteRoot": snippet["pathMappings"][0]["remoteRoot"]}]
    attached = adapter.send("attach", pathMappings=mapping)
    adapter.event("initialized")
    [breakpoint_] = adapter.request("setBreakpoints", source={"path": str(source)}, breakpoints=[{"line": 3}])["breakpoints"]
    assert breakpoint_["verified"], breakpoint_
    adapter.request("configurationDone")
    adapter.wait(lambda message: message.get("request_seq") == attached)
    stopped = adapter.event("stopped")
    assert stopped["reason"] == "breakpoint"
    time.sleep(1.5)  # longer than the function's timeout, which must not elapse during the pause
    frame = adapter.request("stackTrace", threadId=stopped["threadId"])["stackFrames"][0]
    assert (frame["source"]["path"], frame["line"], frame["name"]) == (str(source), 3, "handler")
    assert adapter.request("evaluate", expression="doubled", frameId=frame["id"])["result"] == "42"
    # A debugged function has one environment: a concurrent call is rejected immediately.
    assert "TooManyRequestsException" in engine.run("invoke", "debugged", '{"n": 1}', check=False).stderr
    adapter.request("continue", threadId=stopped["threadId"])
    result = invoked.result()
    assert result["doubled"] == 42 and result["ms_left"] > 3_600_000

    # The next version waits for a debugger as well, on the same port.
    source.write_text(SOURCE.replace("* 2", "* 3"))
    engine.run("deploy", source, "--timeout", "1", "--runtime", runtime)
    adapter.event("terminated")  # an editor closes the connection then
    adapter.close()
    invoked = Invoke(engine, "debugged", {"n": 21})
    again = Debug_Adapter(port)
    again.request("initialize", adapterID="test", pathFormat="path", linesStartAt1=True)
    attached = again.send("attach", pathMappings=mapping)
    again.event("initialized")
    again.request("configurationDone")
    assert invoked.result()["doubled"] == 63


def test_node_inspector_stops_a_function_until_it_continues(own_engine, tmp_path):
    port = free_port()
    engine = own_engine("--sandbox", "off", "--debug", f"inspected:{port}")
    (tmp_path / "inspected.mjs").write_text("export const handler = async event => { const doubled = event.n * 2; debugger; return doubled; };\n")
    engine.run("deploy", tmp_path / "inspected.mjs", "--timeout", "1")
    invoked = Invoke(engine, "inspected", {"n": 21})
    wait_for_output(engine, rf"inspected waits for a debugger: attach to 127.0.0.1:{port} \(node inspector\)")
    debugger = subprocess.Popen(["node", "inspect", f"127.0.0.1:{port}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
    try:
        for expected, command in [("lambda_runtime_client", "cont"), ("debugger; return doubled", "exec('doubled')"), ("42", "cont")]:
            while expected not in debugger.stdout.readline():
                assert debugger.poll() is None, f"node inspect exited before '{expected}'"
            print(command, file=debugger.stdin)
        assert invoked.result() == 42
    finally:
        debugger.kill()
        debugger.communicate()


def test_invoke_without_debugpy_explains_how_to_install_it(own_engine, tmp_path, monkeypatch):
    """The only python3 on PATH has no debugpy."""
    bare = tmp_path / "bin"
    bare.mkdir()
    (bare / "python3").write_text(f"#!/bin/sh\nexec {shutil.which('python3', path='/usr/bin')} -I -S \"$@\"\n")
    (bare / "python3").chmod(0o755)
    monkeypatch.setenv("PATH", f"{bare}:/usr/local/bin:/usr/bin:/bin")
    engine = own_engine("--sandbox", "off", "--debug", "no_debugpy")
    source = tmp_path / "no_debugpy.py"
    source.write_text(SOURCE)
    engine.run("deploy", source)
    done = engine.run("invoke", "no_debugpy", '{"n": 1}', check=False)
    assert done.returncode == 1 and "pip install debugpy" in done.stdout + done.stderr


def test_gdb_breakpoint_stops_a_cpp_function(own_engine, osbot_path):
    engine = own_engine("--sandbox", "off", "--debug", "hello")
    program = osbot_path.parent / "first_function"
    engine.run("deploy", program, "--timeout", "60")
    invoked = Invoke(engine, "hello", {"name": "Ada"})
    pid = wait_for_output(engine, r"hello waits for a debugger: gdb PROGRAM -p (\d+)").group(1)
    gdb = subprocess.run(["gdb", "-batch", "-nx", str(program), "-p", pid, "-ex", "break hello", "-ex", "continue", "-ex", "backtrace 1", "-ex", "detach"],
                         capture_output=True, text=True, timeout=TIMEOUT_S)
    assert re.search(r"Breakpoint 1, (0x[0-9a-f]+ in )?hello ?\(", gdb.stdout), gdb.stdout + gdb.stderr
    assert invoked.result() == "Hello, Ada!"
    assert json.loads(engine.run("invoke", "hello").stdout) == "Hello, world!"  # the same environment, no longer waiting


def test_gdb_commands_of_the_guide_print_a_variable(own_engine, osbot_path, tmp_path):
    page = (pathlib.Path(__file__).resolve().parents[2] / "docs/guide/09_logs_and_debugging.md").read_text()
    build = osbot_path.parents[1]
    if not (build / "src/libosbot_aws.a").exists() or not (build / "osbot_awsTargets.cmake").exists():
        pytest.skip("the library is not built")
    engine = own_engine("--sandbox", "off", "--debug", "hello")
    engine.run("init", "hello", "--folder", tmp_path / "hello")
    for line in re.findall(r"^\$ (cmake .*)", page, re.M):
        subprocess.run(["sh", "-c", line], cwd=tmp_path, env={**os.environ, "CMAKE_PREFIX_PATH": str(build)}, check=True, capture_output=True, timeout=300)
    program = tmp_path / "hello/build/hello"
    engine.run("deploy", program, "--timeout", "900")
    invoked = Invoke(engine, "hello", {"name": "Ada"})
    pid = wait_for_output(engine, r"hello waits for a debugger: gdb PROGRAM -p (\d+)").group(1)
    lines = re.findall(r"^\(gdb\) (.*)", page, re.M)
    assert lines[-1] == "continue"  # this test detaches instead of waiting for the next call
    gdb = subprocess.run(["gdb", "-batch", "-nx", str(program), "-p", pid, *(word for line in [*lines[:-1], "detach"] for word in ["-ex", line])],
                         capture_output=True, text=True, timeout=TIMEOUT_S)
    assert re.search(r"Breakpoint 1, hello \(event=\.\.\., context=\.\.\.\) at \S*hello\.cpp:6\n", gdb.stdout), gdb.stdout + gdb.stderr
    # gdb 13 and older cannot call functions of the program, such as name.c_str(), on a processor with AMX.
    if refusal := re.search(r"Couldn't write extended state status: .*", gdb.stderr):
        engine.stop(signal.SIGKILL)
        pytest.skip(f"this gdb cannot write registers: {refusal.group()}")
    assert re.search(r'^\$1 = 0x[0-9a-f]+ "Ada"$', gdb.stdout, re.M), gdb.stdout + gdb.stderr
    assert invoked.result() == {"greeting": "Hello, Ada!"}


@pytest.mark.parametrize("arguments", [["--debug", "f"], ["--debug", "f", "--sandbox", "strict"], ["--debug", "f:x", "--sandbox", "off"],
                                       ["--debug", "f", "--sandbox", "off", "--in-memory"]])
def test_debug_requires_sandbox_off_and_a_valid_port(engine, arguments, tmp_path):
    done = engine.run("local", "start", "--state", tmp_path / "none", *arguments, check=False)
    assert done.returncode == 2 and "--debug" in done.stderr
