"""Tests the terminal output with a pseudo-terminal, and that pipes get none of it."""

import fcntl
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import termios
import threading
import time

import pytest

from conftest import allow_interrupts

SLOW = "import time\ndef handler(event, context):\n    time.sleep(event.get('seconds', 0))\n    return 'done'\n"
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


class Terminal:
    """A command whose stdout and stderr are a terminal."""

    def __init__(self, engine, *arguments, columns=80, **environment):
        self.master, replica = pty.openpty()
        fcntl.ioctl(replica, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        base = {name: value for name, value in engine.environment.items() if name != "NO_COLOR"}
        self.process = subprocess.Popen([str(engine.osbot), *map(str, arguments)], env={**base, "TERM": "xterm", **environment}, stdin=replica,
                                        stdout=replica, stderr=replica, start_new_session=True, preexec_fn=allow_interrupts)
        os.close(replica)
        self.output = ""

    def read_until(self, *texts, seconds=60):
        deadline = time.monotonic() + seconds
        while not any(text in self.output for text in texts):
            assert select.select([self.master], [], [], max(0, deadline - time.monotonic()))[0], self.output
            self.output += os.read(self.master, 4096).decode(errors="replace")

    def finish(self):
        try:
            while chunk := os.read(self.master, 4096):
                self.output += chunk.decode(errors="replace")
        except OSError:  # the other side is closed
            pass
        os.close(self.master)
        return self.process.wait(60)

    def screen(self):
        """Returns the final lines, without erased text."""
        lines = self.output.replace("\r\n", "\n").split("\n")
        return [line.rsplit("\r\033[K", 1)[-1] for line in lines]


@pytest.fixture(scope="module")
def slow(engine, tmp_path_factory):
    source = tmp_path_factory.mktemp("terminal") / "slow_on_a_terminal.py"
    source.write_text(SLOW)
    engine.run("deploy", source)
    yield source
    engine.run("delete", source.stem)


def test_long_call_shows_a_spinner_and_leaves_only_its_result(engine, slow):
    terminal = Terminal(engine, "invoke", slow.stem, '{"seconds": 1}')
    assert terminal.finish() == 0
    assert any(frame in terminal.output for frame in SPINNER) and "running slow_on_a_terminal" in terminal.output
    assert [line for line in terminal.screen() if line] == ['"done"']


def test_pipe_gets_no_spinner_or_colours(engine, slow):
    for arguments in (["invoke", slow.stem, '{"seconds": 1}'], ["deploy", slow, "--env", "LEVEL=1"], ["deploy", slow, "--env", "LEVEL=2", "--json"]):
        done = engine.run(*arguments, env={"NO_COLOR": "", "TERM": "xterm"})
        assert "\033" not in done.stdout + done.stderr and not any(frame in done.stderr for frame in SPINNER)


@pytest.mark.parametrize("environment, coloured", [
    ({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False), ({"CLICOLOR": "0"}, False), ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
])
def test_colours_depend_on_terminal_and_environment(engine, environment, coloured):
    terminal = Terminal(engine, "doctor", **environment)
    terminal.finish()
    assert ("\033[32mok" in terminal.output) == coloured


@pytest.mark.parametrize("variable", ["FORCE_COLOR", "CLICOLOR_FORCE"])
def test_colours_can_be_forced_in_pipes_but_not_in_json(engine, variable):
    environment = {"NO_COLOR": "", variable: "1"}
    assert "\033[32mok" in engine.run("doctor", env=environment).stdout
    assert "\033" not in engine.run("doctor", "--json", env=environment).stdout


def test_dumb_terminal_gets_no_spinner(engine, slow):
    terminal = Terminal(engine, "invoke", slow.stem, '{"seconds": 1}', TERM="dumb")
    assert terminal.finish() == 0
    assert terminal.output.replace("\r\n", "\n") == '"done"\n'


def test_ctrl_c_exits_with_130_and_erases_the_status_line(engine, slow):
    terminal = Terminal(engine, "invoke", slow.stem, '{"seconds": 20}')
    terminal.read_until(*SPINNER)
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.finish() == 130
    assert [line for line in terminal.screen() if line] == []


def test_ctrl_c_exits_with_130_without_a_terminal(engine, slow):
    process = subprocess.Popen([engine.osbot, "invoke", slow.stem, '{"seconds": 20}', "--logs"], env=engine.environment, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, preexec_fn=allow_interrupts)
    with pytest.raises(subprocess.TimeoutExpired):  # the command waits for the function
        process.wait(2)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=30) == (b"", b"") and process.returncode == 130


def test_deploy_shows_its_phases_and_its_result(engine, slow):
    terminal = Terminal(engine, "deploy", slow, "--env", "LEVEL=3")
    assert terminal.finish() == 0
    screen = "\n".join(terminal.screen())
    assert "\033[32mpacked" in screen and "deployed slow_on_a_terminal" in screen


class Slow_Line:
    """A proxy of an engine that limits the upload rate."""

    def __init__(self, engine, bytes_per_second):
        self.engine, self.rate = engine, bytes_per_second
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen()
        self.url = "http://127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.create_connection(("127.0.0.1", self.engine.port))
            threading.Thread(target=self.relay, args=(client, server, self.rate), daemon=True).start()
            threading.Thread(target=self.relay, args=(server, client, None), daemon=True).start()

    @staticmethod
    def relay(source, target, rate):
        while chunk := source.recv(65536):
            target.sendall(chunk)
            if rate:
                time.sleep(len(chunk) / rate)
        target.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize("environment, drawn", [({}, True), ({"TERM": "dumb"}, False)])
def test_slow_upload_shows_a_progress_bar(engine, tmp_path, environment, drawn):
    folder = tmp_path / f"large_{drawn}"
    folder.mkdir()
    (folder / "app.py").write_text(SLOW)
    (folder / "noise.bin").write_bytes(os.urandom(6_000_000))
    line = Slow_Line(engine, 4_000_000)
    terminal = Terminal(engine, "deploy", folder, "--endpoint-url", line.url, **environment)
    assert terminal.finish() == 0
    bars = re.findall(r"sending (━*)╌* ([\d.]+) MiB of ([\d.]+) MiB, [\d.]+ MiB/s", terminal.output)
    assert bool(bars) == drawn
    if drawn:
        parts = [float(sent) for _, sent, _ in bars]
        assert parts == sorted(parts) and len(set(parts)) > 1 and {total for *_, total in bars} == {"7.6"}, "6 MB as base64"
        assert not any("MiB of" in line for line in terminal.screen())
    engine.run("delete", folder.name)


def test_log_levels_have_colours_only_on_a_terminal(engine, tmp_path):
    source = tmp_path / "log_levels.py"
    source.write_text("import logging\ndef handler(event, context):\n    logging.error('red')\n    logging.warning('yellow')\n"
                      "    print('{\"level\": \"error\", \"message\": \"json\"}')\n    print('plain')\n")
    engine.run("deploy", source)
    for arguments in (["invoke", source.stem, "--logs"], ["logs", source.stem]):
        terminal = Terminal(engine, *arguments)
        assert terminal.finish() == 0
        text = terminal.output
        assert "\033[31m[ERROR]" in text and "\033[33m[WARNING]" in text and '\033[31m{"level"' in text
        assert "\033[2mSTART" in text and "\033[2mREPORT" in text and re.search(r"(^|[Z\n] ?)plain", text)
    assert "\033" not in engine.run("logs", source.stem, env={"NO_COLOR": ""}).stdout
    engine.run("delete", source.stem)


def test_tables_are_truncated_only_on_a_terminal(engine, slow):
    terminal = Terminal(engine, "list", columns=40)
    terminal.finish()
    lines = [line for line in terminal.screen() if line]
    assert lines and all(len(line) <= 40 for line in lines) and any(line.endswith("…") for line in lines)
    assert "…" not in engine.run("list").stdout


@pytest.mark.parametrize("columns", [40, 60, 80])
@pytest.mark.parametrize("command", ["doctor", "deploy", "error"])
def test_lines_are_wrapped_between_words(engine, tmp_path, command, columns):
    source = tmp_path / f"wrapped_{columns}_columns.py"
    source.write_text("def handler(event, context):\n    return 1\n")
    arguments = {"doctor": ["doctor"], "deploy": ["deploy", source], "error": ["deploy", source, "--runtime", "python3.7"]}[command]
    terminal = Terminal(engine, *arguments, columns=columns, NO_COLOR="1")
    assert terminal.finish() == (1 if command == "error" else 0), terminal.output
    for line in terminal.screen():
        longest = max((len(word) for word in line.split()), default=0)
        assert len(line) <= columns or len(line.split()) <= 2 or longest > columns // 2, line
    if command == "doctor":  # the free space changes, and the process in the name of a control group
        without_numbers = lambda text: re.sub(r"[\d.]+ GiB|osbot_aws[.\d]+", "", re.sub(r"\s+", " ", text)).strip()
        assert without_numbers(terminal.output) == without_numbers(engine.run("doctor").stdout)


@pytest.mark.parametrize("arguments", [[], ["deploy"], ["local", "start"], ["local", "prune"]])
def test_help_is_wrapped_at_the_width_of_the_terminal(engine, arguments):
    terminal = Terminal(engine, *arguments, "--help", columns=60)
    assert terminal.finish() == 0
    too_long = [line for line in terminal.screen() if len(line) > 60 and " " in line.strip()[:50]]
    # A command line of an example is not broken.
    assert all(line.strip().startswith("osbot ") for line in too_long), too_long
    words = re.sub(r"\s+", " ", terminal.output.replace("\r", ""))
    assert words.strip() == re.sub(r"\s+", " ", engine.run(*arguments, "--help").stdout).strip()
