"""Measures the Python package against controls in interleaved rounds. Prints one line per promise and fails on a wrong result.

    python_numbers.py --osbot BINARY --sdk-invoke BINARY [--original PYTHON] [--smoke]

--original is an interpreter that has OSBot-AWS (pip install osbot-aws) instead of this package. All clients use the same endpoint.
"""
import argparse
import contextlib
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time

parser = argparse.ArgumentParser()
parser.add_argument("--osbot", type=pathlib.Path, required=True)
parser.add_argument("--sdk-invoke", type=pathlib.Path, required=True)
parser.add_argument("--original")
parser.add_argument("--smoke", action="store_true")
options = parser.parse_args()
ROUNDS, INVOKE_ROUNDS, CALLS = (1, 1, 20) if options.smoke else (15, 60, 400)

DEPLOY = """
from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda
import small
deploy = Deploy_Lambda(handler=small.run)
assert deploy.deploy(), deploy.last_error
assert deploy.invoke({'n': 1}) == {'n': 1}
"""
BUCKET = """
from osbot_aws.aws.s3.S3 import S3
S3().bucket_create('000000000000--osbot-lambdas--us-east-1')  # the original does not create it
"""
DEPLOY_WITH_ORIGINAL = """
from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda
import small_package.handler
deploy = Deploy_Lambda(handler=small_package.handler.run)
assert deploy.deploy()
assert deploy.invoke({'n': 1}) == {'n': 1}
"""
CALLED = """
import sys, time
{prepare}
for left in range(int(sys.argv[2])):
    begin = time.perf_counter()
    assert {call} == {{'n': 1}}
    print((time.perf_counter() - begin) * 1e6)
"""
INVOKE = CALLED.format(prepare="from osbot_aws.aws.lambda_.Lambda import Lambda\nfunction = Lambda(sys.argv[1])",
                       call="function.invoke({'n': 1})")
BOTO3 = CALLED.format(prepare="import boto3, json\nclient = boto3.client('lambda')",
                      call="json.load(client.invoke(FunctionName=sys.argv[1], Payload=b'{\"n\": 1}')['Payload'])")


def run(*command, **environment):
    return subprocess.run([str(part) for part in command], env={**os.environ, **environment}, cwd=folder, check=True,
                          capture_output=True, text=True).stdout


def seconds(*command, **environment):
    begin = time.perf_counter()
    run(*command, **environment)
    return time.perf_counter() - begin


def rounds(count, **works):
    """Returns the results by name and round. The works alternate, so that other load affects all of them."""
    results = {name: [] for name in works}
    for _ in range(count):
        for name, work in works.items():
            results[name].append(work())
    return results


def interleaved(**works):
    return {name: statistics.median(values) for name, values in rounds(ROUNDS, **works).items()}


def report(title, promise, measured):
    print(f"{title:<58} {promise:<12} {measured}", flush=True)


@contextlib.contextmanager
def engine(port):
    run(options.osbot, "local", "start", "--port", port)
    try:
        yield
    finally:
        run(options.osbot, "local", "stop")


@contextlib.contextmanager
def one_cpu():
    """Runs the engine, the function and the client on one CPU, so that waking up an idle CPU is not measured."""
    cpus = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cpus)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cpus)


def imports():
    took = interleaved(
        bare=lambda: seconds(sys.executable, "-c", "pass"),
        package=lambda: seconds(sys.executable, "-c", "import osbot_aws"),
        deploy=lambda: seconds(sys.executable, "-c", "from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda"),
        boto3=lambda: seconds(sys.executable, "-c", "import boto3; boto3.client('lambda', region_name='us-east-1')"))
    over = {name: f"{(value - took['bare']) * 1000:.0f} ms" for name, value in took.items()}
    report("import osbot_aws; Deploy_Lambda; boto3 with a client", "<= 40 ms", f"{over['package']}; {over['deploy']}; {over['boto3']}")


def invokes():
    def p50(*command):
        return statistics.median(map(float, run(*command, "small", CALLS).split()))

    results = rounds(INVOKE_ROUNDS, cpp=lambda: p50(options.sdk_invoke), python=lambda: p50(sys.executable, "-c", INVOKE),
                  boto3=lambda: p50(sys.executable, "-c", BOTO3))
    over = statistics.median(python - cpp for python, cpp in zip(results["python"], results["cpp"]))
    took = {name: statistics.median(values) for name, values in results.items()}
    report("an invoke over the C++ client's, all on one CPU", "<= 20 us",
           f"{over:.0f} us ({took['python']:.0f} us, C++ {took['cpp']:.0f} us; boto3 {took['boto3']:.0f} us)")


def deploys():
    def package():
        run(options.osbot, "delete", "small")
        return seconds(sys.executable, "-c", DEPLOY)

    def original():
        run(options.osbot, "delete", "small_package_handler")
        return seconds(options.original, "-c", DEPLOY_WITH_ORIGINAL, AWS_ACCOUNT_ID="000000000000", PYTHONPATH="")

    if not options.original:
        report("deploy and first invoke, whole process", "<= 1/5", f"{interleaved(package=package)['package'] * 1000:.0f} ms (no original)")
        return
    run(sys.executable, "-c", BUCKET)
    run(options.original, "-c", DEPLOY_WITH_ORIGINAL, AWS_ACCOUNT_ID="000000000000", PYTHONPATH="")  # the first delete below needs a function
    took = interleaved(package=package, original=original)
    report("deploy and first invoke, whole process, of the original's", "<= 1/5",
           f"1/{took['original'] / took['package']:.0f} ({took['package'] * 1000:.0f} ms of {took['original'] * 1000:.0f} ms)")


with tempfile.TemporaryDirectory() as temporary:
    folder = pathlib.Path(temporary)
    (folder / "small.py").write_text("def run(event, context):\n    return event\n")
    (folder / "small_package").mkdir()
    (folder / "small_package/__init__.py").write_text("")
    (folder / "small_package/handler.py").write_text("def run(event, context):\n    return event\n")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_REGION="us-east-1", AWS_DEFAULT_REGION="us-east-1",
                      AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}", OSBOT_AWS_STATE=str(folder / "state"))
    with one_cpu(), engine(port):
        run(sys.executable, "-c", DEPLOY)
        invokes()
    with engine(port):
        imports()
        deploys()
