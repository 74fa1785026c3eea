"""Tests Python functions in the sandbox and on a host that refuses namespaces.

test_runtime_client.py compares the engine with AWS's own runtime client. This file tests behaviour that needs the engine,
and behaviour that must be the same with and without namespaces.
"""

import base64
import json
import pathlib
import re
import shutil
import sys
import sysconfig
import textwrap
import venv

import boto3
import pytest

from conftest import Functions, skip_without, zip_of


@pytest.fixture
def functions(functions_in_each_mode):
    return functions_in_each_mode


def trace_of(error):
    """Returns the stack trace without the folder of the code. Without namespaces, LAMBDA_TASK_ROOT is not /var/task."""
    return [re.sub(r'File "[^"]*/app.py"', 'File "app.py"', frame) for frame in error["stackTrace"]]


def tail_of(response):
    return base64.b64decode(response["LogResult"]).decode()


@pytest.mark.parametrize("handler", ["pkg.sub.app.run", "pkg/sub/app.run", "pkg/sub.app.run"])
def test_handler_may_contain_dots_and_slashes(functions, handler):
    name = functions.python("dots-and-slashes", "", handler, files={"pkg/sub/app.py": "def run(event, context):\n    return __name__\n"})
    assert functions.invoke(name)[0] == "pkg.sub.app"


@pytest.mark.parametrize("source, handler, kind, message", [
    ("import nothing_like_that\n", "app.run", "Runtime.ImportModuleError", "Unable to import module 'app': No module named 'nothing_like_that'"),
    ("", "app.run", "Runtime.HandlerNotFound", "Handler 'run' missing on module 'app'"),
    ("", "run", "Runtime.MalformedHandlerName", "Bad handler 'run': not enough values to unpack (expected 2, got 1)"),
    ("def run(event, context)\n", "app.run", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app': expected ':' (app.py, line 1)"),
], ids=["import", "function", "no_dot", "syntax"])
def test_init_error_has_type_message_and_only_function_frames(functions, source, handler, kind, message):
    name = functions.python("fails-its-init", source, handler)
    error, response = functions.invoke(name, LogType="Tail")
    assert response["FunctionError"] == "Unhandled"
    assert (error["errorType"], error["errorMessage"], error["requestId"]) == (kind, message, "")
    assert trace_of(error) == (['  File "app.py" Line 1\n    def run(event, context)\n'] if "Syntax" in kind else [])
    assert tail_of(response).count(f"[ERROR] {kind}: {message}\n") == 2  # AWS repeats a failed init in the invoke phase


def test_error_trace_has_only_function_frames(functions):
    name = functions.python("fails", """
        def deeper(event):
            return event["missing"]
        def handler(event, context):
            return deeper(event)
        """)
    error, response = functions.invoke(name)
    assert {**error, "stackTrace": trace_of(error)} == {
        "errorType": "KeyError", "errorMessage": "'missing'", "requestId": response["ResponseMetadata"]["RequestId"], "stackTrace": [
            '  File "app.py", line 5, in handler\n    return deeper(event)\n', '  File "app.py", line 3, in deeper\n    return event["missing"]\n']}


CONTEXT = """
    import time
    def handler(event, context):
        first = context.get_remaining_time_in_millis()
        time.sleep(0.005)
        client = context.client_context
        return {
            "names": sorted(name for name in dir(context) if not name.startswith("_")),
            "left": [first, context.get_remaining_time_in_millis()],
            "values": [context.function_name, context.function_version, context.memory_limit_in_mb, context.log_group_name, context.invoked_function_arn],
            "stream": context.log_stream_name, "id": context.aws_request_id,
            "identity": [context.identity.cognito_identity_id, context.identity.cognito_identity_pool_id],
            "client": client and [client.custom, client.env, client.client.app_title, client.client.app_version_code],
        }
    """


def test_context_has_all_documented_members(functions):
    """https://docs.aws.amazon.com/lambda/latest/dg/python-context.html and awslambdaric, which adds tenant_id, w3c and log."""
    name = functions.python("whole-context", CONTEXT, Timeout=7, MemorySize=192)
    payload, response = functions.invoke(name)
    assert payload["names"] == ["aws_request_id", "client_context", "function_name", "function_version", "get_remaining_time_in_millis", "identity",
                                "invoked_function_arn", "log", "log_group_name", "log_stream_name", "memory_limit_in_mb", "tenant_id", "w3c"]
    first, second = payload["left"]
    assert 7000 >= first > second > 0
    assert payload["values"] == [name, "$LATEST", "192", f"/aws/lambda/{name}", f"arn:aws:lambda:us-east-1:000000000000:function:{name}"]
    assert payload["id"] == response["ResponseMetadata"]["RequestId"]
    streams = functions.engine.client("logs").describe_log_streams(logGroupName=f"/aws/lambda/{name}")["logStreams"]
    assert payload["stream"] in [stream["logStreamName"] for stream in streams]
    assert (payload["identity"], payload["client"]) == ([None, None], None)

    client_context = {"custom": {"a": 1}, "env": {"locale": "de"}, "client": {"app_title": "Shop", "app_version_code": "7"}}
    functions.lambda_.publish_version(FunctionName=name)
    payload, _ = functions.invoke(name, Qualifier="1", ClientContext=base64.b64encode(json.dumps(client_context).encode()).decode())
    assert payload["values"][1] == "1" and payload["values"][4].endswith(f":function:{name}:1")
    assert payload["client"] == [{"a": 1}, {"locale": "de"}, "Shop", "7"]


@pytest.mark.parametrize("result, kind", [("(n for n in range(3))", "generator"), ("{1, 2}", "set"), ("object()", "object"), ("handler", "function")])
def test_results_that_are_not_json_are_marshal_errors(functions, result, kind):
    name = functions.python("no-json", f"def handler(event, context):\n    return {result}\n")
    error, response = functions.invoke(name)
    assert response["FunctionError"] == "Unhandled" and error["stackTrace"] == []
    assert (error["errorType"], error["errorMessage"]) == (
        "Runtime.MarshalError", f"Unable to marshal response: Object of type {kind} is not JSON serializable")
    streamed = list(functions.lambda_.invoke_with_response_stream(FunctionName=name, Payload=b"{}")["EventStream"])
    assert "Runtime.MarshalError" in streamed[-1]["InvokeComplete"]["ErrorDetails"]


def test_log_names_the_value_of_a_result_that_is_not_json(functions):
    name = functions.python("no-json-path", """
        import datetime, decimal
        def handler(event, context):
            return {"ok": [decimal.Decimal(1), b"x", float("nan"), (1,)], "items": [0, {"at": datetime.date(2026, 1, 2)}]}
        """)
    error, response = functions.invoke(name, LogType="Tail")
    assert error["errorMessage"] == "Unable to marshal response: Object of type date is not JSON serializable"
    assert "[WARNING] result['items'][1]['at'] has the type datetime.date; use value.isoformat()\n" in tail_of(response)


@pytest.mark.parametrize("statement, reason", [
    ("sys.exit(3)", "exited with error: exit status 3"), ("raise SystemExit", "exited without providing a reason"),
    ("os._exit(4)", "exited with error: exit status 4"), ("os.kill(os.getpid(), 9)", "exited with error: signal: killed"),
], ids=["sys_exit", "SystemExit", "os_exit", "killed"])
def test_exiting_process_is_an_exit_error_and_is_replaced(functions, statement, reason):
    name = functions.python("exits", f"""
        import os, sys
        print("init started")
        def handler(event, context):
            if event: return "alive"
            print("half a line", end="", flush=True)
            {statement}
        """)
    error, response = functions.invoke(name, LogType="Tail")
    assert error == {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: {response['ResponseMetadata']['RequestId']} Error: Runtime {reason}"}
    assert "\nhalf a line\n" in tail_of(response)
    again, response = functions.invoke(name, {"again": True}, LogType="Tail")
    assert again == "alive" and "init started\n" in tail_of(response)


def test_remaining_thread_does_not_delay_the_response(functions):
    name = functions.python("remaining-thread", """
        import threading
        start, finished = threading.Event(), threading.Event()
        def run():
            start.wait()
            print("from the thread")
            finished.set()
        def handler(event, context):
            if not event:
                threading.Thread(target=run).start()
                return "response"
            start.set()
            finished.wait()
            return "finished"
        """)
    assert functions.invoke(name)[0] == "response"
    payload, response = functions.invoke(name, {"finish": True}, LogType="Tail")
    assert payload == "finished" and "\nfrom the thread\n" in tail_of(response)


def test_unusual_output_is_logged_completely(functions):
    """Prints text without a line end, a line of 300 kB (a log event has at most 256 kB), invalid UTF-8, half of a surrogate pair,
    and a carriage return, which AWS retains: localstack, tests/aws/services/lambda_/test_lambda_runtimes.py, test_multi_line_prints."""
    name = functions.python("odd-output", """
        import sys
        def handler(event, context):
            print("x" * 300_000)
            sys.stdout.buffer.write(b"\\xff\\xfe bytes \\xc3\\xa9\\n")
            print("half \\udcff of a pair")
            print("one event\\rof two lines")
            print("no line end", end="")
        """)
    assert "FunctionError" not in functions.invoke(name)[1]
    events = functions.engine.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    messages = [event["message"] for event in events]
    assert sum(message.count("x") for message in messages if message.startswith("xxx")) == 300_000
    assert "\ufffd\ufffd bytes é\n" in messages and "half \ufffd of a pair\n" in messages and "no line end\n" in messages
    assert "one event\rof two lines\n" in messages


@pytest.mark.parametrize("level, expected", [("DEBUG", ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]), ("WARN", ["WARNING", "ERROR", "CRITICAL"]),
                                         ("FATAL", ["CRITICAL"])])
def test_log_level_filters_json_records_but_not_prints(functions, level, expected):
    name = functions.python("levels", """
        import logging
        def handler(event, context):
            for level in ("debug", "info", "warning", "error", "critical"):
                getattr(logging.getLogger("shop"), level)("at %s", level, extra={"order": 7})
            print("printed")
        """, LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": level, "SystemLogLevel": "WARN"})
    _, response = functions.invoke(name, LogType="Tail")
    *records, printed = tail_of(response).splitlines()
    assert printed == "printed"
    records = [json.loads(record) for record in records]
    assert [record["level"] for record in records] == expected
    for record in records:
        assert set(record) == {"timestamp", "level", "message", "logger", "requestId", "order"}
        assert (record["message"], record["logger"], record["order"]) == (f"at {record['level'].lower()}", "shop", 7)
        assert record["requestId"] == response["ResponseMetadata"]["RequestId"]


# ---- boto3, which AWS's Python runtimes include ----

USES_BOTO3 = """
    import sys
    def handler(event, context):
        import boto3
        return [boto3.__file__, sys.argv[1:], [bucket["Name"] for bucket in boto3.client("s3").list_buckets()["Buckets"]]]
    """


@pytest.fixture(params=["sandbox", "no namespaces"])
def with_path(request, own_engine, osbot_path, monkeypatch):
    """Returns Functions on an engine that was started with these folders on its PATH."""
    if request.param == "sandbox":
        skip_without(request.config, "namespaces")

    def start(*folders):
        monkeypatch.setenv("PATH", ":".join(map(str, [*folders, "/usr/bin", "/bin"])))
        monkeypatch.setenv("PYENV_ROOT", "/nowhere")
        monkeypatch.setenv("HOME", "/nowhere")
        return Functions(own_engine(wrapper=() if request.param == "sandbox" else (osbot_path.parent / "without_namespaces",)))

    return start


def make_environment(folder, files):
    """Creates a virtual environment of this Python with these files as its packages. Returns its bin folder."""
    venv.create(folder, symlinks=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for path, text in files.items():
        file = folder / "lib" / version / "site-packages" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder / "bin"


def test_function_imports_boto3_of_the_engines_environment(with_path):
    functions = with_path(pathlib.Path(sys.executable).parent)  # has the boto3 of tests/requirements.txt
    functions.engine.client("s3").create_bucket(Bucket="visible-inside")
    name = functions.python("uses-boto3", USES_BOTO3, Timeout=30, MemorySize=512)
    file, arguments, buckets = functions.invoke(name)[0]
    assert file in (boto3.__file__, "/var/lang/packages/boto3/__init__.py") and arguments == [] and buckets == ["visible-inside"]


def copy_of_python(folder):
    """Copies the interpreter of this Python and its standard library. Returns its bin folder."""
    program, version = pathlib.Path(sys.executable).resolve(), f"python{sys.version_info.major}.{sys.version_info.minor}"
    (folder / "bin").mkdir()
    shutil.copy2(program, folder / "bin" / version)
    left_out = shutil.ignore_patterns("site-packages", "dist-packages", "test", "idlelib", "tkinter", "__pycache__", "config-*")
    shutil.copytree(sysconfig.get_path("stdlib"), folder / "lib" / version, symlinks=False, ignore=left_out, ignore_dangling_symlinks=True)
    for library in (program.parent.parent / "lib").glob(f"lib{version}*.so*"):
        shutil.copy2(library, folder / "lib")
    return folder / "bin"


def test_sandbox_has_only_the_files_of_a_private_python(own_engine, request, monkeypatch, tmp_path):
    skip_without(request.config, "namespaces")
    (tmp_path / "secret").write_text("private")
    monkeypatch.setenv("PATH", f"{copy_of_python(tmp_path)}:/usr/bin:/bin")
    functions = Functions(own_engine())
    layer = functions.lambda_.publish_layer_version(LayerName="with-bin", Content={"ZipFile": zip_of({"bin/tool": "1"})})["LayerVersionArn"]
    app = f"""
        import ctypes, json, os, sys
        def handler(event, context):
            return [sys.executable, sys.prefix, os.path.exists({str(tmp_path / "secret")!r}), os.listdir("/opt/bin")]
        """
    name = functions.python("python-private", textwrap.dedent(app), Layers=[layer], Timeout=30, MemorySize=512)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    assert functions.invoke(name)[0] == [f"/var/lang/bin/{version}", "/var/lang", False, ["tool"]]


def test_wrapper_script_gets_the_arguments_of_aws(with_path, tmp_path):
    functions = with_path(make_environment(tmp_path / "venv", {"boto3.py": "SOURCE = 'the environment'\n"}))
    wrapper = '#!/bin/bash\nargs=("$@")\nexec "${args[@]:0:$#-1}" -O "${args[@]: -1}"\n'  # from AWS's page on wrapper scripts
    app = "import boto3, sys\ndef handler(event, context):\n    return [boto3.SOURCE, sys.flags.optimize, sys.argv[1:]]\n"
    settings = {"Environment": {"Variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/var/task/wrapper"}}}
    version = "python%d.%d" % sys.version_info[:2]
    name = functions.create("wrapped-with-packages", {"app.py": app, "wrapper!": wrapper}, version, "app.handler", **settings)
    assert functions.invoke(name)[0] == ["the environment", 1, []]


def test_other_packages_of_the_environment_are_hidden(with_path, tmp_path):
    functions = with_path(make_environment(tmp_path / "venv", {"boto3.py": "SOURCE = 'the environment'\n", "requests.py": ""}))
    name = functions.python("imports", "import boto3\ndef handler(event, context):\n    import requests\n")
    assert functions.invoke(name)[0]["errorMessage"] == "No module named 'requests'"
    name = functions.python("packs-its-own", "import boto3\ndef handler(event, context):\n    return boto3.SOURCE\n", files={"boto3.py": "SOURCE = 'the package'\n"})
    assert functions.invoke(name)[0] == "the package"


def test_log_explains_how_to_add_boto3(with_path, tmp_path):
    functions = with_path(make_environment(tmp_path / "venv", {"urllib3.py": ""}))
    name = functions.python("has-no-boto3", "import sys\nsys.prefix = '/nowhere'\nimport boto3\n")
    error, response = functions.invoke(name, LogType="Tail")
    assert error["errorMessage"] == "Unable to import module 'app': No module named 'boto3'"
    assert re.search(r"\[WARNING\] boto3 is part of AWS's Python runtime, but the engine runs with --runtime-support off, and (\S+) does not have it: "
                     r"start the engine without this option, or run `\1 -m pip install boto3`\n", tail_of(response))
