"""Tests `osbot event` and `osbot invoke --event` against the models of AWS Powertools and the events that the engine sends."""

import base64
import gzip
import json
import urllib.request

import pytest
from aws_lambda_powertools.utilities.parser import models

ECHO = "def handler(event, context):\n    return event\n"

MODELS = {
    "sqs": models.SqsModel, "s3": models.S3Model, "url": models.LambdaFunctionUrlModel, "schedule": models.EventBridgeModel,
    "apigateway": models.APIGatewayProxyEventModel, "apigateway-v2": models.APIGatewayProxyEventV2Model, "sns": models.SnsModel,
    "dynamodb": models.DynamoDBStreamModel, "eventbridge": models.EventBridgeModel, "kinesis": models.KinesisDataStreamModel,
    "logs": models.CloudWatchLogsModel,
}


@pytest.fixture
def echo(engine, tmp_path, request):
    source = tmp_path / f"echo_{request.node.name.split('[')[0][:40]}.py"
    source.write_text(ECHO)
    engine.run("deploy", source)
    yield source.stem
    engine.run("delete", source.stem, check=False)


def event(engine, kind, *settings):
    return json.loads(engine.run("event", kind, *(word for setting in settings for word in ("--set", setting))).stdout)


def shape(value):
    """Returns the names and types of a value, without the values."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def test_list_contains_each_kind_with_its_settings(engine):
    kinds = json.loads(engine.run("event", "--json").stdout)
    assert {kind["kind"] for kind in kinds} == set(MODELS)
    text = engine.run("event").stdout
    for kind in kinds:
        assert kind["kind"] in text and all(name in text for name in kind["settings"])


@pytest.mark.parametrize("kind", MODELS)
def test_each_kind_matches_the_model_of_powertools(engine, kind):
    MODELS[kind].model_validate(event(engine, kind))


def test_event_contains_the_settings(engine):
    record = event(engine, "s3", "bucket=photos", "key=a b.jpg", "size=7")["Records"][0]["s3"]
    assert record["bucket"]["name"] == "photos" and record["object"]["size"] == 7
    assert record["object"]["key"] == "a+b.jpg"
    data = event(engine, "logs", "message=hello")["awslogs"]["data"]
    assert json.loads(gzip.decompress(base64.b64decode(data)))["logEvents"][0]["message"] == "hello"


def test_invoke_sends_the_sample_event(engine, echo):
    sent = json.loads(engine.run("invoke", echo, "--event", "s3", "--set", "key=a.txt", "--set", "bucket=photos").stdout)
    assert sent == event(engine, "s3", "key=a.txt", "bucket=photos")


def test_function_url_of_the_engine_sends_the_same_format(engine, echo):
    url = engine.run("url", echo, "--public").stdout.strip()
    request = urllib.request.Request(url + "?name=Ada", data=b"{}", method="POST", headers={"Content-Type": "application/json"})
    real = json.load(urllib.request.urlopen(request, timeout=60))
    sample = event(engine, "url", "method=POST", "body={}")
    for payload in (real, sample):
        del payload["headers"], payload["isBase64Encoded"]
    real["requestContext"].pop("authentication", None)
    assert shape(real) == shape(sample)


def test_queue_of_the_engine_sends_the_same_format(engine, tmp_path):
    source = tmp_path / "queue_event_to_another_queue.py"
    source.write_text("import json\ndef handler(event, context):\n    print('EVENT ' + json.dumps(event))\n")
    engine.run("deploy", source, "--timeout", 20)
    sqs, lambda_ = engine.client("sqs"), engine.client("lambda")
    queue = sqs.create_queue(QueueName="events-of-the-same-format")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    mapping = lambda_.create_event_source_mapping(EventSourceArn=arn, FunctionName=source.stem)["UUID"]
    try:
        sqs.send_message(QueueUrl=queue, MessageBody="hello")
        line = None
        while not line:  # the time limit of the test ends this loop
            logs = engine.run("logs", source.stem, "--json", check=False)  # fails until the function has run
            events = json.loads(logs.stdout) if logs.returncode == 0 else []
            line = next((entry["message"] for entry in events if entry["message"].startswith("EVENT ")), None)
        assert shape(json.loads(line.removeprefix("EVENT "))) == shape(event(engine, "sqs"))
    finally:
        lambda_.delete_event_source_mapping(UUID=mapping)
        sqs.delete_queue(QueueUrl=queue)
        engine.run("delete", source.stem)


def test_async_queues_the_event_and_dry_run_runs_nothing(engine, echo):
    assert engine.run("invoke", echo, "--async").stdout.startswith("queued as ")
    assert json.loads(engine.run("invoke", echo, "--dry-run", "--json").stdout)["StatusCode"] == 204
    assert engine.run("invoke", "no_such_function", "--dry-run", check=False).returncode == 4


def test_qualifier_applies_to_async_and_dry_run(engine, echo):
    version = engine.client("lambda").publish_version(FunctionName=echo)["Version"]
    for option in ("--async", "--dry-run"):
        engine.run("invoke", echo, "--qualifier", version, option)
        assert engine.run("invoke", echo, "--qualifier", "77", option, check=False).returncode == 4


@pytest.mark.parametrize("arguments, message", [
    (["event", "sqq"], "sqq"),
    (["event", "s3", "--set", "buckte=x"], "did you mean 'bucket'?"),
    (["event", "s3", "--set", "bucket"], "NAME=VALUE"),
    (["event", "s3", "--set", "size=big"], "invalid size 'big'"),
    (["invoke", "x", "--event", "s3", "--set", "buckte=x"], "did you mean 'bucket'?"),
    (["invoke", "x", "{}", "--event", "s3"], "--event"),
    (["invoke", "x", "--set", "bucket=x"], "--event"),
    (["invoke", "x", "--async", "--dry-run"], "--async"),
])
def test_invalid_event_arguments_are_rejected_before_the_call(engine, arguments, message):
    done = engine.run(*arguments, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr and len(done.stderr.splitlines()) == 1
