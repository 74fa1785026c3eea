"""Tests the pytest fixtures that the package provides to its users."""
import importlib.metadata
import os
import subprocess
import sys
import textwrap

import boto3


def test_fixture_directs_boto3_to_the_local_engine(osbot_local):
    assert boto3.client("s3").list_buckets()["Buckets"] == []
    boto3.client("s3").create_bucket(Bucket="bucket")


def test_fixture_starts_a_new_engine_for_each_test(osbot_local):
    assert boto3.client("s3").list_buckets()["Buckets"] == []
    assert osbot_local.endpoint_url.startswith("http://127.0.0.1:")


def test_fixture_directs_the_package_to_the_local_engine(osbot_local):
    from osbot_aws.aws.s3.S3 import S3

    boto3.client("s3").create_bucket(Bucket="boto3-bucket")
    assert S3().buckets() == ["boto3-bucket"]


def test_fixture_restores_the_environment(tmp_path):
    (tmp_path / "test_it.py").write_text(textwrap.dedent("""
        import os
        def test_with(osbot_local):
            assert os.environ["AWS_ENDPOINT_URL"] == osbot_local.endpoint_url
            assert "AWS_PROFILE" not in os.environ
        def test_without():
            assert "AWS_ENDPOINT_URL" not in os.environ
            assert os.environ["AWS_PROFILE"] == "mine"
        """))
    installed = any(entry.name == "osbot_local" for entry in importlib.metadata.entry_points(group="pytest11"))
    plugin = [] if installed else ["-p", "osbot_aws.testing.pytest_plugin"]
    run = subprocess.run([sys.executable, "-m", "pytest", "-q", *plugin, tmp_path],
                         env={**environment_without_endpoint(), "AWS_PROFILE": "mine"}, capture_output=True, text=True, check=False)
    assert "2 passed" in run.stdout, run.stdout + run.stderr


def environment_without_endpoint():
    return {name: value for name, value in os.environ.items() if name != "AWS_ENDPOINT_URL"}
