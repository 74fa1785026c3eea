"""A program with type annotations. test_types.py runs type checkers on this file; it is never executed."""
from __future__ import annotations

from typing import Any

from osbot_aws.apis.Logs import Logs
from osbot_aws.apis.shell.Lambda_Shell import lambda_shell
from osbot_aws.apis.shell.Shell_Client import Shell_Client
from osbot_aws.aws.iam.IAM_Role import IAM_Role
from osbot_aws.aws.lambda_.boto3__lambda import load_dependencies, load_dependency
from osbot_aws.aws.lambda_.dependencies.Lambda__Dependency import Lambda__Dependency
from osbot_aws.aws.lambda_.dependencies.Lambda__Dependency__Inside_Lambda import Lambda__Dependency__Inside_Lambda
from osbot_aws.aws.lambda_.Lambda import Lambda, invoke_lambda, invoke_lambda_async
from osbot_aws.aws.lambda_.Lambda__with_temp_role import Lambda__with_temp_role
from osbot_aws.aws.lambda_.Lambda_Layer import Lambda_Layer
from osbot_aws.aws.s3.S3 import S3
from osbot_aws.aws.session.Session__Kwargs__Lambda import Session__Kwargs__Lambda
from osbot_aws.core.Error import Aws_Exception
from osbot_aws.core.Session import Session
from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda
from osbot_aws.testing.pytest_plugin import Osbot_Local
from osbot_aws.testing.TestCase__Lambda__Deploy import TestCase__Lambda__Deploy


@lambda_shell
def my_handler(event: dict[str, Any], context: Any = None) -> dict[str, Any]:
    load_dependency("requests")
    load_dependencies(["requests", "pandas"])
    Lambda__Dependency__Inside_Lambda(package_name="pandas").load()
    return event


class Test_My_Lambda(TestCase__Lambda__Deploy):
    handler = my_handler

    def test_it(self) -> None:
        self.deploy()
        assert self.invoke({"input": 21})["result"] == 42


def deploys() -> bool:
    with Deploy_Lambda(handler=my_handler, lambda_name="orders", stage="prod") as deploy:
        layer: Lambda_Layer = deploy.set_packages_using_layer(["pandas"], skip_layer_creation_if_exists=True)
        deploy.add_osbot_utils().add_module("x").set_env_variables({"STAGE": "prod"}).add_layers([layer.arn_latest() or ""])
        deploy.set_memory(512).set_timeout(7).memory = 1024
        timeout: int = deploy.timeout
        bucket: str = deploy.osbot_setup.s3_bucket_lambdas + deploy.package.tmp_folder + deploy.role_arn
        files: list[str] = deploy.files()
        name: str = deploy.lambda_name()
        url: str | None = deploy.function_url()
        return deploy.deploy() and bool(files and name and url and timeout and bucket)


def lambdas(zip_bytes: bytes) -> None:
    session = Session__Kwargs__Lambda(endpoint_url="http://localhost:4566", region_name="us-east-1")
    function = Lambda("f", session_kwargs__lambda=session, memory=256, env_variables={"A": "b"}).set_role("arn").add_layer("arn").set_env_variable("KEY", "value")
    function.memory = 512
    function.zip_bytes = zip_bytes
    created: dict[str, Any] = function.create()
    arn: str = function.function_arn()
    logs: Logs = function.log_group()
    shell: Shell_Client = function.shell("key")
    messages: list[str] = logs.messages()
    temporary: IAM_Role = Lambda__with_temp_role("g").temp_role__create()
    uploaded: dict[str, Any] = Lambda__Dependency("pandas").dependency__s3.upload(S3().file_bytes("bucket", "key"))
    print(created, arn, shell.ping(), messages, temporary.arn(), uploaded, invoke_lambda("f", {}), invoke_lambda_async("f", {}))


def fails(osbot_local: Osbot_Local) -> str:
    try:
        Lambda("f", Session.in_memory()).configuration()
    except Aws_Exception as error:
        return error.code + osbot_local.endpoint_url
    return Lambda("f", osbot_local.session).name
