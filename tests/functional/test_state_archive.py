"""Tests `osbot local export` and `osbot local import`."""

import io
import json
import signal
import subprocess
import tarfile
import threading

import pytest

from conftest import Functions

HELLO = """
    def handler(event, context):
        return "hello " + event["name"]
"""


def fill(engine):
    """Adds a function, an object, a message and a log event."""
    functions = Functions(engine)
    functions.python("hello", HELLO)
    s3, sqs = engine.client("s3"), engine.client("sqs")
    s3.create_bucket(Bucket="files")
    s3.put_object(Bucket="files", Key="a/b", Body=b"x" * 100_000)
    sqs.send_message(QueueUrl=sqs.create_queue(QueueName="work")["QueueUrl"], MessageBody="task")
    assert functions.invoke("hello", {"name": "before"})[0] == "hello before"


def check(engine):
    functions = Functions(engine)
    assert functions.invoke("hello", {"name": "after"})[0] == "hello after"
    assert engine.client("s3").get_object(Bucket="files", Key="a/b")["Body"].read() == b"x" * 100_000
    sqs = engine.client("sqs")
    url = sqs.get_queue_url(QueueName="work")["QueueUrl"]
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "task"
    events = engine.client("logs").filter_log_events(logGroupName="/aws/lambda/hello")["events"]
    assert any(event["message"].startswith("START") for event in events)


def test_state_moves_from_a_running_to_a_running_engine(own_engine, tmp_path):
    first, archive = own_engine(), tmp_path / "state.tar.zst"
    fill(first)
    partial = archive.with_name(archive.name + ".partial")
    partial.symlink_to(tmp_path / "elsewhere")
    exported = json.loads(first.run("local", "export", archive, "--state", first.state, "--json").stdout)
    assert exported["records"] > 5 and exported["blobs"] >= 2 and exported["file"] == str(archive)
    assert archive.stat().st_mode & 0o777 == 0o600
    assert not archive.is_symlink() and not (tmp_path / "elsewhere").exists() and not partial.is_symlink()
    second = own_engine(state="second")
    second.client("s3").create_bucket(Bucket="replaced")
    imported = json.loads(second.run("local", "import", archive, "--yes", "--state", second.state, "--json").stdout)
    assert imported["records"] == exported["records"] and imported["blobs"] == exported["blobs"]
    assert [bucket["Name"] for bucket in second.client("s3").list_buckets()["Buckets"]] == ["files"]
    second.stop(signal.SIGKILL)
    second.start()
    check(second)


def test_state_moves_between_stopped_engines(own_engine, tmp_path):
    first, archive = own_engine(), tmp_path / "state.tar.zst"
    fill(first)
    first.stop()
    first.run("local", "export", archive, "--state", first.state)
    second = own_engine(state="second")
    second.stop()
    second.run("local", "import", archive, "--yes", "--state", second.state)
    check(second.start())


def test_export_is_of_one_moment_while_requests_run(own_engine, tmp_path):
    engine, archive = own_engine(), tmp_path / "state.tar.zst"
    s3 = engine.client("s3")
    s3.create_bucket(Bucket="pairs")
    stop = threading.Event()

    def write():
        client, number = engine.client("s3"), 0
        while not stop.is_set():  # "second" is never newer than "first"
            for name in ("first", "second"):
                client.put_object(Bucket="pairs", Key=name, Body=str(number).encode())
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        engine.run("local", "export", archive, "--state", engine.state)
    finally:
        stop.set()
        writer.join()
    engine.run("local", "import", archive, "--yes", "--state", engine.state)
    listed = [each["Key"] for each in s3.list_objects_v2(Bucket="pairs").get("Contents", [])]
    values = {name: int(s3.get_object(Bucket="pairs", Key=name)["Body"].read()) for name in listed}
    assert values.get("first", 0) - values.get("second", 0) in (0, 1), values


def archive_of(path, entries):
    with tarfile.open(path, "w") as archive:
        for name, content in entries:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def manifest(**content):
    return json.dumps({"format": "osbot-state", "format_version": 1, "osbot": "1", **content}).encode()


MANIFEST = manifest()  # of an osbot that did not count the content


@pytest.mark.parametrize("entries, reason", [
    ([("x", b"")], "not an archive of osbot local export"),
    ([("manifest.json", b"{}")], "not an archive of osbot local export"),
    ([("manifest.json", MANIFEST.replace(b": 1,", b": 2,"))], "use a newer osbot"),
    ([("manifest.json", MANIFEST)], "it has no state.db"),
    ([("manifest.json", MANIFEST), ("../escape", b"")], "unexpected entry"),
    ([("manifest.json", MANIFEST), ("state.db", b"not a database" * 100)], "cannot be read"),
    ([("manifest.json", MANIFEST), ("state.db", b""), ("blobs/" + "0" * 64, b"x")], "schema 0"),
    ([("manifest.json", manifest(blobs=-1, bytes=1))], "not an archive of osbot local export"),
    ([("manifest.json", manifest(blobs=2, bytes=1)), ("state.db", b""), ("blobs/" + "0" * 64, b"x")], "it has 1 of 2 blobs"),
    ([("manifest.json", manifest(blobs=0, bytes=1)), ("state.db", b""), ("blobs/" + "0" * 64, b"x")], "more than 0 blobs"),
    ([("manifest.json", manifest(blobs=0, bytes=3)), ("state.db", b"four")], "more bytes"),
    # 20 GB were the limit before, which an export did not check.
    ([("manifest.json", manifest(blobs=0, bytes=10**18)), ("state.db", b"")], "its files have 1000000000000000000 bytes, and the disk of"),
])
def test_foreign_archives_are_rejected_and_change_nothing(engine, tmp_path, entries, reason):
    s3 = engine.client("s3")
    s3.create_bucket(Bucket="unchanged")
    file = archive_of(tmp_path / "foreign.tar", entries)
    failed = engine.run("local", "import", file, "--yes", "--state", engine.state, check=False)
    assert failed.returncode == 1 and reason in failed.stderr, failed.stderr
    assert not (tmp_path / "escape").exists()
    s3.delete_bucket(Bucket="unchanged")


def test_altered_blobs_and_databases_are_rejected(own_engine, tmp_path):
    engine, archive = own_engine(), tmp_path / "state.tar.zst"
    engine.client("s3").create_bucket(Bucket="kept")
    engine.client("s3").put_object(Bucket="kept", Key="k", Body=b"content")
    engine.run("local", "export", archive, "--state", engine.state)
    unpacked = tmp_path / "unpacked"
    unpacked.mkdir()
    subprocess.run(["cmake", "-E", "tar", "xf", archive], cwd=unpacked, check=True)  # tar requires the program zstd
    blob = next((unpacked / "blobs").iterdir())
    blob.chmod(0o600)
    blob.write_bytes(b"other")
    files = ["manifest.json", "state.db", f"blobs/{blob.name}"]
    altered = archive_of(tmp_path / "altered.tar", [(name, (unpacked / name).read_bytes()) for name in files])
    failed = engine.run("local", "import", altered, "--yes", "--state", engine.state, check=False)
    assert failed.returncode == 1 and "does not have this SHA-256" in failed.stderr
    incomplete = archive_of(tmp_path / "incomplete.tar", [(name, (unpacked / name).read_bytes()) for name in files[:2]])
    failed = engine.run("local", "import", incomplete, "--yes", "--state", engine.state, check=False)
    assert failed.returncode == 1 and "it is incomplete: it has 0 of 1 blobs" in failed.stderr
    assert engine.client("s3").get_object(Bucket="kept", Key="k")["Body"].read() == b"content"


def test_import_asks_and_missing_files_are_named(engine, tmp_path):
    unconfirmed = engine.run("local", "import", tmp_path / "x", "--state", engine.state, check=False)
    assert unconfirmed.returncode == 2 and "--yes" in unconfirmed.stderr
    missing = engine.run("local", "import", tmp_path / "absent", "--yes", "--state", engine.state, check=False)
    assert missing.returncode == 1 and "absent" in missing.stderr and "No such file" in missing.stderr
    refused = engine.run("local", "export", tmp_path / "none" / "file", "--state", engine.state, check=False)
    assert refused.returncode == 1 and "No such file" in refused.stderr
