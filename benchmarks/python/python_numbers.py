"""Measures the Python package and its baselines in interleaved rounds, and prints one line per requirement.

    python_numbers.py --osbot BINARY --sdk-invoke BINARY [--original PYTHON] [--smoke]

--original is an interpreter that has OSBot-AWS (pip install osbot-aws) instead of this package. The baselines use the
same endpoint. Exits with an error if a result is wrong.
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

OURS = """
from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda
import small
deploy = Deploy_Lambda(handler=small.run)
assert deploy.deploy(), deploy.last_error
assert deploy.invoke({'n': 1}) == {'n': 1}
"""
CREATE_BUCKET = """
from osbot_aws.aws.s3.S3 import S3
S3().bucket_create('000000000000--osbot-lambdas--us-east-1')  # the original does not create it
"""
ORIGINAL = """
from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda
import small_package.handler
deploy = Deploy_Lambda(handler=small_package.handler.run)
assert deploy.deploy()
assert deploy.invoke({'n': 1}) == {'n': 1}
"""
MEASURE_CALLS = """
import sys, time
{prepare}
for _ in range(int(sys.argv[2])):
    start = time.perf_counter()
    assert {call} == {{'n': 1}}
    print((time.perf_counter() - start) * 1e6)
"""
INVOKE = MEASURE_CALLS.format(prepare="from osbot_aws.aws.lambda_.Lambda import Lambda\nfunction = Lambda(sys.argv[1])",
                              call="function.invoke({'n': 1})")
BOTO3 = MEASURE_CALLS.format(prepare="import boto3, json\nclient = boto3.client('lambda')",
                             call="json.load(client.invoke(FunctionName=sys.argv[1], Payload=b'{\"n\": 1}')['Payload'])")


def run(*command, **environment):
    return subprocess.run([str(part) for part in command], env={**os.environ, **environment}, cwd=folder, check=True,
                          capture_output=True, text=True).stdout


def seconds(*command, **environment):
    start = time.perf_counter()
    run(*command, **environment)
    return time.perf_counter() - start


def rounds(count, **measurements):
    """Returns {name: values of all rounds}. The measurements alternate, so that other load on the host affects all."""
    values = {name: [] for name in measurements}
    for _ in range(count):
        for name, measure in measurements.items():
            values[name].append(measure())
    return values


def medians(**measurements):
    return {name: statistics.median(values) for name, values in rounds(ROUNDS, **measurements).items()}


def report(subject, requirement, result):
    print(f"{subject:<58} {requirement:<12} {result}", flush=True)


@contextlib.contextmanager
def engine(port):
    run(options.osbot, "local", "start", "--port", port)
    try:
        yield
    finally:
        run(options.osbot, "local", "stop")


@contextlib.contextmanager
def one_cpu():
    """Runs engine, function and client on one CPU, so that waking another CPU does not distort the difference."""
    cpus = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cpus)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cpus)


def imports():
    durations = medians(
        bare=lambda: seconds(sys.executable, "-c", "pass"),
        ours=lambda: seconds(sys.executable, "-c", "import osbot_aws"),
        deploy=lambda: seconds(sys.executable, "-c", "from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda"),
        boto3=lambda: seconds(sys.executable, "-c", "import boto3; boto3.client('lambda', region_name='us-east-1')"))
    added = {name: f"{(value - durations['bare']) * 1000:.0f} ms" for name, value in durations.items()}
    report("import osbot_aws; Deploy_Lambda; boto3 with a client", "<= 40 ms", f"{added['ours']}; {added['deploy']}; {added['boto3']}")


def invokes():
    def p50(*command):
        return statistics.median(map(float, run(*command, "small", CALLS).split()))

    each = rounds(INVOKE_ROUNDS, cpp=lambda: p50(options.sdk_invoke), python=lambda: p50(sys.executable, "-c", INVOKE),
                  boto3=lambda: p50(sys.executable, "-c", BOTO3))
    added = statistics.median(python - cpp for python, cpp in zip(each["python"], each["cpp"]))
    durations = {name: statistics.median(values) for name, values in each.items()}
    report("added latency of an invoke over the C++ client, one CPU", "<= 20 us",
           f"{added:.0f} us (Python {durations['python']:.0f} us; C++ {durations['cpp']:.0f} us; boto3 {durations['boto3']:.0f} us)")


def deploys():
    def ours():
        run(options.osbot, "delete", "small")
        return seconds(sys.executable, "-c", OURS)

    def original():
        run(options.osbot, "delete", "small_package_handler")
        return seconds(options.original, "-c", ORIGINAL, AWS_ACCOUNT_ID="000000000000", PYTHONPATH="")

    if not options.original:
        report("deploy and first invoke, whole process", "<= 1/5", f"{medians(ours=ours)['ours'] * 1000:.0f} ms (no original)")
        return
    run(sys.executable, "-c", CREATE_BUCKET)
    # original() deletes the function first, so it must exist.
    run(options.original, "-c", ORIGINAL, AWS_ACCOUNT_ID="000000000000", PYTHONPATH="")
    durations = medians(ours=ours, original=original)
    report("deploy and first invoke, share of the original's time", "<= 1/5",
           f"1/{durations['original'] / durations['ours']:.0f} "
           f"({durations['ours'] * 1000:.0f} ms of {durations['original'] * 1000:.0f} ms)")


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
        run(sys.executable, "-c", OURS)
        invokes()
    with engine(port):
        imports()
        deploys()
