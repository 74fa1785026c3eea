"""Tests SQS with boto3: queues, and event source mappings that invoke functions."""

import json
import threading
import time

import pytest

from conftest import Functions
from test_boto3_lambda import error_of

LOGS_EVENT = """
    import json
    def handler(event, context):
        print("event " + json.dumps(event))
"""
REPORTS_FAILURES = """
    def handler(event, context):
        return {"batchItemFailures": [{"itemIdentifier": r["messageId"]} for r in event["Records"] if r["body"].startswith("bad")]}
"""


@pytest.fixture
def sqs(engine):
    return engine.client("sqs")


@pytest.fixture
def queue(sqs, request):
    url = sqs.create_queue(QueueName=request.node.name[:80].replace("[", "-").replace("]", ""), Attributes={"VisibilityTimeout": "5"})["QueueUrl"]
    yield url
    sqs.delete_queue(QueueUrl=url)


def arn_of(sqs, url):
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def counts(sqs, url):
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"]
    values = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return tuple(int(values[name]) for name in names)


def until(check, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := check():
            return found
        time.sleep(0.02)
    raise AssertionError(f"condition not met within {seconds} s")


def test_message_is_sent_received_and_deleted(sqs, queue):
    sent = sqs.send_message(QueueUrl=queue, MessageBody="grüße", MessageAttributes={
        "kind": {"DataType": "String", "StringValue": "order"}, "n": {"DataType": "Number.int", "StringValue": "7"},
        "raw": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}})
    message, = sqs.receive_message(QueueUrl=queue, AttributeNames=["All"], MessageAttributeNames=["All"])["Messages"]
    assert (message["MessageId"], message["Body"]) == (sent["MessageId"], "grüße")
    assert message["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]
    assert message["MessageAttributes"]["raw"] == {"DataType": "Binary", "BinaryValue": b"\x00\xff"}
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    assert counts(sqs, queue) == (0, 1, 0)
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)
    sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    again, = sqs.receive_message(QueueUrl=queue, AttributeNames=["ApproximateReceiveCount"])["Messages"]
    assert again["Attributes"] == {"ApproximateReceiveCount": "2"} and again["ReceiptHandle"] != message["ReceiptHandle"]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    assert counts(sqs, queue) == (0, 0, 0), "the handle of an earlier receive deletes as well"
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=again["ReceiptHandle"])


def test_long_poll_returns_when_a_message_arrives(engine, sqs, queue):
    responses = []
    poller = threading.Thread(target=lambda: responses.append((engine.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=20), time.monotonic())))
    poller.start()
    time.sleep(0.3)
    sent_at = time.monotonic()
    sqs.send_message(QueueUrl=queue, MessageBody="at last")
    poller.join()
    response, received_at = responses[0]
    assert response["Messages"][0]["Body"] == "at last" and received_at - sent_at < 5
    started = time.monotonic()
    assert "Messages" not in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1)
    assert time.monotonic() - started >= 1


def test_batches_report_failures_with_known_codes(sqs, queue):
    response = sqs.send_message_batch(QueueUrl=queue, Entries=[{"Id": "a", "MessageBody": "1"}, {"Id": "b", "MessageBody": "bell \x07"}, {"Id": "c", "MessageBody": "3"}])
    assert [e["Id"] for e in response["Successful"]] == ["a", "c"]
    assert (response["Failed"][0]["Id"], response["Failed"][0]["SenderFault"]) == ("b", True)
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    assert [m["Body"] for m in messages] == ["1", "3"]
    deleted = sqs.delete_message_batch(QueueUrl=queue, Entries=[{"Id": m["MessageId"], "ReceiptHandle": m["ReceiptHandle"]} for m in messages])
    assert len(deleted["Successful"]) == 2 and counts(sqs, queue) == (0, 0, 0)

    with pytest.raises(sqs.exceptions.QueueDoesNotExist) as error:
        sqs.get_queue_url(QueueName="nowhere")
    assert error.value.response["Error"]["Code"] == "AWS.SimpleQueueService.NonExistentQueue"
    with pytest.raises(sqs.exceptions.EmptyBatchRequest):
        sqs.send_message_batch(QueueUrl=queue, Entries=[])
    with pytest.raises(sqs.exceptions.ReceiptHandleIsInvalid):
        sqs.delete_message(QueueUrl=queue, ReceiptHandle="nonsense")
    with pytest.raises(sqs.exceptions.QueueNameExists):
        sqs.create_queue(QueueName=queue.rsplit("/", 1)[1], Attributes={"VisibilityTimeout": "9"})
    assert error_of(lambda: sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=11))[0] == "InvalidParameterValue"


def test_message_received_too_often_moves_to_dead_letters(sqs, queue):
    dead = sqs.create_queue(QueueName="dead-letters")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn_of(sqs, dead), "maxReceiveCount": 2})})
    sent = sqs.send_message(QueueUrl=queue, MessageBody="stubborn")
    for _ in range(2):
        message, = sqs.receive_message(QueueUrl=queue, VisibilityTimeout=0)["Messages"]
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)
    message, = sqs.receive_message(QueueUrl=dead, AttributeNames=["All"])["Messages"]
    assert message["MessageId"] == sent["MessageId"]
    assert message["Attributes"]["DeadLetterQueueSourceArn"] == arn_of(sqs, queue)
    assert message["Attributes"]["ApproximateReceiveCount"] == "3", "the sum over both queues"
    assert sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == [queue]
    sqs.delete_queue(QueueUrl=dead)


def test_messages_survive_a_restart(own_engine):
    engine = own_engine()
    sqs = engine.client("sqs")
    queue = sqs.create_queue(QueueName="durable", tags={"a": "b"})["QueueUrl"]
    for n in range(5):
        sqs.send_message(QueueUrl=queue, MessageBody=str(n))
    received, = sqs.receive_message(QueueUrl=queue, VisibilityTimeout=600)["Messages"]
    engine.stop(9)
    sqs = engine.start().client("sqs")
    queue = sqs.get_queue_url(QueueName="durable")["QueueUrl"]
    assert counts(sqs, queue) == (4, 1, 0)
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=received["ReceiptHandle"])
    assert [m["Body"] for m in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]] == ["1", "2", "3", "4"]
    assert sqs.list_queue_tags(QueueUrl=queue)["Tags"] == {"a": "b"}


def events(engine, name):
    """Returns the events that the function has logged."""
    logs = engine.client("logs")
    try:
        found = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}", filterPattern="event")["events"]
    except logs.exceptions.ResourceNotFoundException:
        return []
    return [json.loads(e["message"].removeprefix("event ")) for e in found if e["message"].startswith("event ")]


def test_mapping_invokes_function_and_deletes_messages(sqs, queue, functions, engine):
    name = functions.python("on-messages", LOGS_EVENT)
    mapping = functions.lambda_.create_event_source_mapping(EventSourceArn=arn_of(sqs, queue), FunctionName=name)
    assert (mapping["State"], mapping["BatchSize"], mapping["MaximumBatchingWindowInSeconds"]) == ("Creating", 10, 0)
    sqs.send_message(QueueUrl=queue, MessageBody='{"order": 1}', MessageAttributes={"kind": {"DataType": "String", "StringValue": "x"}})
    record, = until(lambda: events(engine, name))[0]["Records"]
    assert (record["body"], record["eventSource"], record["eventSourceARN"], record["awsRegion"]) == ('{"order": 1}', "aws:sqs", arn_of(sqs, queue), "us-east-1")
    assert record["messageAttributes"]["kind"] == {"stringValue": "x", "stringListValues": [], "binaryListValues": [], "dataType": "String"}
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    until(lambda: counts(sqs, queue) == (0, 0, 0))
    assert functions.lambda_.get_event_source_mapping(UUID=mapping["UUID"])["State"] == "Enabled"
    assert functions.lambda_.list_event_source_mappings(FunctionName=name)["EventSourceMappings"][0]["UUID"] == mapping["UUID"]
    code, message, status = error_of(lambda: functions.lambda_.create_event_source_mapping(EventSourceArn=arn_of(sqs, queue), FunctionName=name))
    assert (code, status) == ("ResourceConflictException", 409) and message.endswith(mapping["UUID"])
    assert functions.lambda_.delete_event_source_mapping(UUID=mapping["UUID"])["State"] == "Deleting"
    assert error_of(lambda: functions.lambda_.get_event_source_mapping(UUID=mapping["UUID"]))[::2] == ("ResourceNotFoundException", 404)
    sqs.send_message(QueueUrl=queue, MessageBody="not consumed")
    assert counts(sqs, queue) == (1, 0, 0)


def test_failed_batch_items_are_redelivered(sqs, queue, functions):
    name = functions.python("reports", REPORTS_FAILURES)
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "3"})
    mapping = functions.lambda_.create_event_source_mapping(EventSourceArn=arn_of(sqs, queue), FunctionName=name, FunctionResponseTypes=["ReportBatchItemFailures"])
    sqs.send_message_batch(QueueUrl=queue, Entries=[{"Id": str(n), "MessageBody": body} for n, body in enumerate(["good", "bad 1", "good", "good"])])
    until(lambda: counts(sqs, queue) == (0, 1, 0))
    functions.lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    remaining, = until(lambda: sqs.receive_message(QueueUrl=queue, AttributeNames=["All"]).get("Messages"))
    assert (remaining["Body"], remaining["Attributes"]["ApproximateReceiveCount"]) == ("bad 1", "2")
    functions.lambda_.delete_event_source_mapping(UUID=mapping["UUID"])


def test_filter_passes_matching_messages_only(sqs, queue, functions, engine):
    name = functions.python("filtered", LOGS_EVENT)
    mapping = functions.lambda_.create_event_source_mapping(
        EventSourceArn=arn_of(sqs, queue), FunctionName=name, MaximumBatchingWindowInSeconds=1, BatchSize=100,
        FilterCriteria={"Filters": [{"Pattern": json.dumps({"body": {"amount": [{"numeric": [">", 10]}]}})}]})
    sqs.send_message_batch(QueueUrl=queue, Entries=[{"Id": str(n), "MessageBody": json.dumps({"amount": n})} for n in (5, 11, 7, 12)])
    sqs.send_message(QueueUrl=queue, MessageBody="not JSON")
    records = [r["body"] for event in until(lambda: events(engine, name)) for r in event["Records"]]
    assert records == ['{"amount": 11}', '{"amount": 12}'], "one batch, collected during the batching window"
    until(lambda: counts(sqs, queue) == (0, 0, 0))
    functions.lambda_.delete_event_source_mapping(UUID=mapping["UUID"])


def test_invalid_mapping_is_rejected(sqs, queue, functions):
    name = functions.python("slow", REPORTS_FAILURES, Timeout=60)
    create = functions.lambda_.create_event_source_mapping
    assert error_of(lambda: create(EventSourceArn=arn_of(sqs, queue), FunctionName=name)) == (
        "InvalidParameterValueException", "Queue visibility timeout: 5 seconds is less than Function timeout: 60 seconds", 400)
    missing_queue = arn_of(sqs, queue).rsplit(":", 1)[0] + ":missing"
    code, message, _ = error_of(lambda: create(EventSourceArn=missing_queue, FunctionName=name))
    assert code == "InvalidParameterValueException" and "AWS.SimpleQueueService.NonExistentQueue" in message
    assert error_of(lambda: create(EventSourceArn=missing_queue, FunctionName="missing")) == (
        "InvalidParameterValueException", "Function does not exist", 400)  # recorded on AWS: LocalStack, test_event_source_mapping_exceptions
    assert error_of(lambda: create(EventSourceArn=arn_of(sqs, queue), FunctionName=name, BatchSize=11))[0] == "InvalidParameterValueException"
    stream = "arn:aws:kinesis:us-east-1:000000000000:stream/s"
    assert error_of(lambda: create(EventSourceArn=stream, FunctionName=name, StartingPosition="LATEST"))[::2] == ("NotImplemented", 501)


def test_mapping_continues_after_a_restart(own_engine):
    engine = own_engine()
    sqs, functions = engine.client("sqs"), Functions(engine)
    name = functions.python("raises", "def handler(event, context):\n    raise RuntimeError('always')\n")
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    queue = sqs.create_queue(QueueName="work", Attributes={
        "VisibilityTimeout": "3", "RedrivePolicy": json.dumps({"deadLetterTargetArn": arn_of(sqs, dead), "maxReceiveCount": "2"})})["QueueUrl"]
    functions.lambda_.create_event_source_mapping(EventSourceArn=arn_of(sqs, queue), FunctionName=name)
    engine.stop()
    engine.start()
    sqs = engine.client("sqs")
    url = sqs.get_queue_url(QueueName="work")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="x")
    until(lambda: counts(sqs, sqs.get_queue_url(QueueName="dead")["QueueUrl"])[0] == 1)
