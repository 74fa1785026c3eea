"""Tests completion in bash, zsh and fish, and manual pages in man and mandoc."""

import os
import pty
import re
import select
import shutil
import subprocess
import time

import pytest

from conftest import zip_of

HELLO = "def handler(event, context):\n    return event\n"


def needs(program):
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


@pytest.fixture(scope="module")
def shell_environment(engine, osbot_path, tmp_path_factory):
    """Returns a folder and an environment with osbot on PATH and one deployed function."""
    folder = tmp_path_factory.mktemp("completion")
    (folder / "completed_function.py").write_text(HELLO)
    (folder / "event.json").write_text("{}")
    engine.run("deploy", folder / "completed_function.py")
    queue = engine.client("sqs").create_queue(QueueName="completed_queue")["QueueUrl"]
    layer = {"LayerName": "completed_layer", "VersionNumber": engine.client("lambda").publish_layer_version(
        LayerName="completed_layer", Content={"ZipFile": zip_of({"python/numbers.txt": "1"})})["Version"]}
    yield folder, {**engine.environment, "PATH": f"{osbot_path.parent}:{os.environ['PATH']}", "HOME": str(folder)}
    engine.run("delete", "completed_function")
    engine.client("sqs").delete_queue(QueueUrl=queue)
    engine.client("lambda").delete_layer_version(**layer)


def bash(shell_environment, *words):
    """Returns the completions that bash offers for the last word."""
    folder, environment = shell_environment
    script = ('source <(osbot completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _osbot osbot; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "--norc", "-c", script, "bash", *words], env=environment, cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    return set(done.stdout.split())


@pytest.mark.parametrize("words, expected", [
    (["osbot", "dep"], {"deploy"}),
    (["osbot", "local", "st"], {"start", "stop", "status"}),
    (["osbot", "local", "image", ""], {"import", "list", "remove"}),
    (["osbot", "local", "start", "--sandbox", ""], {"auto", "strict", "off"}),
    (["osbot", "local", "start", "--sandbox", "=", "s"], {"strict"}),
    (["osbot", "invoke", "completed_f"], {"completed_function"}),
    (["osbot", "--json", "--region", "us-east-1", "invoke", "completed_f"], {"completed_function"}),
    (["osbot", "invoke", "completed_function", "@", "ev"], {"event.json"}),
    (["osbot", "invoke", "completed_function", "--qua"], {"--qualifier"}),
    (["osbot", "deploy", "--jso"], {"--json"}),
    (["osbot", "deploy", "--env", ""], set()),
    (["osbot", "completion", ""], {"bash", "zsh", "fish"}),
    (["osbot", "queues", "send", "completed_q"], {"completed_queue"}),
    (["osbot", "queues", "redrive", "completed_queue", "--to", "completed_q"], {"completed_queue"}),
    (["osbot", "layers", "completed_l"], {"completed_layer"}),
    (["osbot", "event", "api"], {"apigateway", "apigateway-v2"}),
    (["osbot", "invoke", "completed_function", "--event", "s"], {"sqs", "s3", "schedule", "sns"}),
    (["osbot", "list", "--region", "eu-west-"], {"eu-west-1", "eu-west-2", "eu-west-3"}),
    (["osbot", "local", "start", "--debug", "completed_f"], {"completed_function"}),
])
def test_bash_completes(shell_environment, words, expected):
    assert bash(shell_environment, *words) == expected


def read_until(fd, text, seconds=30):
    output, deadline = "", time.monotonic() + seconds
    while text not in output:
        assert select.select([fd], [], [], deadline - time.monotonic())[0], output
        output += os.read(fd, 4096).decode()
    return output


def test_tab_key_completes_in_an_interactive_bash(shell_environment):
    folder, environment = shell_environment
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execvpe("bash", ["bash", "--norc", "--noprofile", "-i"], {**environment, "PS1": "ready> ", "TERM": "dumb"})
    try:
        read_until(fd, "ready> ")
        os.write(fd, b"source <(osbot completion bash)\n")
        read_until(fd, "ready> ")
        os.write(fd, b"osbot info completed_fu\t")
        read_until(fd, "completed_function ")
    finally:
        os.close(fd)
        os.waitpid(pid, 0)


@needs("fish")
@pytest.mark.parametrize("typed, expected", [
    ("osbot dep", {"deploy"}),
    ("osbot local st", {"start", "stop", "status"}),
    ("osbot local start --sandbox ", {"auto", "strict", "off"}),
    ("osbot invoke completed_f", {"completed_function"}),
    ("osbot queues peek completed_q", {"completed_queue"}),
    ("osbot layers completed_l", {"completed_layer"}),
    ("osbot event api", {"apigateway", "apigateway-v2"}),
    ("osbot list --region eu-west-", {"eu-west-1", "eu-west-2", "eu-west-3"}),
    ("osbot local start --port", {"--port"}),
    ("osbot --jso", {"--json"}),
])
def test_fish_completes(shell_environment, typed, expected):
    folder, environment = shell_environment
    done = subprocess.run(["fish", "--no-config", "-c", f"osbot completion fish | source; complete -C '{typed}'"], env=environment, cwd=folder,
                          capture_output=True, text=True, timeout=60)
    word = typed.rpartition(" ")[2]  # fish 4 also lists names that only contain it: --runtime-support for --port
    assert {name for line in done.stdout.splitlines() if (name := line.split("\t")[0]).startswith(word)} == expected, done.stderr


ZSH = r"""
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'PS1="ready> "; autoload -U compinit; compinit -u -D; source <(osbot completion zsh); zstyle ":completion:*" menu no; print loa''ded'
zpty -r -m shell line '*loaded*'
zpty -w -n shell "$1"$'\t'
zpty -r -m shell line "*$2*" && print -r -- found
zpty -d shell
"""


@needs("zsh")
@pytest.mark.parametrize("typed, expected", [
    ("osbot depl", "osbot deploy "),
    ("osbot local image imp", "osbot local image import "),
    ("osbot local start --sandbox str", "--sandbox strict "),
    ("osbot invoke completed_f", "completed_function "),
    ("osbot queues peek completed_q", "completed_queue "),
    ("osbot layers completed_l", "completed_layer "),
    ("osbot event kin", "kinesis "),
    ("osbot list --region ca-w", "ca-west-1 "),
    ("osbot local start --debug completed_f", "completed_function "),
    ("osbot local start --por", "--port "),
])
def test_zsh_completes(shell_environment, typed, expected):
    folder, environment = shell_environment
    done = subprocess.run(["zsh", "-f", "-c", ZSH, "zsh", typed, expected], env={**environment, "TERM": "dumb"}, cwd=folder, capture_output=True,
                          text=True, timeout=60)
    assert "found" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("kind", ["function", "queue", "layer"])
def test_names_come_from_a_running_daemon_only(osbot_path, tmp_path, kind):
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "OSBOT_AWS_STATE": str(tmp_path / "state"), "OSBOT_AWS_TARGET": "local",
                   "OSBOT_AWS_RUNTIME_SUPPORT": "off"}
    done = subprocess.run([osbot_path, f"{kind}-names"], env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not (tmp_path / "state").exists()


def test_manual_page_of_each_command_has_the_options_of_its_help(engine, tmp_path):
    engine.run("man", "--folder", tmp_path)
    pages = {page.name: page.read_text() for page in tmp_path.iterdir()}
    assert "osbot.1" in pages
    for name, page in pages.items():
        command = [] if name == "osbot.1" else name.removeprefix("osbot-").removesuffix(".1").split("-")
        help_text = engine.run(*command, "--help").stdout
        for option in re.findall(r"^  (?:-\w,)?(--[a-z-]+)", help_text, re.MULTILINE):
            assert option.replace("-", r"\-") in page, name
        for reader in (["man", "-l", "--warnings"], ["mandoc", "-Tlint", "-Werror"]):
            if shutil.which(reader[0]):
                done = subprocess.run([*reader, tmp_path / name], capture_output=True, text=True, timeout=60, env={**os.environ, "MANROFFSEQ": ""})
                assert (done.returncode, done.stderr) == (0, ""), f"{name}: {done.stdout}{done.stderr}"


@pytest.mark.parametrize("arguments, message", [
    (["depoly", "x"], "did you mean 'deploy'?"),
    (["local", "strat"], "did you mean 'start'?"),
    (["deploy", "--stge", "x", "y"], "did you mean '--stage'?"),
    (["list", "--jsno"], "did you mean '--json'?"),
    (["banana"], "unknown command 'banana'"),
    (["man", "depoly"], "did you mean 'deploy'?"),
])
def test_typing_error_gets_a_one_line_suggestion(engine, arguments, message):
    done = engine.run(*arguments, check=False)
    assert done.returncode in (2, 4) and done.stdout == ""
    assert message in done.stderr and len(done.stderr.splitlines()) == 1
