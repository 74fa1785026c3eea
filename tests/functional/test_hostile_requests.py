"""Sends requests without credentials that must not end or block the engine. Uses HTTP only, so that the tests do not depend on its parsers."""

import base64
import hashlib
import http.client
import json
import os
import signal
import socket
import threading
import time
import urllib.parse
import urllib.request

import pytest

from conftest import Control_Connection, Functions
from test_images import ARCHITECTURE

LEVELS = 120_000  # a text of 240 kB
DEPTH_MAX = 1000  # Jackson's StreamReadConstraints.DEFAULT_MAX_DEPTH, https://github.com/FasterXML/jackson-core/pull/943
TOO_DEEP = "Document nesting depth (1001) exceeds the maximum allowed"
ROLE = "arn:aws:iam::000000000000:role/r"
POST_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def nested(levels):
    return "[" * levels + "]" * levels


def nested_objects(levels, inner="[1]"):
    return '{"a":' * levels + inner + "}" * levels


@pytest.fixture
def attacked(own_engine):
    """Yields an engine, and checks afterwards that the attack neither ended nor blocked it."""
    engine = own_engine()
    yield engine
    assert engine.process.poll() is None, "the engine ended"
    assert request(engine, "GET", "/_osbot/health")[0] == 200


@pytest.fixture
def functions_of(attacked):
    return Functions(attacked)


def request(engine, method, path, body="", headers=None, timeout=30):
    """Returns (status, headers, body as text)."""
    if path.startswith("/_osbot/"):
        connection = Control_Connection(engine, timeout)
    else:
        connection = http.client.HTTPConnection("127.0.0.1", engine.port, timeout=timeout)
    try:
        connection.request(method, path, body.encode(), headers or {})
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode(errors="replace")
    except (http.client.HTTPException, ConnectionError) as error:
        time.sleep(0.2)  # until the status of an engine that ended is known
        raise AssertionError(f"no response; exit status of the engine: {engine.process.poll()}") from error
    finally:
        connection.close()


def json_call(engine, target, body):
    return request(engine, "POST", "/", body, {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.0"})


def query_call(engine, **parameters):
    return request(engine, "POST", "/", urllib.parse.urlencode(parameters), POST_FORM)


# ---- deep JSON --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path, text", ids=["function", "layer", "mapping", "event"], argvalues=[
    ("/2015-03-31/functions", '{"FunctionName": "f", "Code": {"ZipFile": "UEsFBg==", "a": NESTED}}'),
    ("/2018-10-31/layers/l/versions", '{"Content": {"ZipFile": "UEsFBg==", "a": NESTED}}'),
    ("/2015-03-31/event-source-mappings", '{"FunctionName": "f", "FilterCriteria": {"Filters": NESTED}}'),
    ("/2015-03-31/functions/f/invocations", "NESTED"),
])
def test_deep_request_of_lambda_is_rejected(attacked, functions_of, path, text):
    functions_of.python("f", "def handler(event, context): return event")

    status, headers, body = request(attacked, "POST", path, text.replace("NESTED", nested(LEVELS)))

    assert status == 400 and TOO_DEEP in body, body[:300]
    assert headers["x-amzn-errortype"] in ("SerializationException", "InvalidRequestContentException")


@pytest.mark.parametrize("entries", ids=["objects", "lists", "member"], argvalues=[nested_objects(LEVELS), nested(LEVELS), '[{"Id": "a", "MessageBody": "b", "x": ' + nested(LEVELS) + "}]"])
def test_deep_batch_of_messages_is_rejected(attacked, entries):
    queue = attacked.client("sqs").create_queue(QueueName="q")["QueueUrl"]

    status, _, body = json_call(attacked, "AmazonSQS.SendMessageBatch", f'{{"QueueUrl": "{queue}", "Entries": {entries}}}')

    assert status == 400 and "SerializationException" in body and TOO_DEEP in body, body[:300]


def test_request_at_the_depth_limit_is_parsed(attacked):
    """The body of the request is one level, so the member may have the others."""
    for levels, fault in ((DEPTH_MAX - 1, "MissingParameter"), (DEPTH_MAX, "SerializationException")):
        body = json_call(attacked, "AmazonSQS.CreateQueue", f'{{"Unknown": {nested(levels)}, "QueueName": "q{levels}"}}')[2]

        assert (TOO_DEEP in body) == (fault == "SerializationException"), body[:300]


def test_brackets_inside_strings_do_not_count(attacked):
    text = json.dumps('\\"' + "[{" * 40_000)

    status, _, body = json_call(attacked, "AmazonSQS.CreateQueue", f'{{"Unknown": {text}, "QueueName": "q"}}')

    assert status == 200, body[:300]


def test_deep_filter_pattern_is_rejected(attacked, functions_of):
    functions_of.python("f", "def handler(event, context): return event")
    queue = attacked.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    arn = attacked.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    body = {"FunctionName": "f", "EventSourceArn": arn, "FilterCriteria": {"Filters": [{"Pattern": nested_objects(LEVELS)}]}}

    status, headers, text = request(attacked, "POST", "/2015-03-31/event-source-mappings", json.dumps(body))

    assert status == 400 and headers["x-amzn-errortype"] in ("InvalidParameterValueException", "ValidationException"), text[:300]


def wait_until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert condition()


def test_deep_message_is_filtered_also_after_a_restart(own_engine):
    """A body that a filter cannot read as JSON does not match, as on AWS: Lambda deletes the message.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html (filtering with the body)
    """
    engine = own_engine()
    sqs, functions = engine.client("sqs"), Functions(engine)
    functions.python("f", "def handler(event, context): print('got', event['Records'][0]['body'])")
    queue = sqs.create_queue(QueueName="q")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    functions.lambda_.create_event_source_mapping(FunctionName="f", EventSourceArn=arn, FilterCriteria={
        "Filters": [{"Pattern": json.dumps({"body": {"a": [1]}})}]})

    request(engine, "POST", "/", json.dumps({"QueueUrl": queue, "MessageBody": nested(LEVELS)}),
            {"X-Amz-Target": "AmazonSQS.SendMessage", "Content-Type": "application/x-amz-json-1.0"})
    time.sleep(1)  # long enough for the mapping to read the message
    engine.stop(9)
    engine.start()

    def messages():
        counts = engine.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
        return int(counts["ApproximateNumberOfMessages"]) + int(counts["ApproximateNumberOfMessagesNotVisible"])

    wait_until(lambda: messages() == 0)
    assert engine.process.poll() is None


@pytest.mark.parametrize("levels, code", [(7000, "InvalidIdentityToken"), (LEVELS, "ValidationError")])  # at most 20,000 characters
def test_deep_web_identity_token_is_rejected(attacked, levels, code):
    payload = base64.urlsafe_b64encode(('{"iss":"i","sub":"s","aud":' + nested(levels) + "}").encode()).decode().rstrip("=")

    status, _, body = query_call(attacked, Action="AssumeRoleWithWebIdentity", Version="2011-06-15", RoleArn=ROLE, RoleSessionName="session",
                                 WebIdentityToken=f"e30.{payload}.c2ln")

    assert status == 400 and f"<Code>{code}</Code>" in body, body[:300]


def test_deep_policy_document_is_rejected(attacked):
    document = '{"Version":"2012-10-17","Statement":' + nested(LEVELS // 2) + "}"

    status, _, body = query_call(attacked, Action="CreateRole", Version="2010-05-08", RoleName="r", AssumeRolePolicyDocument=document)

    assert status == 400 and "<Code>MalformedPolicyDocument</Code>" in body, body[:300]


def test_deep_log_line_does_not_match_a_json_filter(attacked, functions_of):
    functions_of.python("f", "def handler(event, context): print('{\"a\":' + '[' * 120_000 + ']' * 120_000 + '}'); print('{\"a\": 1}')")
    functions_of.invoke("f")

    for pattern in ("{ $.a = 1 }", "{ $.a != 5 }"):
        answer = request(attacked, "POST", "/", json.dumps({"logGroupName": "/aws/lambda/f", "filterPattern": pattern}),
                         {"X-Amz-Target": "Logs_20140328.FilterLogEvents", "Content-Type": "application/x-amz-json-1.1"})
        assert answer[0] == 200, answer[2][:300]
        assert [event["message"].strip() for event in json.loads(answer[2])["events"]] == ['{"a": 1}']


def test_deep_result_of_a_function_url_is_delivered_as_text(attacked, functions_of):
    """A payload that is not a response object is the body, as on AWS.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html (response payload)
    """
    functions_of.create("f", {"bootstrap!": BOOTSTRAP_WITH_DEEP_RESULT}, "provided.al2023", "x")
    with urllib.request.urlopen(functions_of.public_url("f"), timeout=60) as response:
        body = response.read().decode()

    assert body == '{"statusCode": 200, "body": ' + nested(LEVELS) + "}", body[:300]


BOOTSTRAP_WITH_DEEP_RESULT = """\
    #!/usr/bin/env python3
    import os, urllib.request
    api = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation/"
    result = ('{"statusCode": 200, "body": ' + "[" * 120_000 + "]" * 120_000 + "}").encode()
    while True:
        with urllib.request.urlopen(api + "next") as event:
            request_id = event.headers["Lambda-Runtime-Aws-Request-Id"]
        urllib.request.urlopen(urllib.request.Request(f"{api}{request_id}/response", result)).read()
"""


def test_deep_queue_policy_is_rejected(attacked):
    body = {"QueueName": "q", "Attributes": {"Policy": nested(LEVELS), "RedrivePolicy": nested(LEVELS)}}

    status, _, text = json_call(attacked, "AmazonSQS.CreateQueue", json.dumps(body))

    assert status == 400 and "Invalid value for the parameter" in text, text[:300]


def test_deep_or_mistyped_body_of_a_control_request_is_rejected(attacked):
    for path in ("/_osbot/images", "/_osbot/prune"):
        assert request(attacked, "POST", path, '{"path": ' + nested(LEVELS) + "}")[0] == 400
    for body in ('{"path": 5}', '{"path": "/tmp", "name": {}}', "[]", "null"):
        assert request(attacked, "POST", "/_osbot/images", body)[0] == 400


# ---- other long or deep text ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["AssumeRole", "AssumeRoleWithWebIdentity"])
def test_long_role_arn_is_rejected(attacked, action):
    arn = "arn:aws:iam::000000000000:role/" + "a" * 100_000

    status, _, body = query_call(attacked, Action=action, Version="2011-06-15", RoleArn=arn, RoleSessionName="session", WebIdentityToken="a.b.c")

    assert status == 400 and "<Error>" in body, body[:300]


def test_long_role_arn_of_a_function_is_rejected(attacked):
    body = {"FunctionName": "f", "Runtime": "provided.al2023", "Handler": "x", "Role": "arn:aws:iam::000000000000:role/" + "a" * 100_000,
            "Code": {"ZipFile": "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="}}

    status, headers, text = request(attacked, "POST", "/2015-03-31/functions", json.dumps(body))

    assert status == 400 and headers["x-amzn-errortype"], text[:300]


def test_long_location_constraint_is_rejected(attacked):
    text = "<CreateBucketConfiguration><LocationConstraint>CONSTRAINT</LocationConstraint></CreateBucketConfiguration>"

    status, _, body = request(attacked, "PUT", "/bucket", text.replace("CONSTRAINT", "a" * 100_000))

    assert status == 400 and "<Code>InvalidLocationConstraint</Code>" in body, body[:300]
    assert request(attacked, "PUT", "/bucket", text.replace("CONSTRAINT", "<a>" * LEVELS + "</a>" * LEVELS))[0] in (200, 400)


@pytest.mark.parametrize("path", ["/bucket?delete", "/bucket?tagging", "/bucket/key?tagging", "/bucket/key?uploadId=u"])
def test_deep_xml_does_not_end_the_engine(attacked, path):
    assert request(attacked, "PUT", "/bucket")[0] == 200

    method = "PUT" if path.endswith("tagging") else "POST"
    assert request(attacked, method, path, "<Delete>" * 300_000 + "</Delete>" * 300_000)[0] in (400, 404, 501)


def test_deep_filter_pattern_of_logs_is_rejected(attacked):
    for pattern in ("{ " + "(" * 500 + "$.a = 1" + ")" * 500 + " }", "%" + "(" * 900 + "%"):
        status, _, body = json_call(attacked, "Logs_20140328.FilterLogEvents", json.dumps({"logGroupName": "g", "filterPattern": pattern}))
        assert status == 400, body[:300]


# ---- paths that a request names ---------------------------------------------------------------------------------------


def import_image(engine, path, timeout=30):
    return request(engine, "POST", "/_osbot/images", json.dumps({"path": str(path), "name": "i:latest"}), timeout=timeout)


def write_layout_with(folder, name, make):
    """Writes an OCI layout whose file `name` is created by `make`, and returns its folder."""
    folder.mkdir()
    (folder / "blobs/sha256").mkdir(parents=True)
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    make(folder / name)
    return folder


def test_image_from_a_pipe_or_device_is_rejected_at_once(attacked, tmp_path):
    """Without the limit, four of these requests held all workers: PutObject, cold starts and the status waited forever."""
    pipe, listener = tmp_path / "pipe", socket.socket(socket.AF_UNIX)
    os.mkfifo(pipe)
    listener.bind(str(tmp_path / "socket"))
    layout = write_layout_with(tmp_path / "layout", "index.json", os.mkfifo)
    began = time.monotonic()

    for path in (pipe, "/dev/zero", "/dev/tty", "/dev/random", tmp_path / "socket", "/proc/kmsg", layout):
        for _ in range(5):  # more than workers
            status, _, body = import_image(attacked, path, timeout=10)
            assert status == 400 and json.loads(body)["code"] in ("FileError", "BadImage"), (path, body)

    assert request(attacked, "GET", "/_osbot/status")[0] == 200
    attacked.client("s3").create_bucket(Bucket="bucket")
    attacked.client("s3").put_object(Bucket="bucket", Key="key", Body=b"x" * 2_000_000)
    assert time.monotonic() - began < 20
    attacked.process.send_signal(signal.SIGTERM)
    assert attacked.process.wait(10) == 0
    attacked.start()


def test_sigterm_ends_the_engine_while_workers_are_busy(own_engine, tmp_path):
    """Each request makes a worker hash a sparse layer of 19 GB, just below the limit of an archive."""
    engine = own_engine()
    layout = tmp_path / "layout"
    (layout / "blobs/sha256").mkdir(parents=True)

    def blob(content, digest=None):
        digest = digest or hashlib.sha256(content).hexdigest()
        (layout / "blobs/sha256" / digest).write_bytes(content)
        return {"digest": "sha256:" + digest}

    layer = blob(b"", "0" * 64)
    os.truncate(layout / "blobs/sha256" / ("0" * 64), 19_000_000_000)
    manifest = blob(json.dumps({"config": blob(json.dumps({"architecture": ARCHITECTURE}).encode()), "layers": [layer]}).encode())
    (layout / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (layout / "index.json").write_text(json.dumps({"manifests": [manifest]}))

    def ask():
        try:
            import_image(engine, layout, timeout=60)
        except (AssertionError, OSError):
            pass  # the engine stopped, as the test wants

    requests = [threading.Thread(target=ask, daemon=True) for _ in range(12)]
    for thread in requests:
        thread.start()
    time.sleep(2)

    began = time.monotonic()
    engine.process.send_signal(signal.SIGTERM)
    engine.process.wait(20)
    assert time.monotonic() - began < 15
