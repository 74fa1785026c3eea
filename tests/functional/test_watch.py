"""`osbot deploy --watch`: what is saved is what answers, however an editor or a linker saves it."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import threading

import pytest

PATIENCE_S = 30  # of a loaded machine; what is awaited comes within milliseconds


def source(reply):
    return f"def handler(event, context):\n    return {reply!r}\n"


class Watching:
    """The running command: its answers (stdout) and what it says meanwhile (stderr), line by line."""

    def __init__(self, engine, *arguments, cwd=None):
        self.process = subprocess.Popen([str(engine.osbot), "deploy", *map(str, arguments)], env=engine.environment, cwd=cwd, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.answers, self.says = queue.Queue(), queue.Queue()
        for stream, lines in ((self.process.stdout, self.answers), (self.process.stderr, self.says)):
            threading.Thread(target=self.read, args=(stream, lines), daemon=True).start()

    @staticmethod
    def read(stream, lines):
        for line in stream:
            lines.put(line.rstrip("\n"))
        lines.put(None)

    @staticmethod
    def until(lines, text):
        seen = []
        while True:
            try:
                line = lines.get(timeout=PATIENCE_S)
            except queue.Empty:
                raise AssertionError(f"no '{text}' in {seen}") from None
            assert line is not None, f"it ended without '{text}': {seen}"
            seen.append(line)
            if text in line:
                return seen

    def replies(self, value):
        """Once that is answered and the next change is waited for: what was said until then."""
        self.until(self.answers, json.dumps(value, separators=(",", ":")))
        return self.rests()

    def rests(self):
        return self.until(self.says, "watching;")

    def complains(self, text):
        self.until(self.says, text)
        self.rests()


@contextlib.contextmanager
def watch(engine, *arguments, cwd=None):
    running = Watching(engine, *arguments, "--watch", cwd=cwd)
    try:
        yield running
        assert running.process.poll() is None, "it has ended by itself"
    finally:
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(PATIENCE_S) == 0


def rename_over(file, text):
    """As most editors save."""
    beside = file.with_name(f".{file.name}.tmp")
    beside.write_text(text)
    os.replace(beside, file)


def backup_then_write(file, text):
    """As Vim saves with 'backupcopy' off: the old one goes aside, a new one is written, the old one goes."""
    backup = file.with_name(file.name + "~")
    os.rename(file, backup)
    file.write_text(text)
    backup.unlink()


def write_in_pieces(file, text):
    """As a linker or a copy does: the name is there long before the content."""
    with open(file, "w") as out:
        for letter in text:
            out.write(letter)
            out.flush()


@pytest.mark.parametrize("save", [lambda file, text: file.write_text(text), rename_over, backup_then_write, write_in_pieces])
def test_saved_file_is_deployed_for_each_way_of_saving(engine, tmp_path, save):
    file = tmp_path / "watched_file.py"
    file.write_text(source("first"))
    with watch(engine, file, "--invoke", "{}") as running:
        running.replies("first")
        for reply in ["second", "third", "a longer fourth"]:
            save(file, source(reply))
            seen = running.replies(reply)
            assert "changed: watched_file.py" in seen[0]
        assert json.loads(engine.run("invoke", "watched_file").stdout) == "a longer fourth"


def test_folder_is_watched_with_new_files_and_folders(engine, tmp_path):
    folder = tmp_path / "watched_folder"
    folder.mkdir()
    (folder / "app.py").write_text("import os, glob\ndef handler(event, context):\n"
                                   "    return sorted(os.path.relpath(p, '.') for p in glob.glob('**/*.txt', recursive=True))\n")
    with watch(engine, folder, "--invoke", "{}", "--ignore", "*.log") as running:
        running.replies([])
        (folder / "one.txt").write_text("1")
        running.replies(["one.txt"])
        (folder / "deeper/still").mkdir(parents=True)
        (folder / "deeper/still/two.txt").write_text("2")
        running.replies(["deeper/still/two.txt", "one.txt"])
        for nothing in ["app.py~", ".app.py.swp", "4913", "noise.log", "__pycache__"]:
            (folder / nothing).mkdir() if nothing == "__pycache__" else (folder / nothing).write_text("not a source")
        (folder / "one.txt").unlink()
        seen = running.replies(["deeper/still/two.txt"])
        assert [line for line in seen if line.startswith("changed")] == ["changed: one.txt"]


def test_watch_reports_errors_and_continues(engine, tmp_path):
    file = tmp_path / "watched_errors.py"
    file.write_text(source("good"))
    with watch(engine, file, "--invoke", "{}") as running:
        running.replies("good")
        file.write_text("def first(a, b): pass\ndef second(a, b): pass\n")
        running.complains("first (2 parameters), second (2 parameters)")
        file.write_text("def handler(event, context):\n    raise ValueError('told to fail')\n")
        running.complains("told to fail")
        file.write_text(source("good again"))
        running.replies("good again")


def test_watch_waits_for_a_removed_file(engine, tmp_path):
    file = tmp_path / "watched_gone.py"
    file.write_text(source("there"))
    with watch(engine, file, "--invoke", "{}") as running:
        running.replies("there")
        file.unlink()
        file.write_text(source("back"))
        seen = running.replies("back")
        assert not any(line.startswith("osbot:") for line in seen), seen


def test_build_runs_once_before_each_deploy(engine, tmp_path):
    """The build here is a copy; its output lies where builds put it, among the sources."""
    (tmp_path / "part.txt").write_text("one")
    (tmp_path / "make.sh").write_text("set -e\nmkdir -p out\necho building >&2\n"
                                      "test \"$(cat part.txt)\" != broken\n"
                                      "printf 'def handler(event, context):\\n    return \"%s\"\\n' $(cat part.txt) > out/watched_build.py\n")
    with watch(engine, "out/watched_build.py", "--build", "sh make.sh", "--invoke", "{}", cwd=tmp_path) as running:
        running.replies("one")
        (tmp_path / "part.txt").write_text("broken")
        running.complains("'sh make.sh' failed (exit code 1), so nothing is deployed")
        (tmp_path / "part.txt").write_text("two")
        seen = running.replies("two")
        assert seen.count("building") == 1 and seen[0] == "changed: part.txt"
        (tmp_path / "part.txt").write_text("three")
        assert running.replies("three").count("building") == 1  # none of its own output in between


def test_watch_shows_new_log_lines_across_deploys(engine, tmp_path):
    def speaking(reply):
        return f"def handler(event, context):\n    print('it says {reply}')\n    return {reply!r}\n"

    file = tmp_path / "watched_logs.py"
    file.write_text(speaking("first"))
    with watch(engine, file, "--invoke", "{}", "--logs") as running:
        for reply in ["first", "second", "third"]:
            if reply != "first":
                file.write_text(speaking(reply))
            seen = running.until(running.answers, f" it says {reply}")
            assert not any("it says" in line for line in seen[:-1]), "each line once"


def test_relinked_program_is_deployed_again(engine, tmp_path, osbot_path):
    """A C++ handler; its text is changed in the file, as a compiler would have done it."""
    built = (osbot_path.parent / "first_function").read_bytes()
    assert built.count(b"Hello, ") >= 1, "the example first_function says Hello"
    program = tmp_path / "program"
    program.write_bytes(built)
    program.chmod(0o755)
    with watch(engine, program, "--name", "watched_program", "--invoke", '{"name": "Ada"}') as running:
        running.replies("Hello, Ada!")
        program.unlink()  # GNU ld: removes, writes, and makes it executable after it has closed it
        program.write_bytes(built.replace(b"Hello, ", b"Howdy, "))
        program.chmod(0o755)
        running.replies("Howdy, Ada!")


@pytest.mark.parametrize("arguments, code, says", [
    (["/no/such/file.py", "--watch"], 4, "/no/such/file.py"),
    (["module:function", "--watch"], 2, "give the .py file or the folder"),
    (["name", "--image", "repo:tag", "--watch"], 2, "--image"),
    (["x.py", "--build", "make"], 2, "--watch"),
])
def test_watch_rejects_sources_without_files(engine, arguments, code, says):
    done = engine.run("deploy", *arguments, check=False)
    assert done.returncode == code and says in done.stderr + done.stdout
