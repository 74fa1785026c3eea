"""Faults of the disk under a running engine: full, EIO, short writes. An operation that is not durable is never acknowledged.

Each test sends a seeded mix of operations while calls on the state folder fail by a seeded schedule, kills the engine, restarts it on a
disk without faults, and compares its state with a model: each acknowledged operation is present. An operation that failed may be
present or not. `pytest tests/trust` runs the short form (-k short), `pytest tests/trust --full` the campaign.
"""

import json
import random
import re
import shutil
import signal
import subprocess

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, HTTPClientError
from conftest import Engine, zip_of
from faults import disk as faulty_disk

ALL_CALLS = ("write", "sync", "truncate", "rename")
SCHEDULES = {  # name -> kinds, calls, probability per million calls
    "full": (("ENOSPC",), ("write",), 1_000_000),
    "almost_full": (("ENOSPC",), ("write", "truncate"), 30_000),
    "io_errors": (("EIO",), ALL_CALLS, 30_000),
    "fsync_errors": (("EIO",), ("sync",), 200_000),
    "partial_writes": (("short",), ("write",), 500_000),
    "all": (("ENOSPC", "EIO", "short"), ALL_CALLS, 50_000),
}
SHORT_OPERATIONS, FULL_OPERATIONS, FULL_SEEDS = 60, 400, range(1, 16)
NAMES = 6  # of each kind of resource, so that operations often change the same one
LARGE_BYTES = 1_500_000  # above the size from which a body is written to a file while it arrives
ABSENT = None
TRUST_POLICY = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})


class Model:
    """The values that each resource may have: one after an acknowledged operation, more after failed ones."""

    def __init__(self):
        self.values = {}
        self.acknowledged = self.failed = 0

    def possible(self, resource):
        return self.values.setdefault(resource, {ABSENT})

    def run(self, resource, value, operation):
        """Runs an operation that sets the resource to the value. Returns its response, or None if it failed."""
        try:
            response = operation()
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] < 500:
                return None  # refused: for example the bucket does not exist because its creation failed
            self.failed += 1
            self.possible(resource).add(value)
            return None
        except HTTPClientError:
            self.failed += 1
            self.possible(resource).add(value)
            return None
        self.acknowledged += 1
        self.values[resource] = {value}
        return response


class Load:
    """A seeded mix of operations of all services on one engine."""

    def __init__(self, engine, seed):
        self.random, self.model, self.number = random.Random(seed), Model(), 0
        self.connect(engine)

    def connect(self, engine):
        self.s3, self.sqs, self.iam = engine.client("s3"), engine.client("sqs"), engine.client("iam")
        self.logs, self.lambda_ = engine.client("logs"), engine.client("lambda")

    def prepare(self):
        """Creates the containers of the resources, without faults."""
        self.s3.create_bucket(Bucket="bucket")
        self.queue = self.sqs.create_queue(QueueName="queue")["QueueUrl"]
        self.logs.create_log_group(logGroupName="group")
        self.logs.create_log_stream(logGroupName="group", logStreamName="stream")
        self.iam.create_role(RoleName="functions", AssumeRolePolicyDocument=TRUST_POLICY)
        self.role = self.iam.get_role(RoleName="functions")["Role"]["Arn"]

    def operate(self, count):
        operations = [self.put_object, self.put_object, self.delete_object, self.upload_in_parts, self.send_message, self.send_message,
                      self.delete_message, self.put_role, self.delete_role, self.put_logs, self.put_function, self.delete_function]
        for _ in range(count):
            self.number += 1
            self.random.choice(operations)(self.random.randrange(NAMES), f"value {self.number}")

    def body(self, value):
        return value.encode() + (b"." * LARGE_BYTES if self.random.random() < 0.2 else b"")

    def put_object(self, n, value):
        body = self.body(value)
        self.model.run(("object", f"key{n}"), body, lambda: self.s3.put_object(Bucket="bucket", Key=f"key{n}", Body=body))

    def delete_object(self, n, _):
        self.model.run(("object", f"key{n}"), ABSENT, lambda: self.s3.delete_object(Bucket="bucket", Key=f"key{n}"))

    def upload_in_parts(self, n, value):
        where, body = {"Bucket": "bucket", "Key": f"key{n}"}, self.body(value)
        upload = self.model.run(("upload", self.number), "begun", lambda: self.s3.create_multipart_upload(**where))
        if upload is None:
            return
        where["UploadId"] = upload["UploadId"]
        part = self.model.run(("part", self.number), "sent", lambda: self.s3.upload_part(**where, PartNumber=1, Body=body))
        if part is None:
            return
        parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
        self.model.run(("object", f"key{n}"), body, lambda: self.s3.complete_multipart_upload(**where, MultipartUpload=parts))

    def send_message(self, _, value):
        self.model.run(("message", value), "sent", lambda: self.sqs.send_message(QueueUrl=self.queue, MessageBody=value))

    def delete_message(self, _, __):
        try:
            received = self.sqs.receive_message(QueueUrl=self.queue, VisibilityTimeout=0).get("Messages", [])
        except (ClientError, HTTPClientError):
            return
        for message in received:
            self.model.run(("message", message["Body"]), ABSENT,
                           lambda: self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"]))

    def put_role(self, n, value):
        role = ("role", f"role{n}")
        if self.model.possible(role) == {ABSENT}:
            self.model.run(role, value, lambda: self.iam.create_role(RoleName=role[1], Description=value, AssumeRolePolicyDocument=TRUST_POLICY))
        else:
            self.model.run(role, value, lambda: self.iam.update_role(RoleName=role[1], Description=value))

    def delete_role(self, n, _):
        self.model.run(("role", f"role{n}"), ABSENT, lambda: self.iam.delete_role(RoleName=f"role{n}"))

    def put_logs(self, _, value):
        self.model.run(("event", value), "sent", lambda: self.logs.put_log_events(
            logGroupName="group", logStreamName="stream", logEvents=[{"timestamp": self.now_ms(), "message": value}]))

    def now_ms(self):
        return int(self.iam.get_role(RoleName="functions")["Role"]["CreateDate"].timestamp() * 1000) + self.number

    def put_function(self, n, value):
        name = f"function{n}"
        if self.model.possible(("function", name)) == {ABSENT}:
            code = {"ZipFile": zip_of({"app.py": f"# {value}\n"})}
            self.model.run(("function", name), value, lambda: self.lambda_.create_function(
                FunctionName=name, Runtime="python3.11", Handler="app.handler", Role=self.role, Code=code, Description=value))
        else:
            self.model.run(("function", name), value, lambda: self.lambda_.update_function_configuration(FunctionName=name, Description=value))

    def delete_function(self, n, _):
        self.model.run(("function", f"function{n}"), ABSENT, lambda: self.lambda_.delete_function(FunctionName=f"function{n}"))

    def state(self):
        """Returns the value of each resource that exists on the engine."""
        found = {}
        for item in self.s3.list_objects_v2(Bucket="bucket").get("Contents", []):
            found["object", item["Key"]] = self.s3.get_object(Bucket="bucket", Key=item["Key"])["Body"].read()
        for role in self.iam.list_roles()["Roles"]:
            found["role", role["RoleName"]] = role.get("Description", "")
        for function in self.lambda_.list_functions()["Functions"]:
            found["function", function["FunctionName"]] = function["Description"]
        for page in self.logs.get_paginator("filter_log_events").paginate(logGroupName="group"):
            found.update({("event", event["message"]): "sent" for event in page["events"]})
        while messages := self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10, VisibilityTimeout=600).get("Messages"):
            found.update({("message", message["Body"]): "sent" for message in messages})
        return found

    def check(self):
        found = self.state()
        wrong = {resource: (summary(found.get(resource, ABSENT)), [summary(value) for value in possible])
                 for resource, possible in self.model.values.items()
                 if resource[0] not in ("upload", "part") and found.get(resource, ABSENT) not in possible}
        assert not wrong, "resource: (value, possible values)"


def summary(value):
    return value[:40] if value else value


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    return faulty_disk.build(tmp_path_factory.mktemp("faults"))


@pytest.fixture
def faulty(osbot_path, tmp_path, library):
    """Yields a running engine on a disk without faults, the disk, and a function that restarts the engine after a kill."""
    engine = Engine(osbot_path, tmp_path / "state")
    disk = faulty_disk.Disk(engine, library)
    yield engine.start(), disk
    disk.heal()
    engine.stop()


def run_schedule(faulty, schedule, seed, operations):
    engine, disk = faulty
    load = Load(engine, seed)
    load.prepare()
    load.operate(operations // 4)
    assert load.model.failed == 0, "no fault was injected yet"

    disk.fail(*SCHEDULES[schedule], seed)
    load.operate(operations)
    assert engine.process.poll() is None, "the engine ended: " + engine_log(engine)
    assert disk.injected > 0
    disk.heal()
    if schedule == "partial_writes":
        assert load.model.failed == 0, "a short write is continued"
    elif schedule == "full":
        assert load.model.failed > 0
    load.operate(operations // 4)  # the engine recovers without a restart

    engine.stop(signal.SIGKILL)
    load.connect(engine.start())
    load.check()
    status = engine.run("local", "status")
    assert "unreadable" not in status.stdout, status.stdout


def engine_log(engine):
    return "".join(file.read_text(errors="replace")[-2000:] for file in (engine.state.parent / "state.log", engine.state / "daemon.log") if file.exists())


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_short_acknowledged_operations_survive(faulty, schedule):
    run_schedule(faulty, schedule, 1, SHORT_OPERATIONS)


@pytest.mark.parametrize("seed", FULL_SEEDS)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_full_acknowledged_operations_survive(faulty, schedule, seed):
    run_schedule(faulty, schedule, seed, FULL_OPERATIONS)


INTERNAL_ERRORS = {"object": "InternalError", "large object": "InternalError", "message": "InternalError", "role": "ServiceFailure",
                   "events": "ServiceUnavailableException", "function": "ServiceException"}


@pytest.mark.parametrize("kinds, calls", [(["ENOSPC"], ["write"]), (["EIO"], ["sync"])])
def test_short_failed_write_is_the_error_of_the_service(faulty, kinds, calls):
    """Clients retry and handle the code that the service has for an internal error."""
    engine, disk = faulty
    load = Load(engine, 5)
    load.prepare()
    load.operate(10)
    event, code = {"timestamp": load.now_ms(), "message": "lost"}, {"ZipFile": zip_of({"app.py": ""})}
    operations = {
        "object": lambda: load.s3.put_object(Bucket="bucket", Key="lost", Body=b"lost"),
        "large object": lambda: load.s3.put_object(Bucket="bucket", Key="lost", Body=b"." * LARGE_BYTES),
        "message": lambda: load.sqs.send_message(QueueUrl=load.queue, MessageBody="lost"),
        "role": lambda: load.iam.create_role(RoleName="lost", AssumeRolePolicyDocument=TRUST_POLICY),
        "events": lambda: load.logs.put_log_events(logGroupName="group", logStreamName="stream", logEvents=[event]),
        "function": lambda: load.lambda_.create_function(FunctionName="lost", Runtime="python3.11", Handler="app.handler", Role=load.role, Code=code),
    }
    disk.fail(kinds, calls, 1_000_000)
    codes, messages = {}, {}
    for name, operation in operations.items():
        with pytest.raises(ClientError) as failed:
            operation()
        codes[name], messages[name] = failed.value.response["Error"]["Code"], failed.value.response["Error"]["Message"]
        assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert codes == INTERNAL_ERRORS
    reason = "disk is full|No space left" if kinds == ["ENOSPC"] else "disk I/O error|Input/output error"
    assert [] == [message for message in messages.values() if not re.search(reason, message)]
    disk.heal()
    load.check()


@pytest.mark.parametrize("kinds, calls", [(["ENOSPC"], ["write"]), (["EIO"], ["sync"]), (["EIO"], ["read"])])
def test_short_start_on_a_faulty_disk_names_the_reason(faulty, osbot_path, kinds, calls):
    engine, disk = faulty
    load = Load(engine, 2)
    load.prepare()
    load.operate(40)
    engine.stop(signal.SIGKILL)

    disk.fail(kinds, calls, 1_000_000)
    command = [osbot_path, "local", "start", "--foreground", "--port", str(engine.port), "--state", str(engine.state)]
    started = subprocess.run(command, env=engine.environment, capture_output=True, text=True, timeout=60)
    assert started.returncode > 0 and str(engine.state) in started.stderr, (started.returncode, started.stderr)
    disk.heal()

    load.connect(engine.start())
    load.check()


def test_short_unreadable_database_stops_the_engine(faulty):
    """After a failed write the engine reads its state again. If that fails too, no response would be correct."""
    engine, disk = faulty
    load = Load(engine, 3)
    load.prepare()
    load.operate(40)
    disk.fail(["EIO"], ["read", "write"], 1_000_000)
    with pytest.raises((ClientError, EndpointConnectionError, HTTPClientError)):
        load.s3.create_bucket(Bucket="lost")
    engine.process.wait(30)
    assert "the engine stops" in engine_log(engine)
    disk.heal()
    load.connect(engine.start())
    load.check()
    assert "lost" not in [bucket["Name"] for bucket in load.s3.list_buckets()["Buckets"]]


def test_short_unreadable_log_events_are_an_error(faulty):
    engine, disk = faulty
    load = Load(engine, 4)
    load.prepare()
    large = ["x" * 100_000 + str(n) for n in range(40)]  # above the page cache of SQLite
    for message in large:
        load.logs.put_log_events(logGroupName="group", logStreamName="stream", logEvents=[{"timestamp": load.now_ms(), "message": message}])
    engine.stop()
    load.connect(engine.start())
    disk.fail(["EIO"], ["read"], 1_000_000)
    with pytest.raises(ClientError) as failed:
        load.logs.get_log_events(logGroupName="group", logStreamName="stream", startFromHead=True)
    assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    disk.heal()
    assert len(load.logs.get_log_events(logGroupName="group", logStreamName="stream", startFromHead=True)["events"]) > 0


def test_short_library_injects_only_below_the_folder(tmp_path, library):
    """The test of the tests: a command fails with each kind of fault, and only in the folder."""
    engine = Engine("true", tmp_path / "state")
    engine.state.mkdir()
    disk = faulty_disk.Disk(engine, library)
    shell = shutil.which("dd")

    def write(folder):
        done = subprocess.run([shell, "if=/dev/zero", f"of={folder}/file", "bs=1000", "count=1", "conv=fsync"], env={**engine.environment, "LC_ALL": "C"},
                              capture_output=True, text=True)
        return done.returncode, done.stderr

    assert write(engine.state)[0] == 0
    disk.fail(["ENOSPC"], ["write"], 1_000_000)
    assert "No space left on device" in write(engine.state)[1]
    assert write(tmp_path)[0] == 0
    disk.fail(["EIO"], ["sync"], 1_000_000)
    assert "Input/output error" in write(engine.state)[1]
    disk.fail(["short"], ["write"], 1_000_000)
    assert write(engine.state)[0] == 0 and (engine.state / "file").stat().st_size == 1000
    assert disk.injected >= 3
