"""Tests the members of the original's classes that exist for its users."""
import json
import os
import pathlib
import sys

import boto3
import pytest
from botocore.exceptions import ClientError

from osbot_aws.apis.Logs import Logs
from osbot_aws.apis.Secrets import Secrets
from osbot_aws.apis.shell.Lambda_Shell import add_lambda_shell_decorator
from osbot_aws.apis.test_helpers.Temp_Folder_With_Lambda_File import Temp_Folder_With_Lambda_File
from osbot_aws.apis.test_helpers.Temp_IAM_User import Temp_IAM_User
from osbot_aws.apis.test_helpers.Temp_Lambda import Temp_Lambda
from osbot_aws.AWS_Config import AWS_Config
from osbot_aws.aws.iam.IAM import IAM
from osbot_aws.aws.iam.IAM_Role import IAM_Role
from osbot_aws.aws.iam.IAM_User import IAM_User
from osbot_aws.aws.lambda_.dependencies.Lambda__Dependency__Inside_Lambda import Lambda__Dependency__Inside_Lambda
from osbot_aws.aws.lambda_.dependencies.Lambda__Dependency__Local import Lambda__Dependency__Local
from osbot_aws.aws.lambda_.dependencies.Lambda__Dependency__S3 import Lambda__Dependency__S3
from osbot_aws.aws.lambda_.Lambda import Lambda
from osbot_aws.aws.lambda_.Lambda_Layer import with_requirements
from osbot_aws.aws.lambda_.Lambda__with_temp_role import Lambda__with_temp_role
from osbot_aws.aws.lambda_.schemas.Schema__Lambda__Dependency__Local_Install__Data import Schema__Lambda__Dependency__Local_Install__Data
from osbot_aws.aws.s3.S3 import S3
from osbot_aws.core.Error import Aws_Exception
from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda
from osbot_aws.helpers.Lambda_Package import Lambda_Package
from osbot_aws.lambdas.dev import hello_world


def member_handler(event, context):
    import os.path

    return sorted(name for name in os.listdir(os.path.dirname(__file__)) if not name.startswith("__"))


# ---- Deploy_Lambda


def test_deploy_has_the_members_of_the_original(osbot_local):
    deploy = Deploy_Lambda(member_handler, "shop.orders", stage="dev")
    package = deploy.package
    assert (deploy.module_name, deploy.lambda_name(), package.lambda_name) == ("shop.orders__dev",) * 3
    assert deploy.role_arn == package.role_arn == "arn:aws:iam::000000000000:role/temp_role_for_lambda_invocation"
    assert deploy.osbot_setup.s3_bucket_lambdas == package.s3_bucket == "000000000000--osbot-lambdas--us-east-1"
    assert deploy.aws_config.account_id() == deploy.osbot_setup.account_id == "000000000000"
    assert deploy.get_package() is package
    assert package.aws_lambda is deploy.lambda_function()
    assert deploy.osbot_setup.set_up_buckets().s3.bucket_exists(package.s3_bucket)


def test_files_of_the_package_folder_are_deployed(osbot_local, tmp_path):
    deploy = Deploy_Lambda(member_handler)
    (tmp_path / "extra.txt").write_text("extra")
    deploy.package.add_file(tmp_path / "extra.txt")
    folder = pathlib.Path(deploy.folder_code)
    assert str(folder) == deploy.package.tmp_folder
    (folder / "data").mkdir()
    (folder / "data/a.txt").write_text("a")
    assert deploy.package.get_files() == ["/data/a.txt", "/extra.txt", "/test_original_members.py"]
    assert deploy.package.update()["status"] == "ok"
    assert deploy.invoke() == ["data", "extra.txt", "test_original_members.py"]


def test_modules_of_the_package_are_those_that_functions_use(osbot_local):
    deploy = Deploy_Lambda(member_handler)
    assert deploy.package.add_osbot_aws().add_modules(["six"]) is deploy.package
    assert os.listdir(deploy.folder_code) == []
    assert {"/six.py", "/osbot_aws/core/Checked_Attributes.py", "/osbot_utils/__init__.py"} <= set(deploy.files())
    assert not [file for file in deploy.files() if file.startswith("/osbot_aws/_core")]


def test_folder_code_of_the_lambda_is_deployed(osbot_local, tmp_path):
    (tmp_path / "more.txt").write_text("more")
    deploy = Deploy_Lambda(member_handler)
    deploy.lambda_function().set_folder_code(tmp_path)
    assert deploy.deploy(), deploy.last_error
    assert deploy.invoke() == ["more.txt", "test_original_members.py"]


def test_create_after_a_deploy_warns_that_the_function_exists(osbot_local):
    deploy = Deploy_Lambda(member_handler)
    assert deploy.deploy(), deploy.last_error
    created = deploy.lambda_function().create()
    assert (created["status"], created["message"]) == ("warning", f"lambda function already exists: {deploy.lambda_name()}")


def test_deploy_uses_the_role_that_is_set(osbot_local):
    deploy = Deploy_Lambda(member_handler)
    deploy.role_arn = IAM_Role("own-role").create_for__lambda()["role_arn"]
    assert deploy.deploy(), deploy.last_error
    assert deploy.info()["Configuration"]["Role"] == deploy.role_arn == "arn:aws:iam::000000000000:role/own-role"


# ---- Lambda and Temp_Lambda


def test_create_without_a_name_sets_a_random_one(osbot_local):
    function = Lambda__with_temp_role()
    assert function.create()["status"] == "ok"
    assert function.name.startswith("temp_lambda_")
    assert function.wait_for_state_active()["status"] == "ok"
    assert function.invoke({"a": 1}) == {"a": 1}


def test_temp_role_settings_are_arguments_and_class_attributes(osbot_local):
    class With_Own_Role(Lambda__with_temp_role):
        temp_role__name = "role-of-the-class"

    assert With_Own_Role("first").create()["data"]["Role"].endswith(":role/role-of-the-class")
    created = Lambda__with_temp_role("second", temp_role__name="role-of-the-argument", temp_role__services=["sqs"]).create()
    assert created["data"]["Role"].endswith(":role/role-of-the-argument")
    statement = IAM_Role("role-of-the-argument").policies_statements()["temp_role_services"][0]
    assert statement["Action"] == ["sqs:*"]


def test_temp_lambda_updates_changed_code_of_its_folder(osbot_local):
    with Temp_Lambda(wait_max_attempts=100) as temporary:
        assert temporary.role_arn.endswith(":role/osbot__temp_role_for__test_Lambda")
        temporary.tmp_folder.create_temp_file("def run(event, context):\n    return 'changed'\n")
        assert temporary.aws_lambda.update()["status"] == "ok"
        assert temporary.invoke() == "changed"
        folder = temporary.tmp_folder.folder
        assert os.path.isdir(folder)
    assert (temporary.exists(), os.path.exists(folder)) == (False, False)


def test_temp_lambda_has_its_code_in_s3_until_its_end(osbot_local):
    with Temp_Lambda(lambda_code=hello_world.run) as temporary:
        temporary.set_s3_bucket(temporary.aws_config.lambda_s3_bucket())
        assert temporary.s3_file_exists()
        assert temporary.s3_key == f"unit_tests/lambdas/{temporary.lambda_name}.zip"
        assert temporary.invoke({"name": "Ada"}) == "From lambda code, hello Ada"
    assert not temporary.s3_file_exists()
    temporary.s3.bucket_delete(temporary.s3_bucket)
    temporary.delete_s3_file()
    assert temporary.s3.bucket_not_exists(temporary.s3_bucket)


def test_create_kwargs_are_checked_without_a_request(osbot_local, tmp_path):
    function = Lambda("checked", s3_bucket="missing-bucket", s3_key="code.zip", role="arn:aws:iam::000000000000:role/r")
    missing = function.validate_create_kwargs(function.create_kwargs())
    assert missing["status"] == "error"
    assert missing["message"].endswith("could not find provided s3 bucket and s3 key: missing-bucket code.zip")
    assert function.validate_create_kwargs({"FunctionName": "x" * 65})["message"] == "lambda functions name cannot be bigger than 64 chars"
    assert function.validate_create_kwargs({"FunctionName": "checked", "Code": {"ZipFile": ""}})["status"] == "ok"
    with Temp_Lambda("existing"):
        assert function.validate_create_kwargs({"FunctionName": "existing"})["status"] == "warning"


def test_package_deploys_a_file_of_the_original(osbot_local):
    package = Lambda_Package("greets")
    assert package.get_root_folder().endswith("/osbot_aws")
    for path in ("lambdas/dev/missing.py", "../conftest.py", "/etc/passwd"):
        missing = package.use_lambda_file(path)
        assert (missing["status"], missing["data"].startswith(f"could not find lambda file `{path}`")) == ("error", True)
    assert package.use_lambda_file("lambdas/dev/hello_world.py")["status"] == "ok"
    assert package.get_files() == ["/greets.py"]
    package.set_env_variable("A_KEY", "1")
    assert (package.layers, package.env_variables) == ([], {"A_KEY": "1"})
    assert package.update()["status"] == "ok"
    assert package.invoke({"name": "world"}) == "From lambda code, hello world"


def test_package_with_the_root_folder_runs_its_modules(osbot_local):
    package = Lambda_Package("osbot_aws.lambdas.dev.hello_world").update_with_root_folder(delete_before=True)
    assert package.invoke({"name": "root"}) == "From lambda code, hello root"
    assert "/osbot_aws/AWS_Config.py" in package.update_code().get_files()
    package.set_handler("no handler")
    with pytest.raises(Aws_Exception, match="handler"):
        package.update_with_root_folder()


def test_shell_decorator_is_added_to_code():
    code = add_lambda_shell_decorator("def run(event, context):\n    return 42\n")
    names = {}
    exec(code, names)
    assert names["run"]({}, None) == 42
    assert names["run"].__wrapped__({}, None) == 42


def test_temp_folder_with_lambda_file_is_deleted_after_the_block():
    with Temp_Folder_With_Lambda_File("app") as folder:
        assert pathlib.Path(folder.tmp_file).name == "app.py"
        assert folder.exists()
    assert (folder.exists(), folder.delete()) == (False, False)


# ---- Logs, S3, IAM


def test_group_messages_returns_the_first_messages_up_to_the_limit(osbot_local):
    logs = Logs("limited", "stream").create()
    now = 1_000 * int(__import__("time").time())
    logs.events_add([{"message": str(n), "timestamp": now + n} for n in range(5)])
    assert logs.group_messages(limit=2) == ["0", "1"]
    assert [event["message"] for event in logs.group_events(limit=3)] == ["0", "1", "2"]
    assert len(logs.group_messages()) == len(logs.group_messages(limit=20_000)) == 5
    assert logs.event_add("6", sequence_token="ignored")["status"] == "ok"


def test_errors_of_boto3_calls_are_aws_exceptions(osbot_local, monkeypatch):
    s3 = S3()
    for call in (lambda: s3.file_copy("missing-bucket", "a", "missing-bucket", "b"), lambda: list(s3.files_raw("missing-bucket"))):
        with pytest.raises(Aws_Exception) as raised:
            call()
        assert raised.value.code == "NoSuchBucket"
        assert isinstance(raised.value, ClientError)
    with pytest.raises(Aws_Exception) as raised:
        s3.bucket_versioning__status("not a bucket")
    assert (raised.value.code, isinstance(raised.value, ValueError)) == ("ParamValidationError", True)


def test_policy_statements_are_created_without_a_request(osbot_local):
    s3 = S3()
    resource = s3.policy_statements__resource_arn("bucket", "trail", "account")
    assert s3.policy_statements__new("action", "Allow", "service", resource) == {
        "Action": "action", "Effect": "Allow", "Principal": {"Service": "service"}, "Resource": "arn:aws:s3:::bucket/trail/AWSLogs/account/*"}


def test_create_of_a_role_may_replace_an_existing_one(osbot_local):
    role = IAM_Role("replaced-role")
    first = role.create_for__lambda()
    trust = first["data"]["AssumeRolePolicyDocument"]
    assert role.create(trust)["status"] == "warning"
    second = role.create(trust, skip_if_exists=False)
    assert second["status"] == "ok"
    assert second["data"]["RoleId"] != first["data"]["RoleId"]


def test_iam_of_a_role_has_its_policies(osbot_local):
    role = IAM_Role("role-of-iam")
    iam = role.iam
    assert (iam.role_name, iam.role_exists(), iam.role_info(), iam.role_arn(), iam.role_delete()) == ("role-of-iam", False, None, None, False)
    role.create_for__lambda()
    assert iam.role_assume_policy()["Statement"][0]["Principal"] == {"Service": "lambda.amazonaws.com"}
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    created = iam.policy_create("read-objects", document)
    assert (created["status"], created["policy_arn"]) == ("ok", "arn:aws:iam::000000000000:policy/read-objects")
    assert iam.policy_create("read-objects", document)["status"] == "warning"
    iam.role_policy_attach(created["policy_arn"])
    iam.role_policy_add("inline", document)
    assert iam.role_policies_attached()["read-objects"] == created["policy_arn"]
    assert iam.role_policies()["inline"] == {"PolicyName": "inline"}
    assert iam.role_policies_inline(fetch_inline_policies=True)["inline"] == document
    assert statement in iam.role_policies_statements(just_statements=True)
    assert iam.policy_statement(created["policy_arn"]) == [statement]
    assert "role-of-iam" in iam.roles(index_by="RoleName")
    iam.role_policies_detach_and_delete()
    assert iam.role_policies() == {}
    assert (iam.policy_delete(created["policy_arn"]), iam.policy_not_exists(created["policy_arn"])) == (True, True)
    assert (iam.role_delete(), role.exists()) == (True, False)


def test_policies_of_a_project_are_created_once(osbot_local):
    iam = IAM(role_name="role-of-project")
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    assert iam.role_create(trust)["RoleName"] == iam.role_create(trust)["RoleName"] == "role-of-project"
    arns = iam.policies_create({"logs": document}, "shop")
    assert arns == ["arn:aws:iam::000000000000:policy/logs_shop"]
    iam.role_policies_attach(arns)
    assert iam.policies_create({"logs": document}, "shop") == iam.policies_create({"logs": document}, "shop", recreate_policy=True) == arns
    assert iam.policy_exists_by_name("logs_shop")
    assert iam.policy_delete_by_name("logs_shop")
    failed = iam.policy_create("bad name", document)
    assert (failed["status"], failed["policy_arn"]) == ("error", None)


def test_boto3_objects_of_s3_have_its_target(osbot_local):
    s3 = S3()
    s3.bucket_create("of-a-resource")
    assert [bucket.name for bucket in s3.s3_resource().buckets.all()] == ["of-a-resource"]
    assert s3.session().region_name == "us-east-1"
    assert (s3.transfer_config().use_threads, s3.dont_use_threads().transfer_config().use_threads) == (True, False)


def test_paginator_reads_all_pages(osbot_local):
    for name in ("paged-1", "paged-2"):
        Logs(name).group_create()
    groups = Logs().invoke_using_paginator(Logs().client(), "describe_log_groups", "logGroups", PaginationConfig={"PageSize": 1})
    assert {"paged-1", "paged-2"} <= {group["logGroupName"] for group in groups}


def test_caller_is_a_user_or_an_assumed_role(osbot_local, monkeypatch):
    with pytest.raises(ValueError, match="neither a user nor an assumed role"):
        AWS_Config().sts__caller_identity_user()
    arn = IAM_Role("role-of-caller").create_for__lambda()["role_arn"]
    keys = boto3.client("sts").assume_role(RoleArn=arn, RoleSessionName="of-a-test")["Credentials"]
    session = dict(aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"], aws_session_token=keys["SessionToken"])
    assert AWS_Config(session).sts__caller_identity_user() == "of-a-test"


# ---- dependencies


def test_install_data_is_an_object_with_json(tmp_path, monkeypatch, osbot_local):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    local = Lambda__Dependency__Local("aaa-ccc-ddd")
    assert local.install__data() is None
    data = Schema__Lambda__Dependency__Local_Install__Data(package_name="aaa-ccc-ddd", time_stamp=1700000000000)
    assert local.install__data__save(data) == local.install__data__path() == local.path() + ".json"
    assert local.path() == f"{local.folder__bucket()}/aaa-ccc-ddd"
    installed = local.install()
    assert type(installed) is Schema__Lambda__Dependency__Local_Install__Data
    assert (installed.time_stamp, installed.json()) == (1700000000000, data.json())
    assert (local.install__data__exists(), local.install__data__delete(), local.install__data__delete()) == (True, True, False)
    assert local.setup() is local
    assert local.s3__bucket__name() == "000000000000--osbot-lambdas--us-east-1"


def test_dependency_in_s3_has_the_members_of_the_original(osbot_local):
    with Lambda__Dependency__S3() as dependency:
        assert dependency.setup() is dependency
        assert dependency.s3.buckets() == [dependency.aws_config.lambda_s3_bucket()]
        assert dependency.folder_name__lambda_dependencies() == "lambdas-dependencies"


def test_dependency_outside_of_lambda_names_the_missing_variable(monkeypatch):
    for name in ("AWS_REGION", "AWS_ACCOUNT_ID", "OSBOT_LAMBDA_S3_BUCKET", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(RuntimeError, match="AWS_REGION is not set: Lambda sets AWS_REGION, .* outside of Lambda, set all three"):
        Lambda__Dependency__Inside_Lambda(package_name="colorama").load()


def test_dependency_inside_lambda_adds_its_folder_to_the_path(monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    dependency = Lambda__Dependency__Inside_Lambda(package_name="colorama")
    assert (dependency.system_path__add_folder(), dependency.system_path__add_folder()) == (True, False)
    assert dependency.system_path__contains_folder()
    assert dependency.system_path()[-1] == dependency.folder() == f"{dependency.dependencies_folder()}/colorama"
    assert type(dependency.lambda_dependency_s3) is Lambda__Dependency__S3
    assert dependency.dependencies_folder() == os.path.join(dependency.temp_folder, "osbot-aws__lambda-dependencies__inside-lambda")
    assert dependency.aws_config.lambda_s3_folder_layers() == "layers"


# ---- requirements


def test_requirements_are_read_from_both_kinds_of_files(tmp_path):
    (tmp_path / "base.txt").write_text("six==1.16.0\n")
    (tmp_path / "requirements.txt").write_text("# comment\n\n-r base.txt\nrequests >= 2.0  # why\npandas==2.2.2; python_version > '3.8'\nflask \\\n  ==3.0\n")
    assert with_requirements([], tmp_path / "requirements.txt") == ["six==1.16.0", "requests >= 2.0", "pandas==2.2.2; python_version > '3.8'", "flask ==3.0"]
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "a"\ndependencies = ["requests>=2", "rich"]\n')
    if sys.version_info >= (3, 11):
        assert with_requirements("six", str(tmp_path / "pyproject.toml")) == ["six", "requests>=2", "rich"]
    with pytest.raises(FileNotFoundError, match=r"none\.txt"):
        with_requirements([], tmp_path / "none.txt")


@pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib is part of Python 3.11")
@pytest.mark.parametrize(("file", "text", "message"), [
    ("requirements.txt", "--index-url https://example.com\n", "the option --index-url is not supported"),
    ("requirements.txt", "requests==2 --hash=sha256:1\n", "the option --hash is not supported"),
    ("requirements.txt", "-r requirements.txt\n", "nested deeper than 8"),
    pytest.param("requirements.txt", "x" * 2_000_000, "the limit is 1000000", id="large"),
    ("pyproject.toml", "[tool.poetry]\n", r"no list project.dependencies"),
    ("pyproject.toml", "not toml", "not valid TOML"),
])
def test_requirements_that_cannot_be_used_are_rejected(tmp_path, file, text, message):
    (tmp_path / file).write_text(text)
    with pytest.raises(ValueError, match=message):
        with_requirements([], tmp_path / file)


def test_empty_list_of_packages_is_rejected(tmp_path):
    (tmp_path / "requirements.txt").write_text("# nothing\n")
    with pytest.raises(ValueError, match="no packages to install"):
        Deploy_Lambda(member_handler).set_packages_using_layer(requirements=tmp_path / "requirements.txt")


def test_names_of_aws_find_the_deployed_function(osbot_local):
    deploy = Deploy_Lambda(member_handler, "with.dots")
    assert deploy.deploy(), deploy.last_error
    assert Lambda(deploy.lambda_name()).exists()
    assert boto3.client("lambda").get_function(FunctionName=deploy.lambda_function().name)


# ---- users and secrets

ANY_DOCUMENT = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


def test_user_of_iam_is_created_used_and_deleted(osbot_local):
    iam = IAM(user_name="ada")
    assert (iam.user_exists(), iam.user_info(), iam.user_delete(), iam.login_profile()) == (False, None, False, None)
    assert iam.user_create()["UserName"] == iam.user_create()["UserName"] == "ada"
    assert "ada" in iam.users_by_username() and "ada" in [user["UserName"] for user in iam.users()]
    assert iam.login_profile_create("a long password 1A!")["LoginProfile"]["PasswordResetRequired"] is True
    assert iam.login_profile_exists()
    key = iam.user_access_key_create(wait_for_key_working=True)
    assert iam.access_key__wait_until_key_is_working(key, success_count=2)["status"] == "ok"
    assert list(iam.user_access_keys(index_by="AccessKeyId")) == [key["AccessKeyId"]]
    iam.client().create_group(GroupName="staff")
    iam.client().add_user_to_group(GroupName="staff", UserName="ada")
    policy = iam.policy_create("user-policy", ANY_DOCUMENT)["policy_arn"]
    iam.user_attach_policy(policy)
    iam.client().put_user_policy(UserName="ada", PolicyName="inline", PolicyDocument=json.dumps(ANY_DOCUMENT))
    assert iam.user_polices()["PolicyNames"] == ["inline"]
    assert [group["GroupName"] for group in iam.groups()] == ["staff"]
    assert (iam.user_delete(), iam.user_exists()) == (True, False)


def test_identity_and_access_keys_are_those_of_the_caller(osbot_local):
    iam = IAM()
    assert iam.caller_identity()["Account"] == "000000000000"
    assert iam.check_aws_security_tokens()["status"] == "Ok"
    with Temp_IAM_User() as user:
        key = user.iam.user_access_key_create()
        of_user = IAM(session_kwargs__iam={"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]})
        assert list(of_user.access_keys(index_by="AccessKeyId")) == [key["AccessKeyId"]]
        assert list(of_user.access_keys(group_by="Status")) == ["Active"]
        assert of_user.caller_identity()["Arn"].endswith(f"user/{user.user_name}")
    assert not user.iam.user_exists()


def test_key_that_sts_refuses_is_not_working(osbot_local, monkeypatch):
    iam, answers = IAM(user_name="ada"), iter([True, False, False])
    monkeypatch.setattr(iam, "access_key__is_key_working", lambda key: next(answers))
    assert iam.access_key__wait_until_key_is_not_working({"AccessKeyId": "AKIA"}, wait_count=3, success_count=2)
    answers = iter([False, True])
    waited = iam.access_key__wait_until_key_is_working({"AccessKeyId": "AKIA"}, wait_for=0, wait_count=2, success_count=2)
    assert waited == {"status": "error", "message": "access key AKIA was accepted 1 times"}


def test_user_has_the_attributes_of_boto3s_resource(osbot_local):
    user = IAM_User("grace")
    with pytest.raises(Aws_Exception, match="NoSuchEntity"):
        user.arn()
    user.create()
    assert user.exists() and user.arn() == "arn:aws:iam::000000000000:user/grace"
    assert user.info()["user_id"] == user.user_id() and user.tags() == []
    user.iam().client().tag_user(UserName="grace", Tags=[{"Key": "team", "Value": "a"}])
    assert user.tags() == [{"Key": "team", "Value": "a"}]
    assert (user.access_keys(), user.groups(), user.policies(), user.user_policies()) == ([], [], [], [])
    user.iam().user_attach_policy(user.iam().policy_create("of-grace", ANY_DOCUMENT)["policy_arn"])
    user.iam().client().put_user_policy(UserName="grace", PolicyName="inline", PolicyDocument=json.dumps(ANY_DOCUMENT))
    assert list(user.policies(index_by="policy_name")) == ["of-grace"]
    assert user.user_policies()[0]["policy_document"] == ANY_DOCUMENT
    key = user.iam().user_access_key_create()
    assert user.access_keys(index_by="access_key_id")[key["AccessKeyId"]]["status"] == "Active"
    assert user.set_password("a long password 1A!")["LoginProfile"]["UserName"] == "grace"
    assert user.set_password("a long password 1A!")["error"].startswith("EntityAlreadyExists: ")
    assert (user.delete(), user.exists()) == (True, False)


def test_secrets_of_the_local_engine_are_not_implemented(osbot_local):
    secret = Secrets("shell-key")
    for call in (secret.create, secret.value, secret.details, secret.list, secret.delete):
        with pytest.raises(Aws_Exception) as raised:
            call()
        assert raised.value.code == "NotImplemented"
        assert "--forward secretsmanager=URL" in raised.value.message
