"""Functional tests use the built `osbot` binary and real clients, nothing of the source tree."""

import base64
import io
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import textwrap
import time
import zipfile

import boto3
import pytest
from botocore.config import Config

ROOT = pathlib.Path(__file__).resolve().parents[2]
AWS = pathlib.Path(sys.executable).with_name("aws")  # the aws CLI of tests/requirements.txt


def pytest_addoption(parser):
    parser.addoption("--osbot", default=str(ROOT / "build/release/bin/osbot"), help="the binary under test")
    parser.addoption("--node", default=str(ROOT / "build/node"), help="where tools/make_node_modules put AWS's SDK for JavaScript")


# Checks of `osbot doctor`, and how a skipped test calls what the host refuses. tests/support/refusal.hpp has the same words.
HOST_PARTS = {"namespaces": "user namespaces", "network": "network namespaces", "cgroup": "memory cgroups"}


def pytest_configure(config):
    config.addinivalue_line("markers", f"needs(part): skip the test on a host where the engine lacks a part: {', '.join(HOST_PARTS)}")


def refusal_of(config, part):
    """Returns why this host lacks a part of the sandbox, in one line, or None if it has it. The engine itself finds out."""
    if not hasattr(config, "osbot_refusals"):
        environment = {"PATH": os.environ["PATH"], "HOME": "/", "OSBOT_AWS_TARGET": "local", "OSBOT_AWS_STATE": "/nowhere"}
        done = subprocess.run([config.getoption("--osbot"), "doctor", "--json"], env=environment, capture_output=True, text=True, timeout=60)
        checks = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
        # "No memory cgroup: its consequence (PATH: the host's reason)"; paths differ from run to run.
        config.osbot_refusals = {
            name: f"this host refuses {words}: {checks[name]['found'].rpartition(': ')[2].removesuffix(')')}"
            for name, words in HOST_PARTS.items() if checks[name]["state"] != "ok"}
    return config.osbot_refusals.get(part)


def skip_without(config, part):
    reason = refusal_of(config, part)
    if reason:
        pytest.skip(reason)


def pytest_runtest_setup(item):
    for mark in item.iter_markers("needs"):
        skip_without(item.config, *mark.args)


def allow_interrupts():
    """For preexec_fn of a child that is sent SIGINT: a job in the background of a script inherits an ignored SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture(scope="session")
def osbot_path(request):
    path = pathlib.Path(request.config.getoption("--osbot")).resolve()
    assert path.exists(), f"{path}: build it first (make build)"
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def the_one_line(stderr):
    """What went wrong is one line; after it at most one other, which names the page about the error; before it where it was tried."""
    lines = stderr.strip().splitlines()
    if lines and lines[0].startswith("target: "):
        lines.pop(0)
    if lines and lines[-1].startswith("more: osbot explain "):
        lines.pop()
    assert len(lines) == 1, stderr
    return lines[0]


def home_or(folder):
    """Returns HOME, below which pyenv and uv have their interpreters, or `folder` where HOME is of no use."""
    home = os.environ.get("HOME", "")
    return home if os.access(home, os.W_OK) else str(folder)


class Engine:
    """A daemon on a state folder of its own."""

    def __init__(self, osbot, state, *arguments, wrapper=()):
        self.osbot, self.state, self.port = osbot, pathlib.Path(state), free_port()
        self.arguments, self.wrapper, self.process = arguments, wrapper, None
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": home_or(self.state.parent), "OSBOT_AWS_TARGET": "local",
            "OSBOT_AWS_STATE": str(self.state), "AWS_REGION": "us-east-1", "NO_COLOR": "1",
        }

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        command = [*self.wrapper, self.osbot, "local", "start", "--foreground", "--port", self.port, "--state", self.state, *self.arguments]
        self.log = open(self.state.parent / f"{self.state.name}.log", "ab")
        self.process = subprocess.Popen([str(part) for part in command], env=self.environment, stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.01)
        raise AssertionError("the engine did not start: " + pathlib.Path(self.log.name).read_text(errors="replace"))

    def stop(self, signal=15):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal)
            self.process.wait(30)
        self.log.close()

    def run(self, *arguments, input=None, check=True, env=None):
        """Runs the CLI against this engine; returns the completed process with text output."""
        done = subprocess.run([str(self.osbot), *map(str, arguments)], env={**self.environment, **(env or {})}, input=input,
                              capture_output=True, text=True, timeout=120)
        if check:
            assert done.returncode == 0, f"{arguments}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def client(self, service, **config):
        return boto3.client(service, endpoint_url=self.url, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test",
                            config=Config(retries={"max_attempts": 0}, read_timeout=70, **config))

    def client_environment(self, folder):
        """What points any AWS client at this engine, and at no settings of the user's."""
        return {"PATH": os.environ["PATH"], "HOME": str(folder), "AWS_ENDPOINT_URL": self.url, "AWS_REGION": "us-east-1",
                "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_PAGER": "",
                "AWS_MAX_ATTEMPTS": "1", "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture(scope="session")
def engine(osbot_path, tmp_path_factory):
    """One engine for all tests that do not restart it; they use names of their own."""
    running = Engine(osbot_path, tmp_path_factory.mktemp("engine") / "state").start()
    yield running
    running.stop()


@pytest.fixture
def own_engine(osbot_path, tmp_path):
    """An engine that a test may restart, kill or reset."""
    made = []

    def make(*arguments, state="state", wrapper=()):
        made.append(Engine(osbot_path, tmp_path / state, *arguments, wrapper=wrapper))
        return made[-1].start()

    yield make
    for one in made:
        one.stop()


def completed(command, environment, input, check, folder=None):
    done = subprocess.run([str(part) for part in command], env=environment, cwd=folder, input=input, capture_output=True,
                          text=not isinstance(input, bytes), timeout=300)
    if check:
        assert done.returncode == 0, f"{command}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture
def aws(engine, tmp_path):
    """aws("s3", "ls") runs the aws CLI against an engine; returns the completed process with text output.

    `input` for its stdin (bytes: output is bytes, too), `check=False` where it should fail, `env` for more settings,
    `engine` for another engine.
    """
    def run(*arguments, input=None, check=True, env=None, engine=engine):
        return completed([AWS, *arguments], {**engine.client_environment(tmp_path), **(env or {})}, input, check)

    return run


@pytest.fixture
def javascript(request, engine, tmp_path):
    """javascript(source, one=1) runs the text of an ES module against an engine; returns what it gave to `answer()`.

    The module imports "@aws-sdk/client-..." and makes clients without arguments: the environment has endpoint, region
    and keys. `given` are the keyword arguments. An error that the module does not catch fails the test; `check=False`
    returns the completed process instead, `engine` and `env` are as for `aws`.
    """
    modules = pathlib.Path(request.config.getoption("--node")).resolve()
    assert (modules / "node_modules").exists(), f"{modules}: make it first (make venv, or tools/make_node_modules)"

    def run(source, check=True, env=None, engine=engine, **given):
        preamble = f"const given = {json.dumps(given)}; const answer = value => console.log(JSON.stringify(value ?? null));\n"
        done = completed(["node", "--input-type=module", "-"], {**engine.client_environment(tmp_path), **(env or {})},
                         preamble + textwrap.dedent(source), check, folder=modules)  # imports are looked for from there on
        return json.loads(done.stdout.splitlines()[-1]) if check else done

    return run


def zip_of(files):
    """{'path': 'text'} -> bytes of a zip; a path that ends in `!` is executable."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in files.items():
            info = zipfile.ZipInfo(path.rstrip("!"), (2026, 1, 1, 0, 0, 0))
            info.external_attr = (0o100755 if path.endswith("!") else 0o100644) << 16
            archive.writestr(info, textwrap.dedent(text))
    return buffer.getvalue()


class Functions:
    """Makes functions on an engine and removes them after the test."""

    def __init__(self, engine):
        self.engine, self.lambda_, self.iam, self.names = engine, engine.client("lambda"), engine.client("iam"), []

    def role(self):
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
        try:
            return self.iam.create_role(RoleName="test-role", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        except self.iam.exceptions.EntityAlreadyExistsException:
            return self.iam.get_role(RoleName="test-role")["Role"]["Arn"]

    def python(self, name, source, handler="app.handler", runtime=None, files=None, **settings):
        runtime = runtime or f"python{sys.version_info.major}.{sys.version_info.minor}"
        return self.create(name, {"app.py": source, **(files or {})}, runtime, handler, **settings)

    def create(self, name, files, runtime, handler, **settings):
        self.lambda_.create_function(FunctionName=name, Runtime=runtime, Handler=handler, Role=self.role(),
                                     Code={"ZipFile": files if isinstance(files, bytes) else zip_of(files)}, **settings)
        self.names.append(name)
        self.lambda_.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.05, "MaxAttempts": 200})
        return name

    def task_root(self, name, config):
        """Returns LAMBDA_TASK_ROOT of a function on an engine without a wrapper: without namespaces nothing is mounted at /var/task."""
        if not refusal_of(config, "namespaces"):
            return "/var/task"
        sha256 = base64.b64decode(self.lambda_.get_function_configuration(FunctionName=name)["CodeSha256"]).hex()
        return str(self.engine.state / "code" / sha256)

    def invoke(self, name, event=None, **arguments):
        """(payload as JSON, the whole answer)"""
        answer = self.lambda_.invoke(FunctionName=name, Payload=json.dumps({} if event is None else event), **arguments)
        text = answer["Payload"].read()
        return (json.loads(text) if text else None), answer


def made_on(engine):
    """Functions on an engine, removed afterwards."""
    made = Functions(engine)
    yield made
    for name in made.names:
        try:
            made.lambda_.delete_function(FunctionName=name)
        except made.lambda_.exceptions.ResourceNotFoundException:
            pass


@pytest.fixture
def functions(engine):
    yield from made_on(engine)


@pytest.fixture(params=["sandbox", "no namespaces"], scope="module")
def place(request, osbot_path, tmp_path_factory):
    """An engine with namespaces, and one without, as in a plain container."""
    wrapper = () if request.param == "sandbox" else (osbot_path.parent / "without_namespaces",)
    if not wrapper:
        skip_without(request.config, "namespaces")
    running = Engine(osbot_path, tmp_path_factory.mktemp("place") / "state", wrapper=wrapper).start()
    yield running
    running.stop()


@pytest.fixture
def functions_in_each_place(place):
    """For modules whose tests hold in both: their own fixture `functions` is this one."""
    yield from made_on(place)
