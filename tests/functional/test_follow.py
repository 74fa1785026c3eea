"""Tests `osbot logs --follow`: existing lines, then new lines, without gaps or duplicates, across restarts of the engine."""

import contextlib
import http.server
import json
import queue
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

import pytest
from conftest import Functions

TIMEOUT_S = 60
WRITER = """
def handler(event, context):
    for i in range(event["from"], event["to"]):
        print("line", i)
"""


@contextlib.contextmanager
def follow(engine, *arguments):
    process = subprocess.Popen([str(engine.osbot), "logs", *arguments, "--follow"], env=engine.environment, text=True, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    lines = queue.Queue()
    threading.Thread(target=lambda: [lines.put(line) for line in process.stdout], daemon=True).start()
    try:
        yield process, lines
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(TIMEOUT_S) == 0, process.stderr.read()


def numbers_until(lines, last):
    """Returns the numbers of the lines that the function printed, in order of arrival, up to `last`."""
    numbers = []
    while not numbers or numbers[-1] != last:
        try:
            words = lines.get(timeout=TIMEOUT_S).split()
        except queue.Empty:
            raise AssertionError(f"no line {last} after {numbers}") from None
        if words[1] == "line":
            numbers.append(int(words[2]))
    return numbers


def write(functions, begin, end):
    functions.invoke("writer", {"from": begin, "to": end})


SPEAKER = "def handler(event, context):\n    print('spoken', event)\n"


def next_spoken(lines, count):
    """Returns (function, text) of the next `count` lines that functions printed."""
    found = []
    while len(found) < count:
        words = lines.get(timeout=TIMEOUT_S).split()
        if words[2] == "spoken":
            found.append((words[0], words[3]))
    return found


def test_follow_without_a_name_follows_all_functions_and_new_ones(own_engine):
    engine = own_engine()
    functions = Functions(engine)
    names = [f"f{i}" for i in range(12)]  # more than one session of StartLiveTail follows
    for name in names:
        functions.python(name, SPEAKER)
    functions.invoke("f0", 1)
    functions.invoke("f1", 2)
    with follow(engine) as (_, lines):
        assert next_spoken(lines, 2) == [("f0", "1"), ("f1", "2")]
        for name in names:
            functions.invoke(name, 3)
            assert next_spoken(lines, 1) == [(name, "3")]
        functions.python("created_later", SPEAKER)
        functions.invoke("created_later", 4)
        assert next_spoken(lines, 1) == [("created_later", "4")]


def test_follow_without_a_name_reads_the_settings_file(own_engine, tmp_path, monkeypatch):
    engine = own_engine()
    functions = Functions(engine)
    for name in ("a", "b", "other"):
        functions.python(name, SPEAKER)
    (tmp_path / "osbot.toml").write_text("[functions.a]\nsource = 'a.py'\n[functions.b]\nsource = 'b.py'\n[functions.missing]\nsource = 'c.py'\n")
    monkeypatch.chdir(tmp_path)
    with follow(engine, "--json") as (_, lines):
        functions.invoke("a", 1)
        while "spoken 1" not in (line := lines.get(timeout=TIMEOUT_S)):
            pass
        assert json.loads(line)["function"] == "a"
        functions.invoke("other", 2)
        functions.invoke("b", 3)
        while "spoken" not in (line := lines.get(timeout=TIMEOUT_S)):
            pass
        assert json.loads(line)["function"] == "b"
    assert {event["function"] for event in json.loads(engine.run("logs", "--json").stdout)} == {"a", "b"}
    done = engine.run("logs", "--follow", "--stage", "prod", check=False)
    assert done.returncode == 4 and "none of these functions exists: a__prod, b__prod, missing__prod" in done.stderr


def test_follow_prints_last_lines_then_new_lines_once(own_engine):
    engine = own_engine()
    functions = Functions(engine)
    functions.python("writer", WRITER)
    write(functions, 0, 50)
    with follow(engine, "writer", "--lines", "12") as (_, lines):
        assert numbers_until(lines, 49) == list(range(40, 50))  # 12 lines: ten of the function, END and REPORT
        for begin in range(50, 100, 10):
            write(functions, begin, begin + 10)
        assert numbers_until(lines, 99) == list(range(50, 100))


def test_lines_written_during_the_start_are_printed_once(own_engine):
    engine = own_engine()
    functions = Functions(engine)
    functions.python("writer", WRITER)
    stop = threading.Event()
    written = 0

    def write_continuously():
        nonlocal written
        while not stop.is_set():
            write(functions, written, written + 5)
            written += 5

    writer = threading.Thread(target=write_continuously)
    writer.start()
    try:
        for _ in range(4):
            with follow(engine, "writer", "--since", "1h") as (_, lines):
                goal = written + 20
                assert numbers_until(lines, goal - 1) == list(range(goal))
    finally:
        stop.set()
        writer.join()


def test_follow_continues_after_an_engine_restart(own_engine):
    engine = own_engine()
    functions = Functions(engine)
    functions.python("writer", WRITER)
    write(functions, 0, 3)
    with follow(engine, "writer") as (process, lines):
        assert numbers_until(lines, 2) == [0, 1, 2]
        engine.stop()
        engine.start()
        write(functions, 3, 6)
        assert numbers_until(lines, 5) == [3, 4, 5]
        write(functions, 6, 8)
        assert numbers_until(lines, 7) == [6, 7]
        assert process.poll() is None


def test_follow_waits_for_a_new_function_and_applies_the_filter(own_engine):
    engine = own_engine()
    functions = Functions(engine)
    functions.python("writer", WRITER)
    with follow(engine, "writer", "--filter", "line", "--json") as (process, lines):
        while json.loads(engine.run("local", "status", "--json").stdout) and not engine.client("logs").describe_log_groups()["logGroups"]:
            time.sleep(0.02)
        write(functions, 0, 2)
        first, second = json.loads(lines.get(timeout=TIMEOUT_S)), json.loads(lines.get(timeout=TIMEOUT_S))
        assert [first["message"].strip(), second["message"].strip()] == ["line 0", "line 1"]


class Without_Live_Tail(http.server.BaseHTTPRequestHandler):
    """A proxy of an engine that rejects StartLiveTail, like an endpoint or an account without it."""
    protocol_version = "HTTP/1.1"

    def relay(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("X-Amz-Target", "").endswith("StartLiveTail"):
            self.server.rejected += 1
            return self.respond(400, b'{"__type": "AccessDeniedException", "message": "not allowed to tail"}')
        request = urllib.request.Request(self.server.engine.url + self.path, body or None, dict(self.headers), method=self.command)
        try:
            with urllib.request.urlopen(request) as response:
                self.respond(response.status, response.read())
        except urllib.error.HTTPError as error:
            self.respond(error.code, error.read())

    def respond(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = relay

    def log_message(self, *_):
        pass


def test_follow_polls_and_reports_it_without_live_tail(own_engine):
    engine = own_engine()
    functions = Functions(engine)
    functions.python("writer", WRITER)
    write(functions, 0, 3)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Without_Live_Tail) as server:
        server.engine, server.rejected, server.daemon_threads = engine, 0, True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with follow(engine, "writer", "--endpoint-url", f"http://127.0.0.1:{server.server_port}") as (process, lines):
            assert "StartLiveTail is unavailable (AccessDeniedException: not allowed to tail)" in process.stderr.readline()
            assert numbers_until(lines, 2) == [0, 1, 2]
            write(functions, 3, 6)
            assert numbers_until(lines, 5) == [3, 4, 5]
            write(functions, 6, 8)
            assert numbers_until(lines, 7) == [6, 7]
        assert server.rejected == 1
        server.shutdown()


def test_follow_exits_when_its_reader_closes_the_pipe(own_engine):
    engine = own_engine()
    functions = Functions(engine)
    functions.python("writer", WRITER)
    write(functions, 0, 1)
    process = subprocess.Popen([str(engine.osbot), "logs", "writer", "--follow"], env=engine.environment, stdout=subprocess.PIPE)
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(TIMEOUT_S) == 0


@pytest.mark.parametrize("arguments, code, message", [(["no_such_function", "--follow"], 4, "no_such_function"),
                                                      (["x", "--since", "soon"], 2, "invalid --since 'soon': expected 90s, 10m, 2h or 1d")])
def test_logs_reject_unknown_function_and_invalid_since(engine, arguments, code, message):
    done = engine.run("logs", *arguments, check=False)
    assert done.returncode == code and message in done.stderr


def test_since_shows_all_lines_unless_limited(engine):
    functions = Functions(engine)
    functions.python("writer", WRITER)
    write(functions, 0, 150)
    assert engine.run("logs", "writer", "--since", "10m").stdout.count(" line ") == 150
    assert engine.run("logs", "writer", "--since", "10m", "--lines", "5").stdout.count("\n") == 5
    engine.run("delete", "writer")
