"""The settings of deploys, in one object."""
from __future__ import annotations

from osbot_aws.AWS_Config import AWS_Config
from osbot_aws.aws.s3.S3 import S3
from osbot_aws.aws.session.Session__Kwargs import session_of
from osbot_aws.core.Checked_Attributes import Checked_Attributes
from osbot_aws.helpers.Lambda_Package import Lambda_Package

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Self

    from osbot_aws.aws.session.Session__Kwargs import Session_Like


class OSBot_Setup(Checked_Attributes):
    """Sets its arguments in the environment (AWS_Config) and exposes the resulting settings as attributes.

    Deploy_Lambda does not need it: it creates a missing role and bucket itself.
    """

    def __init__(self, bot_name: str | None = None, profile_name: str | None = None, account_id: str | None = None,
                 region_name: str | None = None, lambda_s3_bucket: str | None = None, lambda_role_name: str | None = None,
                 session_kwargs__s3: Session_Like = None) -> None:
        session = session_of(session_kwargs__s3)
        config = self.aws_config = AWS_Config(session)
        for value, set_value in ((bot_name, config.set_bot_name), (profile_name, config.set_aws_session_profile_name),
                                 (account_id, config.set_aws_session_account_id), (region_name, config.set_aws_session_region_name),
                                 (lambda_s3_bucket, config.set_lambda_s3_bucket), (lambda_role_name, config.set_lambda_role_name)):
            if value:
                set_value(value)
        self.bot_name = config.bot_name()
        self.profile_name = config.aws_session_profile_name()
        self.region_name = config.region_name()
        self.account_id = config.account_id()
        self.s3_bucket_lambdas = config.lambda_s3_bucket()
        self.lambda_role_name = config.lambda_role_name()
        self.lambda_role_arn = f"arn:aws:iam::{self.account_id}:role/{self.lambda_role_name}"
        self.s3 = S3(session)

    def lambda_package(self, lambda_name: str) -> Lambda_Package:
        """Returns an empty package for the function of this name."""
        return Lambda_Package(lambda_name)

    def set_up_buckets(self) -> Self:
        """Creates s3_bucket_lambdas if it does not exist. Does not raise if that fails."""
        self.s3.bucket_create(self.s3_bucket_lambdas, self.region_name)
        return self
