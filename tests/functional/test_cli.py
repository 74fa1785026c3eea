"""Tests the osbot command as people and scripts use it: stdout, stderr and exit codes."""

import json
import os
import pathlib
import pwd
import re
import subprocess

import pytest

from conftest import Functions, error_line

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMON = {"--help", "--local", "--aws", "--endpoint-url", "--region", "--profile", "--json"}

HELLO = """
def handler(event, context):
    print("greeting", event.get("name"))
    if event.get("fail"):
        raise ValueError("deliberate failure")
    return {"hello": event.get("name")}
"""


@pytest.fixture
def hello(engine, tmp_path, request):
    """Deploys a function with a unique name."""
    name = "cli_" + re.sub(r"\W", "_", request.node.name)[:50]
    source = tmp_path / f"{name}.py"
    source.write_text(HELLO)
    engine.run("deploy", source)
    yield name
    engine.run("delete", name, check=False)


def test_commands_manage_a_function_until_its_deletion(engine, hello):
    done = engine.run("invoke", hello, '{"name": "Ada"}')
    assert json.loads(done.stdout) == {"hello": "Ada"}
    assert done.stderr == ""
    assert hello in engine.run("list").stdout
    assert json.loads(engine.run("info", hello, "--json").stdout)["Configuration"]["Handler"] == f"{hello}.handler"
    assert "greeting Ada" in engine.run("logs", hello).stdout
    url = engine.run("url", hello, "--public").stdout.strip()
    assert engine.run("url", hello).stdout.strip() == url
    deleted = engine.run("delete", hello)
    assert deleted.stdout == f"deleted {hello}\n" and deleted.stderr.startswith("target: ")
    assert engine.run("info", hello, check=False).returncode == 4


def test_delete_removes_the_code_that_deploy_uploaded(engine, tmp_path):
    source = tmp_path / "cli_uploaded.py"
    source.write_text(HELLO)
    in_bucket = {"OSBOT_LAMBDA_S3_BUCKET": "cli-uploads"}
    engine.run("deploy", source, env=in_bucket)
    s3 = engine.client("s3")
    s3.put_object(Bucket="cli-uploads", Key="lambdas/other.zip", Body=b"")
    deleted = engine.run("delete", "cli_uploaded", env=in_bucket)
    assert deleted.stdout == "deleted cli_uploaded and its code s3://cli-uploads/lambdas/cli_uploaded.zip\n"
    assert [item["Key"] for item in s3.list_objects_v2(Bucket="cli-uploads")["Contents"]] == ["lambdas/other.zip"]


def test_second_deploy_of_unchanged_code_sends_nothing(engine, hello, tmp_path):
    again = engine.run("deploy", tmp_path / f"{hello}.py")
    assert "unchanged" in again.stdout
    changed = engine.run("deploy", tmp_path / f"{hello}.py", "--env", "LEVEL=debug", "--json")
    assert json.loads(changed.stdout)["unchanged"] is False


def test_payload_is_read_from_a_file_or_standard_input(engine, hello, tmp_path):
    event = tmp_path / "event.json"
    event.write_text('{"name": "file"}')
    assert json.loads(engine.run("invoke", hello, f"@{event}").stdout) == {"hello": "file"}
    assert json.loads(engine.run("invoke", hello, "-", input='{"name": "pipe"}').stdout) == {"hello": "pipe"}


def test_invoke_writes_logs_to_stderr_and_result_to_stdout(engine, hello):
    done = engine.run("invoke", hello, '{"name": "Ada"}', "--logs")
    assert json.loads(done.stdout) == {"hello": "Ada"}
    for word in ("START RequestId", "greeting Ada", "REPORT RequestId"):
        assert word in done.stderr


# A runtime that returns each event unchanged, and an event that any other JSON parser or writer would change.
ECHO = """#!/usr/bin/env python3
import http.client, os
while True:
    api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    api.request("GET", "/2018-06-01/runtime/invocation/next")
    event = api.getresponse()
    body = event.read()
    api.request("POST", f"/2018-06-01/runtime/invocation/{event.headers['Lambda-Runtime-Aws-Request-Id']}/response", body)
    api.getresponse().read()
"""
EXACT = '{ "z": 12345678901234567890123, "a": 1e400,  "a": 1.10, "t": "\\u00e9\\/é" }'


@pytest.fixture(scope="module")
def echo(engine):
    functions = Functions(engine)
    yield functions.create("exact_echo", {"bootstrap!": ECHO}, "provided.al2023", "none")
    functions.lambda_.delete_function(FunctionName="exact_echo")


def test_event_and_result_are_the_same_bytes(engine, echo, tmp_path):
    (tmp_path / "event.json").write_text(EXACT + "\n\n")
    assert engine.run("invoke", echo, EXACT).stdout == EXACT + "\n"
    assert engine.run("invoke", echo, "-", input="[1,\n 2]").stdout == "[1,\n 2]\n"
    assert engine.run("invoke", echo, f"@{tmp_path}/event.json").stdout == EXACT + "\n\n"


def test_json_output_contains_the_result_unchanged(engine, echo):
    done = engine.run("invoke", echo, EXACT.replace(",", ",\n"), "--json")
    assert done.stdout.startswith('{"data":' + EXACT.replace(",", ", ") + ',"name":"exact_echo"')
    assert done.stdout.count("\n") == 1 and json.loads(done.stdout)["status"] == "ok"


def test_sample_event_keeps_the_order_of_its_members(engine, echo):
    sent = engine.run("invoke", echo, "--event", "s3").stdout
    assert sent == json.dumps(json.loads(engine.run("event", "s3").stdout), separators=(",", ":")) + "\n"


def test_message_of_a_queue_is_sent_unchanged(engine):
    sqs = engine.client("sqs")
    url = sqs.create_queue(QueueName="exact")["QueueUrl"]
    engine.run("queues", "send", "exact", "-", input=EXACT + "\n")
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == EXACT + "\n"
    done = subprocess.run([engine.osbot, "queues", "send", "exact", "-"], env=engine.environment, input=b"\xff", capture_output=True, timeout=60)
    assert done.returncode == 2 and b"not UTF-8" in done.stderr
    sqs.delete_queue(QueueUrl=url)


def test_invoke_prints_status_and_body_of_a_streamed_http_response(engine, osbot_path):
    engine.run("deploy", osbot_path.parent / "streamed", "--handler", "count_up")
    expected = {"statusCode": 200, "headers": {"Content-Type": "text/plain"}, "cookies": [], "body": "1\n2\n3\n"}
    assert json.loads(engine.run("invoke", "count_up").stdout) == expected
    assert json.loads(engine.run("invoke", "count_up", "--json").stdout)["data"] == expected
    engine.run("delete", "count_up")


def test_failing_function_exits_with_1_and_prints_its_error(engine, hello):
    done = engine.run("invoke", hello, '{"fail": true}', check=False)
    assert done.returncode == 1
    assert json.loads(done.stdout)["errorType"] == "ValueError"
    assert len(done.stderr.splitlines()) == 1 and "deliberate failure" in done.stderr


@pytest.mark.parametrize("arguments, code, message", [
    (["invoke", "no_such_function"], 4, "no_such_function"),
    (["info", "no_such_function"], 4, "no_such_function"),
    (["delete", "no_such_function"], 4, "no_such_function"),
    (["logs", "no_such_function"], 4, "no_such_function"),
    (["url", "no_such_function"], 4, "no_such_function"),
    (["invoke", "x", "{not json"], 2, "not JSON (parse error at line 1"),
    (["invoke", "x", ""], 4, "x not found"),
    (["invoke", "x", "@/dev/null"], 2, "/dev/null is not JSON"),
    (["invoke", "x", "@/etc/passwd"], 2, "/etc/passwd is not JSON"),
    (["invoke", "x", "@/no/such/file"], 2, "/no/such/file"),
    (["local", "reset"], 2, "--yes"),
    (["deploy", "/no/such/file.py"], 4, "/no/such/file.py"),
    (["deploy", "/etc/hostname", "--env", "novalue"], 2, "invalid --env 'novalue': expected NAME=VALUE"),
    (["list", "--endpoint-url", "http://127.0.0.1:9"], 3, "127.0.0.1"),
    (["list", "--endpoint-url", "foo"], 2, "invalid --endpoint-url 'foo': expected a URL such as http://127.0.0.1:4566"),
    (["local", "start", "--forward", "dynamodb=foo"], 2, "invalid --forward 'dynamodb=foo': expected SERVICE=URL, such as dynamodb=http://127.0.0.1:8000"),
    (["local", "start", "--cors-origin", "foo"], 2, "--cors-origin requires an origin such as http://localhost:3000"),
])
def test_error_is_one_line_on_stderr_with_an_exit_code(engine, arguments, code, message):
    done = engine.run(*arguments, check=False)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert message in error_line(done.stderr)
    as_json = engine.run(*arguments, "--json", check=False)
    error = json.loads(as_json.stdout)
    assert as_json.returncode == code and set(error) == {"code", "message", "hint"} and message in error["message"]


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_LAMBDA"])
def test_variable_that_is_not_a_url_is_a_usage_error(engine, variable):
    done = engine.run("list", "--json", check=False, env={variable: "localhost:4566"})
    error = json.loads(done.stdout)
    assert done.returncode == 2 and error["code"] == "ConfigurationError"
    assert error["message"] == f"invalid {variable} 'localhost:4566': expected a URL such as http://127.0.0.1:4566"


def test_error_of_a_broken_zip_names_the_file(engine, tmp_path):
    (tmp_path / "broken.zip").write_text("text")
    done = engine.run("deploy", str(tmp_path / "broken.zip"), check=False)
    assert done.returncode == 1 and f"{tmp_path}/broken.zip: not a zip file (BadZip)" in done.stderr


@pytest.mark.parametrize("arguments", [["no-such-command", "--json"], ["--json", "delete"], ["list", "--no-such-flag", "--json"],
                                       ["local", "start", "--in-memory", "--json"], ["local", "start", "--port", "x", "--json"],
                                       ["logs", "--since", "x", "--json"], ["logs", "x", "--lines", "y", "--json"], ["deploy", "x.py", "--watch", "--image", "x", "--json"]])
def test_invalid_arguments_are_an_object_with_the_help_as_hint(engine, arguments):
    done = engine.run(*arguments, check=False)
    error = json.loads(done.stdout)
    assert done.returncode == 2 and error["code"] == "InvalidArgument" and error["hint"].endswith("--help")


@pytest.mark.parametrize("command", ["invoke", "info", "url", "delete", "logs"])
def test_misspelled_function_suggests_the_nearest_name(engine, hello, command):
    done = engine.run(command, hello[:-1], "--json", check=False)
    assert done.returncode == 4 and json.loads(done.stdout) == {
        "code": "ResourceNotFoundException", "message": f"function {hello[:-1]} not found", "hint": f"did you mean '{hello}'?"}
    assert f"did you mean '{hello}'?" in error_line(done.stderr)


def test_url_distinguishes_a_missing_url_from_a_missing_function(engine, hello):
    assert f"{hello} has no URL" in engine.run("url", hello, check=False).stderr
    assert "function nope not found" in engine.run("url", "nope", check=False).stderr


def test_list_has_a_header_and_sizes(engine, hello):
    lines = engine.run("list").stdout.splitlines()
    assert lines[0].split() == ["NAME", "RUNTIME", "HANDLER", "MEMORY", "CODE", "MODIFIED"]
    assert re.search(rf"^{hello} .* \d+ MB +\d+ B ", "\n".join(lines), re.M)


def test_info_shows_environment_url_and_concurrency(engine, tmp_path):
    source = tmp_path / "surrounded.py"
    source.write_text("def handler(event, context):\n    return 1\n")
    engine.run("deploy", source, "--env", "TOKEN=s3cret")
    engine.run("url", "surrounded", "--public")
    text = engine.run("info", "surrounded").stdout
    assert re.search(r"^Environment .*TOKEN", text, re.M) and "s3cret" not in text
    assert re.search(r"^Url +http://.* \(NONE\)$", text, re.M) and re.search(r"^Concurrency +not reserved$", text, re.M)
    assert json.loads(engine.run("info", "surrounded", "--json").stdout)["Url"]["AuthType"] == "NONE"
    engine.run("delete", "surrounded")


@pytest.mark.parametrize("environment, message", [
    ({"AWS_ACCESS_KEY_ID": "A"}, "Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY"),
])
def test_partial_credentials_are_named(osbot_path, tmp_path, environment, message):
    done = subprocess.run([osbot_path, "list", "--json"], env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **environment}, capture_output=True, text=True, timeout=60)
    assert json.loads(done.stdout)["code"] == "PartialCredentialsError" and message in error_line(done.stderr)


@pytest.mark.parametrize("arguments", [[], ["no-such-command"], ["invoke"], ["list", "--no-such-flag"], ["list", "--local", "--aws"]])
def test_invalid_arguments_exit_with_2(engine, arguments):
    assert engine.run(*arguments, check=False).returncode == 2


def test_ambiguous_handler_error_lists_the_candidates(engine, tmp_path):
    source = tmp_path / "unclear.py"
    source.write_text("def first(a, b): pass\ndef second(a, b): pass\n")
    done = engine.run("deploy", source, check=False)
    assert done.returncode == 1
    assert "first" in done.stderr and "second" in done.stderr


COMMANDS = ["init", "deploy", "package", "invoke", "logs", "info", "list", "delete", "url", "layers", "queues", "event", "doctor", "local", "completion", "man", "version"]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_examples_and_a_complete_docs_page(engine, command):
    help_text = engine.run(command, "--help").stdout
    assert "Examples:" in help_text
    page = (ROOT / f"docs/cli/{command}.md").read_text()
    for option in set(re.findall(r"--[a-z-]+", help_text.split("Examples:")[0])) - COMMON:
        assert f"`{option}" in page, f"docs/cli/{command}.md does not mention {option}"


def test_help_has_examples_and_exit_codes(engine):
    help_text = engine.run("--help").stdout
    for word in ["osbot deploy ./hello.py", "osbot invoke hello", "Exit codes", *COMMANDS]:
        assert word in help_text


def local_environment(tmp_path):
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "OSBOT_AWS_STATE": str(tmp_path / "state"), "OSBOT_AWS_TARGET": "local",
            "OSBOT_AWS_RUNTIME_SUPPORT": "off"}


def test_daemon_starts_on_demand_is_reported_once_and_stops(osbot_path, tmp_path):
    environment = local_environment(tmp_path)

    def run(*arguments):
        return subprocess.run([osbot_path, *arguments], env=environment, capture_output=True, text=True, timeout=60)

    assert run("local", "status").returncode == 4
    first = run("list")
    try:
        assert first.returncode == 0 and "started a local engine" in first.stderr
        assert run("list").stderr == ""
        assert run("local", "status").returncode == 0
    finally:
        assert run("local", "stop").returncode == 0
    assert run("local", "status").returncode == 4


def test_concurrent_commands_start_one_daemon(osbot_path, tmp_path):
    environment = local_environment(tmp_path)
    commands = [subprocess.Popen([osbot_path, "list"], env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    try:
        messages = [command.communicate(timeout=60)[1] for command in commands]
        assert [command.returncode for command in commands] == [0] * 6, messages
        assert sum("started a local engine" in message for message in messages) == 1, messages
    finally:
        subprocess.run([osbot_path, "local", "stop"], env=environment, check=True, capture_output=True)


def test_daemon_with_invalid_state_folder_reports_the_folder(osbot_path, tmp_path):
    (tmp_path / "state").write_text("not a folder")
    done = subprocess.run([osbot_path, "list"], env=local_environment(tmp_path), capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and str(tmp_path / "state") in error_line(done.stderr)


def test_unusable_home_is_a_one_line_error_with_advice(osbot_path, tmp_path):
    (tmp_path / "file").write_text("")
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "file/home"), "OSBOT_AWS_TARGET": "local"}
    done = subprocess.run([osbot_path, "list"], env=environment, capture_output=True, text=True, timeout=60)
    line = error_line(done.stderr)
    assert done.returncode == 1 and "file/home" in line and "OSBOT_AWS_STATE" in line


def test_state_folder_without_home_uses_the_user_database(osbot_path, tmp_path):
    done = subprocess.run([osbot_path, "doctor", "--json"], env={"PATH": os.environ["PATH"], "OSBOT_AWS_TARGET": "local"}, cwd=tmp_path,
                          capture_output=True, text=True, timeout=60)
    found = next(check["found"] for check in json.loads(done.stdout)["checks"] if check["name"] == "state folder")
    assert found.startswith(f"{pwd.getpwuid(os.geteuid()).pw_dir}/.local/state/osbot_aws ")


def test_daemon_starts_without_standard_streams(osbot_path, tmp_path):
    environment = local_environment(tmp_path)
    try:
        started = subprocess.run(["sh", "-c", 'exec "$0" local start --port 0 <&- >&- 2>&-', osbot_path], env=environment, timeout=60)
        assert started.returncode == 0
        assert subprocess.run([osbot_path, "list"], env=environment, capture_output=True, timeout=60).stderr == b""
    finally:
        subprocess.run([osbot_path, "local", "stop"], env=environment, capture_output=True)


def test_command_without_arguments_shows_its_help(osbot_path):
    done = subprocess.run([osbot_path], capture_output=True, text=True)
    assert done.returncode == 2 and "Examples:" in done.stderr
