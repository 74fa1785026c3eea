"""Tests `osbot deploy --watch`: a saved file is deployed, for each way in which editors and linkers save files."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import threading

import pytest

TIMEOUT_S = 30  # for a loaded machine; the output normally arrives within milliseconds


def source(result):
    return f"def handler(event, context):\n    return {result!r}\n"


class Watching:
    """A running command with the lines of its results (stdout) and messages (stderr)."""

    def __init__(self, engine, *arguments, cwd=None):
        self.process = subprocess.Popen([str(engine.osbot), "deploy", *map(str, arguments)], env=engine.environment, cwd=cwd, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.results, self.messages = queue.Queue(), queue.Queue()
        for stream, lines in ((self.process.stdout, self.results), (self.process.stderr, self.messages)):
            threading.Thread(target=self.read, args=(stream, lines), daemon=True).start()

    @staticmethod
    def read(stream, lines):
        for line in stream:
            lines.put(line.rstrip("\n"))
        lines.put(None)

    @staticmethod
    def read_until(lines, text):
        output = []
        while True:
            try:
                line = lines.get(timeout=TIMEOUT_S)
            except queue.Empty:
                raise AssertionError(f"no '{text}' in {output}") from None
            assert line is not None, f"the command exited without '{text}': {output}"
            output.append(line)
            if text in line:
                return output

    def expect_result(self, value):
        """Waits for the function's result and until the command watches again. Returns the messages until then."""
        self.read_until(self.results, json.dumps(value))
        return self.wait_until_watching()

    def wait_until_watching(self):
        return self.read_until(self.messages, "watching;")

    def expect_error(self, text):
        self.read_until(self.messages, text)
        self.wait_until_watching()


@contextlib.contextmanager
def watch(engine, *arguments, cwd=None):
    running = Watching(engine, *arguments, "--watch", cwd=cwd)
    try:
        yield running
        assert running.process.poll() is None, "the command has exited"
    finally:
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(TIMEOUT_S) == 0


def rename_over(file, text):
    """Saves like most editors."""
    temporary = file.with_name(f".{file.name}.tmp")
    temporary.write_text(text)
    os.replace(temporary, file)


def backup_then_write(file, text):
    """Saves like Vim with 'backupcopy' off: renames the old file, writes a new one, deletes the old one."""
    backup = file.with_name(file.name + "~")
    os.rename(file, backup)
    file.write_text(text)
    backup.unlink()


def write_in_pieces(file, text):
    """Saves like a linker or cp: the file exists long before its content is complete."""
    with open(file, "w") as out:
        for letter in text:
            out.write(letter)
            out.flush()


@pytest.mark.parametrize("save", [lambda file, text: file.write_text(text), rename_over, backup_then_write, write_in_pieces])
def test_saved_file_is_deployed_for_each_way_of_saving(engine, tmp_path, save):
    file = tmp_path / "watched_file.py"
    file.write_text(source("first"))
    with watch(engine, file, "--invoke", "{}") as running:
        running.expect_result("first")
        for result in ["second", "third", "a longer fourth"]:
            save(file, source(result))
            messages = running.expect_result(result)
            assert "changed: watched_file.py" in messages[0]
        assert json.loads(engine.run("invoke", "watched_file").stdout) == "a longer fourth"


def test_folder_is_watched_with_new_files_and_folders(engine, tmp_path):
    folder = tmp_path / "watched_folder"
    folder.mkdir()
    (folder / "app.py").write_text("import os, glob\ndef handler(event, context):\n"
                                   "    return sorted(os.path.relpath(p, '.') for p in glob.glob('**/*.txt', recursive=True))\n")
    with watch(engine, folder, "--invoke", "{}", "--ignore", "*.log") as running:
        running.expect_result([])
        (folder / "one.txt").write_text("1")
        running.expect_result(["one.txt"])
        (folder / "deeper/still").mkdir(parents=True)
        (folder / "deeper/still/two.txt").write_text("2")
        running.expect_result(["deeper/still/two.txt", "one.txt"])
        for ignored in ["app.py~", ".app.py.swp", "4913", "noise.log", "__pycache__"]:
            (folder / ignored).mkdir() if ignored == "__pycache__" else (folder / ignored).write_text("not a source")
        (folder / "one.txt").unlink()
        messages = running.expect_result(["deeper/still/two.txt"])
        assert [line for line in messages if line.startswith("changed")] == ["changed: one.txt"]


def test_watch_reports_errors_and_continues(engine, tmp_path):
    file = tmp_path / "watched_errors.py"
    file.write_text(source("good"))
    with watch(engine, file, "--invoke", "{}") as running:
        running.expect_result("good")
        file.write_text("def first(a, b): pass\ndef second(a, b): pass\n")
        running.expect_error("first (2 parameters), second (2 parameters)")
        file.write_text("def handler(event, context):\n    raise ValueError('deliberate failure')\n")
        running.expect_error("deliberate failure")
        file.write_text(source("good again"))
        running.expect_result("good again")


def test_watch_waits_for_a_removed_file(engine, tmp_path):
    file = tmp_path / "watched_gone.py"
    file.write_text(source("there"))
    with watch(engine, file, "--invoke", "{}") as running:
        running.expect_result("there")
        file.unlink()
        file.write_text(source("back"))
        messages = running.expect_result("back")
        assert not any(line.startswith("osbot:") for line in messages), messages


def test_build_runs_once_before_each_deploy(engine, tmp_path):
    """The build command writes its output next to the sources, as builds usually do."""
    (tmp_path / "part.txt").write_text("one")
    (tmp_path / "make.sh").write_text("set -e\nmkdir -p out\necho building >&2\n"
                                      "test \"$(cat part.txt)\" != broken\n"
                                      "printf 'def handler(event, context):\\n    return \"%s\"\\n' $(cat part.txt) > out/watched_build.py\n")
    with watch(engine, "out/watched_build.py", "--build", "sh make.sh", "--invoke", "{}", cwd=tmp_path) as running:
        running.expect_result("one")
        (tmp_path / "part.txt").write_text("broken")
        running.expect_error("'sh make.sh' failed (exit code 1); nothing was deployed")
        (tmp_path / "part.txt").write_text("two")
        messages = running.expect_result("two")
        assert messages.count("building") == 1 and messages[0] == "changed: part.txt"
        (tmp_path / "part.txt").write_text("three")
        assert running.expect_result("three").count("building") == 1  # its own output did not start another build


def test_watch_shows_new_log_lines_across_deploys(engine, tmp_path):
    def printing(result):
        return f"def handler(event, context):\n    print('printed {result}')\n    return {result!r}\n"

    file = tmp_path / "watched_logs.py"
    file.write_text(printing("first"))
    with watch(engine, file, "--invoke", "{}", "--logs") as running:
        for result in ["first", "second", "third"]:
            if result != "first":
                file.write_text(printing(result))
            output = running.read_until(running.results, f" printed {result}")
            assert not any("printed" in line for line in output[:-1]), "each line once"


def test_relinked_program_is_deployed_again(engine, tmp_path, osbot_path):
    """Changes a string of a C++ handler in its executable, in place of a compiler."""
    built = (osbot_path.parent / "greeting_program").read_bytes()
    assert built.count(b"Hello, ") == 1
    program = tmp_path / "program"
    program.write_bytes(built)
    program.chmod(0o755)
    with watch(engine, program, "--name", "watched_program", "--invoke", '{"name": "Ada"}') as running:
        running.expect_result("Hello, Ada!")
        program.unlink()  # like GNU ld: deletes the file, writes it, and makes it executable after it is closed
        program.write_bytes(built.replace(b"Hello, ", b"Howdy, "))
        program.chmod(0o755)
        running.expect_result("Howdy, Ada!")


@pytest.mark.parametrize("arguments, code, message", [
    (["/no/such/file.py", "--watch"], 4, "/no/such/file.py"),
    (["module:function", "--watch"], 2, "pass the .py file or the folder"),
    (["name", "--image", "repo:tag", "--watch"], 2, "--image"),
    (["x.py", "--build", "make"], 2, "--watch"),
])
def test_watch_rejects_sources_without_files(engine, arguments, code, message):
    done = engine.run("deploy", *arguments, check=False)
    assert done.returncode == code and message in done.stderr + done.stdout


def test_saved_javascript_is_deployed(engine, tmp_path):
    file = tmp_path / "watched_node.mjs"
    file.write_text('export const handler = async () => "first";\n')
    with watch(engine, file, "--invoke", "{}") as running:
        running.expect_result("first")
        file.write_text('export const handler = async () => "second";\n')
        running.expect_result("second")
