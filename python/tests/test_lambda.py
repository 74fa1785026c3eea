"""Tests the Python side of Lambda: attributes, values, errors, threads, signals, forks. C++ tests cover the calls."""
import concurrent.futures
import json
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import threading
import time

import boto3
import botocore.exceptions
import pytest

from osbot_aws.apis.shell.Shell_Client import Shell_Client
from osbot_aws.aws.lambda_.Lambda import Lambda, invoke_lambda, invoke_lambda_async
from osbot_aws.aws.lambda_.dependencies.Lambda__Dependency import Lambda__Dependency
from osbot_aws.aws.s3.S3 import S3
from osbot_aws.aws.session.Session__Kwargs__Lambda import Session__Kwargs__Lambda
from osbot_aws.core.Error import Aws_Exception
from osbot_aws.core.Session import Session
from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda


def echo(event, context):
    return event


def nap(event, context):
    import time

    time.sleep(event["seconds"])
    return event


def deploy(handler, session, **settings):
    deployment = Deploy_Lambda(handler, session_kwargs__lambda=session, **settings)
    assert deployment.deploy(), deployment.last_error
    return deployment.lambda_function()


@pytest.fixture(scope="module")
def session():
    return Session.in_memory()


@pytest.fixture(scope="module")
def echo_function(session):
    return deploy(echo, session)


# ---- settings ----


def test_create_kwargs_uses_attributes_and_arguments():
    function = Lambda("my.function", memory=1024, timeout=5, role="arn:aws:iam::000000000000:role/r")
    assert (function.name, function.handler, function.memory_size) == ("my_function", "my.function.run", 1024)
    function.memory = 2048
    function.layers.append("arn:1")
    function.env_variables["A"] = "1"
    request = function.add_layer("arn:1").set_s3_bucket("b").set_s3_key("k").create_kwargs()
    assert (request["MemorySize"], request["Timeout"], request["Layers"]) == (2048, 5, ["arn:1"])
    assert request["Environment"] == {"Variables": {"A": "1"}}
    assert request["Code"] == {"S3Bucket": "b", "S3Key": "k"}


def test_upload_sets_the_key_attribute(session, tmp_path):
    (tmp_path / "f.py").write_text("def run(event, context):\n    return 1\n")
    function = Lambda("uploaded", session, folder_code=tmp_path, s3_bucket="uploads", role="arn:aws:iam::000000000000:role/r")
    assert function.upload() is True
    assert function.s3_key == "lambdas/uploaded.zip"


def test_session_argument_accepts_settings_dict_or_session(session, echo_function):
    url = session.endpoint_url()
    for argument in (Session__Kwargs__Lambda(endpoint_url=url, region_name="us-east-1"), {"endpoint_url": url}, session):
        assert Lambda("missing", argument).exists() is False
        assert Lambda(echo_function.name, argument).exists() is True


def test_repr_of_settings_omits_the_secret():
    assert "hidden" not in repr(Session__Kwargs__Lambda(region_name="eu-west-1", aws_secret_access_key="hidden"))


# ---- values ----


@pytest.mark.parametrize("value", [
    None, True, False, 0, -1, 2**63 - 1, -(2**63), 2**64 - 1, 1.5, 1e300, "", "Ada", "ü€\U0001f600", [], {}, [1, [2, [3]]],
    {"a": {"b": [None, {"c": ""}]}}, 2**64, -(10**40), "\ud800",
], ids=ascii)
def test_invoke_returns_the_same_values(echo_function, value):
    result = echo_function.invoke({"value": value})
    assert result == {"value": value}
    assert type(result["value"]) is type(value)


def test_invoke_converts_tuples_and_keys_like_json(echo_function):
    assert echo_function.invoke({"value": (1, 2), 3: "three", None: "none", True: "true", 1.5: "float"}) == {
        "value": [1, 2], "3": "three", "null": "none", "true": "true", "1.5": "float"}


@pytest.mark.parametrize(("value", "error", "message"), [
    (object(), TypeError, "Object of type object is not JSON serializable"),
    (b"bytes", TypeError, "Object of type bytes is not JSON serializable"),
    ({(1, 2): 3}, TypeError, "keys must be str, int, float, bool or None, not tuple"),
    (float("nan"), ValueError, "Out of range float values are not JSON compliant"),
])
def test_invoke_rejects_values_that_json_cannot_represent(echo_function, value, error, message):
    with pytest.raises(error, match=message):
        echo_function.invoke({"value": value})


def test_invoke_rejects_recursive_value(echo_function):
    event = {}
    event["event"] = event
    with pytest.raises(ValueError, match="Circular reference detected"):
        echo_function.invoke(event)


def test_invoke_keeps_the_order_of_members(echo_function):
    event = {"zebra": 1, "apple": {"y": 2, "x": [{"b": 1, "a": 2}]}, "10": 3, "9": 4}
    assert json.dumps(echo_function.invoke(event)) == json.dumps(event)
    assert json.dumps(echo_function.invoke_raw(event)["data"]) == json.dumps(event)
    assert json.dumps(echo_function.invoke_return_logs(event)["return_value"]) == json.dumps(event)


def test_invoke_without_payload_sends_empty_event(echo_function):
    assert echo_function.invoke() == {}


def test_calls_return_the_dicts_of_the_seed_document(echo_function):
    assert echo_function.invoke_raw({"a": 1})["data"] == {"a": 1}
    assert echo_function.invoke_raw({"a": 1})["response"]["StatusCode"] == 200
    logs = echo_function.invoke_return_logs({"a": 1})
    assert set(logs) == {"status", "name", "return_value", "execution_logs", "request_id"}
    assert echo_function.invoke_async({})["StatusCode"] == 202
    assert echo_function.invoke_dry_run({})["StatusCode"] == 204
    assert echo_function.wait_for_state_active()["status"] == "ok"
    assert echo_function.wait_for_function_update_to_complete() == "Successful"
    assert echo_function.functions(index_by="FunctionName")[echo_function.name]["FunctionArn"] == echo_function.configuration()["FunctionArn"]


def test_invoke_helpers_use_the_target_of_the_environment(session, echo_function, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", session.endpoint_url())
    assert invoke_lambda(echo_function.name, {"a": 1}) == {"a": 1}
    assert invoke_lambda_async(echo_function.name, {})["StatusCode"] == 202


def test_target_is_that_of_the_environment_at_the_first_call(session, echo_function, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    nowhere = Lambda(echo_function.name)
    with pytest.raises(Aws_Exception, match="EndpointConnectionError"):
        nowhere.exists()
    monkeypatch.setenv("AWS_ENDPOINT_URL", session.endpoint_url())
    assert Lambda(echo_function.name).exists()


def test_event_source_has_its_settings(session, echo_function):
    sqs = boto3.client("sqs", "us-east-1", endpoint_url=session.endpoint_url(), aws_access_key_id="test", aws_secret_access_key="test")
    queue = sqs.create_queue(QueueName="orders-of-test-lambda", Attributes={"VisibilityTimeout": "60"})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    mapping = echo_function.event_source_create(
        arn, batch_size=100, maximum_batching_window_in_seconds=1, function_response_types=("ReportBatchItemFailures",), enabled=False,
        filter_criteria={"Filters": [{"Pattern": {"body": {"kind": ["order"]}}}, {"Pattern": "{}"}]}, scaling_config={"MaximumConcurrency": 2})
    assert echo_function.event_source_delete(mapping["UUID"])["UUID"] == mapping["UUID"]
    assert (mapping["BatchSize"], mapping["MaximumBatchingWindowInSeconds"], mapping["FunctionResponseTypes"]) == (100, 1, ["ReportBatchItemFailures"])
    assert [json.loads(item["Pattern"]) for item in mapping["FilterCriteria"]["Filters"]] == [{"body": {"kind": ["order"]}}, {}]
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 2}
    assert "starting" in echo_function.event_source_create(arn, starting_position="LATEST")["error"].lower()
    for wrong in ({"batch_size": "10"}, {"enabled": 1}, {"function_response_types": "ReportBatchItemFailures"}):
        with pytest.raises(TypeError, match=next(iter(wrong))):
            echo_function.event_source_create(arn, **wrong)


# ---- the shell ----


class Fake_Shell(Shell_Client):
    """Records requests and returns a fixed result."""

    def __init__(self, result):
        super().__init__(None)
        self.result, self.sent = result, []

    def invoke(self, method_name, method_kwargs=None):
        self.sent.append((method_name, method_kwargs))
        return self.result


@pytest.mark.parametrize("result, output", [  # tests/unit/sdk/lambda_test.cpp has the same cases
    ({"stdout": " out\n", "stderr": "\n err \n", "error": ""}, "outerr"),
    ({"stdout": "\n", "stderr": "", "error": None}, ""),
    ({"stdout": "", "stderr": "", "error": "no such program"}, "Error: no such program"),
    ({"errorMessage": "too late", "errorType": "ValueError", "error": "ValueError: too late"}, "Error: too late"),
    ("the handler", ""),
])
def test_exec_returns_the_output_or_the_error(result, output):
    assert Fake_Shell(result).exec("program") == output


def test_ls_returns_the_output_and_accepts_an_option():
    shell = Fake_Shell({"stdout": "a\nb\n", "stderr": "not c", "error": ""})
    assert shell.ls("-a") == "a\nb\n"
    assert shell.sent == [("process_run", {"executable": "ls", "params": ["-a"], "cwd": "."})]


# ---- errors ----


def test_service_error_has_code_and_is_client_error(session):
    with pytest.raises(Aws_Exception) as caught:
        Lambda("missing", session).configuration()
    assert caught.value.code == "ResourceNotFoundException"
    assert caught.value.http_status == 404
    with pytest.raises(botocore.exceptions.ClientError) as client_error:
        Lambda("missing", session).configuration()
    assert client_error.value.response["Error"]["Code"] == "ResourceNotFoundException"
    copy = pickle.loads(pickle.dumps(client_error.value))
    assert (type(copy), str(copy)) == (type(client_error.value), str(client_error.value))


def test_local_error_is_builtin_exception(session):
    with pytest.raises(FileNotFoundError, match="no-such-file.py"):
        Deploy_Lambda("./no-such-file.py", session_kwargs__lambda=session)
    with pytest.raises(ConnectionError):
        Lambda("f", {"endpoint_url": "http://127.0.0.1:9"}).exists()


LOCAL_ERRORS = {
    "FileError": (OSError, lambda s, _: Lambda("f", s, folder_code="/no/such/folder").upload()),
    "FileError of one file": (OSError, lambda s, _: S3(s).file_upload_to_key("/no/such/file", "b", "k")),
    "HandlerNotFound": (ValueError, lambda s, folder: Deploy_Lambda(empty_file(folder), session_kwargs__lambda=s)),
    "ModuleNotFound": (ModuleNotFoundError, lambda s, _: Deploy_Lambda("no_such_module:run", session_kwargs__lambda=s)),
    "CodeStorageExceeded": (ValueError, lambda s, folder: Lambda("f", s, folder_code=large_folder(folder)).upload()),
    "BadZip": (ValueError, lambda s, _: invalid_zip_in_s3(s).files__paths()),
    "NoSuchMember": (KeyError, lambda s, _: deploy(echo, s).functions(index_by="Nothing")),
    "NotAKey": (TypeError, lambda s, _: deploy(echo, s).functions(group_by="Architectures")),
    "InvalidRequirement": (ValueError, lambda s, _: Lambda__Dependency("--evil", session_kwargs__lambda=s).dependency__local.install()),
}


def empty_file(folder):
    (folder / "empty.py").write_text("")
    return str(folder / "empty.py")


def large_folder(folder):
    with open(folder / "large", "wb") as file:
        file.truncate(300_000_000)  # a sparse file, which uses no disk space
    return folder


def invalid_zip_in_s3(session):
    dependency = Lambda__Dependency("no-zip", session_kwargs__lambda=session).dependency__s3
    dependency.upload(b"no zip")
    return dependency


@pytest.mark.parametrize("code", LOCAL_ERRORS)
@pytest.mark.parametrize("loaded", [True, False], ids=["botocore", "no botocore"])
def test_error_without_response_is_builtin_exception(session, tmp_path, monkeypatch, code, loaded):
    if not loaded:
        monkeypatch.delitem(sys.modules, "botocore.exceptions")
    builtin, call = LOCAL_ERRORS[code]
    with pytest.raises(builtin) as caught:
        call(session, tmp_path)
    assert isinstance(caught.value, Aws_Exception)
    assert not isinstance(caught.value, botocore.exceptions.ClientError)
    assert (caught.value.code, caught.value.http_status) == (code.split()[0], 0)


# ---- threads, signals, forks ----


def test_threads_that_share_a_lambda_call_in_parallel(session):
    function = deploy(nap, session, lambda_name="naps")
    function.invoke({"seconds": 0})
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        start = time.monotonic()
        results = list(threads.map(function.invoke, [{"seconds": 1, "n": n} for n in range(4)]))
    assert [result["n"] for result in results] == [0, 1, 2, 3]
    assert time.monotonic() - start < 3


def test_other_threads_continue_while_a_call_waits(session):
    function = deploy(nap, session, lambda_name="naps_too")
    counts = []
    stop = threading.Event()

    def count():
        while not stop.wait(0.01):
            counts.append(1)

    counter = threading.Thread(target=count)
    counter.start()
    function.invoke({"seconds": 0.5})
    stop.set()
    counter.join()
    assert len(counts) > 5


@pytest.mark.parametrize("connection", ["in this process", "over TCP"])
def test_ctrl_c_interrupts_a_call_but_not_the_next_one(session, connection):
    deploy(nap, session, lambda_name="naps_long")
    function = Lambda("naps_long", session if connection == "in this process" else {"endpoint_url": session.endpoint_url()})
    function.invoke({"seconds": 0})
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        function.invoke({"seconds": 20})
    assert time.monotonic() - start < 5
    assert function.invoke({"seconds": 0}) == {"seconds": 0}


def test_handled_signal_does_not_interrupt_a_call(session):
    deploy(nap, session, lambda_name="naps_on")
    function = Lambda("naps_on", session)
    received = []
    previous_handler = signal.signal(signal.SIGUSR1, lambda number, frame: received.append(time.monotonic()))
    try:
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGUSR1)).start()
        assert function.invoke({"seconds": 0.6}) == {"seconds": 0.6}
        assert len(received) == 1
        assert time.monotonic() - received[0] > 0.2  # received while the call was waiting
    finally:
        signal.signal(signal.SIGUSR1, previous_handler)


def test_ctrl_c_interrupts_wait_for_state(session):
    function = Lambda("naps_long", session)
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        function.wait_for_state("Unreachable", max_wait_count=100, wait_interval=0.2)


def test_forked_child_uses_the_engine_of_its_parent(session, echo_function):
    child = os.fork()
    if child == 0:
        os._exit(0 if echo_function.invoke({"from": "child"}) == {"from": "child"} else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert echo_function.invoke({"from": "parent"}) == {"from": "parent"}


def test_interrupted_program_exits_during_a_call(tmp_path):
    program = textwrap.dedent("""
        import os, signal, threading
        from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda
        def nap(event, context):
            import time
            time.sleep(event["seconds"])
        deploy = Deploy_Lambda(nap)
        assert deploy.deploy(), deploy.last_error
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        deploy.invoke({"seconds": 60})
    """)
    (tmp_path / "naps.py").write_text(program)
    environment = {**os.environ, "OSBOT_AWS_STATE": str(tmp_path / "state"), "OSBOT_AWS_TARGET": "local"}
    process = subprocess.run([sys.executable, tmp_path / "naps.py"], env=environment, capture_output=True, text=True, timeout=30)
    assert "KeyboardInterrupt" in process.stderr
    assert process.returncode != 0


def test_boto3_finds_the_created_function(session, echo_function):
    client = boto3.client("lambda", endpoint_url=session.endpoint_url(), region_name="us-east-1", aws_access_key_id="test",
                          aws_secret_access_key="test")
    assert client.get_function_configuration(FunctionName=echo_function.name)["Handler"] == "test_lambda.echo"
