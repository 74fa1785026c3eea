"""Tests that Node.js functions behave as under AWS's own runtime clients.

Each case runs on the engine, and under aws-lambda-ric (AWS's client from npm, pinned in node_runtime/package-lock.json)
against a small Runtime API: version 3 for runtimes up to nodejs22.x, version 4 from nodejs24.x. Response and log must be
equal except for the folder of the code and the frames of the clients in stack traces.
"""

import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import textwrap
import time
import zipfile

import pytest

from conftest import Functions, address_of, skip_without, zip_of
from test_runtime_client import Outcome, Runtime_Api, first_init_only, frames, normalised, tail_of

SOURCES = pathlib.Path(__file__).with_name("node_runtime")
CLIENT = pathlib.Path(__file__).parents[2] / "src/services/lambda/running/runtimes/lambda_runtime_client.cjs"
WITH_CALLBACKS, WITHOUT_CALLBACKS = "nodejs20.x", "nodejs24.x"
RUNTIMES = [WITH_CALLBACKS, WITHOUT_CALLBACKS]
# Frames of the clients and of node itself; those of node depend on its version.
FRAME = re.compile(r'(\\n|[\n\r]|,?")? +at [^\n\r",]*?(aws-lambda-ric|lambda_runtime_client|aws_runtime\.mjs|native_client|\(?node:|<anonymous>\))[^\n\r",\\]*"?')


def client_command(modules, runtime):
    """Returns the command that runs AWS's client for a runtime, with modules from this folder."""
    require = ["--require", SOURCES / "native_client.cjs"]
    if runtime == WITH_CALLBACKS:
        return [*require, SOURCES / "aws_runtime.mjs", modules / "node_modules/aws-lambda-ric-3/dist/index.mjs"]
    return [*require, modules / "node_modules/aws-lambda-ric-4/index.mjs"]


def run_client(node, command, runtime, folder, handler, event, variables, headers):
    api = Runtime_Api(json.dumps(event).encode(), headers)
    records_read, records_write = os.pipe()
    environment = {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}", "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime}", "_HANDLER": handler,
        "LAMBDA_TASK_ROOT": str(folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TZ": ":UTC", "AWS_REGION": "us-east-1",
        "AWS_LAMBDA_FUNCTION_NAME": headers["Lambda-Runtime-Invoked-Function-Arn"].rpartition(":")[2],
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128", "AWS_LAMBDA_LOG_GROUP_NAME": "group",
        "AWS_LAMBDA_LOG_STREAM_NAME": "stream", "_LAMBDA_TELEMETRY_LOG_FD": str(records_write), **variables}
    process = subprocess.Popen([str(part) for part in [node, "--expose-gc", *command]], cwd=folder, env=environment,
                               pass_fds=[records_write], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    os.close(records_write)
    deadline = time.monotonic() + 60
    while not api.finished.wait(0.01) and process.poll() is None:
        assert time.monotonic() < deadline, f"{command} neither responded nor exited"
    process.kill()
    printed = process.communicate()[0].decode(errors="replace").splitlines()
    with os.fdopen(records_read, "rb") as pipe:
        records = [text.rstrip("\n") for text in frames(pipe.read())]
    api.shutdown()
    if api.result and any(line.startswith("Node.js v") for line in printed):
        printed = []  # after an init error, version 4 throws it to node, which prints it; AWS may stop the process before that
    kind, payload, _ = api.result or ("exit", str(process.returncode).encode(), None)
    return Outcome(kind if kind != "response" else None, payload, normalised([*printed, *records], folder))


def on_the_engine(functions, config, name, folder, runtime, handler, event, settings, late=""):
    """`late`: a text that the function logs after its response."""
    files = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}
    functions.create(name, files, runtime, handler, **settings)
    response = functions.lambda_.invoke(FunctionName=name, Payload=json.dumps(event))
    end = time.monotonic() + 10
    while True:
        logs = functions.engine.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        if any(late in event["message"] for event in logs) or time.monotonic() > end:
            break
    platform = re.compile(r"(INIT_START|INIT_REPORT|START|END|REPORT|RequestId:|WARNING: nodejs) ?")
    log = first_init_only([event["message"].rstrip("\n") for event in logs])
    log = [line for line in log if not platform.match(line) and '"type":"platform.' not in line]
    root = functions.task_root(name, config)
    payload = response["Payload"].read().replace(root.encode(), str(folder).encode())
    return Outcome(response.get("FunctionError"), payload, normalised(log, root)), response["ResponseMetadata"]["RequestId"]


def without_client(text):
    """Removes what depends on the client: its frames, and the path of its file."""
    text = FRAME.sub(lambda frame: '"' if (frame.group(1) or "").endswith('"') and frame.group(0).endswith('""') else "", text)
    return re.sub(r"[^\s\"\\]{0,200}/(index\.mjs|lambda_runtime_client\.cjs)", "<client>", text)


@pytest.fixture(scope="session")
def modules(request):
    folder = pathlib.Path(request.config.getoption("--node-runtime")).resolve()
    assert (folder / "node_modules").exists(), f"{folder}: create it first (make venv, or tools/make_node_modules)"
    return folder


@pytest.fixture
def compare(functions, request, tmp_path, modules):
    def compare(name, source, runtime, event=None, handler="app.handler", files=None, json_logs=None, variables=None, late=""):
        for path, text in {"app.js": source, **(files or {})}.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(textwrap.dedent(text))
        settings, aws_variables = {}, dict(variables or {})
        if variables:
            settings["Environment"] = {"Variables": variables}
        if json_logs:
            settings["LoggingConfig"] = {"LogFormat": "JSON", "ApplicationLogLevel": json_logs}
            aws_variables.update(AWS_LAMBDA_LOG_FORMAT="JSON", AWS_LAMBDA_LOG_LEVEL=json_logs)
        event = {} if event is None else event
        name = f"node-{name}-{runtime[6:8]}".replace("_", "-")
        engine, request_id = on_the_engine(functions, request.config, name, tmp_path, runtime, handler, event, settings, late)
        headers = {"Lambda-Runtime-Aws-Request-Id": request_id, "Lambda-Runtime-Deadline-Ms": "9999999999999",
                   "Lambda-Runtime-Invoked-Function-Arn": f"arn:aws:lambda:us-east-1:000000000000:function:{name}",
                   "Lambda-Runtime-Trace-Id": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0"}
        aws = run_client("node", client_command(modules, runtime), runtime, tmp_path, handler, event, aws_variables, headers)
        return judge(engine, aws)

    return compare


def judge(engine, aws):
    assert bool(engine.failed) == bool(aws.failed), (engine, aws)
    if aws.failed == "exit":  # the client exits, and leaves the message to the platform
        status = aws.payload.decode()
        reason = f"exited with error: exit status {status}" if status != "0" else "exited without providing a reason"
        assert json.loads(engine.payload)["errorMessage"].endswith(f"Runtime {reason}")
        return engine.payload, engine.log
    assert without_client(engine.payload.decode()) == without_client(aws.payload.decode())
    assert list(map(without_client, engine.log)) == list(map(without_client, aws.log))
    return engine.payload, engine.log


both = pytest.mark.parametrize("runtime", RUNTIMES)
text_and_json = pytest.mark.parametrize("json_logs", [None, "INFO"], ids=["text", "json"])

RESULTS = {
    "text": "'é \\u2028 \\x7f \" \\\\ \\u{1f600}'",
    "numbers": "[1, -2.5, 1e300, -0, NaN, Infinity]",
    "nothing": "undefined",
    "null": "null",
    "undefined_members": "{a: undefined, b: [undefined, () => 1], c: new Date(0), d: new Map([[1, 2]]), e: Buffer.from('x')}",
    "to_json": "{toJSON() { return 'own'; }}",
    "big_integer": "{n: 1n}",
    "circular": "(() => { const ring = []; ring.push(ring); return ring; })()",
    "function": "() => 1",
    "symbol": "Symbol('a')",
    "unpaired_surrogate": "'a \\ud83d b'",
    "promise_in_object": "{p: Promise.resolve(1)}",
    "thenable": "{then(resolve) { resolve('late'); }}",
    "large": "'é'.repeat(100000)",
}


@both
@pytest.mark.parametrize("name", RESULTS)
def test_results_are_serialized_as_by_aws(compare, runtime, name):
    compare(f"result-{name}", f"exports.handler = async (event, context) => {{ return {RESULTS[name]}; }};", runtime)


GOOD = "exports.handler = async () => 'good';\n"
ES = "export const handler = async () => [import.meta.url.split('/').at(-1)];\n"
HANDLERS = {
    "commonjs": ("app.handler", {}),
    "cjs": ("sub/app.handler", {"sub/app.cjs": GOOD}),
    "mjs": ("sub/app.handler", {"sub/app.mjs": ES}),
    "type_module": ("sub/app.handler", {"sub/app.js": ES, "sub/package.json": '{"type": "module"}'}),
    "type_module_above": ("sub/deep/app.handler", {"sub/deep/app.js": ES, "sub/package.json": '{"type": "module"}'}),
    "type_commonjs": ("sub/app.handler", {"sub/app.js": GOOD, "sub/package.json": '{"type": "commonjs"}'}),
    "bad_package": ("sub/app.handler", {"sub/app.js": GOOD, "sub/package.json": '[]'}),
    "folder": ("sub.handler", {"sub/index.js": GOOD}),
    "module_of_node_modules": ("package.handler", {"node_modules/package/index.js": GOOD}),
    "nested_export": ("app.api.v1.handler", {"app.js": "exports.api = {v1: {handler: async () => 'nested'}};"}),
    "default_export": ("sub/app.handler", {"sub/app.mjs": "export default {handler: async () => 'default'};"}),
    "dots_in_folder": ("v1.2/app.handler", {"v1.2/app.js": GOOD}),
    "no_dot": ("handler", {}),
    "two_dots": ("../app.handler", {}),
    "missing_module": ("nowhere/deep.handler", {}),
    "missing_function": ("app.nothing", {}),
    "not_a_function": ("app.value", {"app.js": "exports.value = 1;"}),
    "missing_require": ("bad.handler", {"bad.js": "require('nothing-like-that');"}),
    "missing_import": ("bad.handler", {"bad.mjs": "import 'nothing-like-that';"}),
    "missing_file": ("bad.handler", {"bad.mjs": "import './nothing.mjs';"}),
    "import_of_a_name": ("bad.handler", {"bad.mjs": "import {nothing} from 'fs';"}),
    "syntax": ("bad.handler", {"bad.js": "exports.handler = async ( => 1;\n"}),
    "syntax_of_module": ("bad.handler", {"bad.mjs": "export const handler = async ( => 1;\n"}),
    "throws": ("bad.handler", {"bad.js": "function check() { throw new TypeError('two\\nlines'); }\ncheck();"}),
    "throws_text": ("bad.handler", {"bad.js": "throw 'only text';"}),
    "rejects": ("bad.handler", {"bad.mjs": "await Promise.reject(new RangeError('late'));"}),
    "top_level_await": ("good.handler", {"good.mjs": "const value = await Promise.resolve('awaited');\nexport const handler = async () => value;"}),
}


@both
@text_and_json
@pytest.mark.parametrize("name", HANDLERS)
def test_handlers_are_loaded_or_rejected_as_by_aws(compare, runtime, name, json_logs):
    handler, files = HANDLERS[name]
    compare(f"handler-{name}-{json_logs}", GOOD, runtime, handler=handler, files=files, json_logs=json_logs)


FAILURES = {
    "plain": "throw new Error('no good');",
    "own_class": "class Order_Error extends Error {}; throw new Order_Error('é');",
    "own_name": "const e = new Error('named'); e.name = 'Order'; e.code = 'E1'; e.details = {a: [1]}; throw e;",
    "cause": "throw new Error('outer', {cause: new TypeError('inner')});",
    "aggregate": "throw new AggregateError([new Error('one'), 2], 'both');",
    "deep": "return deep(3);",
    "many_lines": "throw new Error('one\\n  two\\n\\nthree');",
    "text": "throw 'only text';",
    "number": "throw 42;",
    "nothing": "throw undefined;",
    "null": "throw null;",
    "object": "throw {a: 1};",
    "like_an_error": "throw {name: 'N', message: 'M', stack: 'S\\n  at x'};",
    "without_stack": "const e = new Error('m'); delete e.stack; throw e;",
    "odd_name": "const e = new Error('m'); e.name = 5; throw e;",
    "delete_character": "const e = new Error('a\\x7fb'); throw e;",
    "circular": "const e = new Error('ring'); e.self = e; throw e;",
    "getter": "throw {get name() { throw new Error('hidden'); }, toString() { throw new Error('no text'); }};",
    "rejects": "return Promise.reject(new Error('rejected'));",
    "after_a_turn": "await new Promise(setImmediate); throw new Error('late');",
    "system_error": "require('fs').readFileSync('/nowhere');",
}


@both
@text_and_json
@pytest.mark.parametrize("name", FAILURES)
def test_failures_have_the_payload_and_log_of_aws(compare, runtime, name, json_logs):
    compare(f"failure-{name}-{json_logs}", f"""
        function deep(n) {{
            if (n === 0) return null.length;
            return deep(n - 1);
        }}
        exports.handler = async (event, context) => {{
            {FAILURES[name]}
        }};
        """, runtime, json_logs=json_logs)


CALLBACKS = {
    "result": "callback(null, {a: 1});",
    "no_result": "callback();",
    "error": "callback(new Error('called back'));",
    "error_text": "callback('text');",
    "never": "return 5;",
    "later": "setTimeout(() => callback(null, 'later'), 20);",
    "twice": "callback(null, 'first'); callback(null, 'second');",
    "error_then_result": "callback(new Error('first')); callback(null, 'second');",
    "waits": "callback(null, 'result'); setTimeout(() => console.log('before the result'), 50);",
    "does_not_wait": "context.callbackWaitsForEmptyEventLoop = false; setInterval(() => {}, 1000); callback(null, 'at once');",
    "circular": "const ring = []; ring.push(ring); context.callbackWaitsForEmptyEventLoop = false; callback(null, ring);",
    "succeed": "context.succeed({a: 1});",
    "fail": "context.fail(new Error('failed'));",
    "fail_without_error": "context.fail();",
    "done": "context.done(null, 'done');",
    "done_with_error": "context.done('bad', 'done');",
    "done_later": "setTimeout(() => context.done(null, 'done'), 20);",
    "throws": "throw new Error('thrown');",
    "throws_after_callback": "callback(null, 'result'); throw new Error('thrown');",
    "callback_after_succeed": "context.succeed('first'); callback(null, 'second');",
    "throws_later": "setTimeout(() => { throw new Error('thrown later'); }, 10);",
    "rejects_later": "setTimeout(() => Promise.reject(new Error('rejected later')), 10);",
    "rejects_text": "Promise.reject('only text');",
}


@both
@text_and_json
@pytest.mark.parametrize("name", CALLBACKS)
def test_callbacks_end_events_or_are_refused_as_by_aws(compare, runtime, name, json_logs):
    payload, _ = compare(f"callback-{name}-{json_logs}", f"exports.handler = (event, context, callback) => {{ {CALLBACKS[name]} }};", runtime,
                         json_logs=json_logs)
    if runtime == WITHOUT_CALLBACKS:
        assert json.loads(payload)["errorType"] == "Runtime.CallbackHandlerDeprecated"


TWO_PARAMETERS = {
    "value": "return 5;",
    "promise": "return Promise.resolve(6);",
    "throws_later": "setTimeout(() => { throw new Error('thrown later'); }, 10); return new Promise(resolve => setTimeout(resolve, 5000));",
    "rejects_unhandled": "Promise.reject(new TypeError('not caught')); return new Promise(resolve => setTimeout(resolve, 5000));",
    "never_resolves": "return new Promise(() => {});",
    "exit": "process.exit(3);",
    "exit_0": "process.exit();",
}


@both
@pytest.mark.parametrize("name", TWO_PARAMETERS)
def test_plain_functions_end_events_as_by_aws(compare, runtime, name):
    compare(f"plain-{name}", f"exports.handler = (event, context) => {{ {TWO_PARAMETERS[name]} }};", runtime)


def test_function_without_result_ends_with_its_event_loop(compare):
    payload, log = compare("empty-loop", "exports.handler = () => { setTimeout(() => console.log('still running'), 20); };", WITH_CALLBACKS)
    assert payload == b"null" and "still running" in log[0]


@both
def test_context_equals_that_of_aws(compare, runtime):
    payload, _ = compare("whole-context", """
        exports.handler = async (event, context) => {
            const {logGroupName, logStreamName, xRayTraceId, ...rest} = context;
            const left = context.getRemainingTimeInMillis();
            const traces = [typeof process.env._X_AMZN_TRACE_ID, typeof xRayTraceId];
            return {rest: JSON.stringify(rest), keys: Object.keys(context), left: typeof left, traces,
                    globals: Object.keys(globalThis.awslambda).sort(), this: this && Object.keys(this)};
        };
        """, runtime)
    assert json.loads(payload)["left"] == "number" and "awsRequestId" in json.loads(payload)["keys"]


LOGGING = """
    exports.handler = async () => {
        console.log();
        console.log("plain");
        console.log("format %s %d %j %o", "a", 1, {b: 2}, [3]);
        console.info({an: "object", deep: {er: [1, {}]}});
        console.warn("two\\nlines", "and", ["more"]);
        console.error(new Error("logged"));
        console.error("with", new TypeError("an error"), "in it");
        console.error({error: new RangeError("inside")});
        console.debug("debug");
        console.trace("trace");
        console.fatal("fatal");
        console.log(1n);
        console.log("é \\u{1f600}", undefined, null);
        const ring = {}; ring.ring = ring;
        console.log(ring);
        console.log({n: 1n});
        console.log("");
        console.table([[1, 2]]);
        process.stdout.write("by stdout\\n");
        process.stderr.write("by stderr\\n");
    };
    """


@both
@pytest.mark.parametrize("level", [None, "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"])
def test_console_writes_the_log_of_aws(compare, runtime, level):
    _, log = compare(f"console-{level}", LOGGING, runtime, json_logs=level)
    assert "by stdout" in log and (level in ("ERROR", "FATAL")) == (not any("two" in line for line in log))


@both
def test_log_level_variable_applies_to_text_logs(compare, runtime):
    compare("text-level", LOGGING, runtime, variables={"AWS_LAMBDA_LOG_LEVEL": "warn"})


@both
def test_output_at_load_has_no_request_id(compare, runtime):
    compare("output-at-load", "console.log('loading');\n" + GOOD, runtime)


STREAMS = {
    "pieces": "stream.write('one,'); stream.write(Buffer.from('two')); stream.write(new Uint8Array([44])); stream.end();",
    "end_with_data": "stream.end('all');",
    "content_type": "stream.setContentType('text/csv'); stream.write('a,b'); stream.end();",
    "late_content_type": "stream.write('a'); stream.setContentType('text/csv'); stream.end();",
    "object": "stream.write({a: 1}); stream.end();",
    "empty": "stream.end();",
    "pipeline": "await require('stream/promises').pipeline(require('stream').Readable.from(['a', 'b', 'c']), stream);",
    "http": "stream = awslambda.HttpResponseStream.from(stream, {statusCode: 201, headers: {a: 'b'}}); stream.write('body'); stream.end();",
    "http_end_only": "stream = awslambda.HttpResponseStream.from(stream, {statusCode: 201}); stream.end();",
    "http_end_with_data": "stream = awslambda.HttpResponseStream.from(stream, {statusCode: 201}); stream.end('body');",
    "returns_value": "stream.write('a'); stream.end(); return 5;",
    "fails_before": "throw new Error('early');",
    "fails_after": "stream.write('part'); throw new Error('late');",
    "fails_after_end": "stream.write('all'); stream.end(); throw new Error('too late');",
}


@both
@pytest.mark.parametrize("name", STREAMS)
def test_streams_are_sent_as_by_aws(compare, runtime, name):
    compare(f"stream-{name}", f"exports.handler = awslambda.streamifyResponse(async (event, stream, context) => {{ {STREAMS[name]} }});",
            runtime, late="too late" if name == "fails_after_end" else "")


@both
def test_plain_handler_must_not_stream(compare, runtime):
    compare("stream-plain", "exports.handler = awslambda.streamifyResponse((event, stream) => { stream.write('a'); });", runtime)


def test_unknown_kind_of_streaming_is_refused(compare):
    """Version 3 of AWS's client fails with a ReferenceError of its own instead."""
    compare("stream-kind", "exports.handler = async () => 1; exports.handler[Symbol.for('aws.lambda.runtime.handler.streaming')] = 'request';",
            WITHOUT_CALLBACKS)


# ---- beyond the comparison with AWS's clients

JSON_NUMBER = "exports.handler = async event => event.n + 1;"


def test_layers_provide_modules_by_node_path(functions):
    files = {"nodejs/node_modules/shared/index.js": "module.exports = 'of every version';",
             "nodejs/node20/node_modules/only20/index.js": "module.exports = 'of node 20';"}
    layer = functions.lambda_.publish_layer_version(LayerName="node-modules", Content={"ZipFile": zip_of(files)})["LayerVersionArn"]
    name = functions.create("node-layer", {"app.js": "exports.handler = async () => [require('shared'), require('only20')];"}, WITH_CALLBACKS,
                            "app.handler", Layers=[layer])
    assert functions.invoke(name)[0] == ["of every version", "of node 20"]


def test_heap_follows_the_memory_of_the_function(functions):
    source = """
        const known = ["require-module", "detect-module"].filter(name => process.allowedNodeEnvironmentFlags.has(`--experimental-${name}`));
        exports.handler = async () => [process.execArgv, require("v8").getHeapStatistics().heap_size_limit >> 20, known];"""
    name = functions.create("node-heap", {"app.js": source}, "nodejs22.x", "app.handler", MemorySize=512)
    options, heap_mb, known = functions.invoke(name)[0]  # node 18 does not know the options
    assert {"--expose-gc", "--max-old-space-size=461", *(f"--no-experimental-{option}" for option in known)} <= set(options)
    assert 461 <= heap_mb < 600


def test_node_options_override_those_of_the_runtime(functions):
    source = "exports.handler = async () => process.execArgv;"
    name = functions.create("node-options", {"app.js": source}, "nodejs20.x", "app.handler",
                            Environment={"Variables": {"NODE_OPTIONS": "--max-old-space-size=200 --experimental-require-module"}})
    assert not [option for option in functions.invoke(name)[0] if "space-size" in option or "require-module" in option]


def test_environment_is_reused_and_state_is_kept(functions):
    name = functions.create("node-warm", {"app.js": "let count = 0; exports.handler = async () => [process.pid, ++count];"}, WITH_CALLBACKS, "app.handler")
    first, second = functions.invoke(name)[0], functions.invoke(name)[0]
    assert (first[0], first[1] + 1) == tuple(second)


@both
def test_large_events_and_results_pass_unchanged(functions, runtime):
    name = functions.create(f"node-large-{runtime[6:8]}", {"app.js": "exports.handler = async event => event;"}, runtime, "app.handler", Timeout=30)
    event = {"text": "é" * 500_000, "list": list(range(100_000))}
    assert functions.invoke(name, event)[0] == event


def test_too_large_result_fails_and_the_next_event_works(functions):
    name = functions.create("node-too-large", {"app.js": "exports.handler = async event => 'x'.repeat(event.n);"}, WITH_CALLBACKS, "app.handler", Timeout=30)
    assert functions.invoke(name, {"n": 7_000_000})[0]["errorType"] == "Function.ResponseSizeTooLarge"
    assert functions.invoke(name, {"n": 3})[0] == "xxx"


def test_process_that_failed_is_replaced(functions):
    name = functions.create("node-replaced", {"app.js": "exports.handler = (event, context, callback) => { if (event.fail) setTimeout(() => { throw new Error('later'); }); else callback(null, 1); };"},
                            WITH_CALLBACKS, "app.handler")
    assert functions.invoke(name, {"fail": True})[0]["errorMessage"] == "later"
    assert functions.invoke(name)[0] == 1


def test_timeout_is_reported(functions):
    name = functions.create("node-slow", {"app.js": "exports.handler = () => new Promise(() => setInterval(() => {}, 1000));"}, WITH_CALLBACKS, "app.handler", Timeout=1)
    assert functions.invoke(name)[0]["errorType"] == "Sandbox.Timedout"


def test_stream_reaches_the_caller_in_parts(functions):
    source = """
        exports.handler = awslambda.streamifyResponse(async (event, stream) => {
            for (const part of ["one", "two", "three"]) {
                stream.write(part);
                await new Promise(resolve => setTimeout(resolve, 50));
            }
            if (event.fail) throw new Error("after the data");
            stream.end();
        });
        """
    name = functions.create("node-stream", {"app.js": source}, WITH_CALLBACKS, "app.handler")
    for event, text, code in [({}, "onetwothree", None), ({"fail": 1}, "onetwothree", "Unhandled"), ({}, "onetwothree", None)]:
        response = functions.lambda_.invoke_with_response_stream(FunctionName=name, Payload=json.dumps(event))
        parts = list(response["EventStream"])
        assert b"".join(part["PayloadChunk"]["Payload"] for part in parts if "PayloadChunk" in part).decode() == text
        assert parts[-1]["InvokeComplete"].get("ErrorCode") == code


def test_function_url_streams_an_http_response(functions):
    """The handler ends when an object exists, which is stored after the first part has arrived."""
    source = """
        exports.handler = awslambda.streamifyResponse(async (event, stream) => {
            stream = awslambda.HttpResponseStream.from(stream, {
                statusCode: 201, headers: { "Content-Type": "text/csv", "X-Rows": 2 }, cookies: ["a=1; Secure", "b=2"] });
            stream.write("first,");
            while (!(await fetch(process.env.AWS_ENDPOINT_URL + "/node-gate/open")).ok);
            stream.end("last");
        });
        """
    name = functions.create("node-http-stream", {"app.js": source}, WITH_CALLBACKS, "app.handler", Timeout=60)
    url = functions.lambda_.create_function_url_config(FunctionName=name, AuthType="NONE", InvokeMode="RESPONSE_STREAM")["FunctionUrl"]
    for action, extra in (("lambda:InvokeFunctionUrl", {"FunctionUrlAuthType": "NONE"}), ("lambda:InvokeFunction", {})):
        functions.lambda_.add_permission(FunctionName=name, StatementId=action[-3:], Action=action, Principal="*", **extra)
    s3 = functions.engine.client("s3")
    s3.create_bucket(Bucket="node-gate")
    port, host = address_of(url)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/", headers={"Host": host})
    response = connection.getresponse()
    assert (response.status, response.getheader("Content-Type"), response.getheader("X-Rows")) == (201, "text/csv", "2")
    assert response.headers.get_all("Set-Cookie") == ["a=1; Secure", "b=2"]
    assert response.read(len("first,")) == b"first,"
    s3.put_object(Bucket="node-gate", Key="open", Body=b"")
    assert response.read() == b"last"
    connection.close()


def test_log_survives_a_full_pipe(functions):
    """Records are written while node has made the pipe of process.stdout non-blocking."""
    source = "exports.handler = async () => { process.stdout.write(''); for (let i = 0; i < 3000; i++) console.log(i, 'x'.repeat(200)); };"
    name = functions.create("node-flood", {"app.js": source}, WITH_CALLBACKS, "app.handler", Timeout=30, MemorySize=512)
    functions.invoke(name)
    pages = functions.engine.client("logs").get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{name}", filterPattern="INFO")
    assert sum(len(page["events"]) for page in pages) == 3000


def test_log_waits_for_the_reader_of_a_full_socket(tmp_path):
    """The client cannot open a socket again, so its writes fail with EAGAIN while the socket is full."""
    (tmp_path / "app.js").write_text("exports.handler = async () => { for (let i = 0; i < 2000; i++) console.log(i, 'x'.repeat(500)); };\n")
    api = Runtime_Api(b"{}", {"Lambda-Runtime-Aws-Request-Id": "1", "Lambda-Runtime-Deadline-Ms": "9999999999999"})
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    environment = {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}", "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs20.x",
                   "_HANDLER": "app.handler", "LAMBDA_TASK_ROOT": str(tmp_path), "PATH": os.environ["PATH"]}
    reader.settimeout(20)
    process = subprocess.Popen(["node", CLIENT], env=environment, stderr=writer)
    writer.close()
    try:
        log = b""
        while log.count(b"\n") < 2000 and (part := reader.recv(4096)):
            log += part
        assert api.finished.wait(60) and api.result[0] == "response", (api.result, log[-1000:])
    finally:
        process.kill()
        process.wait()
        api.shutdown()
    assert [line.split("\t")[3].split()[0] for line in log.decode().splitlines()] == [str(i) for i in range(2000)]


# Hides node from the engine, in a mount namespace of its own.
WITHOUT_NODE = ["unshare", "--map-root-user", "--mount", "sh", "-ec",
                'for file in /usr/bin/node /usr/local/bin/node; do [ ! -e $file ] || mount --bind /dev/null $file; done; exec "$0" "$@"']


def test_missing_node_is_named_with_the_way_out(own_engine, monkeypatch, tmp_path):
    if subprocess.run([*WITHOUT_NODE, "true"], capture_output=True).returncode != 0:
        pytest.skip("this host refuses mounts in a user namespace")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("HOME", str(tmp_path))
    functions = Functions(own_engine(wrapper=WITHOUT_NODE))
    name = functions.create("node-missing", {"app.js": JSON_NUMBER}, WITH_CALLBACKS, "app.handler")
    error, response = functions.invoke(name)
    assert response["FunctionError"] == "Unhandled" and error["errorType"] == "InvalidRuntime"
    assert "no interpreter for nodejs20.x: apt install nodejs, or nvm install 22" in error["errorMessage"]


def test_sandbox_has_only_the_program_of_a_private_node(own_engine, request, monkeypatch, tmp_path):
    skip_without(request.config, "namespaces")
    (tmp_path / "bin").mkdir()
    shutil.copy2(os.path.realpath(shutil.which("node")), tmp_path / "bin/node")
    (tmp_path / "secret").write_text("private")
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    functions = Functions(own_engine())
    layer = functions.lambda_.publish_layer_version(LayerName="with-bin", Content={"ZipFile": zip_of({"bin/tool": "1"})})["LayerVersionArn"]
    source = f"""
        const fs = require("fs");
        exports.handler = async () => [process.execPath, fs.existsSync({str(tmp_path / "secret")!r}), fs.readdirSync("/opt/bin"),
                                       String(require("child_process").execFileSync("node", ["--version"])).trim() === process.version];
        """
    name = functions.create("node-private", {"app.js": textwrap.dedent(source)}, WITH_CALLBACKS, "app.handler", Layers=[layer], Timeout=30, MemorySize=512)
    assert functions.invoke(name)[0] == ["/var/lang/bin/node", False, ["tool"], True]


@both
def test_function_runs_with_and_without_namespaces(functions_in_each_mode, runtime):
    source = "exports.handler = async () => { console.log('logged'); return [require('./lib/one'), __dirname === process.env.LAMBDA_TASK_ROOT]; };"
    name = functions_in_each_mode.create(f"node-mode-{runtime[6:8]}", {"app.js": source, "lib/one.js": "module.exports = 1;"}, runtime, "app.handler")
    payload, response = functions_in_each_mode.invoke(name, LogType="Tail")
    assert payload == [1, True] and "\tINFO\tlogged\n" in tail_of(response)


def test_strict_runtimes_rejects_another_version(own_engine):
    functions = Functions(own_engine("--strict-runtimes"))
    name = functions.create("node-strict", {"app.js": JSON_NUMBER}, "nodejs18.x", "app.handler")
    error, _ = functions.invoke(name, {"n": 0})
    assert error == 1 or "nodejs18.x was not found on this host; found: nodejs" in error["errorMessage"]


# ---- osbot deploy

def test_file_is_deployed_with_its_handler(engine, tmp_path):
    (tmp_path / "orders.mjs").write_text("// handler\nexport async function price(event) { return event.n * 2; }\n")
    result = json.loads(engine.run("deploy", tmp_path / "orders.mjs", "--json").stdout)
    assert result["handler"] == "orders.price"
    assert json.loads(engine.run("invoke", "orders", '{"n": 21}').stdout) == 42
    engine.run("delete", "orders")


def test_js_file_is_deployed_with_its_package_json(engine, tmp_path):
    (tmp_path / "typed.js").write_text("const handler = async () => import.meta.url;\nexport { handler };\n")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    engine.run("deploy", tmp_path / "typed.js", "--name", "typed-js")
    assert json.loads(engine.run("invoke", "typed-js", "{}").stdout).endswith("/typed.js")
    engine.run("delete", "typed-js")


@pytest.mark.parametrize("source, message", [
    ("export const one = 1, two = 2; export const three = 3;", "exports one, three; name file.export"),
    ("const local = 1;", "exports no function"),
])
def test_ambiguous_handler_lists_the_exports(engine, tmp_path, source, message):
    (tmp_path / "many.mjs").write_text(source)
    done = engine.run("deploy", tmp_path / "many.mjs", check=False)
    assert done.returncode == 1 and message in done.stderr


def test_folder_is_deployed_with_the_packages_of_its_lock_file(engine, tmp_path):
    """The package is local to the folder, so the test needs no registry."""
    app = tmp_path / "shop"
    (app / "node_modules/dev-only").mkdir(parents=True)
    (app / "node_modules/dev-only/index.js").write_text("")
    (app / ".env").write_text("KEY=secret")
    (app / "lib").mkdir()
    (app / "lib/main.js").write_text("exports.handler = async () => require('fs').readdirSync(__dirname + '/..').sort();\n")
    (app / "package.json").write_text('{"name": "shop", "version": "1.0.0", "main": "./lib/main.js"}')
    (app / "package-lock.json").write_text('{"name": "shop", "version": "1.0.0", "lockfileVersion": 3, "requires": true, "packages": {"": {"name": "shop", "version": "1.0.0"}}}')
    environment = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path)}
    first = engine.run("deploy", app, env=environment)
    assert "npm ci: 0 packages" in first.stderr and "1 left out: .env" in first.stderr, first.stderr
    assert json.loads(engine.run("invoke", "shop", "{}").stdout) == ["lib", "package-lock.json", "package.json"]
    assert "; cached" in engine.run("deploy", app, env=environment).stderr
    assert "dev-only" in packaged_names(engine, app, tmp_path, "--no-packages")
    engine.run("delete", "shop")


def packaged_names(engine, app, tmp_path, *arguments):
    engine.run("package", app, "-o", tmp_path / "code.zip", *arguments)
    return " ".join(zipfile.ZipFile(tmp_path / "code.zip").namelist())


def test_lock_file_that_npm_rejects_is_an_error_with_its_output(engine, tmp_path):
    (tmp_path / "index.mjs").write_text("export const handler = async () => 1;\n")
    (tmp_path / "package.json").write_text('{"name": "bad", "version": "1.0.0", "dependencies": {"left-pad": "1.0.0"}}')
    (tmp_path / "package-lock.json").write_text('{"name": "bad", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {"name": "bad"}}}')
    done = engine.run("deploy", tmp_path, check=False, env={"XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path)})
    assert done.returncode == 1 and "npm ci failed" in done.stderr and "package.json" in done.stderr


def test_project_of_init_deploys_and_passes_its_test(engine, tmp_path):
    created = json.loads(engine.run("init", "greeter", "--language", "node", "--folder", tmp_path / "greeter", "--json").stdout)
    deploy, invoke = created["next"]
    run = {"env": {**engine.environment, "PATH": f"{engine.osbot.parent}:{os.environ['PATH']}"}, "capture_output": True, "text": True, "timeout": 120, "cwd": tmp_path}
    assert subprocess.run(["node", "--test"], **{**run, "cwd": tmp_path / "greeter"}).returncode == 0
    done = subprocess.run(["sh", "-ec", f"{deploy} && {invoke}"], **run)
    assert json.loads(done.stdout.splitlines()[-1]) == {"greeting": "Hello, Ada!"}, done
    engine.run("delete", "greeter")
