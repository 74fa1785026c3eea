"""Functions with aws-lambda-go, and AWS's SDK for Go v2 as a client of the engine."""

import json
import time
import urllib.request

import pytest
from conftest import address_of, create_function, log_of, run_process, send, zip_of


@pytest.fixture(scope="module")
def go_zip(go_programs):
    return zip_of({"bootstrap!": (go_programs / "function").read_bytes()})


def test_go_function_returns_result_and_context(functions, go_zip):
    name = create_function(functions, "go-orders", go_zip)
    result, response = functions.invoke(name, {"id": "a", "count": 4})
    arn = functions.lambda_.get_function_configuration(FunctionName=name)["FunctionArn"]
    assert result == {"id": "a", "twice": 8, "request_id": response["ResponseMetadata"]["RequestId"], "arn": arn, "function": name,
                      "memory": 128, "seconds": 10}
    assert "order a" in log_of(functions.engine, name)


@pytest.mark.parametrize("id, kind, message", [
    ("error", "errorString", "a plain error"),
    ("typed error", "orderError", "no stock for typed error"),
    ("panic", "string", "a panic"),
])
def test_go_function_reports_errors(functions, go_zip, id, kind, message):
    name = create_function(functions, "go-errors", go_zip)
    result, response = functions.invoke(name, {"id": id})
    assert (response["FunctionError"], result["errorType"], result["errorMessage"]) == ("Unhandled", kind, message)


def test_go_function_that_exits_is_started_again(functions, go_zip):
    name = create_function(functions, "go-exit", go_zip)
    result, _ = functions.invoke(name, {"id": "exit"})
    assert result["errorType"] == "Runtime.ExitError" and "exit status 3" in result["errorMessage"]
    assert functions.invoke(name, {"id": "b", "count": 1})[0]["twice"] == 2


def test_go_function_streams_to_function_url(functions, go_zip):
    name = create_function(functions, "go-stream", go_zip, "stream")
    port, host = address_of(functions.public_url(name, InvokeMode="RESPONSE_STREAM"))
    status, headers, _ = send(port, "GET /a", {"Host": host})
    assert (status, headers["content-type"], headers["x-from"]) == (201, "text/plain", "go")
    with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/a", headers={"Host": host})) as response:
        assert response.read() == b"part 0 of /a\npart 1 of /a\npart 2 of /a\n"


def test_go_function_returns_failed_messages(functions, go_zip):
    name = create_function(functions, "go-messages", go_zip, "messages")
    sqs = functions.engine.client("sqs")
    queue = sqs.create_queue(QueueName="go-messages", Attributes={"VisibilityTimeout": "60"})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    for body in ("one", "bad", "two"):
        sqs.send_message(QueueUrl=queue, MessageBody=body)
    functions.lambda_.create_event_source_mapping(FunctionName=name, EventSourceArn=arn, FunctionResponseTypes=["ReportBatchItemFailures"])
    counts = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    deadline, left = time.monotonic() + 30, 3
    while left != 1:
        assert time.monotonic() < deadline, f"{left} messages are left"
        time.sleep(0.1)
        attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
        left = sum(int(attributes[count]) for count in counts)
    log = log_of(functions.engine, name)
    assert "message one" in log and "message two" in log and "message bad" not in log


def test_go_sdk_calls_every_service(engine, functions, go_programs, go_zip, tmp_path):
    (tmp_path / "function.zip").write_bytes(go_zip)
    done = run_process([go_programs / "sdk", tmp_path / "function.zip", functions.role()], engine.client_environment(tmp_path), None, True)
    seen = json.loads(done.stdout)
    with urllib.request.urlopen(seen.pop("presigned")) as response:
        assert response.read() == b"content"
    assert seen == {
        "account": "000000000000", "twice": 8, "has_log": True, "function_error": "Unhandled", "version": "1",
        "alias": "arn:aws:lambda:us-east-1:000000000000:function:go-sdk:live", "listed": True, "streamed": True, "missing": True,
        "object": "content", "metadata": {"a": "b"}, "no_such_key": True, "message": "hello greeting",
        "no_queue": "AWS.SimpleQueueService.NonExistentQueue", "log_groups": 1}
