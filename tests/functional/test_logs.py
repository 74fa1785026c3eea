"""CloudWatch Logs as its clients see it."""

import threading
import time

import pytest

GROUP, STREAM = "/tests/orders", "2026/1"


@pytest.fixture
def logs(engine):
    """A client and a group with one stream, empty at first."""
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


def test_a_live_tail_shows_what_comes_after_its_start_and_nothing_else(engine, logs):
    # A client puts "streaming-" before the host, unless it is told that there is no such name.
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


def test_live_tails_whose_viewers_have_left_end(engine, logs):
    client = engine.client("logs", inject_host_prefix=False)
    for _ in range(40):  # 15 at once are the most
        deadline = time.monotonic() + 30
        while True:
            try:
                stream = client.start_live_tail(logGroupIdentifiers=[arn(logs)])["responseStream"]
                break
            except client.exceptions.LimitExceededException:  # until an update finds that nobody reads
                assert time.monotonic() < deadline
                put(logs, "x")
        next(iter(stream))
        stream.close()
