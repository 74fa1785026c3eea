"""Tests `osbot doctor`: its findings, the selected target, problems with advice; it prints no secrets and sends no remote requests."""

import json
import os
import socket
import subprocess

import pytest


@pytest.fixture
def doctor(osbot_path, tmp_path):
    def run(*arguments, **environment):
        base = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "OSBOT_AWS_STATE": str(tmp_path / "state"), "NO_COLOR": "1"}
        done = subprocess.run([osbot_path, "doctor", *arguments], env={**base, **environment}, capture_output=True, text=True, timeout=60)
        done.checks = {check["name"]: check for check in json.loads(done.stdout)["checks"]} if "--json" in arguments else None
        return done

    return run


def test_each_check_is_one_line_that_starts_with_its_state(doctor):
    done = doctor()
    assert done.returncode == 0, done.stdout
    lines = done.stdout.splitlines()
    for line in lines[:-2]:
        assert line.split()[0] in ("ok", "warning", "problem"), line
    assert lines[-1].startswith("0 problems")
    names = doctor("--json").checks
    for name in ("target", "credentials", "daemon", "state folder", "free space", "namespaces", "overlay", "cgroup", "processes", "freezer", "connections", "seccomp", "compiler", "libcurl"):
        assert name in names


def test_doctor_creates_no_files(doctor, tmp_path):
    doctor()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("environment, expected", [
    ({}, "the local engine, because no endpoint is set, and no AWS credentials are found"),
    ({"OSBOT_AWS_TARGET": "local", "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B"}, "the local engine, because OSBOT_AWS_TARGET=local"),
    ({"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B"}, "AWS, because credentials are configured: keys of the environment (AWS_ACCESS_KEY_ID)"),
    ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "http://127.0.0.1:9, because AWS_ENDPOINT_URL is set"),
    ({"AWS_ENDPOINT_URL_LAMBDA": "http://127.0.0.1:9"}, "http://127.0.0.1:9, because the settings have an endpoint for Lambda"),
])
def test_target_names_the_setting_that_selected_it(doctor, environment, expected):
    assert expected in doctor("--json", AWS_REGION="eu-west-1", **environment).checks["target"]["found"]


def test_target_names_the_option_that_selected_it(doctor):
    assert doctor("--local", "--json").checks["target"]["found"].endswith("because --local is set")
    assert "127.0.0.1:9" in doctor("--endpoint-url", "http://127.0.0.1:9", "--json").checks["target"]["found"]


@pytest.mark.parametrize("config, kind", [
    ("[default]\naws_access_key_id = AKIASECRETSECRET\naws_secret_access_key = verysecret\n", "keys of the profile"),
    ("[default]\ncredential_process = /bin/false verysecret\n", "the profile's credential_process"),
    ("[default]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = base\n[profile base]\naws_access_key_id = A\naws_secret_access_key = verysecret\n",
     "a role that the profile assumes"),
])
def test_credentials_are_reported_by_kind_without_values(doctor, tmp_path, config, kind):
    (tmp_path / "config").write_text(config)
    done = doctor("--json", AWS_CONFIG_FILE=str(tmp_path / "config"), AWS_REGION="eu-west-1")
    assert done.checks["credentials"]["found"] == kind
    assert "secret" not in (done.stdout + done.stderr).lower().replace("aws_secret_access_key", "")


@pytest.mark.parametrize("environment, name", [
    ({"OSBOT_AWS_TARGET": "moon"}, "target"),
    ({"OSBOT_AWS_TARGET": "aws", "AWS_REGION": "eu-west-1"}, "credentials"),
    ({"OSBOT_AWS_TARGET": "aws", "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B"}, "region"),
    ({"AWS_PROFILE": "missing"}, "target"),
])
def test_problem_exits_with_1_and_has_advice(doctor, environment, name):
    done = doctor("--json", **environment)
    assert done.returncode == 1
    assert done.checks[name]["state"] == "problem" and done.checks[name]["advice"]


def test_state_path_that_is_a_file_is_a_problem(doctor, tmp_path):
    (tmp_path / "state").write_text("")
    done = doctor("--json")
    assert done.returncode == 1 and done.checks["state folder"]["state"] == "problem"


def test_missing_program_is_a_warning_with_advice(doctor, tmp_path):
    done = doctor("--json", PATH=str(tmp_path))
    assert done.returncode == 0
    for name in ("packages", "compiler", "cmake"):
        assert done.checks[name]["state"] == "warning" and done.checks[name]["advice"], name


def test_packages_need_only_python3_with_venv(doctor, tmp_path):
    python = tmp_path / "python3"
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    assert doctor("--json", PATH=str(tmp_path)).checks["packages"]["state"] == "ok"


def test_interpreters_have_version_and_path(doctor):
    pythons = [check for name, check in doctor("--json").checks.items() if name.startswith("python3.")]
    assert pythons and all(check["found"].startswith("Python 3.") and "(/" in check["found"] for check in pythons)


def test_running_daemon_is_reported_with_its_version(engine, osbot_path):
    done = engine.run("doctor", "--json")
    daemon = next(check for check in json.loads(done.stdout)["checks"] if check["name"] == "daemon")
    version = engine.run("version").stdout.split()[1]
    assert daemon["state"] == "ok" and version in daemon["found"] and str(engine.port) in daemon["found"]


def test_port_in_use_is_a_warning(doctor):
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(("127.0.0.1", 4566))
        except OSError:
            pass  # another process already uses the port, which serves the test equally well
        other.listen()
        check = doctor("--json").checks["port"]
    assert check["state"] == "warning" and "--port 0" in check["advice"]


def test_local_endpoint_without_a_server_is_a_problem(engine, doctor):
    done = doctor("--json", AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert done.returncode == 1 and "no server is listening there" in done.checks["target"]["found"]
    assert doctor("--json", AWS_ENDPOINT_URL=engine.url).checks["target"]["state"] == "ok"


def test_aws_is_called_only_with_the_option(doctor):
    # No server listens on port 9, so a call to STS would fail.
    environment = {"AWS_ENDPOINT_URL_STS": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B", "AWS_REGION": "eu-west-1",
                   "AWS_MAX_ATTEMPTS": "1"}
    assert doctor("--json", **environment).returncode == 0


def test_aws_check_reports_the_caller_identity(engine, doctor):
    done = doctor("--aws", "--endpoint-url", engine.url, "--json", AWS_ACCESS_KEY_ID="A", AWS_SECRET_ACCESS_KEY="B", AWS_REGION="us-east-1")
    assert "account 000000000000" in done.checks["AWS"]["found"], done.stdout


def test_interpreter_that_does_not_work_is_a_warning(doctor, tmp_path):
    broken = tmp_path / "bin/python3.13"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho 'shim: version not installed' >&2\nexit 127\n")
    broken.chmod(0o755)
    check = doctor("--json", PATH=f"{broken.parent}:{os.environ['PATH']}").checks["python3.13"]
    assert check["state"] == "warning" and f"{broken} does not work: shim: version not installed" == check["found"]
