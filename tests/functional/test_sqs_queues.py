"""Tests FIFO queues, tasks that move dead letters, permissions and abandoned long polls, with boto3, the aws CLI and a botocore of 2023."""

import json
import pathlib
import socket
import subprocess

import pytest

from conftest import AWS, ROOT
from test_boto3_lambda import error_of
from test_sqs import arn_of, counts, events, until

LOGS_EVENT_AND_TIME = """
    import json, time
    def handler(event, context):
        print("event " + json.dumps({"at": time.monotonic_ns(), **event}))
"""
CLIENT = pathlib.Path(__file__).with_name("query_protocol") / "client.py"


@pytest.fixture
def sqs(engine):
    return engine.client("sqs")


@pytest.fixture
def make_queue(sqs, request):
    """Returns a function that creates a queue, which is deleted after the test."""
    urls = []

    def make(suffix="", **attributes):
        urls.append(sqs.create_queue(QueueName=request.node.name[:60] + suffix, Attributes=attributes)["QueueUrl"])
        return urls[-1]

    yield make
    for url in urls:
        sqs.delete_queue(QueueUrl=url)


def make_fifo(make_queue, **attributes):
    return make_queue(".fifo", **{"FifoQueue": "true", "ContentBasedDeduplication": "true", "VisibilityTimeout": "600", **attributes})


def bodies(response):
    return [message["Body"] for message in response.get("Messages", [])]


# ---- FIFO queues ----------------------------------------------------------------------------------------------------

def test_fifo_keeps_the_order_of_groups(sqs, make_queue):
    queue = make_fifo(make_queue)
    sent = [sqs.send_message(QueueUrl=queue, MessageBody=body, MessageGroupId=body[0]) for body in ("a1", "b1", "a2", "a3")]
    numbers = [each["SequenceNumber"] for each in sent]
    assert numbers == sorted(numbers) and {len(number) for number in numbers} == {20}
    first = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=2, MessageSystemAttributeNames=["All"])
    assert bodies(first) == ["a1", "a2"]
    assert [message["Attributes"]["SequenceNumber"] for message in first["Messages"]] == [numbers[0], numbers[2]]
    assert bodies(sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)) == ["b1"], "the group a waits"
    for message in first["Messages"]:
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    assert bodies(sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)) == ["a3"]


def test_fifo_accepts_a_message_once(sqs, make_queue):
    queue = make_fifo(make_queue)
    first = sqs.send_message(QueueUrl=queue, MessageBody="x", MessageGroupId="g")
    again = sqs.send_message(QueueUrl=queue, MessageBody="x", MessageGroupId="other")
    assert (again["MessageId"], again["SequenceNumber"]) == (first["MessageId"], first["SequenceNumber"])
    message, = sqs.receive_message(QueueUrl=queue, ReceiveRequestAttemptId="try")["Messages"]
    repeated, = sqs.receive_message(QueueUrl=queue, ReceiveRequestAttemptId="try")["Messages"]
    assert repeated["ReceiptHandle"] == message["ReceiptHandle"]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    sqs.send_message(QueueUrl=queue, MessageBody="x", MessageGroupId="g")
    assert counts(sqs, queue) == (0, 0, 0)


def test_fifo_state_survives_a_kill(own_engine):
    engine = own_engine()
    sqs = engine.client("sqs")
    queue = sqs.create_queue(QueueName="durable.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]

    def send(body, deduplication_id):
        return sqs.send_message(QueueUrl=queue, MessageBody=body, MessageGroupId="g", MessageDeduplicationId=deduplication_id)

    first = send("1", "d1")
    received, = sqs.receive_message(QueueUrl=queue, VisibilityTimeout=600, ReceiveRequestAttemptId="try")["Messages"]
    second = send("2", "d2")
    engine.stop(9)
    sqs = engine.start().client("sqs")
    assert send("again", "d1")["MessageId"] == first["MessageId"]
    assert send("3", "d3")["SequenceNumber"] > second["SequenceNumber"]
    assert bodies(sqs.receive_message(QueueUrl=queue)) == [], "the group waits"
    repeated, = sqs.receive_message(QueueUrl=queue, VisibilityTimeout=600, ReceiveRequestAttemptId="try")["Messages"]
    assert repeated["ReceiptHandle"] == received["ReceiptHandle"]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=received["ReceiptHandle"])
    assert bodies(sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)) == ["2", "3"]


def test_fifo_delivers_groups_to_a_function_in_order(sqs, make_queue, functions, engine):
    name = functions.python("on-groups", LOGS_EVENT_AND_TIME)
    queue = make_fifo(make_queue)
    sent = [f"{group}{number}" for number in range(6) for group in "ab"]
    for body in sent:
        sqs.send_message(QueueUrl=queue, MessageBody=body, MessageGroupId=body[0])
    mapping = functions.lambda_.create_event_source_mapping(EventSourceArn=arn_of(sqs, queue), FunctionName=name, BatchSize=2)

    def records():
        in_order = sorted(events(engine, name), key=lambda event: event["at"])
        found = [record for event in in_order for record in event["Records"]]
        return found if len(found) == len(sent) else None

    received = until(records)
    for group in "ab":
        of_group = [record for record in received if record["attributes"]["MessageGroupId"] == group]
        assert [record["body"] for record in of_group] == [body for body in sent if body[0] == group]
        numbers = [record["attributes"]["SequenceNumber"] for record in of_group]
        assert numbers == sorted(set(numbers)), "each message once, in order"
    assert all(len(record["attributes"]["MessageDeduplicationId"]) == 64 for record in received)
    until(lambda: counts(sqs, queue) == (0, 0, 0))
    functions.lambda_.delete_event_source_mapping(UUID=mapping["UUID"])


def test_aws_cli_uses_a_fifo_queue(engine, tmp_path):
    def aws(*arguments):
        command = [AWS, "--endpoint-url", engine.url, "sqs", *arguments, "--output", "json"]
        done = subprocess.run(command, env=engine.client_environment(tmp_path), capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout else {}

    url = aws("create-queue", "--queue-name", "cli.fifo", "--attributes", "FifoQueue=true,ContentBasedDeduplication=true,VisibilityTimeout=600")["QueueUrl"]
    aws("send-message", "--queue-url", url, "--message-body", "one", "--message-group-id", "g")
    message, = aws("receive-message", "--queue-url", url, "--message-system-attribute-names", "All")["Messages"]
    assert message["Body"] == "one" and message["Attributes"]["MessageGroupId"] == "g"
    aws("delete-message", "--queue-url", url, "--receipt-handle", message["ReceiptHandle"])
    aws("delete-queue", "--queue-url", url)


# ---- dead letters ---------------------------------------------------------------------------------------------------

def test_move_task_returns_dead_letters(sqs, make_queue):
    dead = make_queue("-dead")
    policy = json.dumps({"deadLetterTargetArn": arn_of(sqs, dead), "maxReceiveCount": 1})
    work = make_queue(VisibilityTimeout="0", RedrivePolicy=policy)
    for number in range(3):
        sqs.send_message(QueueUrl=work, MessageBody=str(number))
    for _ in range(2):
        sqs.receive_message(QueueUrl=work, MaxNumberOfMessages=10)
    assert counts(sqs, dead) == (3, 0, 0)
    sqs.start_message_move_task(SourceArn=arn_of(sqs, dead))
    tasks = until(lambda: [each for each in sqs.list_message_move_tasks(SourceArn=arn_of(sqs, dead))["Results"] if each["Status"] == "COMPLETED"])
    assert (tasks[0]["ApproximateNumberOfMessagesMoved"], tasks[0]["ApproximateNumberOfMessagesToMove"]) == (3, 3)
    assert "TaskHandle" not in tasks[0] and tasks[0]["SourceArn"] == arn_of(sqs, dead)
    assert counts(sqs, work) == (3, 0, 0) and counts(sqs, dead) == (0, 0, 0)
    with pytest.raises(sqs.exceptions.ResourceNotFoundException):
        sqs.list_message_move_tasks(SourceArn="arn:aws:sqs:us-east-1:000000000000:nowhere")


# ---- permissions, long polls, protocols -----------------------------------------------------------------------------

def test_permission_is_added_and_removed(sqs, make_queue):
    queue = make_queue()
    sqs.add_permission(QueueUrl=queue, Label="share", AWSAccountIds=["111122223333"], Actions=["ReceiveMessage"])
    policy = json.loads(sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["Policy"])["Attributes"]["Policy"])
    assert [(each["Sid"], each["Action"]) for each in policy["Statement"]] == [("share", "SQS:ReceiveMessage")]
    sqs.remove_permission(QueueUrl=queue, Label="share")
    assert "Attributes" not in sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["Policy"])
    assert error_of(lambda: sqs.remove_permission(QueueUrl=queue, Label="share"))[0] == "InvalidParameterValue"


def closed_by_clients(port):
    """Returns the number of connections to this port that their clients have closed, but the engine has not."""
    close_wait, local = "08", f":{port:04X}"
    rows = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1].endswith(local) and row[3] == close_wait for row in rows)


def test_abandoned_long_poll_takes_no_message(engine, sqs, make_queue):
    queue = make_queue()
    body = json.dumps({"QueueUrl": queue, "WaitTimeSeconds": 20})
    credential = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0"
    with socket.create_connection(("127.0.0.1", engine.port)) as poll:
        poll.sendall((f"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.ReceiveMessage\r\nAuthorization: {credential}\r\n"
                      f"Content-Type: application/x-amz-json-1.0\r\nExpect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n").encode())
        assert poll.recv(100).startswith(b"HTTP/1.1 100"), "the engine reads the request"
        poll.sendall(body.encode())
    until(lambda: closed_by_clients(engine.port))
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    message, = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20, MessageSystemAttributeNames=["ApproximateReceiveCount"])["Messages"]
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"


def test_botocore_of_2023_uses_the_query_protocol(engine, request):
    python = pathlib.Path(request.config.getoption("--query-python"))
    assert python.exists(), f"{python}: create it first (make venv)"
    done = subprocess.run([python, CLIENT, engine.url], capture_output=True, text=True, timeout=120, cwd=ROOT)
    assert done.returncode == 0, done.stderr
