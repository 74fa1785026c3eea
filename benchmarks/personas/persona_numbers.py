"""Measures the first success of three users, each beside the same steps with another tool, and prints the ratios.

    persona_numbers.py --build BUILD [--peers VENV] [--only cpp|python|shell] [--smoke]

Each run starts in an empty folder with a new engine and an empty cache, and ends with a response of the function, which is checked.
Time is that of all commands. Typed characters and lines are those of the commands and of the files that the user writes; files
that a tool generates do not count. The tools are installed and cargo's crates are downloaded before the measurement.

--peers is a virtual environment of tests/peer/requirements.txt, for moto's server and cargo-lambda, which also needs Rust. A peer
that is not installed is reported. boto3 and the aws CLI belong to the interpreter of this script.
"""
import argparse
import dataclasses
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

import boto3

parser = argparse.ArgumentParser()
parser.add_argument("--build", type=pathlib.Path, required=True)
parser.add_argument("--peers", type=pathlib.Path)
parser.add_argument("--only", choices=["cpp", "python", "shell"])
parser.add_argument("--smoke", action="store_true")
options = parser.parse_args()
ROUNDS = 1 if options.smoke else 5
COMPILING_ROUNDS = 1
COMMAND_TIMEOUT_S = 1800
HELLO_ZIP_MIB_MAX = 3.9
GREETING = "Hello, Ada!"
HERE = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass
class Steps:
    """The commands and files that a user types."""
    tool: str
    commands: str
    files: dict = dataclasses.field(default_factory=dict)
    response: str = GREETING
    endpoint: str = "engine"

    @property
    def typed(self):
        return "\n".join([*self.files.values(), self.commands])

    @property
    def lines(self):
        return sum(1 for line in self.typed.splitlines() if line.strip())


HANDLER = """\
def handler(event, context):
    return f"Hello, {event['name']}!"
"""
OUR_CPP = Steps("osbot", """\
osbot init hello
cmake -S hello -B hello/build && cmake --build hello/build
osbot deploy hello/build/hello
osbot invoke hello @hello/event.json
""")
CARGO_LAMBDA = Steps("cargo-lambda", """\
cargo lambda new hello --no-interactive
cd hello
cargo lambda build --release
cargo lambda deploy
cargo lambda invoke --remote hello --data-ascii '{"name": "Ada"}'
""")
OUR_PYTHON = Steps("osbot_aws", "python first.py\n", {"first.py": """\
from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda


def hello(event, context):
    return f"Hello, {event['name']}!"


deploy = Deploy_Lambda(handler=hello)
assert deploy.deploy(), deploy.last_error
print(deploy.invoke({"name": "Ada"}))
"""})
BOTO3_FILES = {"hello.py": HANDLER, "first.py": """\
import io
import json
import zipfile

import boto3

code = io.BytesIO()
with zipfile.ZipFile(code, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.write("hello.py")

iam, functions = boto3.client("iam"), boto3.client("lambda")
trust = {"Version": "2012-10-17",
         "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
role = iam.create_role(RoleName="hello", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
iam.put_role_policy(RoleName="hello", PolicyName="logs", PolicyDocument=json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}))
functions.create_function(FunctionName="hello", Runtime="python3.11", Handler="hello.handler", Role=role["Arn"],
                          Code={"ZipFile": code.getvalue()})
functions.get_waiter("function_active_v2").wait(FunctionName="hello")
response = functions.invoke(FunctionName="hello", Payload=json.dumps({"name": "Ada"}))
assert "FunctionError" not in response
print(json.load(response["Payload"]))
"""}
BOTO3 = Steps("boto3", "python first.py\n", BOTO3_FILES)
# moto's server returns the event: it runs functions only in Docker.
MOTO = Steps("boto3 with moto", "python first.py\n", BOTO3_FILES, response="{'name': 'Ada'}", endpoint="moto")
OUR_SHELL = Steps("osbot", """\
osbot deploy hello.py
osbot invoke hello '{"name": "Ada"}'
""", {"hello.py": HANDLER})
AWS_CLI = Steps("aws CLI", """\
python3 -m zipfile -c hello.zip hello.py
aws iam create-role --role-name hello --assume-role-policy-document file://trust.json
aws iam put-role-policy --role-name hello --policy-name logs --policy-document file://logs.json
aws lambda create-function --function-name hello --runtime python3.11 --handler hello.handler --role arn:aws:iam::000000000000:role/hello \
--zip-file fileb://hello.zip
aws lambda wait function-active-v2 --function-name hello
aws lambda invoke --function-name hello --payload '{"name": "Ada"}' response.json
cat response.json
""", {"hello.py": HANDLER, "trust.json": """\
{"Version": "2012-10-17",
 "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
""", "logs.json": """\
{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}
"""})


def run(*command, **environment):
    done = subprocess.run([str(word) for word in command], env={**os.environ, **environment}, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=COMMAND_TIMEOUT_S)
    assert done.returncode == 0, f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}"
    return done.stdout


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Engine:
    """A new engine for each run: the first deploy of a user finds nothing prepared."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.url = f"http://127.0.0.1:{free_port()}"
        self.environment = {"OSBOT_AWS_STATE": f"{self.folder.name}/state", "XDG_CACHE_HOME": f"{self.folder.name}/cache"}
        run("osbot", "local", "start", "--port", self.url.rpartition(":")[2], **self.environment)
        return self

    def __exit__(self, *_):
        run("osbot", "local", "stop", **self.environment)
        self.folder.cleanup()


class Moto:
    """moto's server, which keeps running; each run resets its state."""
    environment = {}

    def __init__(self, program):
        self.url = f"http://127.0.0.1:{free_port()}"
        self.process = subprocess.Popen([program, "-p", self.url.rpartition(":")[2]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while True:
            try:
                return self.post("/moto-api/config", b'{"lambda": {"use_docker": false}}')
            except OSError:  # not listening yet
                assert self.process.poll() is None and time.monotonic() < deadline, "moto's server did not start"
                time.sleep(0.1)

    def post(self, path, body=b""):
        urllib.request.urlopen(urllib.request.Request(self.url + path, data=body, method="POST"), timeout=10).read()

    def __enter__(self):
        self.post("/moto-api/reset")
        return self

    def __exit__(self, *_):
        pass

    def stop(self):
        self.process.terminate()
        self.process.wait()


def code_size(url):
    functions = boto3.client("lambda", endpoint_url=url).list_functions()["Functions"]
    assert len(functions) == 1, functions
    return functions[0]["CodeSize"]


def first_success(steps, endpoint):
    """Runs the steps in an empty folder and checks the response. Returns (seconds, bytes of the zip)."""
    with tempfile.TemporaryDirectory() as folder, endpoint as at:
        for name, text in steps.files.items():
            pathlib.Path(folder, name).write_text(text)
        begin = time.perf_counter()
        output = run("bash", "-c", f"set -e; cd {folder}; {steps.commands}", AWS_ENDPOINT_URL=at.url, **at.environment)
        seconds = time.perf_counter() - begin
        assert steps.response in output.splitlines()[-1], f"{steps.tool}:\n{output}"
        return seconds, code_size(at.url)


def report(subject, requirement, result):
    print(f"{subject:<58} {requirement:<12} {result}", flush=True)


def duration(seconds):
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def compare(user, rounds, ours, *peers, endpoints):
    """Plays all ways in interleaved rounds, so that other load on the host affects each of them."""
    results = {steps.tool: [] for steps in (ours, *peers)}
    for _ in range(rounds):
        for steps in (ours, *peers):
            results[steps.tool].append(first_success(steps, endpoints[steps.endpoint]()))
    seconds = {tool: statistics.median(taken for taken, _ in values) for tool, values in results.items()}
    for peer in peers:
        report(f"first success, {user}: {ours.tool} over {peer.tool}", "<= 1x",
               f"{seconds[ours.tool] / seconds[peer.tool]:.2f}x ({duration(seconds[ours.tool])} of {duration(seconds[peer.tool])})")
        report("  typed characters; lines; bytes of the zip", "",
               f"{len(ours.typed) / len(peer.typed):.2f}x ({len(ours.typed)} of {len(peer.typed)}); {ours.lines} of {peer.lines}; "
               f"{results[ours.tool][0][1]:,} of {results[peer.tool][0][1]:,}")
    return results[ours.tool][0][1]


def cargo_lambda_is_ready(folder):
    """Uses a local template, because `cargo lambda new` downloads its own from GitHub. Downloads the crates."""
    if not options.peers or not shutil.which("cargo-lambda") or not shutil.which("cargo"):
        return False
    template = HERE / "cargo_template"
    real = shutil.which("cargo")
    wrapper = pathlib.Path(folder, "bin/cargo")
    wrapper.parent.mkdir()
    wrapper.write_text(f"""#!/bin/sh
PATH={options.peers}/bin:$PATH  # its Python has ziglang, the linker
[ "$1 $2" = "lambda new" ] && set -- "$@" --template {template}
exec {real} "$@"
""")
    wrapper.chmod(0o755)
    os.environ["PATH"] = f"{wrapper.parent}:{os.environ['PATH']}"
    run("bash", "-c", f"cd {folder} && cargo lambda new hello --no-interactive && cd hello && cargo fetch")
    return True


def cpp(folder, endpoints):
    prefix = folder / "prefix"  # as `make install` and the tarball of a release
    run("cmake", "--install", options.build, "--prefix", prefix, "--strip")
    os.environ.update(CMAKE_PREFIX_PATH=str(prefix), PATH=f"{prefix}/bin:{os.environ['PATH']}")
    peers = [CARGO_LAMBDA] if cargo_lambda_is_ready(folder) else []
    if not peers:
        report("first success, C++: cargo-lambda", "", "not installed")
    size_mib = compare("C++", COMPILING_ROUNDS, OUR_CPP, *peers, endpoints=endpoints) / (1 << 20)
    report("zip of the program of `osbot init`", f"<= {HELLO_ZIP_MIB_MAX} MiB", f"{size_mib:.2f} MiB")
    assert size_mib <= HELLO_ZIP_MIB_MAX, "the zip is too large"


def python(_, endpoints):
    peers = [BOTO3, MOTO] if "moto" in endpoints else [BOTO3]
    compare("Python", ROUNDS, OUR_PYTHON, *peers, endpoints=endpoints)


def shell(_, endpoints):
    compare("shell", ROUNDS, OUR_SHELL, AWS_CLI, endpoints=endpoints)


def prepare(folder):
    """The environment of a user who has installed the tools."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "OSBOT_"))]:
        del os.environ[name]
    programs = [options.build / "bin", pathlib.Path(sys.executable).parent, *([options.peers / "bin"] if options.peers else [])]
    os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_REGION="us-east-1", AWS_DEFAULT_REGION="us-east-1",
                      PYTHONPATH=str(options.build / "python"), PATH=os.pathsep.join([*map(str, programs), os.environ["PATH"]]))


def main(folder):
    prepare(folder)
    endpoints = {"engine": Engine}
    moto_program = options.peers and options.peers / "bin/moto_server"
    moto = Moto(moto_program) if moto_program and moto_program.exists() else None
    if moto:
        endpoints["moto"] = lambda: moto
    parts = {"python": python, "shell": shell, **({} if options.smoke else {"cpp": cpp})}  # the C++ part compiles for minutes
    try:
        for name, part in parts.items():
            if options.only in (None, name):
                part(folder, endpoints)
    finally:
        if moto:
            moto.stop()


options.build = options.build.resolve()
options.peers = options.peers and options.peers.absolute()
with tempfile.TemporaryDirectory() as temporary:
    main(pathlib.Path(temporary))
