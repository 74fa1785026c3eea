"""Tests the notifications of S3 buckets to queues and functions."""

import json
import urllib.parse

import pytest
from botocore.exceptions import ClientError

from conftest import functions_on


@pytest.fixture
def sqs(engine):
    return engine.client("sqs")


@pytest.fixture
def functions(engine):
    yield from functions_on(engine)


def queue_for(sqs, bucket):
    """Creates a queue that permits the bucket to send messages. Returns its URL and its ARN."""
    url = sqs.create_queue(QueueName=f"q-{bucket}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn,
                 "Condition": {"ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{bucket}"}}}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})})
    return url, arn


def received(sqs, url, count):
    """Receives messages. Returns their bodies as JSON, in the order of their times."""
    bodies = []
    while len(bodies) < count:
        messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20, MaxNumberOfMessages=10).get("Messages", [])
        assert messages, f"{len(bodies)} of {count} messages"
        for message in messages:
            bodies.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return bodies


def notify_queue(s3, bucket, arn, events, **fields):
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [{"Id": "config", "QueueArn": arn, "Events": events, **fields}]})


def test_queue_gets_the_test_event_and_events_of_objects(s3, sqs, bucket):
    url, arn = queue_for(sqs, bucket)
    notify_queue(s3, bucket, arn, ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"])
    assert received(sqs, url, 1)[0].items() >= {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": bucket}.items()
    put = s3.put_object(Bucket=bucket, Key="a b/ü.txt", Body=b"hello")
    record = received(sqs, url, 1)[0]["Records"][0]
    assert (record["eventName"], record["eventSource"], record["awsRegion"]) == ("ObjectCreated:Put", "aws:s3", "us-east-1")
    assert (record["s3"]["configurationId"], record["s3"]["bucket"]["name"]) == ("config", bucket)
    found = record["s3"]["object"]
    assert (urllib.parse.unquote_plus(found["key"]), found["size"], found["eTag"]) == ("a b/ü.txt", 5, put["ETag"].strip('"'))
    assert found["key"].startswith("a+b/") and "versionId" not in found and found["sequencer"]
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "a b/ü.txt"})
    assert received(sqs, url, 1)[0]["Records"][0]["eventName"] == "ObjectCreated:Copy"
    s3.delete_object(Bucket=bucket, Key="copy")
    record = received(sqs, url, 1)[0]["Records"][0]
    assert record["eventName"] == "ObjectRemoved:Delete" and "size" not in record["s3"]["object"]


def test_events_name_versions_and_delete_markers(s3, sqs, bucket):
    url, arn = queue_for(sqs, bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    notify_queue(s3, bucket, arn, ["s3:ObjectCreated:Put", "s3:ObjectRemoved:DeleteMarkerCreated"])
    received(sqs, url, 1)
    version = s3.put_object(Bucket=bucket, Key="k", Body=b"")["VersionId"]
    assert received(sqs, url, 1)[0]["Records"][0]["s3"]["object"]["versionId"] == version
    marker = s3.delete_object(Bucket=bucket, Key="k")["VersionId"]
    record = received(sqs, url, 1)[0]["Records"][0]
    assert (record["eventName"], record["s3"]["object"]["versionId"]) == ("ObjectRemoved:DeleteMarkerCreated", marker)


def test_only_changes_of_an_acl_send_events(s3, sqs, bucket):
    url, arn = queue_for(sqs, bucket)
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello")
    notify_queue(s3, bucket, arn, ["s3:ObjectAcl:Put"])
    received(sqs, url, 1)
    for acl in ("private", "public-read", "public-read", "private"):
        s3.put_object_acl(Bucket=bucket, Key="k", ACL=acl)
    assert [body["Records"][0]["eventName"] for body in received(sqs, url, 2)] == ["ObjectAcl:Put"] * 2
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


def test_message_has_the_trace_of_the_request(s3, sqs, bucket):
    url, arn = queue_for(sqs, bucket)
    notify_queue(s3, bucket, arn, ["s3:ObjectCreated:*"])
    received(sqs, url, 1)
    trace = "Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=1"

    def add_trace(request, **_):
        request.headers["X-Amzn-Trace-Id"] = trace

    s3.meta.events.register("before-send.s3.PutObject", add_trace)
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello")
    message = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20, MessageSystemAttributeNames=["AWSTraceHeader"])["Messages"][0]
    assert message["Attributes"] == {"AWSTraceHeader": trace}


def test_restorations_send_events_of_their_begin_and_end(s3, sqs, bucket):
    url, arn = queue_for(sqs, bucket)
    notify_queue(s3, bucket, arn, ["s3:ObjectRestore:*"])
    received(sqs, url, 1)
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello", StorageClass="GLACIER")
    s3.restore_object(Bucket=bucket, Key="k", RestoreRequest={"Days": 1})
    events = {record["eventName"]: record for body in received(sqs, url, 2) for record in body["Records"]}
    assert set(events) == {"ObjectRestore:Post", "ObjectRestore:Completed"}
    assert {event["s3"]["object"]["size"] for event in events.values()} == {5}
    restored = events["ObjectRestore:Completed"]["glacierEventData"]["restoreEventData"]
    assert restored["lifecycleRestoreStorageClass"] == "GLACIER" and restored["lifecycleRestorationExpiryTime"].endswith("T00:00:00.000Z")
    assert s3.get_object(Bucket=bucket, Key="k")["Restore"].startswith('ongoing-request="false"')


def test_filters_select_keys_by_prefix_and_suffix(s3, sqs, bucket):
    url, arn = queue_for(sqs, bucket)
    rules = [{"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".jpg"}]
    notify_queue(s3, bucket, arn, ["s3:ObjectCreated:*"], Filter={"Key": {"FilterRules": rules}})
    stored = s3.get_bucket_notification_configuration(Bucket=bucket)["QueueConfigurations"][0]
    assert [rule["Name"] for rule in stored["Filter"]["Key"]["FilterRules"]] == ["Prefix", "Suffix"]
    received(sqs, url, 1)
    for key in ("in/a.txt", "out/a.jpg", "in/a.jpg"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    assert received(sqs, url, 1)[0]["Records"][0]["s3"]["object"]["key"] == "in/a.jpg"


def test_invalid_configurations_are_rejected(s3, sqs, bucket):
    url, arn = queue_for(sqs, bucket)

    def refused(message, configuration):
        with pytest.raises(ClientError) as error:
            s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [configuration]})
        assert (error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]) == ("InvalidArgument", message)

    unable = "Unable to validate the following destination configurations"
    refused(unable, {"QueueArn": arn + "-missing", "Events": ["s3:ObjectCreated:*"]})
    refused("A specified event is not supported for notifications", {"QueueArn": arn, "Events": ["s3:Unknown"]})
    refused("filter rule name must be either prefix or suffix", {"QueueArn": arn, "Events": ["s3:ObjectCreated:*"], "Filter": {"Key": {"FilterRules": [{"Name": "infix", "Value": "x"}]}}})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    refused(unable, {"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]})
    assert "QueueConfigurations" not in s3.get_bucket_notification_configuration(Bucket=bucket)


def test_deny_of_any_form_stops_notifications(s3, sqs, bucket):
    url, arn = queue_for(sqs, bucket)
    allow = {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": arn}
    configuration = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}

    def configure(**deny):
        statements = [allow, {"Effect": "Deny", "Principal": "*", "Resource": arn, **deny}]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": statements})})
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)

    for deny in ({"Action": "sqs:Send*"}, {"Action": "*", "Condition": {"StringNotEquals": {"aws:SourceAccount": "111122223333"}}}):
        with pytest.raises(ClientError) as error:
            configure(**deny)
        assert error.value.response["Error"]["Code"] == "InvalidArgument"
    configure(Action="*", Condition={"Bool": {"aws:SecureTransport": "false"}})


def test_function_gets_events_if_its_policy_permits(engine, s3, sqs, functions, bucket):
    url, _ = queue_for(sqs, bucket)
    source = f"""
        import json, os, urllib.parse, urllib.request
        def handler(event, context):
            body = json.dumps({{"QueueUrl": {url!r}, "MessageBody": json.dumps(event)}}).encode()
            headers = {{"X-Amz-Target": "AmazonSQS.SendMessage", "Content-Type": "application/x-amz-json-1.0"}}
            urllib.request.urlopen(urllib.request.Request(os.environ["AWS_ENDPOINT_URL"], body, headers)).read()
    """
    name = functions.python(f"f-{bucket}", source)
    arn = functions.lambda_.get_function_configuration(FunctionName=name)["FunctionArn"]
    configuration = {"LambdaFunctionConfigurations": [{"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    with pytest.raises(ClientError):
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)
    functions.lambda_.add_permission(FunctionName=name, StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com", SourceArn=f"arn:aws:s3:::{bucket}")
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello")
    assert received(sqs, url, 1)[0]["Records"][0]["s3"]["object"]["size"] == 5
