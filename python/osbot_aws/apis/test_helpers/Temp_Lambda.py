"""A Lambda function that exists for the duration of a `with` block."""
from __future__ import annotations

import os

from osbot_aws.apis.test_helpers.Temp_Folder_With_Lambda_File import Temp_Folder_With_Lambda_File
from osbot_aws.AWS_Config import AWS_Config
from osbot_aws.aws.lambda_.Lambda__with_temp_role import Lambda__with_temp_role
from osbot_aws.core.Checked_Attributes import Checked_Attributes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any

    from typing_extensions import Self

    from osbot_aws.aws.s3.S3 import S3
    from osbot_aws.aws.session.Session__Kwargs import Session_Like


class Temp_Lambda(Checked_Attributes):
    """Creates a function at the start of a `with` block and deletes it, with its logs, at the end.

        with Temp_Lambda() as temp_lambda: temp_lambda.invoke({'name': 'world'})

    `lambda_code` is the source of a module with a function `run`, or a function named `run` that uses no other names of
    its module; tmp_folder contains it. The execution role is created if it does not exist. `with_layer` is the ARN of a
    layer version. wait_max_attempts is the time limit for the creation in seconds. With delete_on_exit=False the
    function is not deleted.
    """

    def __init__(self, lambda_name: str | None = None, lambda_code: str | Callable[..., Any] | None = None, *,
                 delete_on_exit: bool = True, with_layer: str | None = None, wait_max_attempts: int = 40,
                 session_kwargs__lambda: Session_Like = None) -> None:
        self.lambda_name = lambda_name or f"temp_lambda_{os.urandom(4).hex()}"
        self.delete_on_exit = delete_on_exit
        self.wait_max_attempts = wait_max_attempts
        self.create_log: dict[str, Any] | None = None
        self.tmp_folder = Temp_Folder_With_Lambda_File(self.lambda_name, lambda_code).create_temp_file()
        self.aws_lambda = Lambda__with_temp_role(self.lambda_name, session_kwargs__lambda, folder_code=self.tmp_folder.folder)
        self.s3_bucket = self.aws_config.lambda_s3_bucket()
        self.s3_key = f"unit_tests/lambdas/{self.lambda_name}.zip"
        self.with_layer = with_layer
        if with_layer:
            self.aws_lambda.add_layer(with_layer)

    def __enter__(self) -> Self:
        try:
            self.create()
        except BaseException:
            self.delete()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.delete_on_exit:
            self.delete()

    def create(self) -> dict[str, Any]:
        """Uploads the code to s3_bucket, which is created if it does not exist, and creates the function from it.

        Waits until the function is active. Raises AssertionError with the reason if that fails.
        """
        self.aws_lambda.set_s3_bucket(self.s3_bucket).set_s3_key(self.s3_key).upload()
        self.create_log = self.aws_lambda.create()
        if self.create_log["status"] == "error":
            raise AssertionError(self.create_log["error"])
        self.aws_lambda.wait_for_state_active(self.wait_max_attempts)
        return self.create_log

    def delete(self) -> bool:
        """Deletes the function, its log group, its code in S3 and tmp_folder. Returns False if the function did not exist."""
        self.tmp_folder.delete()
        try:
            return self.aws_lambda.delete()
        finally:
            self.delete_s3_file()

    @property
    def aws_config(self) -> AWS_Config:
        """The settings that are read from the environment."""
        return AWS_Config(self.aws_lambda._sessions)

    @property
    def role_arn(self) -> str | None:
        """The ARN of the execution role; None before create()."""
        return self.aws_lambda.role

    @property
    def s3(self) -> S3:
        """The S3 object that uses the same session as the function."""
        return self.aws_lambda.s3()

    def set_s3_bucket(self, value: str) -> None:
        """Sets the bucket to which create() uploads the code."""
        self.s3_bucket = value

    def s3_file_exists(self) -> bool:
        """Returns whether the code's zip is in s3_bucket."""
        return self.s3.file_exists(self.s3_bucket, self.s3_key)

    def delete_s3_file(self) -> None:
        """Deletes the code's zip from s3_bucket. Has no effect if the bucket does not exist."""
        if self.s3.bucket_exists(self.s3_bucket):
            self.s3.file_delete(self.s3_bucket, self.s3_key)

    def arn(self) -> str:
        """Returns the function's ARN.

        Raises Aws_Exception (ResourceNotFoundException) if the function does not exist.
        """
        return self.aws_lambda.function_arn()

    def exists(self) -> bool:
        """Returns whether the function exists."""
        return self.aws_lambda.exists()

    def info(self) -> dict[str, Any]:
        """Returns {'Configuration', 'Code', 'Tags'}, like Lambda.info()."""
        return self.aws_lambda.info()

    def invoke(self, params: Any = None) -> Any:
        """Invokes the function and returns its result, like Lambda.invoke(); {'error': ...} if the call failed."""
        return self.aws_lambda.invoke(params)

    def invoke_raw(self, params: Any = None) -> dict[str, Any]:
        """Invokes the function; returns {'status', 'name', 'data', 'response'}, like Lambda.invoke_raw()."""
        return self.aws_lambda.invoke_raw(params)

    def invoke_return_logs(self, params: Any = None) -> dict[str, Any]:
        """Invokes the function and returns its result and the last 4 KB of log, like Lambda.invoke_return_logs()."""
        return self.aws_lambda.invoke_return_logs(params)

