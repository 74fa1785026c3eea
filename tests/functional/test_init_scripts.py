"""Tests `osbot local start --init` and the pages at LocalStack's addresses."""

import json
import urllib.error
import urllib.request

import pytest

from conftest import AWS
from test_sqs import until


def get(engine, path):
    with urllib.request.urlopen(engine.url + path, timeout=30) as response:
        return json.loads(response.read())


@pytest.fixture
def folder(tmp_path):
    scripts = tmp_path / "init"
    scripts.mkdir()
    (scripts / "20_second.py").write_text("import os\nprint('in python', os.environ['AWS_REGION'])\nopen('order', 'a').write('second ')\n")
    (scripts / "10_first.sh").write_text(f"set -e\necho in shell\n{AWS} s3 mb s3://made-by-init\nprintf 'first ' >> order\n")
    (scripts / "30_third.sh").write_text("printf 'third ' >> order\nexit 3\n")
    (scripts / "ignored.txt").write_text("x")
    return scripts


def test_scripts_run_in_order_and_failures_are_shown(own_engine, folder):
    engine = own_engine("--init", folder)
    until(lambda: get(engine, "/_localstack/init/ready")["completed"], seconds=60)
    assert (folder / "order").read_text() == "first second third "
    assert [bucket["Name"] for bucket in engine.client("s3").list_buckets()["Buckets"]] == ["made-by-init"]
    page = get(engine, "/_localstack/init")
    assert page["completed"] == {"BOOT": True, "START": True, "READY": True, "SHUTDOWN": False}
    assert page["scripts"] == [{"stage": "READY", "name": name, "state": state} for name, state in [
        ("10_first.sh", "SUCCESSFUL"), ("20_second.py", "SUCCESSFUL"), ("30_third.sh", "ERROR")]]
    assert get(engine, "/_localstack/init/boot") == {"completed": True, "scripts": []}
    status = engine.run("local", "status", "--state", engine.state).stdout
    assert "30_third.sh: failed (exit code 3)" in status and "10_first.sh: successful" in status
    log = open(engine.log.name).read()
    assert "10_first.sh: in shell" in log and "20_second.py: in python us-east-1" in log and "Ready." in log


def test_start_waits_for_the_scripts_and_names_failed_ones(osbot_path, engine, folder, tmp_path):
    arguments = ("local", "start", "--port", "0", "--state", tmp_path / "daemon")
    started = engine.run(*arguments, "--init", folder, check=False)
    try:
        assert started.returncode == 1 and "30_third.sh" in started.stderr and "InitFailed" in started.stderr
        assert (folder / "order").read_text() == "first second third "
        again = engine.run(*arguments, "--init", folder, check=False)
        assert again.returncode == 1 and "already running" in again.stderr
    finally:
        engine.run("local", "stop", "--state", tmp_path / "daemon")


def test_missing_folder_is_named(engine, tmp_path):
    failed = engine.run("local", "start", "--state", tmp_path / "none", "--init", tmp_path / "absent", check=False)
    assert failed.returncode == 2 and "absent" in failed.stderr


def test_script_is_stopped_with_the_engine(own_engine, tmp_path):
    scripts = tmp_path / "slow"
    scripts.mkdir()
    (scripts / "slow.sh").write_text("touch started\nexec sleep 600\n")
    engine = own_engine("--init", scripts)
    until(lambda: (scripts / "started").exists(), seconds=60)
    assert get(engine, "/_localstack/init/ready")["completed"] is False
    engine.stop()  # fails after 30 s


def test_health_page_lists_the_services(engine):
    page = get(engine, "/_localstack/health")
    assert page["services"] == {name: "running" for name in ("iam", "lambda", "logs", "s3", "sqs", "sts")}
    assert page["version"] and get(engine, "/_localstack/init") == {
        "completed": {"BOOT": True, "START": True, "READY": True, "SHUTDOWN": False}, "scripts": []}
    with pytest.raises(urllib.error.HTTPError) as error:
        get(engine, "/_localstack/unknown")
    assert error.value.code == 404
