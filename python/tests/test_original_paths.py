"""Programs written for the original: its other paths of the same classes, and both packages in one place."""
import pathlib
import shutil
import subprocess
import sys

import pytest

import osbot_aws
from osbot_aws.apis.test_helpers.Temp_Aws_Roles import Temp_Aws_Roles
from osbot_aws.apis.test_helpers.Temp_Lambda import Temp_Lambda
from osbot_aws.AWS_Config import aws_config
from osbot_aws.aws.iam.IAM_Role import IAM_Role
from osbot_aws.aws.s3.S3 import S3
from osbot_aws.helpers.Lambda_Package import Lambda_Package
from osbot_aws.OSBot_Setup import OSBot_Setup


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


def imported_from(folder):
    """What Python says that has `folder` as its site-packages and imports osbot_aws there."""
    program = f"import site, sys; sys.path.insert(0, {str(folder)!r}); site.addsitedir({str(folder)!r}); import osbot_aws; print(osbot_aws.path)"
    return subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False)


@pytest.fixture
def installed(tmp_path):
    """A copy of this package as it is installed, without its native module."""
    here = pathlib.Path(osbot_aws.path).parent
    shutil.copytree(here / "osbot_aws", tmp_path / "osbot_aws", ignore=shutil.ignore_patterns("_core*.so"))
    for beside in ("_osbot_aws_beside.py", "osbot_aws_cpp.pth"):
        shutil.copy(here / beside, tmp_path)
    return tmp_path


def test_alone_it_is_imported(installed):
    ended = imported_from(installed)
    assert ended.stdout.strip() == str(installed / "osbot_aws"), ended.stderr


@pytest.mark.parametrize("last", ["this", "the original"])
def test_beside_the_original_importing_says_so(installed, last):
    (installed / "osbot_aws/version").write_text("v2.39.10")
    if last == "the original":
        (installed / "osbot_aws/__init__.py").write_text("path = __path__[0]\n")
    ended = imported_from(installed)
    assert "osbot-aws and osbot-aws-cpp are both installed" in ended.stderr
    assert "pip uninstall" in ended.stderr
    assert ended.returncode == 1


# ---- rarer names ----


def test_a_package_is_collected_sent_and_called(osbot_local, tmp_path):
    (tmp_path / "helper").mkdir()
    (tmp_path / "helper/__init__.py").write_text("ANSWER = 42\n")
    (tmp_path / "helper/notes.txt").write_text("left out")
    (tmp_path / "of_a_package.py").write_text("import helper\n\n\ndef run(event, context):\n    return helper.ANSWER\n")
    OSBot_Setup().set_up_buckets()
    package = Lambda_Package("of_a_package").add_file(tmp_path / "of_a_package.py").add_folder(tmp_path / "helper", ignore="*.txt")
    assert package.get_files() == ["/helper/__init__.py", "/of_a_package.py"]
    assert package.create()["status"] == "ok"
    assert package.aws_lambda.wait_for_state_active()["status"] == "ok"
    assert package.invoke() == 42
    assert package.update()["status"] == "ok"
    assert package.delete() is True


def test_a_package_takes_nothing_outside_of_itself(osbot_local, tmp_path):
    package = Lambda_Package("of_a_package")
    with pytest.raises(ValueError, match="outside of the package"):
        package.add_file(__file__, "../elsewhere")
    with pytest.raises(FileNotFoundError):
        package.add_file(tmp_path / "missing.py")
    with pytest.raises(ModuleNotFoundError, match="no module 'not_there'"):
        package.add_module("not_there")


def test_settings_are_the_environment_s(osbot_local, monkeypatch):
    for variable in ("AWS_ACCOUNT_ID", "OSBOT_LAMBDA_S3_BUCKET", "OSBOT_NAME"):
        monkeypatch.delenv(variable, raising=False)
    assert aws_config.account_id() == "000000000000"
    assert aws_config.lambda_s3_bucket() == f"000000000000--osbot-lambdas--{aws_config.region_name()}"
    monkeypatch.setenv("OSBOT_LAMBDA_S3_BUCKET", "before")  # so that it is as it was afterwards
    assert OSBot_Setup(lambda_s3_bucket="another").s3_bucket_lambdas == "another"
    assert aws_config.lambda_s3_bucket() == "another"
    monkeypatch.setenv("AWS_ACCOUNT_ID", "123456789012")
    assert aws_config.account_id() == "123456789012"


def test_the_role_of_functions_is_made_when_missing(osbot_local):
    roles = Temp_Aws_Roles()
    arn = roles.for_lambda_invocation__create(delete_existing=True)
    assert arn == roles.for_lambda_invocation__role_arn()
    assert roles.for_lambda_invocation_exists() is True
    assert roles.for_lambda_invocation__not_exists() is False


def test_a_role_of_another_service(osbot_local):
    role = IAM_Role("of-another-service")
    made = role.create_for__code_build()
    assert made["status"] == "ok"
    assert made["role_arn"] == role.arn()
    assert made["data"]["AssumeRolePolicyDocument"]["Statement"] == [
        {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": "codebuild.amazonaws.com"}}]
    again = role.create_for_service__assume_role("codebuild.amazonaws.com")
    assert (again["status"], again["data"], again["role_arn"]) == ("warning", "role already exists", made["role_arn"])
    assert role.create_for_service__assume_role("lambda.amazonaws.com")["status"] == "warning"
    assert role.info()["AssumeRolePolicyDocument"] == made["data"]["AssumeRolePolicyDocument"]
    assert role.delete() is True


def test_rarer_calls_of_s3(osbot_local, tmp_path):
    s3 = S3()
    assert s3.bucket_create("rarer-calls", "us-east-1") == {"status": "ok", "data": "/rarer-calls"}
    assert s3.bucket_create("Not A Name")["status"] == "error"
    assert s3.bucket_not_exists("rarer-calls") is False
    assert s3.file_create_from_string("text", "rarer-calls", "a.txt") is True
    assert s3.file_contents("rarer-calls", "a.txt") == "text"
    assert s3.file_download_to("rarer-calls", "a.txt", tmp_path / "a.txt") is True
    assert (tmp_path / "a.txt").read_text() == "text"
    assert s3.file_upload(tmp_path / "a.txt", "rarer-calls", "below") == "below/a.txt"
    assert s3.find_files("rarer-calls", filter="below") == ["below/a.txt"]
    assert s3.file_content_type("rarer-calls", "a.txt") == "binary/octet-stream"
    assert pathlib.Path(s3.file_download_and_delete("rarer-calls", "a.txt")).read_text() == "text"
    assert s3.file_not_exists("rarer-calls", "a.txt") is True
