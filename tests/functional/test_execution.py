"""Tests how functions run: their environment, their errors and timeouts, and the isolation from the host."""

import base64
import concurrent.futures
import io
import os
import pathlib
import re
import socket
import sys
import time
import zipfile

import pytest

from conftest import Functions, skip_without

THIS_PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture
def functions(functions_in_each_mode):
    return functions_in_each_mode


def test_environment_has_only_lambda_variables(functions):
    name = functions.python("environment", "import os\ndef handler(event, context):\n    return dict(os.environ)\n",
                            MemorySize=192, Environment={"Variables": {"MINE": "yes"}})
    payload, _ = functions.invoke(name)
    assert payload["AWS_LAMBDA_FUNCTION_NAME"] == name and payload["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "192"
    assert payload["AWS_LAMBDA_FUNCTION_VERSION"] == "$LATEST" and payload["_HANDLER"] == "app.handler"
    assert payload["AWS_REGION"] == payload["AWS_DEFAULT_REGION"] == "us-east-1"
    assert payload["AWS_LAMBDA_LOG_GROUP_NAME"] == "/aws/lambda/environment" and payload["AWS_LAMBDA_LOG_STREAM_NAME"]
    assert payload["AWS_LAMBDA_INITIALIZATION_TYPE"] == "on-demand" and payload["AWS_EXECUTION_ENV"].startswith("AWS_Lambda_python")
    assert payload["AWS_ENDPOINT_URL"] == functions.engine.url and payload["MINE"] == "yes"
    assert all(payload[key] for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "LAMBDA_TASK_ROOT", "TZ", "LANG"))
    assert "OSBOT_AWS_STATE" not in payload and "HOME" not in payload


def test_environment_has_the_trace_and_the_variables_of_xray(functions):
    name = functions.python("trace", "import os\ndef handler(event, context):\n    return dict(os.environ)\n")
    first, second = (functions.invoke(name)[0] for _ in range(2))
    for payload in (first, second):
        assert re.fullmatch("Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0", payload["_X_AMZN_TRACE_ID"])
    assert first["_X_AMZN_TRACE_ID"] != second["_X_AMZN_TRACE_ID"]
    assert (first["AWS_XRAY_CONTEXT_MISSING"], first["AWS_XRAY_DAEMON_ADDRESS"]) == ("LOG_ERROR", "169.254.79.129:2000")
    assert (first["_AWS_XRAY_DAEMON_ADDRESS"], first["_AWS_XRAY_DAEMON_PORT"]) == ("169.254.79.129", "2000")
    assert (first["PWD"], first["SHLVL"]) == (first["LAMBDA_TASK_ROOT"], "0")


def test_keys_differ_between_functions_and_select_their_account(functions):
    source = "import os\ndef handler(event, context):\n    return os.environ['AWS_ACCESS_KEY_ID']\n"
    keys = [functions.invoke(functions.python(name, source))[0] for name in ("keys-a", "keys-b")]
    assert all(re.fullmatch("ASIA[A-Z2-7]{16}", key) for key in keys) and keys[0] != keys[1]
    info = functions.engine.client("sts").get_access_key_info(AccessKeyId=keys[0])
    assert info["Account"] == "000000000000"


def test_file_that_others_cannot_read_is_unreadable(functions, engine_in_each_mode):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, mode in {"app.py": 0o644, "private.txt": 0o600, "closed/": 0o40700, "closed/inner.txt": 0o644}.items():
            info = zipfile.ZipInfo(path)
            info.external_attr = mode << 16
            archive.writestr(info, "import os\ndef handler(event, context):\n    return [os.access(path, os.R_OK) for path in event]\n" if path == "app.py" else "")
    name = functions.create("unreadable", buffer.getvalue(), THIS_PYTHON, "app.handler")
    as_root = os.geteuid() == 0 and bool(engine_in_each_mode.wrapper)  # without namespaces, the engine's user runs the function
    assert functions.invoke(name, ["app.py", "private.txt", "closed/inner.txt"])[0] == [True, as_root, as_root]


def test_shared_memory_exists_only_if_requested(own_engine, request):
    source = """
        import multiprocessing
        def handler(event, context):
            multiprocessing.Lock()
            return "locked"
        """
    skip_without(request.config, "namespaces")
    without, with_it = Functions(own_engine()), Functions(own_engine("--dev-shm", state="with_shm"))
    assert without.invoke(without.python("shm", source))[0]["errorType"] in ("OSError", "FileNotFoundError")
    assert with_it.invoke(with_it.python("shm", source))[0] == "locked"


def frozen_groups(engine):
    """Returns the number of environments of an engine that are frozen. Their groups are below that of the engine or beside it."""
    path = next(line[3:] for line in pathlib.Path(f"/proc/{engine.process.pid}/cgroup").read_text().splitlines() if line.startswith("0::"))
    found = set()
    for root in ("/sys/fs/cgroup", "/sys/fs/cgroup/unified"):
        group = pathlib.Path(root + path)
        found |= {*group.glob(f"osbot_aws.{engine.process.pid}.*/cgroup.events"), *group.parent.glob(f"osbot_aws.{engine.process.pid}.*/cgroup.events")}
    return sum("frozen 1" in file.read_text() for file in found)


@pytest.mark.needs("freezer")
def test_function_is_frozen_between_events(own_engine):
    functions = Functions(own_engine())
    name = functions.python("frozen", "def handler(event, context):\n    return event\n")
    for i in range(3):
        assert functions.invoke(name, i)[0] == i
        end = time.monotonic() + 20
        while frozen_groups(functions.engine) == 0 and time.monotonic() < end:
            time.sleep(0.01)
        assert frozen_groups(functions.engine) == 1


def test_background_work_continues_without_freezing(own_engine):
    functions = Functions(own_engine("--no-freeze"))
    name = functions.python("running", """
        import threading, time
        count = 0
        def work():
            global count
            while True:
                count += 1
                time.sleep(0.001)
        threading.Thread(target=work, daemon=True).start()
        def handler(event, context):
            return count
        """)
    counts = [functions.invoke(name)[0]]
    end = time.monotonic() + 20
    while counts[-1] < counts[0] + 500 and time.monotonic() < end:
        time.sleep(0.2)
        counts.append(functions.invoke(name)[0])
    assert counts[-1] >= counts[0] + 500


def test_context_is_complete(functions):
    name = functions.python("context", """
        def handler(event, context):
            return {'id': context.aws_request_id, 'arn': context.invoked_function_arn, 'left': context.get_remaining_time_in_millis(),
                    'memory': context.memory_limit_in_mb, 'name': context.function_name, 'version': context.function_version}
        """, Timeout=9)
    payload, response = functions.invoke(name)
    assert payload["id"] == response["ResponseMetadata"]["RequestId"]
    assert payload["arn"].endswith(":function:context") and 0 < payload["left"] <= 9000
    assert (payload["memory"], payload["name"], payload["version"]) == ("128", name, "$LATEST")


def test_function_calls_the_engine_with_its_credentials(functions):
    name = functions.python("caller", """
        import os, urllib.request
        def handler(event, context):
            url = os.environ['AWS_ENDPOINT_URL'] + '/_osbot/health'
            return urllib.request.urlopen(url).status
        """, Timeout=20)
    assert functions.invoke(name)[0] == 200


def test_exception_returns_unhandled_error_with_trace(functions):
    name = functions.python("raises", "def handler(event, context):\n    raise ValueError('no good')\n")
    error, response = functions.invoke(name, LogType="Tail")
    assert response["StatusCode"] == 200 and response["FunctionError"] == "Unhandled"
    assert error["errorType"] == "ValueError" and error["errorMessage"] == "no good"
    assert "line 2, in handler" in "".join(error["stackTrace"])
    assert "[ERROR] ValueError: no good" in base64.b64decode(response["LogResult"]).decode()


@pytest.mark.parametrize("source, handler, kind, text", [
    ("import nothing_like_that\n", "app.handler", "Runtime.ImportModuleError", "Unable to import module 'app': No module named 'nothing_like_that'"),
    ("def other(event, context): pass\n", "app.handler", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
    ("def handler(event, context): pass\n", "nomodule.handler", "Runtime.ImportModuleError", "Unable to import module 'nomodule'"),
    ("def handler(event, context)\n", "app.handler", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app'"),
    ("def handler(event, context):\n    return {1, 2}\n", "app.handler", "Runtime.MarshalError", "Unable to marshal response"),
    ("import os\ndef handler(event, context):\n    os._exit(3)\n", "app.handler", "Runtime.ExitError", "Runtime exited with error: exit status 3"),
], ids=["import", "handler", "module", "syntax", "marshal", "exit"])
def test_failures_have_the_messages_of_lambda(functions, source, handler, kind, text):
    name = functions.python("wrong", source, handler=handler)
    error, response = functions.invoke(name)
    assert response["FunctionError"] == "Unhandled"
    assert error["errorType"] == kind and text in error["errorMessage"]


def test_timeout_stops_the_process(functions):
    name = functions.python("slow", """
        import time
        def handler(event, context):
            if event.get('sleep'): time.sleep(60)
            return 'fast'
        """, Timeout=1)
    error, response = functions.invoke(name, {"sleep": True})
    assert response["FunctionError"] == "Unhandled" and "Task timed out after 1.00 seconds" in error["errorMessage"]
    assert functions.invoke(name)[0] == "fast"


@pytest.mark.parametrize("end, error_text", [
    ("os._exit(3)", "exit status 3"), ("os.abort()", "signal: aborted"), ("ctypes.string_at(0)", "signal: segmentation fault"),
    ("time.sleep(60)", "timed out"),
], ids=["exit", "abort", "segfault", "timeout"])
def test_log_has_the_output_before_the_end_of_the_process(functions, end, error_text):
    source = f"import ctypes, os, time\ndef handler(event, context):\n    print('printed before the end')\n    {end}\n"
    name = functions.python("ends", source, Timeout=1)
    error, response = functions.invoke(name, LogType="Tail")
    assert error_text in error["errorMessage"]
    assert "printed before the end\n" in base64.b64decode(response["LogResult"]).decode()


def memory_used_mb(response):
    """Max Memory Used of the REPORT line, in MB."""
    log = base64.b64decode(response["LogResult"]).decode()
    return int(re.search(r"^REPORT .*\tMax Memory Used: (\d+) MB\t", log, re.MULTILINE)[1])


@pytest.mark.parametrize("end", ["os._exit(3)", "os.abort()", "ctypes.string_at(0)", "time.sleep(60)"], ids=["exit", "abort", "segfault", "timeout"])
def test_report_has_the_memory_of_a_process_that_ended(functions, end):
    source = f"import ctypes, os, time\ndef handler(event, context):\n    block = b'x' * (event['mb'] << 20)\n    {end}\n"
    name = functions.python("ends", source, Timeout=4 if "sleep" in end else 60, MemorySize=512)
    used = [memory_used_mb(functions.invoke(name, {"mb": mb}, LogType="Tail")[1]) for mb in (0, 200)]
    assert 5 <= used[0] < 100 and 200 <= used[1] < 300, used


def test_report_has_the_memory_of_a_process_that_ended_in_init(functions):
    name = functions.python("ends-in-init", "import os\nos._exit(3)\ndef handler(event, context): pass\n")
    assert memory_used_mb(functions.invoke(name, LogType="Tail")[1]) > 0


def test_memory_limit_stops_the_function(functions):
    name = functions.python("greedy", """
        def handler(event, context):
            blocks = []
            for _ in range(event['mb']):
                blocks.append(bytearray(1024 * 1024))
                for i in range(0, 1024 * 1024, 4096): blocks[-1][i] = 1
            return len(blocks)
        """, MemorySize=128, Timeout=60)
    assert functions.invoke(name, {"mb": 16})[0] == 16
    error, response = functions.invoke(name, {"mb": 600}, LogType="Tail")
    assert response["FunctionError"] == "Unhandled" and error["errorType"] in ("Runtime.ExitError", "Runtime.OutOfMemory"), error
    assert memory_used_mb(response) >= 128


def test_concurrent_events_get_separate_environments(functions):
    name = functions.python("busy", """
        import time, uuid
        ID, calls = str(uuid.uuid4()), 0
        def handler(event, context):
            global calls
            calls += 1
            count = calls
            time.sleep(event.get('sleep', 0))
            return [ID, count == calls]
        """, Timeout=30)
    first, again = functions.invoke(name)[0], functions.invoke(name)[0]
    assert first[0] == again[0], "the warm environment is reused"
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: Functions(functions.engine).invoke(name, {"sleep": 1})[0], range(4)))
    assert len({environment for environment, _ in results}) == 4 and all(exclusive for _, exclusive in results)


def test_reserved_concurrency_throttles(functions):
    name = functions.python("reserved", "def handler(event, context): pass\n")
    functions.lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    with pytest.raises(functions.lambda_.exceptions.TooManyRequestsException) as error:
        functions.invoke(name)
    assert error.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"


def test_code_is_read_only_and_tmp_is_private(functions):
    name = functions.python("files", """
        import os, tempfile
        def handler(event, context):
            try:
                open(os.path.join(os.environ['LAMBDA_TASK_ROOT'], 'new'), 'w')
                code = 'writable'
            except OSError as e:
                code = 'read-only'
            path = os.path.join(tempfile.gettempdir(), 'mark')
            before = os.path.exists(path)
            open(path, 'w').write('x')
            return {'code': code, 'root': os.environ['LAMBDA_TASK_ROOT'], 'before': before}
        """)
    first, second = functions.invoke(name)[0], functions.invoke(name)[0]
    assert (first["before"], second["before"]) == (False, True)
    if not functions.engine.wrapper:
        assert first["root"] == "/var/task" and first["code"] == "read-only"


@pytest.mark.parametrize("engine_in_each_mode", ["sandbox"], indirect=True)  # without namespaces the host is visible
def test_sandbox_hides_the_host(functions, tmp_path):
    name = functions.python("hidden", """
        import os
        def handler(event, context):
            return {'state': os.path.exists(event['state']), 'tmp': os.path.exists(event['tmp']), 'home': os.path.isdir('/root') and os.listdir('/root'),
                    'pids': [p for p in os.listdir('/proc') if p.isdigit()]}
        """)
    payload, _ = functions.invoke(name, {"state": str(functions.engine.state), "tmp": str(tmp_path)})
    assert not payload["state"] and not payload["tmp"] and len(payload["pids"]) <= 4
    assert not [entry for entry in (payload["home"] or []) if entry != ".pyenv"]


def test_shell_script_can_be_the_bootstrap(functions):
    bootstrap = """\
        #!/bin/bash
        api="${AWS_LAMBDA_RUNTIME_API}"
        host="${api%:*}" port="${api#*:}"
        while true; do
            exec 3<>"/dev/tcp/$host/$port"
            printf 'GET /2018-06-01/runtime/invocation/next HTTP/1.1\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n' "$api" >&3
            head="" id=""
            while IFS= read -r line <&3 && [ "$line" != $'\\r' ]; do
                case "${line,,}" in lambda-runtime-aws-request-id:*) id="${line#*: }"; id="${id%$'\\r'}";; esac
            done
            body="$(cat <&3)"; exec 3>&-
            exec 3<>"/dev/tcp/$host/$port"
            printf 'POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\\r\\nHost: %s\\r\\nConnection: close\\r\\nContent-Length: %s\\r\\n\\r\\n%s' "$id" "$api" "${#body}" "$body" >&3
            cat <&3 >/dev/null; exec 3>&-
        done
        """
    name = functions.create("shell", {"bootstrap!": bootstrap}, "provided.al2023", "ignored")
    assert functions.invoke(name, {"k": "v"})[0] == {"k": "v"}


def request_id(response):
    return response["ResponseMetadata"]["RequestId"]


def test_missing_bootstrap_is_an_invalid_entrypoint(functions):
    name = functions.create("no-bootstrap", {"readme.txt": "nothing"}, "provided.al2", "x")
    error, response = functions.invoke(name)
    assert response["FunctionError"] == "Unhandled"
    assert error == {"errorType": "Runtime.InvalidEntrypoint",
                     "errorMessage": f"RequestId: {request_id(response)} Error: Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"}


@pytest.mark.parametrize("files, reason", [
    pytest.param({"bootstrap": "#!/bin/sh\n"}, "permission denied", id="not executable"),
    pytest.param({"bootstrap!": "#!/bin/sh\r\necho\r\n"}, "no such file or directory", id="line ends of Windows"),
    pytest.param({"bootstrap!": "\x7fELF is not a program"}, "exec format error", id="not a program"),
])
def test_bootstrap_that_cannot_start_fails_in_the_words_of_lambda(functions, files, reason):
    name = functions.create("bad-bootstrap", files, "provided.al2023", "x")
    error, response = functions.invoke(name, LogType="Tail")
    assert error["errorType"] == "Runtime.InvalidEntrypoint"
    assert re.fullmatch(f"RequestId: {request_id(response)} Error: fork/exec .*/bootstrap: {reason}", error["errorMessage"])
    log = base64.b64decode(response["LogResult"]).decode()
    assert f"{error['errorMessage']}\nRuntime.InvalidEntrypoint\n" in log and "Error Type: Runtime.InvalidEntrypoint" in log


def test_runs_every_python_of_the_host(functions):
    for minor in (9, 10, 12, 13):
        name = functions.python(f"version-{minor}", "import sys\ndef handler(event, context):\n    return list(sys.version_info[:2])\n",
                                runtime=f"python3.{minor}")
        version = functions.invoke(name)[0]
        assert version[0] == 3 and (version[1] == minor or "WARNING" in str(functions.engine.client("logs").filter_log_events(
            logGroupName=f"/aws/lambda/version-{minor}")["events"])), version


@pytest.mark.needs("cgroup")  # --sandbox strict requires a memory limit by the kernel
@pytest.mark.needs("processes")
@pytest.mark.needs("network")
@pytest.mark.needs("namespaces")
def test_strict_function_reaches_only_the_engine(own_engine):
    engine = own_engine("--sandbox", "strict")
    functions = Functions(engine)
    name = functions.python("strict-network", """
        import os, socket, urllib.request
        def handler(event, context):
            try:
                socket.create_connection(('127.0.0.1', event['port']), 2).close()
                outside = 'reached'
            except OSError:
                outside = 'refused'
            return [urllib.request.urlopen(os.environ['AWS_ENDPOINT_URL'] + '/2015-03-31/functions').status, outside]
        """, Timeout=20)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        assert functions.invoke(name, {"port": listener.getsockname()[1]})[0] == [200, "refused"]


def test_python_packages_of_the_host_are_hidden(functions):
    """AWS's Python runtimes have only boto3 and its dependencies. A function must pack all other packages."""
    name = functions.python("packages", """
        import sys
        def handler(event, context):
            import importlib.util
            return {"pip": importlib.util.find_spec("pip") is not None, "paths": sys.path, "exit": repr(exit)}
        """)
    payload, _ = functions.invoke(name)
    assert payload["pip"] is False and "exit" in payload["exit"]
    assert [path for path in payload["paths"] if path.endswith("-packages") and not path.startswith("/opt/")] == []


def test_streamed_response_arrives_as_events(functions, osbot_path):
    import os
    import subprocess
    program = osbot_path.parent / "runtime_test_program"
    environment = {**os.environ, "AWS_ENDPOINT_URL": functions.engine.url, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    subprocess.run([osbot_path, "deploy", program, "--handler", "pieces", "--name", "streamed"], env=environment, check=True, capture_output=True)
    functions.names.append("streamed")
    response = functions.lambda_.invoke_with_response_stream(FunctionName="streamed", Payload=b"{}", LogType="Tail")
    assert response["StatusCode"] == 200 and response["ExecutedVersion"] == "$LATEST"
    events = list(response["EventStream"])
    assert b"".join(event["PayloadChunk"]["Payload"] for event in events[:-1]) == b"one two"
    complete = events[-1]["InvokeComplete"]
    assert "ErrorCode" not in complete and b"REPORT RequestId" in base64.b64decode(complete["LogResult"])

    name = functions.python("buffered", "def handler(event, context):\n    return 1 / event['by']\n")
    good = list(functions.lambda_.invoke_with_response_stream(FunctionName=name, Payload=b'{"by": 2}')["EventStream"])
    assert good[0]["PayloadChunk"]["Payload"] == b"0.5" and good[1]["InvokeComplete"] == {}
    failed = list(functions.lambda_.invoke_with_response_stream(FunctionName=name, Payload=b'{"by": 0}')["EventStream"])
    assert failed[-1]["InvokeComplete"]["ErrorCode"] == "Unhandled"
    assert "ZeroDivisionError" in failed[-1]["InvokeComplete"]["ErrorDetails"]


def test_wrong_architecture_is_reported(functions):
    import platform
    other = "x86_64" if platform.machine() == "aarch64" else "arm64"
    name = functions.python("elsewhere", "def handler(event, context):\n    return 1\n", Architectures=[other])
    payload, response = functions.invoke(name)
    assert response["FunctionError"] == "Unhandled" and f"elsewhere is for {other}" in payload["errorMessage"]


def test_python_function_has_a_shell_with_key(functions):
    import pathlib
    sources = pathlib.Path(__file__).parents[2] / "python" / "osbot_aws"
    files = {f"osbot_aws/{path.relative_to(sources)}": path.read_text() for path in sources.rglob("*.py")}
    name = functions.python("shelled", """
        from osbot_aws.apis.shell.Lambda_Shell import lambda_shell
        @lambda_shell
        def handler(event, context):
            return {"handler": event}
        """, files=files, Environment={"Variables": {"LAMBDA_SHELL__AUTH_KEY": "the key"}})

    def call(method, key="the key", **arguments):
        return functions.invoke(name, {"lambda_shell": {"method_name": method, "method_kwargs": arguments or None, "auth_key": key}})[0]

    assert call("ping") == "pong"
    assert call("bash", command="echo out; exit 3")["exit_code"] == 3
    assert call("python_exec", code="result = 40 + 2") == 42
    assert call("python_exec", code="1/0") == {"error": "division by zero"}
    assert call("invoke") is None and call("__init__") is None
    assert "handler" in call("ping", key="another") and "handler" in call("ping", key=None)


def test_json_logs_contain_platform_and_function_records(functions):
    import json
    name = functions.python("json_logs", """
        import logging
        logger = logging.getLogger("orders")
        def handler(event, context):
            logger.debug("below the level")
            logger.info("priced %s", 7, extra={"order": "A1"})
            if event.get("fail"):
                raise ValueError("no such order")
            return 1
        """, LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": "INFO"}, Timeout=1)
    config = functions.lambda_.get_function_configuration(FunctionName=name)["LoggingConfig"]
    assert (config["LogFormat"], config["ApplicationLogLevel"], config["SystemLogLevel"]) == ("JSON", "INFO", "INFO")

    def lines(event):
        response = functions.invoke(name, event, LogType="Tail")[1]
        return [json.loads(line) for line in base64.b64decode(response["LogResult"]).decode().splitlines()], response["ResponseMetadata"]["RequestId"]

    records, request_id = lines({})
    start, record, report = records
    assert start["type"] == "platform.start" and start["record"] == {"requestId": request_id, "version": "$LATEST"}
    assert (record["level"], record["message"], record["logger"], record["order"], record["requestId"]) == ("INFO", "priced 7", "orders", "A1", request_id)
    assert report["type"] == "platform.report" and report["record"]["status"] == "success"
    assert {"durationMs", "billedDurationMs", "memorySizeMB", "maxMemoryUsedMB", "initDurationMs"} <= set(report["record"]["metrics"])
    failed, _ = lines({"fail": True})
    error = next(line for line in failed if line.get("level") == "ERROR")
    assert (error["errorType"], error["errorMessage"]) == ("ValueError", "no such order") and error["stackTrace"]
    assert failed[-1]["record"]["status"] == "error"
    functions.lambda_.update_function_configuration(FunctionName=name, LoggingConfig={"LogFormat": "JSON", "SystemLogLevel": "WARN"})
    functions.lambda_.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.05, "MaxAttempts": 200})
    logged = functions.engine.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    assert json.loads(logged[0]["message"])["type"] == "platform.initStart"
    quiet, _ = lines({})
    assert [line.get("type") for line in quiet] == [None]


@pytest.mark.parametrize("minor", range(8, 14))
def test_each_python_or_its_substitute_behaves_as_on_lambda(functions, minor):
    runtime = f"python3.{minor}"
    name = functions.python(f"python3_{minor}", """
        import logging, os, sys, threading
        def handler(event, context):
            logging.getLogger().warning("a warning")
            print("no line end", end="")
            if event.get("raise"): raise KeyError("order")
            if event.get("bad"): return {1, 2}
            if event.get("exit"): sys.exit(3)
            threading.Thread(target=lambda: None).start()
            return {"version": "%d.%d" % sys.version_info[:2], "left": context.get_remaining_time_in_millis() > 0,
                    "client": context.client_context and context.client_context.custom, "text": "é"}
        """, runtime=runtime)
    payload, response = functions.invoke(name, ClientContext=base64.b64encode(b'{"custom": {"a": 1}}').decode(), LogType="Tail")
    log = base64.b64decode(response["LogResult"]).decode()
    assert (payload["version"] != f"3.{minor}") == (f"WARNING: {runtime} was not found on this host; python{payload['version']} is used instead" in log)
    assert payload == {"version": payload["version"], "left": True, "client": {"a": 1}, "text": "é"}
    assert "[WARNING]\t" in log and "a warning" in log and "no line end" in log
    raised, _ = functions.invoke(name, {"raise": True})
    assert (raised["errorType"], raised["errorMessage"]) == ("KeyError", "'order'") and "app.py" in raised["stackTrace"][0]
    bad, _ = functions.invoke(name, {"bad": True})
    assert bad["errorType"] == "Runtime.MarshalError" and "set is not JSON serializable" in bad["errorMessage"]
    exited, _ = functions.invoke(name, {"exit": True})
    assert exited["errorType"] == "Runtime.ExitError" and "exit status 3" in exited["errorMessage"]


def test_wrapper_script_starts_the_runtime(functions):
    """See https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html. The messages are those of AWS's /var/runtime/bootstrap."""
    app = "import os, sys\ndef handler(event, context):\n    return [os.environ.get('BY_WRAPPER'), sys.flags.optimize, sys.argv[0]]\n"
    wrapper = """\
        #!/bin/bash
        args=("$@")
        export BY_WRAPPER=yes
        exec "${args[@]:0:$#-1}" -O "${args[@]: -1}"
        """
    settings = {"Environment": {"Variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/var/task/wrapper"}}}
    name = functions.create("wrapped", {"app.py": app, "wrapper!": wrapper}, THIS_PYTHON, "app.handler", **settings)
    payload, _ = functions.invoke(name)
    assert payload[:2] == ["yes", 1] and payload[2].endswith("/bootstrap.py"), payload

    for case, files, text, status in (("none", {}, "does not exist", 127), ("plain", {"wrapper": wrapper}, "is not an executable", 126)):
        name = functions.create(f"wrapper-{case}", {"app.py": app, **files}, THIS_PYTHON, "app.handler", **settings)
        error, response = functions.invoke(name, LogType="Tail")
        assert error["errorType"] == "Runtime.ExitError" and error["errorMessage"].endswith(f"exit status {status}")
        assert f"wrapper: {text}" in base64.b64decode(response["LogResult"]).decode()
