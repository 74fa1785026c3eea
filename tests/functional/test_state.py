"""Tests that acknowledged changes survive kill and restart, and that a daemon that cannot start prints the reason in one line."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import sqlite3
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request

import pytest
from conftest import Control_Connection, Engine, Functions, error_line, zip_of

ECHO = "def handler(event, context):\n    return event\n"


def test_acknowledged_changes_survive_kill_9(own_engine):
    engine = own_engine()
    functions = Functions(engine)
    name = functions.python("durable", ECHO)
    s3, stop, written = engine.client("s3"), threading.Event(), []
    s3.create_bucket(Bucket="durable")

    def write():
        client, n = engine.client("s3"), 0
        while not stop.is_set():
            try:
                client.put_object(Bucket="durable", Key=f"k{n}", Body=b"v%d" % n)
            except Exception:
                return
            written.append(n)
            n += 1

    writer = threading.Thread(target=write)
    writer.start()
    while len(written) < 20:
        pass
    engine.stop(signal.SIGKILL)
    stop.set()
    writer.join()

    restarted = own_engine()
    for n in written:
        assert restarted.client("s3").get_object(Bucket="durable", Key=f"k{n}")["Body"].read() == b"v%d" % n
    assert Functions(restarted).invoke(name, {"after": "restart"})[0] == {"after": "restart"}


@pytest.mark.parametrize("name", ["invocations", "response-streaming-invocations"])
def test_path_that_resembles_an_invoke_is_durable(own_engine, name):
    """Only an Invoke of Lambda may respond before changes are durable, not each request whose path ends like Invoke's."""
    engine = own_engine()
    s3, sqs = engine.client("s3"), engine.client("sqs")
    objects = {"stored": name, "2015-03-31": f"functions/f/{name}"}  # bucket -> key; the second path is that of an Invoke
    for bucket in objects:
        s3.create_bucket(Bucket=bucket)
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]

    def kill():
        engine.stop(signal.SIGKILL)
        engine.start()

    for bucket, key in objects.items():
        s3.put_object(Bucket=bucket, Key=key, Body=b"body")
        kill()
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"body"
    headers = {"X-Amz-Target": "AmazonSQS.SendMessage", "Content-Type": "application/x-amz-json-1.0",
               "Authorization": "AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/us-east-1/sqs/aws4_request"}
    body = json.dumps({"QueueUrl": queue, "MessageBody": "body"}).encode()
    urllib.request.urlopen(urllib.request.Request(engine.url + urllib.parse.urlsplit(queue).path, body, headers))
    kill()
    assert sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"] == "body"


DAMAGED_KINDS = ["s3_bucket", "s3_object", "s3_upload", "s3_upload_part", "iam_role", "iam_policy", "log_group", "log_stream", "sqs.queue",
                 "sqs.message", "lambda.function", "lambda.layer", "lambda.event_source_mapping", "log_resource", "log_query"]


def create_one_of_each(engine, name):
    """Creates a resource for each kind of record. Each record contains the name or, for a part, the returned id of its upload.

    No id contains the name, if it has a letter that is not a hexadecimal digit."""
    s3, sqs, iam, logs = (engine.client(service) for service in ("s3", "sqs", "iam", "logs"))
    functions = Functions(engine)
    s3.create_bucket(Bucket=f"{name}-empty")
    s3.create_bucket(Bucket="shared")
    s3.put_object(Bucket="shared", Key=name, Body=name.encode())
    upload = s3.create_multipart_upload(Bucket="shared", Key=f"{name}-parts")["UploadId"]
    s3.upload_part(Bucket="shared", Key=f"{name}-parts", UploadId=upload, PartNumber=1, Body=b"part")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName=f"{name}-role", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}))
    allow = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    iam.create_policy(PolicyName=f"{name}-policy", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allow]}))
    logs.create_log_group(logGroupName=f"{name}-group")
    if name == "good":
        logs.create_log_group(logGroupName="shared")
    logs.create_log_stream(logGroupName="shared", logStreamName=f"{name}-stream")
    logs.put_metric_filter(logGroupName="shared", filterName=f"{name}-filter", filterPattern="",
                           metricTransformations=[{"metricName": "m", "metricNamespace": "n", "metricValue": "1"}])
    logs.start_query(logGroupName="shared", startTime=0, endTime=1, queryString=f"fields {name}")
    queue = sqs.create_queue(QueueName=f"{name}-queue")["QueueUrl"]
    shared = sqs.create_queue(QueueName="shared")["QueueUrl"]
    sqs.send_message(QueueUrl=shared, MessageBody=name)
    functions.python(f"{name}-function", ECHO)
    functions.lambda_.publish_layer_version(LayerName=f"{name}-layer", Content={"ZipFile": zip_of({"a": name})})
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    functions.lambda_.create_event_source_mapping(FunctionName=f"{name}-function", EventSourceArn=arn, Enabled=False)
    return upload


def resources(engine):
    s3, sqs, iam, logs, lambda_ = (engine.client(service) for service in ("s3", "sqs", "iam", "logs", "lambda"))
    shared = sqs.get_queue_url(QueueName="shared")["QueueUrl"]
    return {
        "s3_bucket": [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]],
        "s3_object": [item["Key"] for item in s3.list_objects_v2(Bucket="shared").get("Contents", [])],
        "s3_upload": [upload["Key"] for upload in s3.list_multipart_uploads(Bucket="shared").get("Uploads", [])],
        "iam_role": [role["RoleName"] for role in iam.list_roles()["Roles"]],
        "iam_policy": [policy["PolicyName"] for policy in iam.list_policies(Scope="Local")["Policies"]],
        "log_group": [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]],
        "log_stream": [stream["logStreamName"] for stream in logs.describe_log_streams(logGroupName="shared")["logStreams"]],
        "log_resource": [each["filterName"] for each in logs.describe_metric_filters()["metricFilters"]],
        "log_query": [each["queryString"] for each in logs.describe_queries()["queries"]],
        "sqs.queue": sqs.list_queues()["QueueUrls"],
        "sqs.message": [m["Body"] for m in sqs.receive_message(QueueUrl=shared, MaxNumberOfMessages=10, VisibilityTimeout=0).get("Messages", [])],
        "lambda.function": [function["FunctionName"] for function in lambda_.list_functions()["Functions"]],
        "lambda.layer": [layer["LayerName"] for layer in lambda_.list_layers()["Layers"]],
        "lambda.event_source_mapping": [mapping["EventSourceArn"] for mapping in lambda_.list_event_source_mappings()["EventSourceMappings"]],
    }


def damage(database, kind, value, names):
    """Replaces the value of the record of this kind that contains one of the names. Returns its key."""
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        rows = connection.execute("SELECT key, value FROM record WHERE kind = ?", (kind,)).fetchall()
        (key,) = [key for key, stored in rows if any(name in key or name.encode() in stored for name in names)]
        assert len(rows) >= 2, (kind, rows)
        connection.execute("UPDATE record SET value = ? WHERE kind = ? AND key = ?", (value, kind, key))
    return key


@pytest.mark.parametrize("value", [b"", b"{", b"{}", b"[1]", b'{"account": 1, "name": []}', b"\xff\x00"], ids=["empty", "cut", "no_fields", "array", "types", "binary"])
def test_unreadable_records_do_not_prevent_the_start(own_engine, value):
    engine = own_engine()
    create_one_of_each(engine, "good")
    upload = create_one_of_each(engine, "broken")
    engine.stop()
    database = engine.state / "state.db"
    keys = {kind: damage(database, kind, value, ["broken", upload]) for kind in DAMAGED_KINDS}

    engine.start()
    found = resources(engine)
    for kind, names in found.items():
        assert any("good" in name for name in names), (kind, names)
        assert not any("broken" in name for name in names), (kind, names)
    status = json.loads(engine.run("local", "status", "--json").stdout)
    assert status["unreadable_records"] == len(DAMAGED_KINDS)
    assert f"{len(DAMAGED_KINDS)} records of the state were skipped" in engine.run("local", "status").stdout
    log = pathlib.Path(engine.log.name).read_text()
    for kind, key in keys.items():
        assert f"{kind} {key}" in log
    engine.stop()
    with contextlib.closing(sqlite3.connect(database)) as connection:
        for kind, key in keys.items():
            assert connection.execute("SELECT value FROM record WHERE kind = ? AND key = ?", (kind, key)).fetchone() == (value,)


# The keys of the other kinds contain an id that is never used again.
REPLACED_KINDS = ["s3_bucket", "s3_object", "iam_role", "iam_policy", "log_group", "log_stream", "sqs.queue", "lambda.function", "lambda.layer", "log_resource"]


def stored_values(database, kind):
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return dict(connection.execute("SELECT key, value FROM record WHERE kind = ?", (kind,)).fetchall())


def test_new_resource_keeps_the_unreadable_record_of_its_name(own_engine):
    engine, damaged = own_engine(), b'{"damaged": '
    create_one_of_each(engine, "good")
    upload = create_one_of_each(engine, "broken")
    engine.stop()
    database = engine.state / "state.db"
    keys = {kind: damage(database, kind, damaged, ["broken", upload]) for kind in DAMAGED_KINDS}

    engine.start()
    create_one_of_each(engine, "broken")
    engine.stop(signal.SIGKILL)
    for kind, key in keys.items():
        replaced = stored_values(database, f"unreadable/{kind}")
        if kind in REPLACED_KINDS:
            assert [(name.split(" ")[0], value) for name, value in replaced.items()] == [(key, damaged)]
            assert stored_values(database, kind)[key] != damaged, kind
            assert f"unreadable/{kind} {key}" in pathlib.Path(engine.log.name).read_text()
        else:
            assert replaced == {} and stored_values(database, kind)[key] == damaged

    engine.start()
    for kind, names in resources(engine).items():
        assert any("broken" in name for name in names) and any("good" in name for name in names), (kind, names)
    assert json.loads(engine.run("local", "status", "--json").stdout)["unreadable_records"] == len(DAMAGED_KINDS)


def test_repaired_record_has_its_bytes(own_engine):
    """The blob of an unreadable record stays, so that the record is complete after a repair."""
    engine = own_engine()
    s3 = engine.client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="key", Body=b"bytes")
    engine.stop()
    with contextlib.closing(sqlite3.connect(engine.state / "state.db")) as connection, connection:
        (before,) = connection.execute("SELECT value FROM record WHERE kind = 's3_object'").fetchone()
        connection.execute("UPDATE record SET value = ? WHERE kind = 's3_object'", (before[:-1],))
    engine.start()
    assert "Contents" not in s3.list_objects_v2(Bucket="bucket")
    engine.stop()
    with contextlib.closing(sqlite3.connect(engine.state / "state.db")) as connection, connection:
        connection.execute("UPDATE record SET value = ? WHERE kind = 's3_object'", (before,))
    engine.start()
    assert s3.get_object(Bucket="bucket", Key="key")["Body"].read() == b"bytes"


def test_reset_deletes_everything(own_engine):
    engine = own_engine()
    functions = Functions(engine)
    functions.python("deleted", ECHO)
    control = Control_Connection(engine)
    control.request("POST", "/_osbot/reset")
    assert control.getresponse().status == 200
    assert functions.lambda_.list_functions()["Functions"] == []
    engine.stop()
    assert Functions(own_engine()).lambda_.list_functions()["Functions"] == []


def test_state_folder_has_one_owner(own_engine, osbot_path):
    engine = own_engine()
    second = subprocess.run([osbot_path, "local", "start", "--foreground", "--port", "0", "--state", engine.state], capture_output=True, text=True,
                            env=engine.environment, timeout=30)
    assert second.returncode != 0 and str(engine.process.pid) in error_line(second.stderr)


def test_port_in_use_is_named(own_engine, osbot_path, tmp_path):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        done = subprocess.run([osbot_path, "local", "start", "--foreground", "--port", str(port), "--state", tmp_path / "s"], capture_output=True,
                              text=True, timeout=30)
    assert done.returncode != 0 and str(port) in error_line(done.stderr) and "--port" in done.stderr
    assert f"(process {os.getpid()})" in done.stderr


def test_unwritable_state_folder_is_named(osbot_path, tmp_path):
    file = tmp_path / "file"
    file.write_text("not a folder")
    done = subprocess.run([osbot_path, "local", "start", "--foreground", "--port", "0", "--state", file], capture_output=True, text=True, timeout=30)
    assert done.returncode != 0 and str(file) in error_line(done.stderr)


def test_health_reports_version_and_services(engine):
    health = json.load(urllib.request.urlopen(engine.url + "/_osbot/health"))
    assert health["version"] and "lambda" in health["services"]


def test_half_sent_and_malformed_requests_do_not_disturb_others(engine):
    half = socket.create_connection(("127.0.0.1", engine.port))
    half.sendall(b"POST /2015-03-31/functions/x/invocations HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf")
    garbage = socket.create_connection(("127.0.0.1", engine.port))
    garbage.sendall(b"\x00\x01\x02 nothing like http\r\n\r\n")
    assert b"400" in garbage.recv(1000).split(b"\r\n")[0]
    assert urllib.request.urlopen(engine.url + "/_osbot/health").status == 200
    half.close()
    garbage.close()


def test_host_option_opens_all_interfaces(osbot_path, tmp_path):
    def connects(engine, address):
        try:
            socket.create_connection((address, engine.port), 1).close()
            return True
        except ConnectionRefusedError:
            return False

    local, open_to_all = Engine(osbot_path, tmp_path / "local").start(), Engine(osbot_path, tmp_path / "open", "--host", "0.0.0.0", "--allow-host", "aws").start()
    try:
        # 127.0.0.2 is an address other than 127.0.0.1 that every host has.
        assert connects(local, "127.0.0.1") and not connects(local, "127.0.0.2")
        assert connects(open_to_all, "127.0.0.1") and connects(open_to_all, "127.0.0.2")
        other_name = urllib.request.Request(open_to_all.url + "/_osbot/health", headers={"Host": "engine:4566"})
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(other_name)
    finally:
        local.stop()
        open_to_all.stop()


def test_host_option_listens_on_one_address_and_on_loopback(osbot_path, tmp_path):
    engine = Engine(osbot_path, tmp_path / "s", "--host", "127.0.0.3").start()
    try:
        for address in ("127.0.0.1", "127.0.0.3"):
            assert urllib.request.urlopen(f"http://{address}:{engine.port}/_osbot/health").status == 200
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", engine.port), 1)
    finally:
        engine.stop()


@pytest.mark.parametrize("arguments, message", [
    (["--host", "10.1.2.3"], "--host 10.1.2.3 requires --allow-host NAME"),
    (["--host", "0.0.0.0"], "--host 0.0.0.0 requires --allow-host NAME"),
    (["--host", "aws"], "invalid --host 'aws': expected an IPv4 address"),
])
def test_host_option_requires_an_allowlist(osbot_path, tmp_path, arguments, message):
    done = subprocess.run([osbot_path, "local", "start", "--foreground", *arguments, "--state", tmp_path / "s"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 2 and message in error_line(done.stderr)


def test_start_rejects_a_daemon_with_another_host(own_engine):
    engine = own_engine()
    failed = engine.run("local", "start", "--host", "0.0.0.0", "--allow-host", "aws", check=False)
    assert failed.returncode == 1 and "osbot local stop" in error_line(failed.stderr)
