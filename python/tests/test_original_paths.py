"""Programs written for the original: its other paths of the same classes, and both packages in one place."""
import pathlib
import shutil
import subprocess
import sys

import pytest

from osbot_aws.apis.test_helpers.Temp_Lambda import Temp_Lambda


def run(event, context):
    return {"doubled": event["n"] * 2}


@pytest.mark.parametrize(("path", "name"), [
    ("osbot_aws.deploy.TestCase__Lambda__Deploy", "TestCase__Lambda__Deploy"),
    ("osbot_aws.apis.Logs", "Logs"),
    ("osbot_aws.apis.shell.Lambda_Shell", "lambda_shell"),
    ("osbot_aws.apis.shell.Shell_Client", "Shell_Client"),
    ("osbot_aws.aws.session.Session__Kwargs__S3", "Session__Kwargs__S3"),
    ("osbot_aws.aws.lambda_.dependencies.Lambda__Dependency__Local", "Lambda__Dependency__Local"),
    ("osbot_aws.aws.lambda_.dependencies.Lambda__Dependency__S3", "Lambda__Dependency__S3"),
    ("osbot_aws.aws.lambda_.dependencies.Lambda__Dependencies", "Lambda__Dependencies"),
])
def test_a_path_of_the_original(path, name):
    assert hasattr(__import__(path, fromlist=[name]), name)


def test_a_temporary_lambda_is_there_for_the_length_of_a_with(osbot_local):
    with Temp_Lambda() as temporary:
        assert temporary.invoke({"name": "Ada"}) == "hello Ada"
        assert temporary.exists() is True
        assert temporary.arn().endswith(temporary.lambda_name)
    assert temporary.exists() is False


def test_a_temporary_lambda_of_a_function(osbot_local):
    with Temp_Lambda(lambda_code=run, lambda_name="of_a_function") as temporary:
        assert temporary.invoke_return_logs({"n": 21})["return_value"] == {"doubled": 42}


def test_beside_the_original_importing_says_so(tmp_path):
    import osbot_aws

    shutil.copytree(pathlib.Path(osbot_aws.path), tmp_path / "osbot_aws", ignore=shutil.ignore_patterns("_core*.so"))
    (tmp_path / "osbot_aws/version").write_text("v2.39.10")
    ended = subprocess.run([sys.executable, "-c", "import osbot_aws"], env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True,
                           check=False)
    assert "osbot-aws and osbot-aws-cpp are both installed" in ended.stderr
    assert "pip uninstall" in ended.stderr
