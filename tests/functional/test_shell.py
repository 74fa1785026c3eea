"""Tests what a user of a shell does: engines that are found, remembered ports, queues, layers, logs of all functions and the request log."""

import json
import os
import re
import signal
import subprocess
import time

import pytest
from conftest import Engine, Functions, error_line, free_port


@pytest.fixture
def shell(osbot_path, tmp_path):
    """Yields a function that runs the command with its own state, home and runtime folders, and stops its engine."""
    runtime = tmp_path / "run"
    runtime.mkdir()
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "OSBOT_AWS_TARGET": "local", "OSBOT_AWS_RUNTIME_SUPPORT": "off", "OSBOT_AWS_STATE": str(tmp_path / "state"),
                   "XDG_RUNTIME_DIR": str(runtime), "NO_COLOR": "1"}

    def run(*arguments, check=True, **more):
        done = subprocess.run([str(osbot_path), *map(str, arguments)], env={**environment, **more}, capture_output=True, text=True, timeout=120)
        assert not check or done.returncode == 0, done.stderr
        return done

    run.environment, run.osbot = environment, str(osbot_path)
    yield run
    run("local", "stop", check=False)


def start_in_memory(shell, port):
    process = subprocess.Popen([shell.osbot, "local", "start", "--foreground", "--in-memory", "--port", str(port)], env=shell.environment,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert f"http://127.0.0.1:{port}" in process.stdout.readline()
    return process


def hello(folder):
    source = folder / "hello.py"
    source.write_text("def handler(event, context):\n    print('greeting', event)\n    return 1\n")
    return source


def test_url_has_the_port_of_the_running_engine(shell, tmp_path):
    first, second = free_port(), free_port()
    shell("local", "start", "--port", first, "--function-urls", "host")
    shell("deploy", hello(tmp_path))
    shell("url", "hello", "--public")
    shell("local", "stop")
    shell("local", "start", "--port", second, "--function-urls", "host")
    assert f":{second}/" in shell("url", "hello").stdout
    assert f":{second}/" in json.loads(shell("info", "hello", "--json").stdout)["Url"]["FunctionUrl"]


def test_started_daemon_uses_the_port_of_the_last_one(shell):
    port = free_port()
    shell("local", "start", "--port", port)
    shell("local", "stop")
    assert f"http://127.0.0.1:{port} " in shell("list").stderr


def test_commands_find_an_engine_in_memory(shell, tmp_path):
    port = free_port()
    engine = start_in_memory(shell, port)
    assert shell("list").stderr == ""  # no second engine
    shell("deploy", hello(tmp_path))
    assert json.loads(shell("invoke", "hello").stdout) == 1
    assert f"127.0.0.1:{port}" in shell("local", "status").stdout
    assert f"http://127.0.0.1:{port}" in shell("local", "start").stdout
    assert not (tmp_path / "state").exists()
    shell("local", "stop")
    assert engine.wait(30) == 0
    assert shell("local", "status", check=False).returncode == 4


def test_second_engine_in_memory_names_the_first_one(shell):
    first = start_in_memory(shell, free_port())
    port = free_port()
    second = start_in_memory(shell, port)
    assert str(port) not in shell("local", "status").stdout
    second.send_signal(signal.SIGTERM)
    assert "another engine runs" in second.communicate(timeout=30)[1]
    first.send_signal(signal.SIGTERM)
    first.communicate(timeout=30)


def test_runtime_folder_of_others_is_not_used(shell, tmp_path):
    (tmp_path / "run/osbot_aws").mkdir(mode=0o777)
    (tmp_path / "run/osbot_aws").chmod(0o777)
    done = shell("local", "start", "--foreground", "--in-memory", "--port", "0", check=False)
    assert done.returncode == 1 and "RuntimeFolderError" in error_line(done.stderr)


def test_local_env_is_for_eval(shell):
    failed = shell("local", "env", check=False)
    assert failed.returncode == 4 and failed.stdout == ""
    port = free_port()
    shell("local", "start", "--port", port)
    script = 'eval "$("$0" local env)" && echo "$AWS_ENDPOINT_URL $AWS_ACCESS_KEY_ID"'
    done = subprocess.run(["sh", "-c", script, shell.osbot], env=shell.environment, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == [f"http://127.0.0.1:{port}", "test"]


def test_foreground_logs_requests_and_marks_errors(own_engine):
    engine = own_engine()
    engine.run("list")
    engine.run("info", "nope", check=False)
    lines = open(engine.log.name).read()
    assert re.search(r"^\d\d:\d\d:\d\d   GET lambda ListFunctions 200 [\d.]+ ms$", lines, re.M), lines
    assert re.search(r"^\d\d:\d\d:\d\d ! GET lambda GetFunction 404 [\d.]+ ms$", lines, re.M), lines


def test_debugged_engine_logs_requests(own_engine):
    engine = own_engine("--sandbox", "off", "--debug", "hello")
    engine.run("list")
    lines = open(engine.log.name).read()
    assert "hello waits for a debugger" in lines and "GET lambda ListFunctions 200" in lines


def test_request_log_does_not_block_the_engine(osbot_path, tmp_path):
    engine = Engine(osbot_path, tmp_path / "state")
    process = subprocess.Popen([str(osbot_path), "local", "start", "--foreground", "--port", str(engine.port), "--state", str(engine.state)],
                               env=engine.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        process.stdout.readline()
        client = engine.client("lambda")
        for _ in range(3000):  # a pipe has 64 KiB, a line 45 bytes
            client.get_account_settings()
    finally:
        process.kill()
        process.communicate()


def test_queues_send_peek_and_redrive(engine):
    sqs = engine.client("sqs")
    failed = sqs.create_queue(QueueName="orders-failed")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=failed, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sqs.create_queue(QueueName="orders", Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})})
    for number in range(12):
        engine.run("queues", "send", "orders-failed", json.dumps({"id": number}))
    sqs.send_message(QueueUrl=failed, MessageBody="named", MessageAttributes={"kind": {"DataType": "String", "StringValue": "x"}})
    bodies = [message["Body"] for message in json.loads(engine.run("queues", "peek", "orders-failed", "--count", "20", "--json").stdout)]
    assert sorted(bodies) == sorted([json.dumps({"id": number}) for number in range(12)] + ["named"])
    assert len(engine.run("queues", "peek", "orders-failed", "--count", "3").stdout.splitlines()) == 3
    row = next(line for line in engine.run("queues", "list").stdout.splitlines() if line.startswith("orders "))
    assert row.split() == ["orders", "0", "0", "0", "orders-failed"]
    assert engine.run("queues", "redrive", "orders-failed").stdout == "moved 13 messages to orders\n"
    moved = [message for _ in range(13) for message in sqs.receive_message(QueueUrl=sqs.get_queue_url(QueueName="orders")["QueueUrl"],
             MessageAttributeNames=["All"], VisibilityTimeout=60).get("Messages", [])]
    assert {message["Body"] for message in moved} == set(bodies)
    assert [message["MessageAttributes"]["kind"]["StringValue"] for message in moved if message["Body"] == "named"] == ["x"]
    assert engine.run("queues", "peek", "orders-failed").stdout == "no visible messages\n"


def test_queue_errors_name_the_queue(engine):
    engine.client("sqs").create_queue(QueueName="invoices")
    done = engine.run("queues", "send", "invoces", "x", check=False)
    assert done.returncode == 4 and "unknown queue 'invoces'; did you mean 'invoices'?" in done.stderr
    done = engine.run("queues", "redrive", "invoices", check=False)
    assert done.returncode == 1 and "invoices is not a dead-letter queue; select the destination with --to QUEUE" in done.stderr


def test_layers_lists_layers_and_versions(engine):
    client = engine.client("lambda")
    from conftest import zip_of
    for _ in range(2):
        client.publish_layer_version(LayerName="numbers", Content={"ZipFile": zip_of({"python/one.py": "x = 1"})}, CompatibleRuntimes=["python3.11"])
    lines = engine.run("layers").stdout.splitlines()
    assert lines[0].split() == ["NAME", "VERSION", "RUNTIMES", "CREATED", "ARN"]
    assert re.search(r"^numbers +2 +python3.11 ", "\n".join(lines), re.M)
    assert [version["Version"] for version in json.loads(engine.run("layers", "numbers", "--json").stdout)] == [2, 1]
    done = engine.run("layers", "nubmers", check=False)
    assert done.returncode == 4 and "did you mean 'numbers'?" in done.stderr


def test_logs_without_a_name_show_all_functions(own_engine):
    engine = own_engine()
    functions = Functions(engine)
    for name in ("first", "second_one", "never_run"):
        functions.python(name, f"def handler(event, context):\n    print('from {name}')\n    return 1\n")
    empty = engine.run("logs")
    assert (empty.stdout, empty.stderr) == ("", "no log lines\n")
    for name in ("first", "second_one", "first"):
        functions.invoke(name)
        time.sleep(0.002)  # times of events are in milliseconds
    lines = [line for line in engine.run("logs").stdout.splitlines() if "from " in line]
    assert [line.split()[0] for line in lines] == ["first", "second_one", "first"]
    assert [line.split()[-1] for line in lines] == ["first", "second_one", "first"]
    assert {event["function"] for event in json.loads(engine.run("logs", "--json").stdout)} == {"first", "second_one"}


def test_each_line_of_a_traceback_starts_with_the_function(own_engine):
    engine = own_engine()
    functions = Functions(engine)
    functions.python("broken", "def handler(event, context):\n    return 1 / 0\n")
    functions.invoke("broken")
    lines = engine.run("logs").stdout.splitlines()
    assert any(line.startswith("broken Traceback") for line in lines)
    assert all(line.startswith("broken ") for line in lines)
