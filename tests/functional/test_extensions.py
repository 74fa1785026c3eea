"""Tests external and internal extensions and their telemetry, with real processes, with namespaces and without."""

import json
import pathlib
import re
import subprocess
import time

import pytest
from conftest import ROOT, zip_of

PYTHON = "/usr/bin/python3"  # the sandbox has the host's /usr
pytestmark = pytest.mark.skipif(not pathlib.Path(PYTHON).exists(), reason=f"the extensions of these tests need {PYTHON}")

CLIENT = f"""#!{PYTHON}
import json, os, sys, urllib.error, urllib.request
API, NAME, ID = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"], os.path.basename(sys.argv[0]), ""
TMP = os.environ.get("TMPDIR", "/tmp")

def call(method, path, body=None, **headers):
    headers = {{name.replace("_", "-"): value for name, value in headers.items()}}
    data = None if body is None else json.dumps(body).encode()
    return urllib.request.urlopen(urllib.request.Request(API + path, data=data, method=method, headers=headers))

def register(*events):
    response = call("POST", "/2020-01-01/extension/register", {{"events": events}}, Lambda_Extension_Name=NAME)
    return response.headers["Lambda-Extension-Identifier"], json.load(response)

def next_event():
    return json.load(call("GET", "/2020-01-01/extension/event/next", Lambda_Extension_Identifier=ID))

def say(what):
    print(NAME, json.dumps(what), flush=True)
"""

RECORDER = CLIENT + """
ID, function = register("INVOKE", "SHUTDOWN")
say(function)
while True:
    event = next_event()
    say(event)
    if event["eventType"] == "SHUTDOWN":
        sys.exit(0)
"""

HANDLER = """
    import os
    def handler(event, context):
        return dict(os.environ)
"""


@pytest.fixture
def functions(functions_in_each_mode):
    return functions_in_each_mode


@pytest.fixture
def with_extensions(functions):
    """Creates a Python function with a layer of extensions, {'name': source}."""
    layers = []

    def create(name, extensions, source=HANDLER, mode="!", **settings):
        files = {f"extensions/{file}{mode}": text for file, text in extensions.items()}
        layer = functions.lambda_.publish_layer_version(LayerName=name, Content={"ZipFile": zip_of(files)})
        layers.append((name, layer["Version"]))
        return functions.python(name, source, Layers=[layer["LayerVersionArn"]], Timeout=20, **settings)

    yield create
    for name, version in layers:
        functions.lambda_.delete_layer_version(LayerName=name, VersionNumber=version)


def lines_of(functions, name):
    logs = functions.engine.client("logs")
    return [event["message"].rstrip("\n") for event in logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]]


def lines_when(functions, name, complete, seconds=20):
    end = time.monotonic() + seconds
    while True:
        lines = lines_of(functions, name)
        if complete(lines) or time.monotonic() > end:
            return lines
        time.sleep(0.05)


def printed_by(lines, name):
    return [json.loads(line[len(name) + 1:]) for line in lines if line.startswith(name + " {")]


def stop_environments(functions, name):
    """An update of the configuration ends the environments of the function."""
    functions.lambda_.update_function_configuration(FunctionName=name, Description="changed")


def test_external_extension_gets_invokes_and_the_shutdown(functions, with_extensions):
    name = with_extensions("extension-recorder", {"recorder": RECORDER})
    ids = [functions.invoke(name)[1]["ResponseMetadata"]["RequestId"] for _ in range(2)]
    stop_environments(functions, name)
    lines = lines_when(functions, name, lambda lines: any("SHUTDOWN" in line and "eventType" in line for line in lines))
    function, *events = printed_by(lines, "recorder")
    assert function == {"functionName": name, "functionVersion": "$LATEST", "handler": "app.handler"}
    assert [event["eventType"] for event in events] == ["INVOKE", "INVOKE", "SHUTDOWN"]
    assert [event["requestId"] for event in events[:2]] == ids
    assert events[0]["invokedFunctionArn"].endswith(f":function:{name}") and events[0]["tracing"]["value"].startswith("Root=1-")
    assert events[2]["shutdownReason"] == "spindown" and events[2]["deadlineMs"] > events[1]["deadlineMs"] - 20_000
    assert "EXTENSION\tName: recorder\tState: Ready\tEvents: [INVOKE,SHUTDOWN]" in lines


def test_runtime_starts_after_its_extensions_registered(functions, with_extensions):
    extension = CLIENT + """
import time
time.sleep(0.2)
open(TMP + "/secret", "w").write("from the extension")
ID, _ = register()
next_event()
"""
    name = with_extensions("extension-first", {"a": extension, "b": RECORDER}, """
        import os
        secret = open(os.environ.get("TMPDIR", "/tmp") + "/secret").read()
        def handler(event, context):
            return secret
        """)
    payload, response = functions.invoke(name)
    assert payload == "from the extension", lines_of(functions, name)


@pytest.mark.parametrize("source, mode, kind, message", [
    pytest.param(CLIENT + "sys.exit(3)\n", "!", "Extension.Crash", "exit status 3", id="exits before it registers"),
    pytest.param(CLIENT + "ID, _ = register('INVOKE')\nnext_event()\nsys.exit(4)\n", "!", "Extension.Crash", "exit status 4", id="exits in an event"),
    pytest.param(CLIENT + """
ID, _ = register("INVOKE")
call("POST", "/2020-01-01/extension/init/error", {}, Lambda_Extension_Identifier=ID, Lambda_Extension_Function_Error_Type="Extension.NoKey")
sys.exit(5)
""", "!", "Extension.InitError", "Extension.NoKey", id="reports an error"),
    pytest.param(CLIENT, "", "Extension.LaunchError", "fork/exec .*/extensions/broken: permission denied", id="not executable"),
])
def test_failed_extension_fails_the_event(functions, with_extensions, source, mode, kind, message):
    slow = "\n    import time\n    def handler(event, context):\n        time.sleep(10)\n"
    name = with_extensions("extension-broken", {"broken": source}, source=slow, mode=mode)
    error, response = functions.invoke(name)
    assert response["FunctionError"] == "Unhandled" and error["errorType"] == kind
    assert re.fullmatch(f"RequestId: {response['ResponseMetadata']['RequestId']} Error: {message}", error["errorMessage"])


def test_internal_extension_gets_each_event(functions):
    name = functions.python("extension-internal", """
        import json, os, threading, urllib.request
        API = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2020-01-01/extension/"
        def call(method, path, headers, body=None):
            return urllib.request.urlopen(urllib.request.Request(API + path, method=method, headers=headers, data=body))
        id = call("POST", "register", {"Lambda-Extension-Name": "inside"}, b'{"events": ["INVOKE"]}').headers["Lambda-Extension-Identifier"]
        def wait():
            while True:
                kind = json.load(call("GET", "event/next", {"Lambda-Extension-Identifier": id}))["eventType"]
                os.write(1, f"inside {kind}\\n".encode())  # at once: the end of the event would end a part of a line
        threading.Thread(target=wait, daemon=True).start()
        def handler(event, context):
            return 1
        """)
    assert functions.invoke(name)[0] == 1
    lines = lines_when(functions, name, lambda lines: "inside INVOKE" in lines)
    assert "inside INVOKE" in lines and "EXTENSION\tName: inside\tState: Ready\tEvents: [INVOKE]" in lines


COLLECTOR = CLIENT + """
import http.server, threading
ID, _ = register("INVOKE", "SHUTDOWN")

class Collector(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        events = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with open(TMP + "/telemetry", "a") as file:
            file.writelines(json.dumps(event) + "\\n" for event in events)
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass

server = http.server.HTTPServer(("127.0.0.1", 0), Collector)
threading.Thread(target=server.serve_forever, daemon=True).start()
subscription = {"schemaVersion": "2022-12-13", "types": ["platform", "function", "extension"], "buffering": {"timeoutMs": 25},
                "destination": {"protocol": "HTTP", "URI": "http://sandbox.localdomain:%d" % server.server_port}}
response = call("PUT", "/2022-07-01/telemetry", subscription, Lambda_Extension_Identifier=ID)
assert response.status == 200 and response.read() == b"OK"
say("subscribed")
while next_event()["eventType"] != "SHUTDOWN":
    pass
"""


def test_telemetry_has_the_events_of_platform_function_and_extension(functions, with_extensions):
    name = with_extensions("extension-telemetry", {"collector": COLLECTOR}, """
        import os
        print("at import")
        def handler(event, context):
            path = os.environ.get("TMPDIR", "/tmp") + "/telemetry"
            return open(path).read() if os.path.exists(path) else ""
        """)
    expected = {"platform.initStart", "platform.initRuntimeDone", "platform.initReport", "platform.start", "platform.runtimeDone", "platform.report",
                "platform.extension", "platform.telemetrySubscription", "function", "extension"}
    first = functions.invoke(name)[1]["ResponseMetadata"]["RequestId"]
    end = time.monotonic() + 20
    while True:
        events = [json.loads(line) for line in functions.invoke(name)[0].splitlines()]
        if expected <= {event["type"] for event in events} or time.monotonic() > end:
            break
    assert {event["type"] for event in events} == expected
    by_type = {event["type"]: event["record"] for event in reversed(events)}  # the first of each type
    assert by_type["function"] == "at import" and by_type["extension"] == 'collector "subscribed"'
    assert by_type["platform.initStart"]["phase"] == "init" and by_type["platform.initReport"]["status"] == "success"
    assert by_type["platform.start"] == {"requestId": first, "version": "$LATEST"}
    assert by_type["platform.runtimeDone"]["status"] == "success" and by_type["platform.report"]["metrics"]["memorySizeMB"] == 128
    assert by_type["platform.extension"] == {"name": "collector", "state": "Ready", "events": ["INVOKE", "SHUTDOWN"]}
    assert by_type["platform.telemetrySubscription"] == {"name": "collector", "state": "Subscribed", "types": ["Platform", "Function", "Extension"]}
    assert "TELEMETRY\tName: collector\tState: Subscribed\tTypes: [Platform,Function,Extension]" in lines_of(functions, name)


WEB_ADAPTER = CLIENT + """
import threading, time
ID, _ = register()
threading.Thread(target=next_event, daemon=True).start()
while not os.path.exists(TMP + "/port"):
    time.sleep(0.01)
web = "http://127.0.0.1:" + open(TMP + "/port").read()
invocation = "/2018-06-01/runtime/invocation/"
while True:
    event = call("GET", invocation + "next")
    page = urllib.request.urlopen(web + json.load(event)["rawPath"]).read().decode()
    call("POST", invocation + event.headers["Lambda-Runtime-Aws-Request-Id"] + "/response", {"statusCode": 200, "body": page})
"""

WEB_APPLICATION = f"""#!{PYTHON}
import http.server, os
class Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"page " + self.path.encode())
server = http.server.HTTPServer(("127.0.0.1", 0), Pages)
port = os.environ.get("TMPDIR", "/tmp") + "/port"
open(port + ".new", "w").write(str(server.server_port))
os.rename(port + ".new", port)
server.serve_forever()
"""


def test_extension_serves_events_for_a_web_application(functions, with_extensions):
    """As AWS's Lambda Web Adapter: the wrapper starts the application instead of the runtime, and the extension uses the Runtime API."""
    wrapper = '#!/bin/sh\nexec "$LAMBDA_TASK_ROOT/$_HANDLER"\n'
    name = with_extensions("extension-web", {"adapter": WEB_ADAPTER}, files={"run!": WEB_APPLICATION, "wrapper!": wrapper}, handler="run",
                           Environment={"Variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/var/task/wrapper"}})
    for path in ("/a", "/b"):
        assert functions.invoke(name, {"rawPath": path})[0] == {"statusCode": 200, "body": "page " + path}


def test_extension_of_a_native_runtime(functions, with_extensions, tmp_path):
    """The extension is a static program in C++, as most extensions are compiled programs."""
    subprocess.run(["g++", "-std=c++20", "-O1", "-static", "-o", tmp_path / "native", ROOT / "tests/functional/native_extension.cpp"], check=True)
    layer = functions.lambda_.publish_layer_version(LayerName="native", Content={"ZipFile": zip_of({"extensions/native!": (tmp_path / "native").read_bytes()})})
    name = functions.python("extension-native", "def handler(event, context):\n    return 7\n", Layers=[layer["LayerVersionArn"]], Timeout=20)
    assert functions.invoke(name)[0] == 7
    stop_environments(functions, name)
    lines = lines_when(functions, name, lambda lines: "native: SHUTDOWN" in lines)
    assert [line for line in lines if line.startswith("native: ")] == ["native: INVOKE", "native: SHUTDOWN"]
    functions.lambda_.delete_layer_version(LayerName="native", VersionNumber=layer["Version"])
