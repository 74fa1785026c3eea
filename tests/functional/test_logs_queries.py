"""Tests CloudWatch Logs Insights and export tasks with boto3."""

import base64
import gzip
import json
import re
import signal
import time

import pytest

from test_logs import refused
from test_sqs import until

GROUP, STREAM = "/queries/orders", "web/1"
MESSAGES = ['{"level": "ERROR", "ms": 30, "user": {"id": "a"}}', '{"level": "INFO", "ms": 10, "user": {"id": "b"}}',
            '{"level": "ERROR", "ms": 50, "user": {"id": "b"}}', "GET /index.html 200 in 7 ms", "GET /missing 404 in 3 ms"]


@pytest.fixture
def logs(engine):
    """Creates a log group with events of the last minutes. Returns the client."""
    client = engine.client("logs")
    create_group(client)
    yield client
    client.delete_log_group(logGroupName=GROUP)


def create_group(client):
    client.create_log_group(logGroupName=GROUP)
    client.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
    now = int(time.time() * 1000)
    client.put_log_events(logGroupName=GROUP, logStreamName=STREAM, logEvents=[
        {"timestamp": now - (len(MESSAGES) - index) * 1000, "message": message} for index, message in enumerate(MESSAGES)])


def start(client, text, **members):
    now = int(time.time())
    return client.start_query(**{"logGroupName": GROUP, "startTime": now - 600, "endTime": now + 60, "queryString": text, **members})["queryId"]


def results(client, id):
    return until(lambda: (found := client.get_query_results(queryId=id))["status"] == "Complete" and found, seconds=30)


def rows(client, text, **members):
    """Returns the rows of a query as dictionaries, without @ptr."""
    found = results(client, start(client, text, **members))["results"]
    return [{item["field"]: item["value"] for item in row if item["field"] != "@ptr"} for row in found]


def test_rows_are_the_newest_events_first(logs):
    found = results(logs, start(logs, "fields @timestamp, @message, @logStream, @log | limit 2"))
    assert [[item["field"] for item in row] for row in found["results"]] == [["@timestamp", "@message", "@logStream", "@log", "@ptr"]] * 2
    newest = {item["field"]: item["value"] for item in found["results"][0]}
    assert newest["@message"] == MESSAGES[-1] and newest["@log"] == f"000000000000:{GROUP}"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}", newest["@timestamp"])
    assert found["statistics"]["recordsScanned"] == 5
    record = logs.get_log_record(logRecordPointer=newest["@ptr"])["logRecord"]
    assert record["@message"] == MESSAGES[-1] and record["@logStream"] == STREAM
    foreign = base64.b64decode(newest["@ptr"]).rpartition(b"\n")[0] + b"\n-9223372036854775808"
    assert refused(logs.get_log_record, logRecordPointer=base64.b64encode(foreign).decode())[0] == "InvalidParameterException"


@pytest.mark.parametrize("text, expected", [
    ("fields level | filter level = 'ERROR' | sort ms", [{"level": "ERROR"}, {"level": "ERROR"}]),
    ("fields ms | filter ms >= 10 and not (ms > 40) | sort ms desc", [{"ms": "30"}, {"ms": "10"}]),
    ("fields user.id as id | filter user.id in ['b'] and level like /^E/", [{"id": "b"}]),
    ("fields ms | filter @message like 'GET' or level != 'ERROR' | filter ispresent(ms)", [{"ms": "10"}]),
    ("fields ms * 2 + 1 as twice | filter level = 'INFO'", [{"twice": "21"}]),
    ("parse @message 'GET * * in * ms' as path, status, took | filter ispresent(status) | sort took | display path, status, took",
     [{"path": "/missing", "status": "404", "took": "3"}, {"path": "/index.html", "status": "200", "took": "7"}]),
    (r"parse @message /(?<code>\d{3}) in (?<took>\d+)/ | filter code = 404 | display took", [{"took": "3"}]),
    ("stats count(*) as n, sum(ms), avg(ms), min(ms), max(ms) by level | filter ispresent(level) | sort level",
     [{"level": "ERROR", "n": "2", "sum(ms)": "80", "avg(ms)": "40", "min(ms)": "30", "max(ms)": "50"},
      {"level": "INFO", "n": "1", "sum(ms)": "10", "avg(ms)": "10", "min(ms)": "10", "max(ms)": "10"}]),
    ("filter ispresent(ms) | stats pct(ms, 50), count_distinct(user.id)", [{"pct(ms, 50)": "30", "count_distinct(user.id)": "2"}]),
    ("stats count(*) by bin(1d) | stats sum(`count(*)`) as total", [{"total": "5"}]),
    ("filter ispresent(level) | stats count(*) by level | sort count(*) desc | limit 1", [{"level": "ERROR", "count(*)": "2"}]),
    ("fields user.id | filter ispresent(level) | dedup user.id | sort user.id", [{"user.id": "a"}, {"user.id": "b"}]),
    ("fields concat(toupper(user.id), '-', strlen(level)) as text | filter ms = 50 # the last one", [{"text": "B-5"}]),
])
def test_commands_select_and_aggregate(logs, text, expected):
    assert rows(logs, text) == expected


def test_limit_of_the_request_applies(logs):
    assert len(rows(logs, "fields @message", limit=3)) == 3
    assert rows(logs, "fields @message", startTime=0, endTime=1) == []


def test_malformed_queries_are_rejected(logs):
    for text in ("fields", "nonsense", "filter (a = 1", "stats nothing(*)", "fields a | limit x", "parse @message /(/", "filter unknown(a)"):
        assert refused(logs.start_query, logGroupName=GROUP, startTime=0, endTime=1, queryString=text)[0] == "MalformedQueryException", text
    code, message = refused(logs.start_query, logGroupName="absent", startTime=0, endTime=1, queryString="fields a")
    expected = r"Log group 'absent' does not exist for account ID '000000000000' \(Service: AWSLogs; Status Code: 400; Error Code: {}; Request ID: .{{36}}; Proxy: null\)"
    assert code == "ResourceNotFoundException" and re.fullmatch(expected.format(code), message)
    assert refused(logs.start_query, startTime=0, endTime=1, queryString="fields a")[0] == "InvalidParameterException"
    assert refused(logs.start_query, startTime=0, endTime=1, queryString="SOURCE logGroups(namePrefix: ['/queries']) | fields a")[0] == "NotImplemented"


def test_queries_are_described_and_stopped(logs):
    id = start(logs, "fields @message")
    results(logs, id)
    described, = (each for each in logs.describe_queries(logGroupName=GROUP, status="Complete")["queries"] if each["queryId"] == id)
    assert (described["queryId"], described["queryString"], described["logGroupName"]) == (id, described["queryString"], GROUP)
    assert re.fullmatch(rf'SOURCE "{GROUP}" START=\d+000 END=\d+999 \| fields @message', described["queryString"]), described
    assert "bytesScanned" not in described
    assert logs.describe_queries(logGroupName=GROUP, status="Scheduled")["queries"] == []
    assert refused(logs.stop_query, queryId=id)[0] == "InvalidParameterException"
    assert refused(logs.get_query_results, queryId="absent")[0] == "ResourceNotFoundException"
    assert logs.list_log_groups_for_query(queryId=id)["logGroupIdentifiers"] == [GROUP]


def test_numbers_without_a_limit_do_not_end_the_engine(logs):
    assert rows(logs, "fields substr(@message, sqrt(-1)) as v | limit 1") == [{}]
    assert rows(logs, "stats pct(ms, sqrt(-1)) as p") == [{"p": "30"}]
    assert len(rows(logs, "fields @message", endTime=2**63 - 1)) == 5
    assert logs.get_log_group_fields(logGroupName=GROUP, time=2**60)["logGroupFields"] == []


def test_status_of_a_query_survives_a_restart(own_engine):
    engine = own_engine()
    create_group(engine.client("logs"))
    id = start(engine.client("logs"), "fields @message")
    results(engine.client("logs"), id)
    engine.stop()
    engine.start()
    logs = engine.client("logs")
    assert [each["queryId"] for each in logs.describe_queries(status="Complete")["queries"]] == [id]
    assert len(results(logs, id)["results"]) == 5


def test_queries_of_several_groups_are_in_the_order_of_time(logs):
    other = GROUP + "/more"
    logs.create_log_group(logGroupName=other)
    logs.create_log_stream(logGroupName=other, logStreamName="s")
    now = int(time.time() * 1000)
    logs.put_log_events(logGroupName=other, logStreamName="s", logEvents=[{"timestamp": now - 60_000, "message": "oldest"}, {"timestamp": now, "message": "newest"}])
    id = logs.start_query(logGroupNames=[other, GROUP], startTime=now // 1000 - 600, endTime=now // 1000 + 60, queryString="fields @message")["queryId"]
    messages = [row[0]["value"] for row in results(logs, id)["results"]]
    assert (messages[0], messages[-1], len(messages)) == ("newest", "oldest", 7)
    logs.delete_log_group(logGroupName=other)


def test_fields_of_a_group_are_those_of_a_limited_sample(own_engine):
    """Reading 1,000 events of 1 MB at once would stop the engine for seconds."""
    logs = own_engine().client("logs")
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="s")
    now = int(time.time() * 1000)
    for number in range(12):
        message = json.dumps({"new" if number else "oldest": 1, "text": "x" * 500_000})
        logs.put_log_events(logGroupName=GROUP, logStreamName="s", logEvents=[{"timestamp": now - 60_000 + number, "message": message}])
    found = {each["name"]: each["percent"] for each in logs.get_log_group_fields(logGroupName=GROUP)["logGroupFields"]}
    assert found["new"] == 100 and "oldest" not in found


def test_fields_of_a_group_are_found(logs):
    found = {each["name"]: each["percent"] for each in logs.get_log_group_fields(logGroupName=GROUP)["logGroupFields"]}
    assert found["@message"] == 100 and found["level"] == 60 and found["user.id"] == 60


# ---- export tasks ----

def export(client, bucket, **members):
    now = int(time.time() * 1000)
    return client.create_export_task(**{"logGroupName": GROUP, "fromTime": now - 600_000, "to": now + 60_000, "destination": bucket, **members})["taskId"]


def task_of(client, id):
    return client.describe_export_tasks(taskId=id)["exportTasks"][0]


def completed(client, id):
    return until(lambda: (task := task_of(client, id))["status"]["code"] == "COMPLETED" and task, seconds=30)


def test_export_writes_gzip_files_to_a_bucket(engine, logs):
    s3 = engine.client("s3")
    s3.create_bucket(Bucket="exports")
    id = export(logs, "exports", taskName="nightly", destinationPrefix="logs")
    task = completed(logs, id)
    assert (task["taskName"], task["destination"], task["destinationPrefix"], task["logGroupName"]) == ("nightly", "exports", "logs", GROUP)
    assert task["executionInfo"]["completionTime"] >= task["executionInfo"]["creationTime"]
    assert s3.get_object(Bucket="exports", Key="logs/aws-logs-write-test")["Body"].read() == b"Permission Check Successful"
    content = gzip.decompress(s3.get_object(Bucket="exports", Key=f"logs/{id}/web-1/000000.gz")["Body"].read()).decode()
    lines = content.splitlines()
    assert [line.split(" ", 1)[1] for line in lines] == MESSAGES
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", lines[0].split(" ", 1)[0])
    assert refused(logs.cancel_export_task, taskId=id) == ("InvalidOperationException", "The specified export task has already finished")
    completed(logs, export(logs, "exports", logStreamNamePrefix="none"))
    assert s3.head_object(Bucket="exports", Key="aws-logs-write-test")


# In the first case the only page of events is larger than a file, in the second one two pages together are.
@pytest.mark.parametrize("count, bytes", [(20, 1_000_000), (5_500, 3_200)])
def test_large_streams_are_exported_once(engine, logs, count, bytes):
    s3, bucket = engine.client("s3"), f"exports-{count}"
    s3.create_bucket(Bucket=bucket)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="large")
    now = int(time.time() * 1000)
    step = 1_000_000 // bytes
    for first in range(0, count, step):
        logs.put_log_events(logGroupName=GROUP, logStreamName="large", logEvents=[
            {"timestamp": now, "message": f"{number} ".ljust(bytes, "x")} for number in range(first, min(first + step, count))])
    id = export(logs, bucket, logStreamNamePrefix="large")
    completed(logs, id)
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket, Prefix=f"exportedlogs/{id}/large/")["Contents"]]
    content = b"".join(gzip.decompress(s3.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys)
    assert [int(line.split(b" ")[1]) for line in content.splitlines()] == list(range(count))


def test_exported_streams_with_similar_names_are_complete(engine, logs):
    """The folder of a stream has '-' for '/'."""
    s3 = engine.client("s3")
    s3.create_bucket(Bucket="exports-similar")
    now = int(time.time() * 1000)
    for stream in ("a-b", "a/b"):
        logs.create_log_stream(logGroupName=GROUP, logStreamName=stream)
        logs.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=[{"timestamp": now, "message": f"of {stream}"}])
    id = export(logs, "exports-similar", logStreamNamePrefix="a")
    completed(logs, id)
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket="exports-similar", Prefix=f"exportedlogs/{id}/")["Contents"]]
    content = {key.split("/")[2]: gzip.decompress(s3.get_object(Bucket="exports-similar", Key=key)["Body"].read()).decode() for key in keys}
    assert {folder: line.split(" ", 1)[1] for folder, line in content.items()} == {"a-b": "of a-b\n", "a-b-2": "of a/b\n"}


def test_export_rejects_invalid_requests(engine, logs):
    engine.client("s3").create_bucket(Bucket="exports-rejected")

    def refusal(**members):
        return refused(logs.create_export_task, **{"logGroupName": GROUP, "fromTime": 1, "to": 2, "destination": "exports-rejected", **members})
    assert refusal(destination="absent-bucket") == (
        "InvalidParameterException", "The given bucket does not exist. Please make sure the bucket is valid.")
    assert refusal(logGroupName="absent") == ("ResourceNotFoundException", "The specified log group does not exist.")
    assert refusal(fromTime=3)[0] == "InvalidParameterException"
    assert logs.describe_export_tasks(taskId="absent")["exportTasks"] == []
    assert refused(logs.cancel_export_task, taskId="absent") == ("ResourceNotFoundException", "The specified export task does not exist.")


def test_export_and_query_continue_after_a_crash(own_engine):
    engine = own_engine()
    logs = engine.client("logs")
    create_group(logs)
    engine.client("s3").create_bucket(Bucket="exports")
    id, query = export(logs, "exports"), start(logs, "fields @message | sort @timestamp asc")
    engine.stop(signal.SIGKILL)
    engine.start()
    logs = engine.client("logs")
    completed(logs, id)
    body = engine.client("s3").get_object(Bucket="exports", Key=f"exportedlogs/{id}/web-1/000000.gz")["Body"].read()
    assert len(gzip.decompress(body).splitlines()) == 5
    assert [row[0]["value"] for row in results(logs, query)["results"]] == MESSAGES
