"""Tests programs written for the original package: its import paths, less common calls, and conflicts of both packages."""
import gzip
import io
import json
import pathlib
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
import zipfile

import boto3
import pytest
from botocore.exceptions import ClientError

import osbot_aws
from osbot_aws.apis.Logs import Logs
from osbot_aws.apis.test_helpers.Temp_Aws_Roles import Temp_Aws_Roles
from osbot_aws.apis.test_helpers.Temp_Lambda import Temp_Lambda
from osbot_aws.AWS_Config import aws_config
from osbot_aws.aws.iam.IAM_Role import IAM_Role
from osbot_aws.aws.lambda_.dependencies.Lambda__Dependency__S3 import Lambda__Dependency__S3
from osbot_aws.aws.lambda_.Lambda_Layer import Lambda_Layer
from osbot_aws.aws.s3.S3 import S3
from osbot_aws.core.Session import Session
from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda
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
def test_import_of_original_path_succeeds(path, name):
    assert hasattr(__import__(path, fromlist=[name]), name)


def test_temp_lambda_exists_inside_the_with_block(osbot_local):
    with Temp_Lambda() as temporary:
        assert temporary.invoke({"name": "Ada"}) == "hello Ada"
        assert temporary.exists() is True
        assert temporary.arn().endswith(temporary.lambda_name)
    assert temporary.exists() is False


def test_temp_lambda_runs_a_python_function(osbot_local):
    with Temp_Lambda(lambda_code=run, lambda_name="of_a_function") as temporary:
        assert temporary.invoke_return_logs({"n": 21})["return_value"] == {"doubled": 42}


def import_from(folder):
    """Imports osbot_aws in a Python with `folder` as site-packages, and returns the completed process."""
    program = f"import site, sys; sys.path.insert(0, {str(folder)!r}); site.addsitedir({str(folder)!r}); import osbot_aws; print(osbot_aws.path)"
    return subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False)


@pytest.fixture
def site_packages(tmp_path):
    """Returns a folder with a copy of the installed package, without its native module."""
    packages = pathlib.Path(osbot_aws.path).parent
    shutil.copytree(packages / "osbot_aws", tmp_path / "osbot_aws", ignore=shutil.ignore_patterns("_core*.so"))
    for file in ("_osbot_aws_conflict.py", "osbot_aws_cpp.pth"):
        shutil.copy(packages / file, tmp_path)
    return tmp_path


def test_import_succeeds_without_the_original(site_packages):
    process = import_from(site_packages)
    assert process.stdout.strip() == str(site_packages / "osbot_aws"), process.stderr


@pytest.mark.parametrize("last", ["this", "the original"])
def test_import_fails_if_the_original_is_installed_too(site_packages, last):
    (site_packages / "osbot_aws/version").write_text("v2.39.10")
    if last == "the original":
        (site_packages / "osbot_aws/__init__.py").write_text("path = __path__[0]\n")
    process = import_from(site_packages)
    assert "osbot-aws and osbot-aws-cpp are both installed" in process.stderr
    assert "pip uninstall" in process.stderr
    assert process.returncode == 1


# ---- less common calls ----


def test_lambda_package_creates_invokes_and_deletes(osbot_local, tmp_path):
    (tmp_path / "helper").mkdir()
    (tmp_path / "helper/__init__.py").write_text("VALUE = 42\n")
    (tmp_path / "helper/notes.txt").write_text("ignored")
    (tmp_path / "of_a_package.py").write_text("import helper\n\n\ndef run(event, context):\n    return helper.VALUE\n")
    OSBot_Setup().set_up_buckets()
    package = Lambda_Package("of_a_package").add_file(tmp_path / "of_a_package.py").add_folder(tmp_path / "helper", ignore="*.txt")
    assert package.get_files() == ["/helper/__init__.py", "/of_a_package.py"]
    assert package.create()["status"] == "ok"
    assert package.aws_lambda.wait_for_state_active()["status"] == "ok"
    assert package.invoke() == 42
    assert package.update()["status"] == "ok"
    assert package.delete() is True


def test_lambda_package_leaves_out_secrets_and_links_to_them(osbot_local, tmp_path):
    (tmp_path / "helper/sub").mkdir(parents=True)
    for path in ("helper/__init__.py", "helper/.env", "helper/sub/data.py", ".env"):
        (tmp_path / path).write_text("x")
    (tmp_path / "helper/inside").symlink_to(".env")
    (tmp_path / "helper/outside").symlink_to("../.env")
    (tmp_path / "helper/near").symlink_to("sub")
    package = Lambda_Package("of_secrets").add_folder(tmp_path / "helper")
    assert package.get_files() == ["/helper/__init__.py", "/helper/near/data.py", "/helper/sub/data.py"]


def test_lambda_package_rejects_invalid_and_missing_sources(osbot_local, tmp_path):
    package = Lambda_Package("of_a_package")
    with pytest.raises(ValueError, match="outside the package"):
        package.add_file(__file__, "../elsewhere")
    with pytest.raises(FileNotFoundError):
        package.add_file(tmp_path / "missing.py")
    with pytest.raises(ModuleNotFoundError, match="no module 'missing_module'"):
        package.add_module("missing_module")


def test_aws_config_reads_the_environment(osbot_local, monkeypatch):
    for variable in ("AWS_ACCOUNT_ID", "OSBOT_LAMBDA_S3_BUCKET", "OSBOT_NAME"):
        monkeypatch.delenv(variable, raising=False)
    assert aws_config.account_id() == "000000000000"
    assert aws_config.lambda_s3_bucket() == f"000000000000--osbot-lambdas--{aws_config.region_name()}"
    monkeypatch.setenv("OSBOT_LAMBDA_S3_BUCKET", "before")  # monkeypatch restores it after OSBot_Setup changes it
    assert OSBot_Setup(lambda_s3_bucket="another").s3_bucket_lambdas == "another"
    assert aws_config.lambda_s3_bucket() == "another"
    monkeypatch.setenv("AWS_ACCOUNT_ID", "123456789012")
    assert aws_config.account_id() == "123456789012"


def test_temp_aws_roles_creates_the_role(osbot_local):
    roles = Temp_Aws_Roles()
    arn = roles.for_lambda_invocation__create(delete_existing=True)
    assert arn == roles.for_lambda_invocation__role_arn()
    assert roles.for_lambda_invocation_exists() is True
    assert roles.for_lambda_invocation__not_exists() is False


def test_create_for_service_keeps_existing_role(osbot_local):
    role = IAM_Role("of-another-service")
    created = role.create_for__code_build()
    assert created["status"] == "ok"
    assert created["role_arn"] == role.arn()
    assert created["data"]["AssumeRolePolicyDocument"]["Statement"] == [
        {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": "codebuild.amazonaws.com"}}]
    second = role.create_for_service__assume_role("codebuild.amazonaws.com")
    assert (second["status"], second["data"], second["role_arn"]) == ("warning", "role already exists", created["role_arn"])
    assert role.create_for_service__assume_role("lambda.amazonaws.com")["status"] == "warning"
    assert role.info()["AssumeRolePolicyDocument"] == created["data"]["AssumeRolePolicyDocument"]
    assert role.delete() is True


def test_s3_file_methods_create_download_and_delete(osbot_local, tmp_path):
    s3 = S3()
    assert s3.bucket_create("file-calls", "us-east-1") == {"status": "ok", "data": "/file-calls"}
    assert s3.bucket_create("Not A Name")["status"] == "error"
    assert s3.bucket_not_exists("file-calls") is False
    assert s3.file_create_from_string("text", "file-calls", "a.txt") is True
    assert s3.file_contents("file-calls", "a.txt") == "text"
    assert s3.file_download_to("file-calls", "a.txt", tmp_path / "a.txt") is True
    assert (tmp_path / "a.txt").read_text() == "text"
    assert s3.file_upload(tmp_path / "a.txt", "file-calls", "below") == "below/a.txt"
    assert s3.find_files("file-calls", filter="below") == ["below/a.txt"]
    assert s3.file_content_type("file-calls", "a.txt") == "binary/octet-stream"
    assert pathlib.Path(s3.file_download_and_delete("file-calls", "a.txt")).read_text() == "text"
    assert s3.file_not_exists("file-calls", "a.txt") is True


# ---- effects of the calls, read with boto3 ----

ALLOW_S3 = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
ALLOW_SQS = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]}


def document_in_use(iam, arn):
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]


def attached_policies(iam, role):
    return [policy["PolicyArn"] for policy in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]]


def test_attach_policy_creates_and_replaces_the_policy(osbot_local):
    iam, role = boto3.client("iam"), IAM_Role("with-policies")
    role.create_for__lambda()
    arn = role.attach_policy("reads-s3", ALLOW_S3)
    assert arn == "arn:aws:iam::000000000000:policy/reads-s3"
    assert (attached_policies(iam, "with-policies"), document_in_use(iam, arn)) == ([arn], ALLOW_S3)
    for document in [ALLOW_SQS, ALLOW_S3] * 4:  # more versions than IAM retains
        assert role.attach_policy("reads-s3", document) == arn
        assert (attached_policies(iam, "with-policies"), document_in_use(iam, arn)) == ([arn], document)
    assert role.policies_statements() == {
        "reads-s3": ALLOW_S3["Statement"],
        "write_logs": iam.get_role_policy(RoleName="with-policies", PolicyName="write_logs")["PolicyDocument"]["Statement"]}
    assert role.add_policy_for__lambda() == "arn:aws:iam::000000000000:policy/policy_with-policies"
    assert role.policies_statements()["policy_with-policies"][0]["Action"] == ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    assert role.delete_policy(policy_name="missing") is False
    assert role.delete_policy(policy_arn="arn:aws:iam::000000000000:policy/missing") is False
    alone = role.attach_policy("alone", {**ALLOW_S3, "Statement": ALLOW_S3["Statement"][0]})
    assert role.policies_statements()["alone"] == ALLOW_S3["Statement"]
    iam.detach_role_policy(RoleName="with-policies", PolicyArn=alone)
    assert (role.delete_policy(policy_name="alone"), role.delete_policy(policy_arn=alone)) == (False, True)
    assert role.delete_policy(policy_name="reads-s3") is True
    assert "reads-s3" not in [policy["PolicyName"] for policy in iam.list_policies(Scope="Local")["Policies"]]
    with pytest.raises(ClientError, match="NoSuchEntity"):
        IAM_Role("missing").attach_policy("reads-s3", ALLOW_S3)


def test_role_for_service_keeps_policies_unless_recreated(osbot_local):
    iam, role = boto3.client("iam"), IAM_Role("of-a-service-with-policies")
    policies = {"reads": ALLOW_S3, "sends": ALLOW_SQS}
    created = role.create_for_service_with_policies("codebuild.amazonaws.com", policies, "shop")
    assert created == {"role_arn": role.arn(), "policies_arns": ["arn:aws:iam::000000000000:policy/reads_shop", "arn:aws:iam::000000000000:policy/sends_shop"]}
    assert attached_policies(iam, role.role_name) == created["policies_arns"]
    trust = iam.get_role(RoleName=role.role_name)["Role"]["AssumeRolePolicyDocument"]
    assert trust["Statement"][0]["Principal"] == {"Service": "codebuild.amazonaws.com"}
    with pytest.raises(ClientError, match="ValidationError"):
        IAM_Role("no name!").create_for_service_with_policies("codebuild.amazonaws.com", policies, "shop")
    changed = {"reads": ALLOW_SQS, "sends": ALLOW_SQS}
    assert role.create_for_service_with_policies("codebuild.amazonaws.com", changed, "shop") == created
    assert document_in_use(iam, created["policies_arns"][0]) == ALLOW_S3
    assert role.create_for_service_with_policies("codebuild.amazonaws.com", changed, "shop", recreate_policy=True) == created
    assert document_in_use(iam, created["policies_arns"][0]) == ALLOW_SQS


def test_s3_copies_moves_lists_and_compresses_objects(osbot_local, tmp_path):
    s3, client = S3(), boto3.client("s3")
    s3.bucket_create("copies")
    s3.file_create_from_bytes(b"text", "copies", "a/b/c.txt", metadata={"by": "us"}, content_type="text/plain")
    s3.file_copy("copies", "a/b/c.txt", "copies", "a/d.txt")
    assert client.get_object(Bucket="copies", Key="a/d.txt")["Body"].read() == b"text"
    assert client.head_object(Bucket="copies", Key="a/d.txt")["Metadata"] == {"by": "us"}
    assert s3.file_move("copies", "a/d.txt", "copies", "e.txt") is True
    assert [entry["Key"] for entry in client.list_objects_v2(Bucket="copies")["Contents"]] == ["a/b/c.txt", "e.txt"]
    assert [(entry["Key"], entry["Size"]) for entry in s3.files_raw("copies", filter="b")] == [("a/b/c.txt", 4)]
    s3.file_content_type_update("copies", "e.txt", {"by": "you"}, "text/html")
    head = client.head_object(Bucket="copies", Key="e.txt")
    assert (head["ContentType"], head["Metadata"]) == ("text/html", {"by": "you"})
    assert s3.file_metadata_update("copies", "e.txt", {})["CopyObjectResult"]["ETag"]
    assert client.head_object(Bucket="copies", Key="e.txt")["Metadata"] == {}
    assert s3.folder_contents("copies") == {"folders": ["a"], "files": ["e.txt"]}
    assert s3.folder_contents("copies", "a/b", return_full_path=True) == {"folders": [], "files": ["a/b/c.txt"]}
    assert (s3.folder_list("copies", "a"), s3.folder_list("copies", "a", True), s3.folder_files("copies", "a")) == (["b"], ["a/b/"], [])
    assert s3.file_create_from_string_as_gzip("packed", "copies", "f.gz") is True
    assert gzip.decompress(client.get_object(Bucket="copies", Key="f.gz")["Body"].read()) == b"packed"
    assert s3.file_contents_from_gzip("copies", "f.gz") == "packed"
    assert s3.file_size_in_Mb("copies", "f.gz") == "0.0 Mb"
    (tmp_path / "some.txt").write_text("some")
    temporary = s3.file_upload_as_temp_file(tmp_path / "some.txt", "copies")
    assert temporary.startswith("s3_temp_files/") and temporary.endswith(".txt")
    assert client.get_object(Bucket="copies", Key=temporary)["Body"].read() == b"some"
    assert s3.files_delete_objects("copies", [{"Key": temporary}, {"Key": "f.gz"}]) is True
    assert s3.bucket_delete_all_files("copies") is True
    assert "Contents" not in client.list_objects_v2(Bucket="copies")


def test_s3_signs_urls_and_reads_bucket_settings(osbot_local):
    s3 = S3()
    s3.bucket_create("settings")
    s3.file_create_from_string("linked", "settings", "a.txt")
    with urllib.request.urlopen(s3.create_pre_signed_url("settings", "a.txt")) as response:
        assert response.read() == b"linked"
    assert s3.bucket_arn("settings") == "arn:aws:s3:::settings"
    assert s3.bucket_versioning__status("settings") == "Not Enabled"
    assert s3.bucket_notification("settings") == {}
    assert s3.policy("settings") == {"Statement": []}
    assert s3.policy_statements("settings") == []
    with pytest.raises(ClientError) as error:
        s3.policy("missing")
    assert error.value.response["Error"]["Code"] == "NoSuchBucket"


def test_layer_publishes_a_zip_and_reads_it(osbot_local, tmp_path):
    zip_file = tmp_path / "layer.zip"
    with zipfile.ZipFile(zip_file, "w") as archive:
        archive.writestr("python/of_a_layer.py", "VALUE = 42\n")
    layer = Lambda_Layer("from-a-zip")
    created = layer.create_from_zip_file_via_s3(zip_file)
    assert created["LayerVersionArn"] == layer.arn(1) == layer.arn_latest()
    version = boto3.client("lambda").get_layer_version_by_arn(Arn=layer.arn(1))
    assert layer.content()["CodeSha256"] == version["Content"]["CodeSha256"] == layer.info_by_arn()["Content"]["CodeSha256"]
    assert layer.version(1)["Version"] == layer.version_by_arn()["Version"] == 1
    assert layer.s3_folder_files() == [layer.s3_key] == ["layers/from-a-zip.zip"]
    assert layer.client().list_layers()["Layers"][0]["LayerName"] == "from-a-zip"
    assert layer.s3().file_bytes(f"000000000000--osbot-lambdas--{osbot_local.region_name}", layer.s3_key) == zip_file.read_bytes()
    with pytest.raises(ClientError) as error:
        layer.policy()
    assert error.value.response["Error"]["Code"] in ("ResourceNotFoundException", "NotImplemented")


def test_create_layer_packs_the_folder_as_python_package(osbot_local, tmp_path):
    (tmp_path / "helper").mkdir()
    (tmp_path / "helper/__init__.py").write_text("VALUE = 42\n")
    arn = Lambda_Package("of_layers").create_layer(tmp_path / "helper")
    location = boto3.client("lambda").get_layer_version_by_arn(Arn=arn)["Content"]["Location"]
    with urllib.request.urlopen(location) as response, zipfile.ZipFile(io.BytesIO(response.read())) as archive:
        assert archive.namelist() == ["python/helper/__init__.py"]


def test_public_access_adds_policy_and_url_without_auth(osbot_local):
    with Temp_Lambda(lambda_code=run, lambda_name="of_everybody") as temporary:
        statement = temporary.aws_lambda.function_set_policy_to_allow_public_access()
        assert (statement["Sid"], statement["Principal"]) == ("FunctionURLAllowPublicAccess", "*")
        policy = json.loads(boto3.client("lambda").get_policy(FunctionName="of_everybody")["Policy"])
        assert statement in policy["Statement"]
        assert temporary.aws_lambda.client().get_function_url_config(FunctionName="of_everybody")["AuthType"] == "NONE"
        assert temporary.aws_lambda.s3().buckets() == [temporary.s3_bucket]


def test_logs_writes_events_and_waits_for_patterns(osbot_local):
    logs = Logs("of-a-program", "stream").create()
    assert (logs.log_group_name, logs.stream_create(), logs.stream_exists()) == ("of-a-program", False, True)
    assert logs.event_add("one")["status"] == "ok"
    now = int(time.time() * 1000)
    assert logs.events_add([{"message": "two", "timestamp": now}, {"message": "three", "timestamp": now}])["status"] == "ok"
    written = boto3.client("logs").get_log_events(logGroupName="of-a-program", logStreamName="stream")["events"]
    assert [event["message"] for event in written] == [event["message"] for event in logs.events()["events"]] == ["one", "two", "three"]
    assert logs.group_messages_wait_for_pattern(filter_pattern="two") == ["two"]
    assert logs.group_events_wait_for_pattern(filter_pattern="never", sleep_for=0, max_attempts=2) == []
    assert logs.group_wait_until_exists() is True
    assert Logs("missing").group_wait_until_exists(sleep_for=0, max_attempts=2) is False
    assert logs.events_add([{"message": "", "timestamp": now}])["status"] == "error"
    assert logs.groups_names() == ["of-a-program"] == list(logs.groups(index_by="logGroupName"))
    assert (logs.stream_delete(), logs.stream_delete(), logs.stream_exists()) == (True, False, False)
    assert logs.client().describe_log_streams(logGroupName="of-a-program")["logStreams"] == []


def test_dependency_stores_zip_with_metadata_in_s3(osbot_local):
    dependency = Lambda__Dependency__S3("of-mine")
    assert dependency.bucket__exists() is False
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("of_mine/__init__.py", "VALUE = 42\n")
    uploaded = dependency.upload(buffer.getvalue())
    assert dependency.metadata() == uploaded["metadata"] == {"data_type": "zip-folder-for-lambda-function",
                                                       "created_by": "osbot_aws.aws.s3.S3.file_upload_from_bytes"}
    assert (dependency.bucket__exists(), dependency.files()) == (True, {"of_mine/__init__.py": b"VALUE = 42\n"})
    head = boto3.client("s3").head_object(Bucket=dependency.bucket__name(), Key=dependency.path())
    assert dependency.metadata() == head["Metadata"]


def test_deploy_sends_attributes_as_settings(osbot_local):
    deploy = Deploy_Lambda(run, "of_attributes", stage="test", memory_size=256)
    deploy.ephemeral_storage = 1024
    assert (deploy.stage, deploy.memory_size, deploy.ephemeral_storage) == ("test", 256, 1024)
    deploy.memory_size = 384
    assert deploy.deploy(), deploy.last_error
    configuration = boto3.client("lambda").get_function_configuration(FunctionName="of_attributes__test")
    assert (configuration["MemorySize"], configuration["EphemeralStorage"]) == (384, {"Size": 1024})


def test_boto3_client_uses_the_target_of_the_object(monkeypatch):
    monkeypatch.setenv("OSBOT_AWS_TARGET", "local")
    session = Session.in_memory()
    S3(session).bucket_create("of-this-engine")
    client = S3(session).client()
    assert [bucket["Name"] for bucket in client.list_buckets()["Buckets"]] == ["of-this-engine"]
    s3 = S3({"endpoint_url": session.endpoint_url(), "aws_access_key_id": "mine", "aws_secret_access_key": "too", "region_name": "eu-west-1"})
    assert [bucket["Name"] for bucket in s3.client().list_buckets()["Buckets"]] == ["of-this-engine"]
    assert (s3.client().meta.region_name, s3.client()._request_signer._credentials.access_key) == ("eu-west-1", "mine")
    assert s3.client() is s3.s3()


def test_client_without_boto3_names_the_package_to_install(osbot_local, monkeypatch):
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(ModuleNotFoundError, match=r"client\(\) of s3 needs boto3, which is not installed: run `pip install boto3`"):
        S3().client()


def test_boto3_client_reaches_the_daemon_over_tcp(tmp_path, monkeypatch):
    candidates = [pathlib.Path(osbot_aws.path).parent.parent / "bin/osbot", pathlib.Path(sysconfig.get_path("scripts")) / "osbot"]
    osbot = next((str(path) for path in candidates if path.exists()), None)
    if osbot is None:
        pytest.skip("the osbot command is not installed with the package")
    monkeypatch.setenv("OSBOT_AWS_STATE", str(tmp_path))
    monkeypatch.setenv("OSBOT_AWS_TARGET", "local")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    subprocess.run([osbot, "local", "start", "--port", str(port)], check=True, capture_output=True)
    try:
        s3 = S3()
        s3.bucket_create("of-the-daemon")
        assert s3.client().meta.endpoint_url == f"http://127.0.0.1:{port}"
        assert [bucket["Name"] for bucket in s3.client().list_buckets()["Buckets"]] == ["of-the-daemon"]
    finally:
        subprocess.run([osbot, "local", "stop"], check=True, capture_output=True)
