"""Lambda as Python has it: attributes, plain values, errors, threads, signals, forks. What calls do is tested in C++."""
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


def deployed(handler, session, **settings):
    deploy = Deploy_Lambda(handler, session_kwargs__lambda=session, **settings)
    assert deploy.deploy(), deploy.last_error
    return deploy.lambda_function()


@pytest.fixture(scope="module")
def session():
    return Session.in_memory()


@pytest.fixture(scope="module")
def echoing(session):
    return deployed(echo, session)


# ---- settings ----


def test_settings_are_attributes_and_keywords():
    function = Lambda("my.function", memory=1024, timeout=5, role="arn:aws:iam::000000000000:role/r")
    assert (function.name, function.handler, function.memory_size) == ("my_function", "my.function.run", 1024)
    function.memory = 2048
    function.layers.append("arn:1")
    function.env_variables["A"] = "1"
    sent = function.add_layer("arn:1").set_s3_bucket("b").set_s3_key("k").create_kwargs()
    assert (sent["MemorySize"], sent["Timeout"], sent["Layers"]) == (2048, 5, ["arn:1"])
    assert sent["Environment"] == {"Variables": {"A": "1"}}
    assert sent["Code"] == {"S3Bucket": "b", "S3Key": "k"}


@pytest.mark.parametrize(("name", "value", "said"), [
    ("memory", "512", "memory_size must be an int, not str"),
    ("timeout", True, "timeout must be an int, not bool"),
    ("layers", "arn:1", "layers must be a list of str, not str"),
    ("env_variables", {"A": 1}, "env_variables must be a dict of str to str"),
    ("runtime", 3.11, "runtime must be str, not float"),
])
def test_a_setting_of_the_wrong_type_is_named(name, value, said):
    function = Lambda("f")
    setattr(function, name, value)
    with pytest.raises(TypeError, match=said):
        function.create_kwargs()


def test_what_a_call_found_out_is_in_the_attributes(session, tmp_path):
    (tmp_path / "f.py").write_text("def run(event, context):\n    return 1\n")
    function = Lambda("uploaded", session, folder_code=tmp_path, s3_bucket="uploads", role="arn:aws:iam::000000000000:role/r")
    assert function.upload() is True
    assert function.s3_key == "lambdas/uploaded.zip"


def test_a_session_may_be_settings_a_dict_or_a_session(session, echoing):
    url = session.endpoint_url()
    for given in (Session__Kwargs__Lambda(endpoint_url=url, region_name="us-east-1"), {"endpoint_url": url}, session):
        assert Lambda("echo_there", given).exists() is False
        assert Lambda(echoing.name, given).exists() is True


def test_settings_that_hold_a_secret_do_not_show_it():
    assert "hidden" not in repr(Session__Kwargs__Lambda(region_name="eu-west-1", aws_secret_access_key="hidden"))


# ---- values ----


@pytest.mark.parametrize("value", [
    None, True, False, 0, -1, 2**63 - 1, -(2**63), 2**64 - 1, 1.5, 1e300, "", "Ada", "ü€\U0001f600", [], {}, [1, [2, [3]]],
    {"a": {"b": [None, {"c": ""}]}}, 2**64, -(10**40), "\ud800",
], ids=ascii)
def test_values_go_there_and_come_back(echoing, value):
    got = echoing.invoke({"value": value})
    assert got == {"value": value}
    assert type(got["value"]) is type(value)


def test_values_that_json_has_other_names_for(echoing):
    assert echoing.invoke({"value": (1, 2), 3: "three", None: "none", True: "true", 1.5: "float"}) == {
        "value": [1, 2], "3": "three", "null": "none", "true": "true", "1.5": "float"}


@pytest.mark.parametrize(("value", "error", "said"), [
    (object(), TypeError, "Object of type object is not JSON serializable"),
    (b"bytes", TypeError, "Object of type bytes is not JSON serializable"),
    ({(1, 2): 3}, TypeError, "keys must be str, int, float, bool or None, not tuple"),
    (float("nan"), ValueError, "Out of range float values are not JSON compliant"),
])
def test_values_that_no_event_can_have(echoing, value, error, said):
    with pytest.raises(error, match=said):
        echoing.invoke({"value": value})


def test_a_value_that_holds_itself_is_refused(echoing):
    event = {}
    event["event"] = event
    with pytest.raises(ValueError, match="Circular reference detected"):
        echoing.invoke(event)


def test_members_keep_their_order_to_the_handler_and_back(echoing):
    event = {"zebra": 1, "apple": {"y": 2, "x": [{"b": 1, "a": 2}]}, "10": 3, "9": 4}
    assert json.dumps(echoing.invoke(event)) == json.dumps(event)
    assert json.dumps(echoing.invoke_raw(event)["data"]) == json.dumps(event)
    assert json.dumps(echoing.invoke_return_logs(event)["return_value"]) == json.dumps(event)


def test_no_payload_is_an_empty_event(echoing):
    assert echoing.invoke() == {}


def test_answers_are_the_document_s_dicts(echoing):
    assert echoing.invoke_raw({"a": 1})["data"] == {"a": 1}
    assert echoing.invoke_raw({"a": 1})["response"]["StatusCode"] == 200
    logs = echoing.invoke_return_logs({"a": 1})
    assert set(logs) == {"status", "name", "return_value", "execution_logs", "request_id"}
    assert echoing.invoke_async({})["StatusCode"] == 202
    assert echoing.invoke_dry_run({})["StatusCode"] == 204
    assert echoing.wait_for_state_active()["status"] == "ok"
    assert echoing.wait_for_function_update_to_complete() == "Successful"
    assert echoing.functions(index_by="FunctionName")[echoing.name]["FunctionArn"] == echoing.configuration()["FunctionArn"]


def test_helpers_call_by_name_where_the_environment_says(session, echoing, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", session.endpoint_url())
    assert invoke_lambda(echoing.name, {"a": 1}) == {"a": 1}
    assert invoke_lambda_async(echoing.name, {})["StatusCode"] == 202


# ---- the shell ----


class Answering(Shell_Client):
    """A shell into nothing."""

    def __init__(self, answer):
        super().__init__(None)
        self.answer, self.sent = answer, []

    def invoke(self, method_name, method_kwargs=None):
        self.sent.append((method_name, method_kwargs))
        return self.answer


@pytest.mark.parametrize("answer, said", [  # tests/unit/sdk/lambda_test.cpp has the same
    ({"stdout": " out\n", "stderr": "\n err \n", "error": ""}, "outerr"),
    ({"stdout": "\n", "stderr": "", "error": None}, ""),
    ({"stdout": "", "stderr": "", "error": "no such program"}, "Error: no such program"),
    ({"errorMessage": "too late", "errorType": "ValueError", "error": "ValueError: too late"}, "Error: too late"),
    ("the handler", ""),
])
def test_exec_is_what_was_written_or_why_nothing_was(answer, said):
    assert Answering(answer).exec("program") == said


def test_ls_is_the_output_of_ls_as_it_is_and_takes_an_option():
    shell = Answering({"stdout": "a\nb\n", "stderr": "not c", "error": ""})
    assert shell.ls("-a") == "a\nb\n"
    assert shell.sent == [("process_run", {"executable": "ls", "params": ["-a"], "cwd": "."})]


# ---- errors ----


def test_errors_have_aws_s_code_and_are_what_boto3_s_users_catch(session):
    with pytest.raises(Aws_Exception) as caught:
        Lambda("nobody", session).configuration()
    assert caught.value.code == "ResourceNotFoundException"
    assert caught.value.http_status == 404
    with pytest.raises(botocore.exceptions.ClientError) as as_theirs:
        Lambda("nobody", session).configuration()
    assert as_theirs.value.response["Error"]["Code"] == "ResourceNotFoundException"
    copied = pickle.loads(pickle.dumps(as_theirs.value))
    assert (type(copied), str(copied)) == (type(as_theirs.value), str(as_theirs.value))


def test_errors_of_this_machine_are_python_s_own(session):
    with pytest.raises(FileNotFoundError, match="no-such-file.py"):
        Deploy_Lambda("./no-such-file.py", session_kwargs__lambda=session)
    with pytest.raises(ConnectionError):
        Lambda("f", {"endpoint_url": "http://127.0.0.1:9"}).exists()


OURS = {
    "FileError": (OSError, lambda s, _: Lambda("f", s, folder_code="/no/such/folder").upload()),
    "FileError of one file": (OSError, lambda s, _: S3(s).file_upload_to_key("/no/such/file", "b", "k")),
    "HandlerNotFound": (ValueError, lambda s, folder: Deploy_Lambda(empty_file(folder), session_kwargs__lambda=s)),
    "ModuleNotFound": (ModuleNotFoundError, lambda s, _: Deploy_Lambda("no_such_module:run", session_kwargs__lambda=s)),
    "CodeStorageExceeded": (ValueError, lambda s, folder: Lambda("f", s, folder_code=large_folder(folder)).upload()),
    "BadZip": (ValueError, lambda s, _: no_zip_in_s3(s).files__paths()),
    "NoSuchMember": (KeyError, lambda s, _: deployed(echo, s).functions(index_by="Nothing")),
    "NotAKey": (TypeError, lambda s, _: deployed(echo, s).functions(group_by="Architectures")),
    "InvalidRequirement": (ValueError, lambda s, _: Lambda__Dependency("--evil", session_kwargs__lambda=s).dependency__local.install()),
}


def empty_file(folder):
    (folder / "empty.py").write_text("")
    return str(folder / "empty.py")


def large_folder(folder):
    with open(folder / "large", "wb") as file:
        file.truncate(300_000_000)  # a hole: no disk is used
    return folder


def no_zip_in_s3(session):
    side = Lambda__Dependency("no-zip", session_kwargs__lambda=session).dependency__s3
    side.upload(b"no zip")
    return side


@pytest.mark.parametrize("code", OURS)
@pytest.mark.parametrize("loaded", [True, False], ids=["botocore", "no botocore"])
def test_an_error_that_no_service_answered_is_the_builtin_of_its_kind(session, tmp_path, monkeypatch, code, loaded):
    if not loaded:
        monkeypatch.delitem(sys.modules, "botocore.exceptions")
    kind, act = OURS[code]
    with pytest.raises(kind) as caught:
        act(session, tmp_path)
    assert isinstance(caught.value, Aws_Exception)
    assert not isinstance(caught.value, botocore.exceptions.ClientError)
    assert (caught.value.code, caught.value.http_status) == (code.split()[0], 0)


# ---- threads, signals, forks ----


def test_threads_share_a_lambda_and_their_calls_run_at_once(session):
    function = deployed(nap, session, lambda_name="naps")
    function.invoke({"seconds": 0})
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        began = time.monotonic()
        answers = list(threads.map(function.invoke, [{"seconds": 1, "n": n} for n in range(4)]))
    assert [answer["n"] for answer in answers] == [0, 1, 2, 3]
    assert time.monotonic() - began < 3


def test_other_threads_go_on_while_a_call_waits(session):
    function = deployed(nap, session, lambda_name="naps_too")
    counted = []
    stop = threading.Event()

    def count():
        while not stop.wait(0.01):
            counted.append(1)

    counter = threading.Thread(target=count)
    counter.start()
    function.invoke({"seconds": 0.5})
    stop.set()
    counter.join()
    assert len(counted) > 5


@pytest.mark.parametrize("where", ["in this process", "over TCP"])
def test_ctrl_c_ends_a_wait_and_the_next_call_works(session, where):
    deployed(nap, session, lambda_name="naps_long")
    function = Lambda("naps_long", session if where == "in this process" else {"endpoint_url": session.endpoint_url()})
    function.invoke({"seconds": 0})
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        function.invoke({"seconds": 20})
    assert time.monotonic() - began < 5
    assert function.invoke({"seconds": 0}) == {"seconds": 0}


def test_a_signal_whose_handler_raises_nothing_does_not_end_a_wait(session):
    deployed(nap, session, lambda_name="naps_on")
    function = Lambda("naps_on", session)
    heard = []
    before = signal.signal(signal.SIGUSR1, lambda number, frame: heard.append(time.monotonic()))
    try:
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGUSR1)).start()
        assert function.invoke({"seconds": 0.6}) == {"seconds": 0.6}
        assert len(heard) == 1
        assert time.monotonic() - heard[0] > 0.2  # it was heard while the call was waiting
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_ctrl_c_ends_the_waits_between_looks(session):
    function = Lambda("naps_long", session)
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        function.wait_for_state("NeverReached", max_wait_count=100, wait_interval=0.2)


def test_a_forked_child_calls_the_parent_s_engine(session, echoing):
    child = os.fork()
    if child == 0:
        os._exit(0 if echoing.invoke({"from": "child"}) == {"from": "child"} else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert echoing.invoke({"from": "parent"}) == {"from": "parent"}


def test_a_program_ends_while_an_engine_and_a_call_are_running(tmp_path):
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
    ended = subprocess.run([sys.executable, tmp_path / "naps.py"], env=environment, capture_output=True, text=True, timeout=30)
    assert "KeyboardInterrupt" in ended.stderr
    assert ended.returncode != 0


def test_boto3_sees_what_was_made(session, echoing):
    client = boto3.client("lambda", endpoint_url=session.endpoint_url(), region_name="us-east-1", aws_access_key_id="test",
                          aws_secret_access_key="test")
    assert client.get_function_configuration(FunctionName=echoing.name)["Handler"] == "test_lambda.echo"
