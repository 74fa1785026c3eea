"""Tests CloudWatch Logs with real clients."""

import json
import time

import botocore.exceptions
import pytest

GROUP, STREAM = "/tests/orders", "2026/1"


def refused(call, **members):
    """Returns the code and the message of the error of a request."""
    with pytest.raises(botocore.exceptions.ClientError) as error:
        call(**members)
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


@pytest.fixture
def logs(engine):
    """Creates a log group with one empty stream. Returns the client."""
    client = engine.client("logs")
    client.create_log_group(logGroupName=GROUP)
    client.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
    yield client
    client.delete_log_group(logGroupName=GROUP)


def put(client, *messages, stream=STREAM):
    now = int(time.time() * 1000)
    return client.put_log_events(logGroupName=GROUP, logStreamName=stream,
                                 logEvents=[{"timestamp": now, "message": message} for message in messages])


def arn(client):
    return client.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"][0]["logGroupArn"]


def test_live_tail_sends_only_events_after_its_start(engine, logs):
    # The client would add the prefix "streaming-" to the host name, which the engine does not have.
    client = engine.client("logs", inject_host_prefix=False)
    put(logs, "ERROR before")
    stream = client.start_live_tail(logGroupIdentifiers=[arn(logs)], logEventFilterPattern="ERROR")["responseStream"]
    events = iter(stream)
    started = next(events)["sessionStart"]
    assert started["logGroupIdentifiers"] == [arn(logs)] and started["logEventFilterPattern"] == "ERROR"

    put(logs, "INFO", "ERROR one", "ERROR two")
    update = next(event["sessionUpdate"] for event in events if event["sessionUpdate"]["sessionResults"])
    assert [result["message"] for result in update["sessionResults"]] == ["ERROR one", "ERROR two"]
    assert update["sessionResults"][0]["logStreamName"] == STREAM
    assert update["sessionResults"][0]["logGroupIdentifier"].endswith(":" + GROUP)
    assert update["sessionMetadata"] == {"sampled": False}
    stream.close()


def test_live_tails_of_disconnected_clients_end(engine, logs):
    client = engine.client("logs", inject_host_prefix=False)
    for _ in range(40):  # the limit is 15 concurrent sessions
        deadline = time.monotonic() + 30
        while True:
            try:
                stream = client.start_live_tail(logGroupIdentifiers=[arn(logs)])["responseStream"]
                break
            except client.exceptions.LimitExceededException:  # until an update detects the closed connections
                assert time.monotonic() < deadline
                put(logs, "x")
        next(iter(stream))
        stream.close()


def test_new_events_are_found_by_the_method_of_the_aws_cli(logs):
    """`aws logs tail --follow` (AWS CLI version 2) repeats FilterLogEvents from the time of the last event, and skips the eventIds that
    it has already printed. Source: awscli/customizations/logs/tail.py"""
    messages, printed = [], set()

    def follow():
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=GROUP, interleaved=True, startTime=start):
            for event in page["events"]:
                if event["eventId"] not in printed:
                    printed.add(event["eventId"])
                    messages.append(event["message"])

    start = int(time.time() * 1000) - 60_000
    put(logs, "one", "two")
    follow()
    put(logs, "three")
    follow()
    follow()
    assert messages == ["one", "two", "three"]


def test_filter_pattern_selects_json_fields(logs):
    put(logs, '{"level": "ERROR", "ms": 250}', '{"level": "INFO", "ms": 10}', "not JSON")
    found = logs.filter_log_events(logGroupName=GROUP, filterPattern='{ $.level = "ERR*" && $.ms > 100 }')["events"]
    assert [event["message"] for event in found] == ['{"level": "ERROR", "ms": 250}']


def test_too_old_events_are_rejected_and_reported(logs):
    now = int(time.time() * 1000)
    day = 24 * 3600 * 1000
    response = logs.put_log_events(logGroupName=GROUP, logStreamName=STREAM,
                                 logEvents=[{"timestamp": now - 14 * day - 60_000, "message": "old"}, {"timestamp": now - 14 * day + 60_000, "message": "stored"}])
    assert response["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1}
    assert [event["message"] for event in logs.get_log_events(logGroupName=GROUP, logStreamName=STREAM)["events"]] == ["stored"]


def test_aws_cli_manages_groups_tags_streams_and_events(aws):
    group = "/cli/group"
    aws("logs", "create-log-group", "--log-group-name", group, "--tags", "team=a")
    aws("logs", "put-retention-policy", "--log-group-name", group, "--retention-in-days", "7")
    described = json.loads(aws("logs", "describe-log-groups", "--log-group-name-prefix", group).stdout)["logGroups"][0]
    assert described["retentionInDays"] == 7
    arn = described["arn"].removesuffix(":*")
    aws("logs", "tag-resource", "--resource-arn", arn, "--tags", "cost=1")
    assert json.loads(aws("logs", "list-tags-for-resource", "--resource-arn", arn).stdout)["tags"] == {"team": "a", "cost": "1"}
    aws("logs", "create-log-stream", "--log-group-name", group, "--log-stream-name", "s")
    aws("logs", "put-log-events", "--log-group-name", group, "--log-stream-name", "s",
        "--log-events", json.dumps([{"timestamp": int(time.time() * 1000), "message": "ERROR at start"}]))
    found = json.loads(aws("logs", "filter-log-events", "--log-group-name", group, "--filter-pattern", "ERROR -debug").stdout)["events"]
    assert [event["message"] for event in found] == ["ERROR at start"]
    aws("logs", "delete-log-group", "--log-group-name", group)
    assert "ResourceNotFoundException" in aws("logs", "delete-log-group", "--log-group-name", group, check=False).stderr


def test_sdk_for_javascript_reads_a_live_tail(javascript, logs):
    assert javascript("""
        import { CloudWatchLogsClient, StartLiveTailCommand, PutLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
        const logs = new CloudWatchLogsClient({ disableHostPrefix: true });
        const { responseStream } = await logs.send(new StartLiveTailCommand({ logGroupIdentifiers: [params.arn] }));
        const messages = [];
        for await (const event of responseStream) {
            if (event.sessionStart) {
                await logs.send(new PutLogEventsCommand({ logGroupName: params.group, logStreamName: params.stream,
                    logEvents: [{ timestamp: Date.now(), message: "hello" }] }));
            } else if (event.sessionUpdate.sessionResults.length > 0) {
                messages.push(...event.sessionUpdate.sessionResults.map(result => result.message));
                break;
            }
        }
        report(messages);
        process.exit(0);
    """, arn=arn(logs), group=GROUP, stream=STREAM) == ["hello"]
