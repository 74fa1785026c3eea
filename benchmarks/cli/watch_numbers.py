"""Measures the time from saving a file to the first response of the new code under `osbot deploy --watch`.

    watch_numbers.py --osbot BINARY --program greeting_program [--smoke]

Runs a Python file and a C++ program. The control, in interleaved rounds, deploys and invokes the same change with two commands,
without --watch. Each response is checked to come from the new code. The C++ program is changed by patching the binary, because its
build is not part of the measurement.
"""
import argparse
import os
import pathlib
import queue
import socket
import statistics
import subprocess
import tempfile
import threading
import time

parser = argparse.ArgumentParser()
parser.add_argument("--osbot", type=pathlib.Path, required=True)
parser.add_argument("--program", type=pathlib.Path, required=True)
parser.add_argument("--smoke", action="store_true")
options = parser.parse_args()
ROUNDS = 2 if options.smoke else 25
TIMEOUT_S = 60


def python_source(word):
    return f"def handler(event, context):\n    return '{word}, Ada!'\n".encode()


def program(word):
    built = options.program.read_bytes()
    assert built.count(b"Hello, ") == 1 and len(word) == 5
    return built.replace(b"Hello, ", f"{word}, ".encode())


def save(file, content):
    """Replaces the file, as an editor or `mv` does. Returns the time just before the replacement."""
    new_file = file.with_name("." + file.name + ".new")
    new_file.write_bytes(content)
    new_file.chmod(0o755)
    begin = time.perf_counter()
    os.replace(new_file, file)
    return begin


class Watch:
    def __init__(self, file, name):
        self.process = subprocess.Popen([options.osbot, "deploy", file, "--name", name, "--watch", "--invoke", '{"name": "Ada"}'],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.lines = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put((time.perf_counter(), line))

    def response_time(self, word):
        while True:
            at, line = self.lines.get(timeout=TIMEOUT_S)
            if line == f'"{word}, Ada!"\n':
                return at
            assert "deployed" in line or "unchanged" in line, line

    def stop(self):
        self.process.terminate()
        self.process.wait(TIMEOUT_S)


def deploy_and_invoke(file, name, word):
    subprocess.run([options.osbot, "deploy", file, "--name", name], check=True, capture_output=True)
    response = subprocess.run([options.osbot, "invoke", name, '{"name": "Ada"}'], check=True, capture_output=True, text=True).stdout
    assert response == f'"{word}, Ada!"\n', response
    return time.perf_counter()


def measure(title, suffix, content):
    watched, plain = folder / f"watched{suffix}", folder / f"plain{suffix}"
    for file in (watched, plain):
        save(file, content("Hello"))
    kind = title.split()[-1].strip(".")
    watch = Watch(watched, f"watched_{kind}")
    try:
        watch.response_time("Hello")
        watch_times, control_times = [], []
        for i in range(ROUNDS):
            word, other = f"Day{i:02}", f"May{i:02}"  # different code: the second deploy of equal code would find it unpacked
            watched_content, plain_content = content(word), content(other)
            time.sleep(0.1)  # lets the work of the previous round finish
            begin = save(watched, watched_content)
            watch_times.append(watch.response_time(word) - begin)
            begin = save(plain, plain_content)
            control_times.append(deploy_and_invoke(plain, f"plain_{kind}", other) - begin)
    finally:
        watch.stop()
    watch_ms, control_ms = statistics.median(watch_times) * 1000, statistics.median(control_times) * 1000
    print(f"{'save to first new response, ' + title:<58} {'<= 100 ms':<12} {watch_ms:.0f} ms (p90 {sorted(watch_times)[int(len(watch_times) * .9)] * 1000:.0f} ms; "
          f"two commands {control_ms:.0f} ms)", flush=True)


with tempfile.TemporaryDirectory() as temporary:
    folder = pathlib.Path(temporary)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        os.environ.pop(name, None)
    os.environ.update(OSBOT_AWS_TARGET="local", OSBOT_AWS_RUNTIME_SUPPORT="off", OSBOT_AWS_STATE=str(folder / "state"))
    subprocess.run([options.osbot, "local", "start", "--port", str(port)], check=True, capture_output=True)
    try:
        measure("a Python file", ".py", python_source)
        measure("a C++ program", "", program)
    finally:
        subprocess.run([options.osbot, "local", "stop"], check=True, capture_output=True)
