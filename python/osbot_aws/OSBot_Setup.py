"""The settings of deploys, in one object."""
from __future__ import annotations

from osbot_aws.AWS_Config import aws_config
from osbot_aws.aws.s3.S3 import S3
from osbot_aws.helpers.Lambda_Package import Lambda_Package

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Self


class OSBot_Setup:
    """Sets its arguments in the environment (AWS_Config) and exposes the resulting settings as attributes.

    Deploy_Lambda does not need it: it creates a missing role and bucket itself.
    """

    def __init__(self, bot_name: str | None = None, profile_name: str | None = None, account_id: str | None = None,
                 region_name: str | None = None, lambda_s3_bucket: str | None = None, lambda_role_name: str | None = None) -> None:
        self.aws_config = aws_config
        for value, set_value in ((bot_name, aws_config.set_bot_name), (profile_name, aws_config.set_aws_session_profile_name),
                                 (account_id, aws_config.set_aws_session_account_id), (region_name, aws_config.set_aws_session_region_name),
                                 (lambda_s3_bucket, aws_config.set_lambda_s3_bucket), (lambda_role_name, aws_config.set_lambda_role_name)):
            if value:
                set_value(value)
        self.bot_name = aws_config.bot_name()
        self.profile_name = aws_config.aws_session_profile_name()
        self.region_name = aws_config.region_name()
        self.account_id = aws_config.account_id()
        self.s3_bucket_lambdas = aws_config.lambda_s3_bucket()
        self.lambda_role_name = aws_config.lambda_role_name()
        self.lambda_role_arn = f"arn:aws:iam::{self.account_id}:role/{self.lambda_role_name}"
        self.s3 = S3()

    def lambda_package(self, lambda_name: str) -> Lambda_Package:
        """Returns an empty package for the function of this name."""
        return Lambda_Package(lambda_name)

    def set_up_buckets(self) -> Self:
        """Creates s3_bucket_lambdas if it does not exist. Does not raise if that fails."""
        self.s3.bucket_create(self.s3_bucket_lambdas, self.region_name)
        return self
