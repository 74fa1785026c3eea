"""Tests that Python functions behave as under AWS's own runtime client.

Each case runs twice: on the engine, and under awslambdaric (AWS's client from PyPI, pinned in tests/requirements.txt)
against a small Runtime API. Response and log must be equal except for the folder of the code.
"""

import base64
import collections
import http.client
import http.server
import json
import os
import re
import struct
import subprocess
import sys
import textwrap
import threading
import time

import pytest

RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
http.client._MAXLINE = 1 << 21  # awslambdaric sends exceptions for X-Ray in a header, which can be long
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


class Runtime_Api(http.server.ThreadingHTTPServer):
    """Sends one event to awslambdaric and stores its result: (kind, body, error type)."""

    def __init__(self, event, headers):
        super().__init__(("127.0.0.1", 0), Runtime_Api_Handler)
        self.event, self.headers, self.result = event, headers, None
        self.posted, self.finished = threading.Event(), threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()


class Runtime_Api_Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.server.event is None:
            self.server.posted.wait(5)  # a stream may end on another connection
            self.server.finished.set()
            self.rfile.read(1)  # no second event, no reply and no end of the connection: the client waits until it is killed
            return
        body, self.server.event = self.server.event, None
        self.reply(200, body, self.server.headers)

    def do_POST(self):
        trailers = {}
        if self.headers.get("Transfer-Encoding") == "chunked":
            body, trailers = self.read_chunks()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        kind = self.path.rsplit("/", 1)[1]
        if "Lambda-Runtime-Function-Error-Type" in trailers:  # of a stream that failed
            kind, body = "error", base64.b64decode(trailers["Lambda-Runtime-Function-Error-Body"])
        self.server.result = (kind, body, self.headers.get("Lambda-Runtime-Function-Error-Type"))
        self.server.posted.set()
        self.reply(202, b"{}", {})

    def read_chunks(self):
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        return body, http.client.parse_headers(self.rfile)

    def reply(self, status, body, headers):
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def frames(data):
    """Yields the messages of AWS's telemetry pipe. A record: 4 bytes type, 4 length, 8 time, then the message."""
    while data:
        (length,) = struct.unpack(">I", data[4:8])
        yield data[16:16 + length].decode()
        data = data[16 + length:]


Outcome = collections.namedtuple("Outcome", "failed payload log")


def under_awslambdaric(folder, handler, event, variables, headers):
    api = Runtime_Api(json.dumps(event).encode(), headers)
    records_read, records_write = os.pipe()
    environment = {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}", "AWS_EXECUTION_ENV": f"AWS_Lambda_{RUNTIME}",
        "LAMBDA_TASK_ROOT": str(folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TZ": ":UTC", "PYTHONPATH": str(folder),
        "AWS_REGION": "us-east-1", "_LAMBDA_TELEMETRY_LOG_FD": str(records_write), **variables}
    process = subprocess.Popen([sys.executable, "-m", "awslambdaric", handler], cwd=folder, env=environment, pass_fds=[records_write],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    os.close(records_write)
    deadline = time.monotonic() + 20
    while not api.finished.wait(0.01) and process.poll() is None:
        assert time.monotonic() < deadline, "awslambdaric neither responded nor exited"
    process.kill()
    printed = process.communicate()[0].decode(errors="replace").splitlines()
    with os.fdopen(records_read, "rb") as pipe:
        records = [text.rstrip("\n") for text in frames(pipe.read())]
    api.shutdown()
    kind, payload, _ = api.result or ("exit", str(process.returncode).encode(), None)
    # LAMBDA_WARNING lines are about updates of AWS's managed runtimes.
    log = [line for line in [*printed, *records] if "LAMBDA_WARNING" not in line]
    return Outcome(kind if kind != "response" else None, payload, normalised(log, folder))


def on_the_engine(functions, config, name, folder, handler, event, settings):
    files = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.py")}
    functions.create(name, files, RUNTIME, handler, **settings)
    response = functions.lambda_.invoke(FunctionName=name, Payload=json.dumps(event))
    logs = functions.engine.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    platform = re.compile(r"(INIT_START|INIT_REPORT|START|END|REPORT|RequestId:) ")
    log = first_init_only([event["message"].rstrip("\n") for event in logs])
    log = [line for line in log if not platform.match(line) and '"type":"platform.' not in line]
    root = functions.task_root(name, config)
    payload = response["Payload"].read().replace(root.encode(), str(folder).encode())
    return Outcome(response.get("FunctionError"), payload, normalised(log, root)), response["ResponseMetadata"]["RequestId"]


def first_init_only(log):
    """Cuts the log at the report of a failed init, which the engine repeats as AWS does; awslambdaric alone does not.

    An init with one report was stopped after its 10 s, on a busy machine, and then repeated with success.
    """
    failed = [i for i, line in enumerate(log) if line.startswith("INIT_REPORT ") or '"platform.initReport"' in line]
    assert len(failed) in (0, 1, 2), log
    return log[failed[0] + 1:] if len(failed) == 1 else log[:failed[0]] if failed else log


def without_json_hint(log):
    """Removes the line that names the value of a result that is not JSON; only the engine's client writes it."""
    return [line for line in log if not line.startswith("[WARNING] result")]


def normalised(lines, root):
    return sorted(STAMP.sub("<time>", line.replace(str(root), "<task>")) for line in lines)


def without_import_module(text):
    """Removes the frame of importlib.import_module(), which only awslambdaric has in its traces."""
    frame = r'  File [^,\n]*importlib/__init__.py\\?", line N, in import_module\\n    return [^\n]*?\\n'
    logged = r'\u00a0\u00a0File [^\n]*importlib/__init__.py", line N, in import_module\n.*\n'
    return re.sub(logged, "", re.sub(f'"{frame}", ', "", text))


def any_patch_version(text):
    """Removes paths and line numbers of Python's own files: the engine may use another 3.x.y than the tests."""
    text = re.sub(r"repeated \d+ more", "repeated N more", text)  # the stack depth of the clients differs
    return re.sub(r'(<frozen [^>]*>\\?"|/lib/python3[^"]*"), line \d+', r"\1, line N", re.sub(r'[^" ]*(/lib/python3)', r"\1", text))


@pytest.fixture
def compare(functions, request, tmp_path):
    def compare(name, source, event=None, handler="app.handler", files=None, json_logs=None, variables=None):
        for path, text in {"app.py": source, **(files or {})}.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(textwrap.dedent(text))
        settings, aws_variables = {}, {}
        if variables:
            settings["Environment"], aws_variables = {"Variables": variables}, dict(variables)
        if json_logs:
            settings["LoggingConfig"] = {"LogFormat": "JSON", "ApplicationLogLevel": json_logs}
            aws_variables.update(AWS_LAMBDA_LOG_FORMAT="JSON", AWS_LAMBDA_LOG_LEVEL=json_logs)
        event = {} if event is None else event
        engine, request_id = on_the_engine(functions, request.config, name, tmp_path, handler, event, settings)
        headers = {"Lambda-Runtime-Aws-Request-Id": request_id, "Lambda-Runtime-Deadline-Ms": "9999999999999",
                   "Lambda-Runtime-Invoked-Function-Arn": f"arn:aws:lambda:us-east-1:000000000000:function:{name}"}
        aws = under_awslambdaric(tmp_path, handler, event, aws_variables, headers)
        assert bool(engine.failed) == bool(aws.failed), (engine, aws)
        if aws.failed == "exit":  # awslambdaric exits, and leaves the message to the platform
            assert json.loads(engine.payload)["errorMessage"].endswith(f"Runtime exited with error: exit status {aws.payload.decode()}")
            return json.loads(engine.payload), engine.log
        aws_payload = without_import_module(any_patch_version(aws.payload.decode()))
        assert any_patch_version(engine.payload.decode()) == aws_payload
        assert list(map(any_patch_version, without_json_hint(engine.log))) == [without_import_module(any_patch_version(line)) for line in aws.log]
        return json.loads(engine.payload) if engine.payload else None, engine.log

    return compare


RESULTS = {
    "text": "'é \u2028 \x7f \" \\\\ \U0001f600'",
    "numbers": "[1, -2.5, 1e300, 10**30, True, None, float('nan'), float('-inf')]",
    "keys": "{1: 'a', 2.5: 'b', True: 'c', None: 'd', 'é': 'e'}",
    "nothing": "None",
    "decimals": "[decimal.Decimal('1.10'), decimal.Decimal('1E+2'), decimal.Decimal('NaN'), {'d': decimal.Decimal('-0')}]",
    "named_tuple": "{'at': [Point(1, {'inner': Point(2, 3)})]}",
    "as_dict": "Has_As_Dict()",
    "nested_bytes": "{'b': b'\\xc3\\xa9', b'key': [b'']}",
    "bad_bytes": "[b'\\xff']",
    "raw_bytes": "b'\"as it is\"'",
    "set": "{1, 2}",
    "generator": "(i for i in range(3))",
    "datetime": "[datetime.datetime(2026, 1, 1)]",
    "bad_key": "{(1, 2): 3}",
    "circular": "circle()",
    "enum": "[Colour.RED, Level.HIGH]",
    "half_of_a_pair": "['a \\ud83d b', {'\\udc00': 1}]",
    "async_generator": "never_awaited()",
    "function": "handler",
    "subclasses": "[type('S', (str,), {})('s'), type('I', (int,), {})(5), collections.OrderedDict(a=1), collections.Counter('aa')]",
}


@pytest.mark.parametrize("name", RESULTS)
def test_results_are_serialized_as_by_aws(compare, name):
    compare(f"result-{name}".replace("_", "-"), f"""
        import collections, datetime, decimal, enum
        Point = collections.namedtuple("Point", "x y")
        class Colour(str, enum.Enum): RED = "red"
        class Level(enum.IntEnum): HIGH = 3
        class Has_As_Dict:
            def _asdict(self): return {{"me": Point(1, 2)}}
        async def never_awaited():
            yield 1
        def circle():
            ring = []
            ring.append(ring)
            return ring
        def handler(event, context):
            return {RESULTS[name]}
        """)


GOOD = "def handler(event, context):\n    return __name__\n"
HANDLERS = {
    "dots": ("pkg.sub.app.handler", {"pkg/sub/app.py": GOOD}),
    "slashes": ("pkg/sub/app.handler", {"pkg/sub/app.py": GOOD}),
    "attribute": ("pkg.sub/app.handler", {"pkg/__init__.py": "", "pkg/sub/app.py": GOOD}),
    "no_dot": ("handler", {}),
    "empty_function": ("app.", {}),
    "empty_module": (".handler", {}),
    "relative": ("../app.handler", {}),
    "built_in": ("sys.handler", {}),
    "missing_module": ("nowhere/deep.handler", {}),
    "missing_function": ("app.nothing", {}),
    "missing_import": ("bad.handler", {"bad.py": "import nothing_like_that\n"}),
    "import_of_a_name": ("bad.handler", {"bad.py": "from json import nothing_like_that\n"}),
    "syntax": ("bad.handler", {"bad.py": "def handler(event, context)\n    pass\n"}),
    "indentation": ("bad.handler", {"bad.py": "def handler(event, context):\nreturn 1\n"}),
    "raises": ("bad.handler", {"bad.py": "def check():\n    raise ValueError('two\\nlines')\ncheck()\n"}),
}


@pytest.mark.parametrize("json_logs", [None, "INFO"], ids=["text", "json"])
@pytest.mark.parametrize("name", HANDLERS)
def test_handlers_are_loaded_or_rejected_as_by_aws(compare, name, json_logs):
    handler, files = HANDLERS[name]
    compare(f"handler-{name}-{json_logs}".replace("_", "-"), GOOD, handler=handler, files=files, json_logs=json_logs)


FAILURES = {
    "plain": "raise ValueError('no good')",
    "no_message": "raise KeyError",
    "own_type": "raise type('Order_Error', (Exception,), {})('é')",
    "cause": """
            try:
                {}['a']
            except KeyError as error:
                raise RuntimeError('outer') from error""",
    "deep": "return deep(3)",
    "in_library": "return json.loads('{')",
    "recursion": "return deep(-1)",
    "bytes": "raise ValueError(b'\\xff', 1)",
    "group_of_arguments": "raise OSError(2, 'No such file', 'orders.json')",
    "many_lines": "raise ValueError('one\\n  two\\n\\nthree')",
}


@pytest.mark.parametrize("json_logs", [None, "INFO"], ids=["text", "json"])
@pytest.mark.parametrize("name", FAILURES)
def test_failures_have_the_payload_and_log_of_aws(compare, name, json_logs):
    compare(f"failure-{name}-{json_logs}".replace("_", "-"), f"""
        import json
        def deep(n):
            if n == 0:
                return 1 / n
            return deep(n - 1)
        def handler(event, context):
            {FAILURES[name]}
        """, json_logs=json_logs)


LOGGING = """
    import logging
    logger = logging.getLogger("orders.eu")
    class Own: pass
    def handler(event, context):
        logger.debug("debug %s", 1)
        logger.info("info é")
        logging.warning("two\\nlines")
        logger.error("with %(key)s", {"key": "value"})
        logger.critical({"a": "dict", "n": [1, {}]})
        logger.log(25, "between levels")
        logger.info("extra", extra={"order": "A1", "thing": {"deep": 1}})
        try:
            1 / 0
        except ZeroDivisionError:
            logger.exception("caught")
        print("printed")
    """


@pytest.mark.parametrize("level", [None, "DEBUG", "INFO", "ERROR", "TRACE", "FATAL"])
def test_log_records_are_those_of_aws(compare, level):
    _, log = compare(f"logging-{level}", LOGGING, json_logs=level)
    assert "printed" in log and (level in ("ERROR", "FATAL")) == (not any("two" in line for line in log))


WRONG_RECORDS = {
    "arguments": "logging.warning('%d', 'text')",
    "half_of_a_pair": "logging.warning('a \\ud83d b')",
    "half_of_a_pair_by_context_log": "context.log('a \\ud83d b')",
    "no_text": "logging.warning(type('Bad', (), {'__str__': lambda self: 1 / 0})())",
}


@pytest.mark.parametrize("json_logs", [None, "INFO"], ids=["text", "json"])
@pytest.mark.parametrize("name", WRONG_RECORDS)
def test_unserializable_record_raises_as_on_aws(compare, name, json_logs):
    """By default `logging` prints such an error and continues. AWS's handler raises it."""
    result, _ = compare(f"record-{name}-{json_logs}".replace("_", "-"), f"""
        import logging
        def handler(event, context):
            try:
                {WRONG_RECORDS[name]}
            except Exception as error:
                return [type(error).__name__, str(error)]
        """, json_logs=json_logs)
    assert result is not None


CONFIGURED = {
    "own_formatter": "logging.getLogger().handlers[0].setFormatter(logging.Formatter('%(levelname)s|%(aws_request_id)s|%(message)s'))",
    "basic_config": "logging.basicConfig(level='INFO', format='ignored, as there is a handler')",
    "basic_config_by_force": "logging.basicConfig(level='INFO', format='%(name)s %(message)s', force=True)",
    "level": "logging.getLogger().setLevel(logging.DEBUG)",
    "own_handler": "h = logging.StreamHandler(); h.setFormatter(logging.Formatter('own %(message)s')); logging.getLogger().addHandler(h)",
}


@pytest.mark.parametrize("name", CONFIGURED)
def test_configured_logging_writes_the_log_of_aws(compare, name):
    compare(f"configured-{name}".replace("_", "-"), f"""
        import logging
        {CONFIGURED[name]}
        logging.getLogger().info("at init")
        def handler(event, context):
            logging.getLogger("a").warning("a warning")
            logging.getLogger("a").info("an info")
        """)


def test_log_level_variable_applies_to_text_logs(compare):
    compare("text-level", LOGGING, variables={"AWS_LAMBDA_LOG_LEVEL": "DEBUG"})


def test_context_equals_that_of_awslambdaric(compare):
    payload, _ = compare("whole-context", """
        def handler(event, context):
            left = context.get_remaining_time_in_millis()
            context.log("by the context")
            context.log({"not": "text"})
            names = [name for name in dir(context) if not name.startswith("_")]
            return {"names": names, "left": type(left).__name__, "client": context.client_context, "identity": repr(context.identity),
                    "tenant": context.tenant_id, "w3c": context.w3c(), "id": context.aws_request_id, "type": type(context).__name__}
        """)
    assert payload["left"] == "int" and "aws_request_id" in payload["names"]


OUTPUT = {
    "no_line_end": "print('no line end', end='')",
    "standard_error": "print('to stderr', file=sys.stderr)",
    "in_pieces": "print('a', 'b', sep='-', end='+'); sys.stdout.write('c'); print()",
    "bytes": "sys.stdout.buffer.write(b'raw\\n'); sys.stdout.flush()",
    "empty_lines": "print(); print('x'); print()",
    "flush": "sys.stdout.writelines(['1\\n', '2\\n'])",
    "half_of_a_pair": "print('a \\udcff b')",
    "invalid_utf8": "sys.stdout.buffer.write(b'a \\xff\\xfe b\\n'); sys.stdout.flush()",
    "invalid_utf8_without_line_end": "sys.stdout.buffer.write(b'a \\xff b'); sys.stdout.flush()",
    "of_a_child": "sys.stdout.flush(); subprocess.run(['echo', 'from a child'])",
    "of_a_thread": "t = threading.Thread(target=print, args=('from a thread',)); t.start(); t.join()",
}


@pytest.mark.parametrize("name", OUTPUT)
def test_output_is_logged_as_by_aws(compare, name):
    compare(f"output-{name}".replace("_", "-"), f"""
        import subprocess, sys, threading
        def handler(event, context):
            {OUTPUT[name]}
        """)


def tail_of(response):
    return base64.b64decode(response["LogResult"]).decode()


EXITS = {
    "sys_exit": ("sys.exit(3)", "exit status 3", None),
    "sys_exit_0": ("sys.exit()", "exited without providing a reason", None),
    "sys_exit_text": ("sys.exit('the reason')", "exit status 1", "the reason"),
    "raise_system_exit": ("raise SystemExit(7)", "exit status 7", None),
    "os_exit": ("print('printed', end=''); os._exit(4)", "exit status 4", "printed"),
    "signal": ("print('printed'); os.kill(os.getpid(), 11)", "signal: segmentation fault", "printed"),
    "keyboard_interrupt": ("raise KeyboardInterrupt", "signal: interrupt", "KeyboardInterrupt"),
    "error_with_invalid_text": ("raise ValueError('a \\ud83d b')", "exit status 1", "UnicodeEncodeError: 'utf-8' codec can't encode character"),
    "at_exit": ("atexit.register(print, 'at exit'); sys.exit(5)", "exit status 5", "at exit"),
}


@pytest.mark.parametrize("name", EXITS)
def test_exiting_process_is_a_runtime_exit_error(functions, name):
    """As in awslambdaric, bootstrap.handle_event_request(): a BaseException other than Exception exits the process."""
    statement, reason, logged = EXITS[name]
    name = functions.python(f"exit-{name}".replace("_", "-"), f"""
        import atexit, os, sys
        def handler(event, context):
            if event: return "alive"
            {statement}
        """)
    error, response = functions.invoke(name, LogType="Tail")
    assert error == {"errorType": "Runtime.ExitError",
                     "errorMessage": f"RequestId: {response['ResponseMetadata']['RequestId']} Error: Runtime {reason}"
                     if "without" in reason else f"RequestId: {response['ResponseMetadata']['RequestId']} Error: Runtime exited with error: {reason}"}
    log = tail_of(response)
    assert logged is None or logged in log
    assert log.endswith("\tStatus: error\tError Type: Runtime.ExitError\n"), log
    assert functions.invoke(name, {"again": True})[0] == "alive"


def test_exit_during_import_fails_the_init(functions):
    name = functions.python("exit-at-import", "import sys\nprint('importing')\nsys.exit(2)\n")
    error, response = functions.invoke(name, LogType="Tail")
    assert error["errorType"] == "Runtime.ExitError" and error["errorMessage"].endswith("Runtime exited with error: exit status 2")
    twice = "".join(f"importing\nINIT_REPORT Init Duration: [0-9.]+ ms\tPhase: {phase}\tStatus: error\tError Type: Runtime.ExitError\n"
                    for phase in ("init", "invoke"))  # AWS repeats a failed init in the invoke phase
    assert re.search(twice + "START ", tail_of(response))


def test_init_that_fails_once_is_only_logged(functions):
    """The second init is a new process. An object in a bucket records that the first has run."""
    functions.engine.client("s3").create_bucket(Bucket="init-runs")
    name = functions.python("fails-at-first", """
        import os, urllib.request
        marker = os.environ["AWS_ENDPOINT_URL"] + "/init-runs/first"
        try:
            urllib.request.urlopen(marker)
        except urllib.error.HTTPError:
            urllib.request.urlopen(urllib.request.Request(marker, b"", method="PUT"))
            raise RuntimeError("not yet")
        def handler(event, context): return "response"
        """)
    payload, response = functions.invoke(name, LogType="Tail")
    assert payload == "response" and "FunctionError" not in response
    log = tail_of(response)
    assert "[ERROR] RuntimeError: not yet" in log and "\tPhase: init\tStatus: error\tError Type: RuntimeError\n" in log, log
    assert "Phase: invoke" not in log and "\tInit Duration" not in log, log


def test_bootstrap_that_exits_immediately_is_started_twice(functions):
    bootstrap = "#!/bin/sh\necho started\nexit 3\n"
    name = functions.create("exits-at-once", {"bootstrap!": bootstrap}, "provided.al2023", "any")
    error, response = functions.invoke(name, LogType="Tail")
    assert error["errorType"] == "Runtime.ExitError" and error["errorMessage"].endswith("Runtime exited with error: exit status 3")
    twice = "".join(f"started\nINIT_REPORT Init Duration: [0-9.]+ ms\tPhase: {phase}\tStatus: error\tError Type: Runtime.ExitError\n"
                    for phase in ("init", "invoke"))
    assert re.search(twice + "START ", tail_of(response)), tail_of(response)


def test_output_before_a_timeout_is_logged(functions):
    name = functions.python("printed-then-slow", """
        import time
        def handler(event, context):
            print("started")
            print("half a line", end="")
            time.sleep(60)
        """, Timeout=1)
    _, response = functions.invoke(name, LogType="Tail")
    log = tail_of(response)
    assert "started\nhalf a line\n" in log and re.search(r"Z [0-9a-f-]{36} Task timed out after 1.00 seconds\n\nEND", log)
    assert "\tDuration: 1000.00 ms\t" in log and log.endswith("\tStatus: timeout\n"), log


def test_too_large_response_is_reported_and_logged(functions):
    name = functions.python("too-large", "def handler(event, context):\n    return 'x' * event['size']\n", Timeout=20)
    error, response = functions.invoke(name, {"size": 7_000_000}, LogType="Tail")
    assert error["errorType"] == "Function.ResponseSizeTooLarge"
    assert functions.invoke(name, {"size": 10})[0] == "x" * 10


def test_client_context_is_in_the_context(functions):
    name = functions.python("client-context", """
        def handler(event, context):
            client_context = context.client_context
            client = client_context.client
            return [client_context.custom, client_context.env, client.app_title, client.installation_id, repr(client)]
        """)
    client_context = {"custom": {"a": 1}, "env": {"locale": "de"}, "client": {"app_title": "Shop"}}
    payload, _ = functions.invoke(name, ClientContext=base64.b64encode(json.dumps(client_context).encode()).decode())
    assert payload == [{"a": 1}, {"locale": "de"}, "Shop", None, "Client([installation_id=None,app_title=Shop,app_version_name=None,app_version_code=None,app_package_name=None])"]


@pytest.mark.parametrize("minor, expected", [(11, b'["\\u00e9"]'), (12, '["é"]'.encode()), (13, '["é"]'.encode())])
def test_non_ascii_is_escaped_up_to_python3_11(functions, minor, expected):
    """As lambda_runtime_marshaller.Encoder of awslambdaric, which checks AWS_EXECUTION_ENV."""
    name = functions.python(f"ascii-{minor}", "def handler(event, context):\n    return ['é']\n", runtime=f"python3.{minor}")
    assert functions.lambda_.invoke(FunctionName=name)["Payload"].read() == expected
