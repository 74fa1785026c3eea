"""Tests that boto3, the aws CLI and the AWS SDK for JavaScript reach the engine with their default settings."""

import json
import subprocess
import sys

from conftest import AWS


def test_boto3_gets_caller_identity(engine):
    assert engine.client("sts").get_caller_identity()["Account"] == "000000000000"


def test_aws_cli_gets_caller_identity(aws):
    assert json.loads(aws("sts", "get-caller-identity").stdout)["Account"] == "000000000000"


def test_javascript_sdk_gets_caller_identity(javascript):
    assert javascript("""
        import { STSClient, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
        report((await new STSClient().send(new GetCallerIdentityCommand({}))).Account);
    """) == "000000000000"


def test_javascript_sdk_error_is_caught_by_name(javascript):
    assert javascript("""
        import { LambdaClient, GetFunctionCommand } from "@aws-sdk/client-lambda";
        try { await new LambdaClient().send(new GetFunctionCommand({ FunctionName: params.name })); }
        catch (error) { report([error.name, error.$metadata.httpStatusCode]); }
    """, name="nothing-here") == ["ResourceNotFoundException", 404]


def test_printed_export_line_configures_aws_cli_and_boto3(own_engine, tmp_path):
    engine = own_engine()
    line = next(line for line in engine.run("local", "start").stdout.splitlines() if line.lstrip().startswith("export "))
    script = f"""{line}
        "{AWS}" lambda list-functions --query 'length(Functions)' &&
        "{sys.executable}" -c 'import boto3; print(boto3.client("sqs").list_queues()["ResponseMetadata"]["HTTPStatusCode"])'"""
    done = subprocess.run(["sh", "-c", script], env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["0", "200"], done.stderr


def test_aws_cli_v1_needs_endpoint_url_for_sqs(aws, engine):
    """The README and the guide document this. If this test fails, remove the hint from both."""
    unreachable_proxy = {"HTTPS_PROXY": "http://127.0.0.1:1"}  # no request of this test may reach AWS
    assert "Failed to connect to proxy" in aws("sqs", "list-queues", check=False, env=unreachable_proxy).stderr
    aws("--endpoint-url", engine.url, "sqs", "list-queues")
