"""Uses SQS with a botocore of 2023, which sends requests in the Query protocol: client.py URL. Exits with a traceback if a response is not AWS's."""

import json
import sys

import botocore
import botocore.session
from botocore.exceptions import ClientError

FIFO = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}


def client(url):
    session = botocore.session.get_session()
    sqs = session.create_client("sqs", endpoint_url=url, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    assert sqs.meta.service_model.metadata["protocol"] == "query", botocore.__version__
    return sqs


def error_of(call):
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    raise AssertionError("no error")


def use_queues(sqs):
    url = sqs.create_queue(QueueName="old", Attributes={"VisibilityTimeout": "60"}, tags={"team": "blue"})["QueueUrl"]
    assert sqs.get_queue_url(QueueName="old")["QueueUrl"] == url
    assert url in sqs.list_queues(QueueNamePrefix="ol")["QueueUrls"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "0", "MaximumMessageSize": "1048576"})
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["VisibilityTimeout"] == "60" and attributes["QueueArn"].endswith(":old"), attributes
    sqs.tag_queue(QueueUrl=url, Tags={"cost": "1"})
    sqs.untag_queue(QueueUrl=url, TagKeys=["team"])
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"cost": "1"}
    sqs.add_permission(QueueUrl=url, Label="label", AWSAccountIds=["111122223333"], Actions=["SendMessage"])
    assert "label" in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
    sqs.remove_permission(QueueUrl=url, Label="label")
    return url


def use_messages(sqs, url):
    body = "grüße <&>\r\n" + "x" * 1_000_000
    sent = sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes={
        "kind": {"DataType": "String", "StringValue": "order"}, "raw": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}})
    message, = sqs.receive_message(QueueUrl=url, AttributeNames=["All"], MessageAttributeNames=["All"])["Messages"]
    assert message["Body"] == body and message["MessageId"] == sent["MessageId"]
    assert message["MessageAttributes"]["raw"] == {"DataType": "Binary", "BinaryValue": b"\x00\xff"}
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=100)
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    batch = sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": "a", "MessageBody": "1"}, {"Id": "b", "MessageBody": "2"}])
    assert [each["Id"] for each in batch["Successful"]] == ["a", "b"], batch
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    entries = [{"Id": str(number), "ReceiptHandle": each["ReceiptHandle"]} for number, each in enumerate(messages)]
    changed = sqs.change_message_visibility_batch(QueueUrl=url, Entries=[{**entry, "VisibilityTimeout": 90} for entry in entries])
    deleted = sqs.delete_message_batch(QueueUrl=url, Entries=entries)
    assert len(changed["Successful"]) == len(deleted["Successful"]) == 2
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    sqs.purge_queue(QueueUrl=url)


def use_fifo(sqs):
    url = sqs.create_queue(QueueName="old.fifo", Attributes=FIFO)["QueueUrl"]
    first = sqs.send_message(QueueUrl=url, MessageBody="x", MessageGroupId="g")
    assert sqs.send_message(QueueUrl=url, MessageBody="x", MessageGroupId="g")["SequenceNumber"] == first["SequenceNumber"]
    message, = sqs.receive_message(QueueUrl=url, AttributeNames=["All"], ReceiveRequestAttemptId="a")["Messages"]
    assert message["Attributes"]["SequenceNumber"] == first["SequenceNumber"]
    assert error_of(lambda: sqs.send_message(QueueUrl=url, MessageBody="x"))[:2] == (
        "MissingParameter", "The request must contain the parameter MessageGroupId.")
    sqs.delete_queue(QueueUrl=url)


def use_move_tasks(sqs):
    dead = sqs.create_queue(QueueName="old-dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    source = sqs.create_queue(QueueName="old-source", Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})})["QueueUrl"]
    assert sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == [source]
    for _ in range(10):  # with one message a second, the task runs until it is cancelled
        sqs.send_message_batch(QueueUrl=dead, Entries=[{"Id": str(number), "MessageBody": "x"} for number in range(10)])
    target = sqs.get_queue_attributes(QueueUrl=source, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    handle = sqs.start_message_move_task(SourceArn=arn, DestinationArn=target, MaxNumberOfMessagesPerSecond=1)["TaskHandle"]
    task, = sqs.list_message_move_tasks(SourceArn=arn)["Results"]
    assert (task["Status"], task["TaskHandle"]) == ("RUNNING", handle), task
    assert sqs.cancel_message_move_task(TaskHandle=handle)["ApproximateNumberOfMessagesMoved"] < 100
    for url in (dead, source):
        sqs.delete_queue(QueueUrl=url)


def check_errors(sqs, url):
    assert error_of(lambda: sqs.get_queue_url(QueueName="absent")) == (
        "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist for this wsdl version.", 400)
    try:
        sqs.get_queue_url(QueueName="absent")
    except sqs.exceptions.QueueDoesNotExist:
        pass
    assert error_of(lambda: sqs.create_queue(QueueName="old", Attributes={"DelaySeconds": "9"}))[0] == "QueueAlreadyExists"
    assert error_of(lambda: sqs.delete_message(QueueUrl=url, ReceiptHandle="nonsense"))[0] == "ReceiptHandleIsInvalid"
    assert error_of(lambda: sqs.purge_queue(QueueUrl=url))[::2] == ("AWS.SimpleQueueService.PurgeQueueInProgress", 403)
    long_body = "x" * 1_048_577
    assert "shorter than 1048576 bytes" in error_of(lambda: sqs.send_message(QueueUrl=url, MessageBody=long_body))[1]


def main(url):
    sqs = client(url)
    queue = use_queues(sqs)
    use_messages(sqs, queue)
    use_fifo(sqs)
    use_move_tasks(sqs)
    check_errors(sqs, queue)
    sqs.delete_queue(QueueUrl=queue)


main(sys.argv[1])
