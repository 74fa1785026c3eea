"""SAM's remote commands call functions and queues and read logs: the endpoint comes from AWS_ENDPOINT_URL."""

import json

import pytest
from conftest import run_process

SOURCE = """
def handler(event, context):
    print("remote", event["name"])
    if event["name"] == "error":
        raise ValueError("no such name")
    return {"hello": event["name"], "version": context.function_version}
"""


@pytest.fixture
def sam(engine, programs, tmp_path):
    def run(*arguments, check=True):
        environment = {**engine.client_environment(tmp_path), "SAM_CLI_TELEMETRY": "0", "SAM_CLI_CHECK_UPDATES": "0", "LANG": "C.UTF-8"}
        return run_process([programs / "sam", *arguments], environment, None, check, folder=tmp_path)

    return run


@pytest.fixture
def function(functions):
    return functions.python("sam-remote", SOURCE)


def test_sam_remote_invoke_returns_result_and_log(sam, engine, function):
    arn = engine.client("lambda").get_function_configuration(FunctionName=function)["FunctionArn"]
    done = sam("remote", "invoke", arn, "--event", '{"name": "Ada"}')
    assert json.loads(done.stdout) == {"hello": "Ada", "version": "$LATEST"}
    assert "remote Ada" in done.stderr and "REPORT RequestId" in done.stderr

    engine.client("lambda").publish_version(FunctionName=function)
    done = sam("remote", "invoke", arn, "--event", '{"name": "Ada"}', "--output", "json", "--parameter", "Qualifier=1")
    response = json.loads(done.stdout)
    assert response["StatusCode"] == 200 and response["ExecutedVersion"] == "1"
    assert json.loads(response["Payload"]) == {"hello": "Ada", "version": "1"}


def test_sam_remote_invoke_reports_failed_handler(sam, engine, function):
    arn = engine.client("lambda").get_function_configuration(FunctionName=function)["FunctionArn"]
    done = sam("remote", "invoke", arn, "--event", '{"name": "error"}')
    assert json.loads(done.stdout)["errorType"] == "ValueError"
    assert "[ERROR] ValueError: no such name" in done.stderr


def test_sam_remote_invoke_sends_message_to_queue(sam, engine):
    sqs = engine.client("sqs")
    queue = sqs.create_queue(QueueName="sam-remote")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sam("remote", "invoke", arn, "--event", "a message")
    assert [message["Body"] for message in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=2)["Messages"]] == ["a message"]


def test_sam_logs_prints_log_group(sam, functions, function):
    functions.invoke(function, {"name": "Grace"})
    functions.invoke(function, {"name": "Alan"})
    text = sam("logs", "--cw-log-group", f"/aws/lambda/{function}").stdout
    assert "remote Grace" in text and "remote Alan" in text and "REPORT RequestId" in text
    filtered = sam("logs", "--cw-log-group", f"/aws/lambda/{function}", "--filter", "Grace").stdout
    assert "remote Grace" in filtered and "remote Alan" not in filtered
