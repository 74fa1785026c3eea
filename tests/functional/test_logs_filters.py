"""Tests subscription filters and metric filters of CloudWatch Logs with boto3."""

import base64
import gzip
import json
import signal
import time

import pytest

from conftest import Functions
from test_logs import refused
from test_sqs import until

GROUP, STREAM = "/filters/orders", "web/1"
PRINTS_EVENTS = """
    import json
    def handler(event, context):
        print("event " + json.dumps(event))
"""


@pytest.fixture
def logs(engine):
    """Creates a log group with one empty stream. Returns the client."""
    client = engine.client("logs")
    create_group(client)
    yield client
    client.delete_log_group(logGroupName=GROUP)


def create_group(client):
    client.create_log_group(logGroupName=GROUP)
    client.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)


def put(client, *messages):
    now = int(time.time() * 1000)
    client.put_log_events(logGroupName=GROUP, logStreamName=STREAM, logEvents=[{"timestamp": now, "message": text} for text in messages])
    return now


def subscribable(functions, name):
    """Creates a function that Logs may invoke for the group, and returns its ARN."""
    functions.python(name, PRINTS_EVENTS)
    functions.lambda_.add_permission(
        FunctionName=name, StatementId="logs", Action="lambda:InvokeFunction", Principal="logs.us-east-1.amazonaws.com",
        SourceArn=f"arn:aws:logs:us-east-1:000000000000:log-group:{GROUP}:*", SourceAccount="000000000000")
    return f"arn:aws:lambda:us-east-1:000000000000:function:{name}"


def received(client, name):
    """Returns the decoded data of the events that a function printed."""
    try:
        events = client.filter_log_events(logGroupName=f"/aws/lambda/{name}", filterPattern='"event "')["events"]
    except client.exceptions.ResourceNotFoundException:
        return []
    data = [json.loads(event["message"].removeprefix("event "))["awslogs"]["data"] for event in events]
    return [json.loads(gzip.decompress(base64.b64decode(each))) for each in data]


def test_subscription_sends_matching_events_to_a_function(functions, logs):
    arn = subscribable(functions, "subscriber")
    logs.put_subscription_filter(logGroupName=GROUP, filterName="errors", filterPattern="ERROR", destinationArn=arn)
    stored, = logs.describe_subscription_filters(logGroupName=GROUP)["subscriptionFilters"]
    created = stored.pop("creationTime")
    assert stored == {"filterName": "errors", "logGroupName": GROUP, "filterPattern": "ERROR", "destinationArn": arn,
                      "distribution": "ByLogStream", "applyOnTransformedLogs": False}
    assert abs(created - time.time() * 1000) < 600_000

    sent_at = put(logs, "INFO nothing", "ERROR one", "ERROR grüße")
    data, = until(lambda: received(logs, "subscriber"), seconds=60)
    events = data.pop("logEvents")
    assert data == {"messageType": "DATA_MESSAGE", "owner": "000000000000", "logGroup": GROUP, "logStream": STREAM,
                    "subscriptionFilters": ["errors"]}
    assert [(event["message"], event["timestamp"]) for event in events] == [("ERROR one", sent_at), ("ERROR grüße", sent_at)]
    assert len({event["id"] for event in events}) == 2 and all(event["id"].isdigit() for event in events)


def test_subscriptions_are_limited_updated_and_deleted(functions, logs):
    arn = subscribable(functions, "limited-subscriber")
    for name in ("one", "two"):
        logs.put_subscription_filter(logGroupName=GROUP, filterName=name, filterPattern="", destinationArn=arn)
    error = refused(logs.put_subscription_filter, logGroupName=GROUP, filterName="three", filterPattern="", destinationArn=arn)
    assert error == ("LimitExceededException", "Resource limit exceeded.")
    before = logs.describe_subscription_filters(logGroupName=GROUP, filterNamePrefix="one")["subscriptionFilters"][0]
    logs.put_subscription_filter(logGroupName=GROUP, filterName="one", filterPattern="[]", destinationArn=arn)
    after, = logs.describe_subscription_filters(logGroupName=GROUP, filterNamePrefix="one")["subscriptionFilters"]
    assert after == {**before, "filterPattern": "[]"}
    page = logs.describe_subscription_filters(logGroupName=GROUP, limit=1)
    rest = logs.describe_subscription_filters(logGroupName=GROUP, nextToken=page["nextToken"])
    assert [each["filterName"] for each in page["subscriptionFilters"] + rest["subscriptionFilters"]] == ["one", "two"]
    logs.delete_subscription_filter(logGroupName=GROUP, filterName="one")
    assert refused(logs.delete_subscription_filter, logGroupName=GROUP, filterName="one") == (
        "ResourceNotFoundException", "The specified subscription filter does not exist.")


def test_destinations_without_permission_are_rejected(functions, logs):
    functions.python("unsubscribable", PRINTS_EVENTS)

    def refusal(arn, **members):
        return refused(logs.put_subscription_filter, **{"logGroupName": GROUP, "filterName": "f", "filterPattern": "",
                                                         "destinationArn": arn, **members})
    lambda_ = "arn:aws:lambda:us-east-1:000000000000:function:"
    not_executable = ("InvalidParameterException", "Could not execute the lambda function. Make sure you have given CloudWatch Logs "
                                                   "permission to execute your function.")
    assert refusal(lambda_ + "unsubscribable") == not_executable
    assert refusal(lambda_ + "absent") == not_executable
    assert refusal("arn:aws:lambda:us-east-1:123456789012:function:f") == (
        "AccessDeniedException", "Cross-account lambda invocation passing is not allowed. You must use DestinationPolicies to create "
                                 "cross account lambda triggers.")
    kinesis = "arn:aws:kinesis:us-east-1:000000000000:stream/s"
    assert refusal(kinesis) == ("InvalidParameterException", "destinationArn for vendor kinesis cannot be used without roleArn")
    assert "Kinesis stream" in refusal(kinesis, roleArn="arn:aws:iam::000000000000:role/r")[1]
    assert refusal(lambda_ + "absent", logGroupName="absent") == ("ResourceNotFoundException", "The specified log group does not exist.")
    assert refusal(lambda_ + "absent", filterPattern="{ broken")[0] == "InvalidParameterException"
    assert logs.describe_subscription_filters(logGroupName=GROUP)["subscriptionFilters"] == []


def test_subscribed_events_survive_a_crash(own_engine):
    engine = own_engine()
    functions, logs = Functions(engine), engine.client("logs")
    create_group(logs)
    logs.put_subscription_filter(logGroupName=GROUP, filterName="all", filterPattern="", destinationArn=subscribable(functions, "survivor"))
    put(logs, "before the crash")
    engine.stop(signal.SIGKILL)
    engine.start()
    logs = engine.client("logs")
    assert len(logs.describe_subscription_filters(logGroupName=GROUP)["subscriptionFilters"]) == 1
    until(lambda: any(data["logEvents"][0]["message"] == "before the crash" for data in received(logs, "survivor")), seconds=60)
    put(logs, "after the restart")
    until(lambda: any(data["logEvents"][0]["message"] == "after the restart" for data in received(logs, "survivor")), seconds=60)


def metric(name="Errors", namespace="App", value="1", **members):
    return [{"metricName": name, "metricNamespace": namespace, "metricValue": value, **members}]


def test_metric_filters_are_stored_and_found(logs):
    logs.put_metric_filter(logGroupName=GROUP, filterName="errors", filterPattern="ERROR", metricTransformations=metric(defaultValue=0, unit="Count"))
    logs.put_metric_filter(logGroupName=GROUP, filterName="times", filterPattern="{ $.ms > 5 }", metricTransformations=metric("Time", value="$.ms", dimensions={"user": "$.user"}))
    of_terms = metric(dimensions={"user": "$.user"})
    assert refused(logs.put_metric_filter, logGroupName=GROUP, filterName="terms", filterPattern="?ERROR ?WARN", metricTransformations=of_terms) == (
        "InvalidParameterException", "The specified filter pattern does not support dimensions")
    found = logs.describe_metric_filters(logGroupName=GROUP)["metricFilters"]
    assert [each["filterName"] for each in found] == ["errors", "times"]
    assert found[0]["metricTransformations"] == metric(defaultValue=0.0, unit="Count")
    assert found[0]["applyOnTransformedLogs"] is False and found[0]["logGroupName"] == GROUP
    assert [each["filterName"] for each in logs.describe_metric_filters(metricName="Time", metricNamespace="App")["metricFilters"]] == ["times"]
    assert [each["filterName"] for each in logs.describe_metric_filters(filterNamePrefix="err")["metricFilters"]] == ["errors"]
    group, = logs.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"]
    assert group["metricFilterCount"] == 2
    logs.delete_metric_filter(logGroupName=GROUP, filterName="times")
    assert refused(logs.delete_metric_filter, logGroupName=GROUP, filterName="times") == (
        "ResourceNotFoundException", "The specified metric filter does not exist.")
    error = refused(logs.put_metric_filter, logGroupName=GROUP, filterName="x" * 513, filterPattern="", metricTransformations=metric())
    assert error[0] == "InvalidParameterException" and "less than or equal to 512" in error[1]


def test_metric_filters_are_tested_with_messages(logs):
    matches = logs.test_metric_filter(filterPattern="[ip, user, ..., status = 4*, bytes]", logEventMessages=[
        '10.0.0.1 frank [10/Oct/2000] "GET / HTTP/1.0" 404 15', '10.0.0.1 frank [10/Oct/2000] "GET / HTTP/1.0" 200 15'])["matches"]
    assert [(match["eventNumber"], match["extractedValues"]) for match in matches] == [
        (0, {"$ip": "10.0.0.1", "$user": "frank", "$3": "10/Oct/2000", "$4": "GET / HTTP/1.0", "$status": "404", "$bytes": "15"})]
    match, = logs.test_metric_filter(filterPattern='{ $.a.level = "ERROR" && $.ms > 5 }', logEventMessages=['{"a": {"level": "ERROR"}, "ms": 7}', "x"])["matches"]
    assert match["extractedValues"] == {"$.a.level": "ERROR", "$.ms": "7"}
    assert len(logs.test_metric_filter(filterPattern="[]", logEventMessages=["a b", "c"])["matches"]) == 2


def test_stored_bytes_are_those_of_the_events(logs):
    def stored():
        return logs.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"][0]["storedBytes"]
    assert stored() == 0
    put(logs, "one", "grüße")
    assert stored() == len("one") + len("grüße".encode()) + 2 * 26
    logs.delete_log_stream(logGroupName=GROUP, logStreamName=STREAM)
    assert stored() == 0
