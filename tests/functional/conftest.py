"""Fixtures of the functional tests, which use the built `osbot` binary and real clients."""

import base64
import http.client
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
import urllib.parse
import uuid
import zipfile

import boto3
import botocore.exceptions
import pytest
from botocore.config import Config

ROOT = pathlib.Path(__file__).resolve().parents[2]
AWS = pathlib.Path(sys.executable).with_name("aws")  # the aws CLI of tests/requirements.txt


def pytest_addoption(parser):
    parser.addoption("--osbot", default=str(ROOT / "build/release/bin/osbot"), help="the binary under test")
    parser.addoption("--node-runtime", default=str(ROOT / "build/node_runtime"), help="the folder of tools/make_node_modules with AWS's Node.js runtime clients")
    parser.addoption("--runtime-wheels", default=str(ROOT / "build/runtime_wheels"), help="the folder of tools/make_runtime_wheels")
    parser.addoption("--query-python", default=str(ROOT / "build/venv_query/bin/python"), help="a Python with a botocore that uses SQS's Query protocol")
    parser.addoption("--node", default=str(ROOT / "build/node"), help="the folder of tools/make_node_modules with AWS's SDK for JavaScript")


# Check of `osbot doctor` -> its name in the reason of a skipped test. tests/support/refusal.hpp has the same names.
HOST_PARTS = {"namespaces": "user namespaces", "network": "network namespaces", "cgroup": "memory cgroups", "processes": "pids cgroups", "freezer": "a freezer"}


def pytest_configure(config):
    config.addinivalue_line("markers", f"needs(part): skip the test on a host where the engine lacks a part: {', '.join(HOST_PARTS)}")


def refusal_of(config, part):
    """Returns why this host lacks a part of the sandbox, in one line, or None if it has it. Runs `osbot doctor`."""
    if not hasattr(config, "osbot_refusals"):
        environment = {"PATH": os.environ["PATH"], "HOME": "/", "OSBOT_AWS_TARGET": "local", "OSBOT_AWS_STATE": "/nowhere"}
        done = subprocess.run([config.getoption("--osbot"), "doctor", "--json"], env=environment, capture_output=True, text=True, timeout=60)
        checks = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
        # "No memory cgroup: its consequence (PATH: the host's reason)"; paths differ from run to run.
        config.osbot_refusals = {
            name: f"this host refuses {title}: {checks[name]['found'].rpartition(': ')[2].removesuffix(')')}"
            for name, title in HOST_PARTS.items() if checks[name]["state"] != "ok"}
    return config.osbot_refusals.get(part)


def skip_without(config, part):
    reason = refusal_of(config, part)
    if reason:
        pytest.skip(reason)


def pytest_runtest_setup(item):
    for mark in item.iter_markers("needs"):
        skip_without(item.config, *mark.args)


def allow_interrupts():
    """Enables SIGINT in a child process, as its preexec_fn: background jobs of a script inherit an ignored SIGINT."""
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


def send(port, line, headers=None, body=b""):
    """Sends a request with these header fields, unchanged, and returns (status, header fields with lower-case names, body)."""
    fields = {"Host": f"127.0.0.1:{port}", "Connection": "close", "Content-Length": len(body), **(headers or {})}
    head = line + " HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n"
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(head.encode("latin-1") + body)
        answer = b""
        while block := connection.recv(65536):
            answer += block
    head, _, content = answer.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    return int(lines[0].split()[1]), {k.lower(): v for k, _, v in (line.partition(": ") for line in lines[1:])}, content


def error_line(stderr):
    """Returns the error, which must be one line. A "target:" line may precede it and a "more:" line may follow."""
    lines = stderr.strip().splitlines()
    if lines and lines[0].startswith("target: "):
        lines.pop(0)
    if lines and lines[-1].startswith("more: osbot explain "):
        lines.pop()
    assert len(lines) == 1, stderr
    return lines[0]


def error_of(call, **arguments):
    """Returns the code and the message with which AWS or the engine rejects a call of boto3."""
    with pytest.raises(botocore.exceptions.ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"], error.value.response["Error"].get("Message", "")


def code_of(call, **arguments):
    """Returns the code with which AWS or the engine rejects a call of boto3."""
    return error_of(call, **arguments)[0]


def home_or(folder):
    """Returns HOME, where pyenv and uv store interpreters, or `folder` if HOME is unset or not writable."""
    home = os.environ.get("HOME", "")
    return home if os.access(home, os.W_OK) else str(folder)


def address_of(url):
    """Returns the port and the Host of a function URL, whose host name may not resolve on this host."""
    host = urllib.parse.urlsplit(url).netloc
    return int(host.rsplit(":", 1)[1]), host


class Control_Connection(http.client.HTTPConnection):
    """A connection to the Unix socket of an engine, which has the control endpoints."""

    def __init__(self, engine, timeout=30):
        super().__init__("localhost", timeout=timeout)
        self.path = str(engine.state / "osbot.sock")

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Engine:
    """A daemon with its own state folder and port."""

    def __init__(self, osbot, state, *arguments, wrapper=(), env=None):
        self.osbot, self.state, self.port = osbot, pathlib.Path(state), free_port()
        self.arguments, self.wrapper, self.process = arguments, wrapper, None
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": home_or(self.state.parent), "OSBOT_AWS_TARGET": "local",
            "OSBOT_AWS_STATE": str(self.state), "AWS_REGION": "us-east-1", "NO_COLOR": "1",
            "OSBOT_AWS_RUNTIME_SUPPORT": "off", **(env or {}),  # test_runtime_support.py tests it, with packages of its own
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
                with socket.create_connection(("127.0.0.1", self.port), 1) as probe:
                    # Without a listener, a socket whose own port is the same by chance connects to itself.
                    if probe.getsockname() != probe.getpeername():
                        return self
            except OSError:
                pass
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
        """Returns environment variables that point any AWS client at this engine and away from the user's settings."""
        return {"PATH": os.environ["PATH"], "HOME": str(folder), "AWS_ENDPOINT_URL": self.url, "AWS_REGION": "us-east-1",
                "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_PAGER": "",
                "AWS_MAX_ATTEMPTS": "1", "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture(scope="session")
def engine(osbot_path, tmp_path_factory):
    """Yields an engine for all tests that do not restart it. Each test uses its own resource names."""
    running = Engine(osbot_path, tmp_path_factory.mktemp("engine") / "state").start()
    yield running
    running.stop()


@pytest.fixture
def s3(engine):
    return engine.client("s3")


@pytest.fixture
def bucket(s3):
    """Creates an empty bucket. Returns its name."""
    name = f"bucket-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def own_engine(osbot_path, tmp_path):
    """Yields a function that starts an engine. The test may restart, kill or reset it."""
    engines = []

    def make(*arguments, state="state", wrapper=(), env=None):
        engines.append(Engine(osbot_path, tmp_path / state, *arguments, wrapper=wrapper, env=env))
        return engines[-1].start()

    yield make
    for engine in engines:
        engine.stop()


def run_process(command, environment, input, check, folder=None):
    done = subprocess.run([str(part) for part in command], env=environment, cwd=folder, input=input, capture_output=True,
                          text=not isinstance(input, bytes), timeout=300)
    if check:
        assert done.returncode == 0, f"{command}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture
def aws(engine, tmp_path):
    """aws("s3", "ls") runs the aws CLI against an engine; returns the completed process with text output.

    `input` is its stdin; if that is bytes, the output is bytes as well. `check=False` allows it to fail, `env` adds
    environment variables, `engine` selects another engine.
    """
    def run(*arguments, input=None, check=True, env=None, engine=engine):
        return run_process([AWS, *arguments], {**engine.client_environment(tmp_path), **(env or {})}, input, check)

    return run


@pytest.fixture
def javascript(request, engine, tmp_path):
    """javascript(source, one=1) runs an ES module against an engine; returns the value passed to `report()`.

    The module imports "@aws-sdk/client-..." and creates clients without arguments: endpoint, region and keys come from
    the environment. The keyword arguments are in `params`. An error that the module does not catch fails the test;
    `check=False` returns the completed process instead. `engine` and `env` are as for `aws`.
    """
    modules = pathlib.Path(request.config.getoption("--node")).resolve()
    assert (modules / "node_modules").exists(), f"{modules}: create it first (make venv, or tools/make_node_modules)"

    def run(source, check=True, env=None, engine=engine, **params):
        preamble = f"const params = {json.dumps(params)}; const report = value => console.log(JSON.stringify(value ?? null));\n"
        done = run_process(["node", "--input-type=module", "-"], {**engine.client_environment(tmp_path), **(env or {})},
                           preamble + textwrap.dedent(source), check, folder=modules)  # where node looks for imports
        return json.loads(done.stdout.splitlines()[-1]) if check else done

    return run


def zip_of(files):
    """Returns the bytes of a zip of {'path': text or bytes}. A path that ends in `!` is executable."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in files.items():
            info = zipfile.ZipInfo(path.rstrip("!"), (2026, 1, 1, 0, 0, 0))
            info.external_attr = (0o100755 if path.endswith("!") else 0o100644) << 16
            archive.writestr(info, textwrap.dedent(text) if isinstance(text, str) else text)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def hostile_program(tmp_path_factory):
    """Returns the zip of a function, built from hostile_function.cpp, for the runtime provided.al2023."""
    folder = tmp_path_factory.mktemp("hostile")
    source = ROOT / "tests/functional/hostile_function.cpp"
    subprocess.run(["g++", "-std=c++20", "-O1", "-static", "-pthread", "-o", folder / "bootstrap", source], check=True)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(folder / "bootstrap", "bootstrap")
    return buffer.getvalue()


class Functions:
    """Creates functions on an engine. `functions_on` deletes them after the test."""

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
        self.lambda_.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.05, "MaxAttempts": 1200})
        return name

    def task_root(self, name, config):
        """Returns LAMBDA_TASK_ROOT of a function on an engine without a wrapper: without namespaces nothing is mounted at /var/task."""
        if not refusal_of(config, "namespaces"):
            return "/var/task"
        sha256 = base64.b64decode(self.lambda_.get_function_configuration(FunctionName=name)["CodeSha256"]).hex()
        return str(self.engine.state / "code" / sha256)

    def public_url(self, name, **settings):
        """Creates a URL of a function that everyone may call, and returns it."""
        for action, extra in (("InvokeFunctionUrl", {"FunctionUrlAuthType": "NONE"}), ("InvokeFunction", {})):
            self.lambda_.add_permission(FunctionName=name, StatementId=action, Action=f"lambda:{action}", Principal="*", **extra)
        return self.lambda_.create_function_url_config(FunctionName=name, AuthType="NONE", **settings)["FunctionUrl"]

    def invoke(self, name, event=None, **arguments):
        """Returns (payload as JSON, whole response)."""
        response = self.lambda_.invoke(FunctionName=name, Payload=json.dumps({} if event is None else event), **arguments)
        text = response["Payload"].read()
        return (json.loads(text) if text else None), response


def functions_on(engine):
    """Yields Functions of an engine and deletes them afterwards."""
    functions = Functions(engine)
    yield functions
    for name in functions.names:
        try:
            functions.lambda_.delete_function(FunctionName=name)
        except functions.lambda_.exceptions.ResourceNotFoundException:
            pass


@pytest.fixture
def functions(engine):
    yield from functions_on(engine)


@pytest.fixture(params=["sandbox", "no namespaces"], scope="module")
def engine_in_each_mode(request, osbot_path, tmp_path_factory):
    """Yields an engine with namespaces, then one without, as in a plain container."""
    wrapper = () if request.param == "sandbox" else (osbot_path.parent / "without_namespaces",)
    if not wrapper:
        skip_without(request.config, "namespaces")
    running = Engine(osbot_path, tmp_path_factory.mktemp("mode") / "state", wrapper=wrapper).start()
    yield running
    running.stop()


@pytest.fixture
def functions_in_each_mode(engine_in_each_mode):
    """Yields Functions in both modes. A module overrides the fixture `functions` with it to run each test twice."""
    yield from functions_on(engine_in_each_mode)
