"""Tests that acknowledged changes survive kill and restart, and that a daemon that cannot start prints the reason in one line."""

import json
import os
import signal
import socket
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request

import pytest
from conftest import Engine, Functions, error_line, zip_of

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


def test_reset_deletes_everything(own_engine):
    engine = own_engine()
    functions = Functions(engine)
    functions.python("deleted", ECHO)
    urllib.request.urlopen(urllib.request.Request(engine.url + "/_osbot/reset", method="POST"))
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


def test_web_page_cannot_reset_the_engine(engine):
    request = urllib.request.Request(engine.url + "/_osbot/reset", method="POST", headers={"Origin": "https://evil.example"})
    try:
        status = urllib.request.urlopen(request).status
    except urllib.error.HTTPError as error:
        status = error.code
    assert status == 403


def test_host_option_opens_all_interfaces(osbot_path, tmp_path):
    def connects(engine, address):
        try:
            socket.create_connection((address, engine.port), 1).close()
            return True
        except ConnectionRefusedError:
            return False

    local, open_to_all = Engine(osbot_path, tmp_path / "local").start(), Engine(osbot_path, tmp_path / "open", "--host", "0.0.0.0").start()
    try:
        # 127.0.0.2 is an address other than 127.0.0.1 that every host has.
        assert connects(local, "127.0.0.1") and not connects(local, "127.0.0.2")
        assert connects(open_to_all, "127.0.0.1") and connects(open_to_all, "127.0.0.2")
        other_name = urllib.request.Request(open_to_all.url + "/_osbot/reset", method="POST", headers={"Host": "engine:4566"})
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(other_name)
    finally:
        local.stop()
        open_to_all.stop()


def test_host_option_accepts_only_the_two_addresses(osbot_path, tmp_path):
    done = subprocess.run([osbot_path, "local", "start", "--foreground", "--host", "10.1.2.3", "--state", tmp_path / "s"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 2 and "--host" in done.stderr


def test_start_rejects_a_daemon_with_another_host(own_engine):
    engine = own_engine()
    failed = engine.run("local", "start", "--host", "0.0.0.0", check=False)
    assert failed.returncode == 1 and "osbot local stop" in error_line(failed.stderr)
