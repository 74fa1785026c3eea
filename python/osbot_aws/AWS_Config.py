"""Deploy settings that are read from the environment, and their defaults."""
from __future__ import annotations

import os

from osbot_aws.aws.session.Session__Kwargs import session_of
from osbot_aws.core.Checked_Attributes import Checked_Attributes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from osbot_aws._core import Session
    from osbot_aws.aws.session.Session__Kwargs import Session_Like


class AWS_Config(Checked_Attributes):
    """Reads and writes os.environ on each call; values of set_* methods apply to later calls and child processes.

    If the variables are not set, region, account and credentials come from AWS's standard sources. `.env` files are not
    read. session_kwargs selects the target whose region and account are returned.
    """

    def __init__(self, session_kwargs: Session_Like = None) -> None:
        self._session_kwargs = session_kwargs

    @property
    def _sessions(self) -> Session:
        return session_of(self._session_kwargs)

    def aws_access_key_id(self) -> str | None:
        """Returns AWS_ACCESS_KEY_ID, or None if it is not set."""
        return os.getenv("AWS_ACCESS_KEY_ID")

    def aws_secret_access_key(self) -> str | None:
        """Returns AWS_SECRET_ACCESS_KEY, or None if it is not set."""
        return os.getenv("AWS_SECRET_ACCESS_KEY")

    def aws_endpoint_url(self) -> str | None:
        """Returns AWS_ENDPOINT_URL, the endpoint of all calls, or None if it is not set."""
        return os.getenv("AWS_ENDPOINT_URL")

    def aws_session_profile_name(self) -> str | None:
        """Returns AWS_PROFILE, or None if it is not set."""
        return os.getenv("AWS_PROFILE")

    def aws_session_region_name(self) -> str:
        """Returns the region: AWS_REGION, AWS_DEFAULT_REGION or the profile's, else us-east-1.

        The default does not apply to AWS: without a region, raises Aws_Exception (NoRegionError).
        """
        return self._sessions.region()

    def aws_session_account_id(self) -> str:
        """Returns AWS_ACCOUNT_ID if set, else the account that STS reports."""
        return os.getenv("AWS_ACCOUNT_ID") or self._sessions.account_id()

    def bot_name(self) -> str | None:
        """Returns OSBOT_NAME, or None if it is not set."""
        return os.getenv("OSBOT_NAME")

    def lambda_s3_bucket(self) -> str:
        """Returns the bucket for code and layers: OSBOT_LAMBDA_S3_BUCKET, else <account>--osbot-lambdas--<region>."""
        return os.getenv("OSBOT_LAMBDA_S3_BUCKET") or f"{self.account_id()}--osbot-lambdas--{self.region_name()}"

    def lambda_s3_folder_layers(self) -> str:
        """Returns the folder of layers in lambda_s3_bucket(): OSBOT_LAMBDA_S3_FOLDER_LAYERS, else `layers`."""
        return os.getenv("OSBOT_LAMBDA_S3_FOLDER_LAYERS", "layers")

    def lambda_s3_folder_lambdas(self) -> str:
        """Returns the folder of code in lambda_s3_bucket(): OSBOT_LAMBDA_S3_FOLDER_LAMBDAS, else `lambdas`."""
        return os.getenv("OSBOT_LAMBDA_S3_FOLDER_LAMBDAS", "lambdas")

    def lambda_role_name(self) -> str | None:
        """Returns OSBOT_LAMBDA_ROLE_NAME, or None if it is not set."""
        return os.getenv("OSBOT_LAMBDA_ROLE_NAME")

    def temp_data_bucket(self) -> str:
        """Returns the bucket for temporary data: OSBOT_TEMP_DATA_S3_BUCKET, else <account>--temp-data--<region>."""
        return os.getenv("OSBOT_TEMP_DATA_S3_BUCKET") or f"{self.account_id()}--temp-data--{self.region_name()}"

    resolve_lambda_bucket_name = lambda_s3_bucket
    resolve_temp_data_bucket_name = temp_data_bucket

    def sts__session_account_id(self) -> str:
        """Returns the account that STS reports, even if AWS_ACCOUNT_ID is set."""
        return self._sessions.account_id()

    def sts__caller_identity_user(self) -> str:
        """Returns the name of the user, or the session name of the assumed role, that STS reports.

        Raises ValueError for the root user, which has no name.
        """
        from osbot_aws import _core

        arn: str = _core.query(self, "sts", "GetCallerIdentity", {})["Arn"]
        kind, separator, name = arn.rpartition(":")[2].partition("/")
        if not separator or kind not in ("user", "assumed-role"):
            raise ValueError(f"{arn} is neither a user nor an assumed role")
        return name if kind == "user" else name.rpartition("/")[2]

    def aws_configured(self) -> bool:
        """Returns whether the environment contains an access key and its secret."""
        return bool(self.aws_access_key_id() and self.aws_secret_access_key())

    def account_id(self) -> str:
        """Returns the account, like aws_session_account_id()."""
        return self.aws_session_account_id()

    def region_name(self) -> str:
        """Returns the region, like aws_session_region_name()."""
        return self.aws_session_region_name()

    def set_aws_access_key_id(self, value: str) -> str:
        """Sets AWS_ACCESS_KEY_ID and returns the value."""
        return _set("AWS_ACCESS_KEY_ID", value)

    def set_aws_secret_access_key(self, value: str) -> str:
        """Sets AWS_SECRET_ACCESS_KEY and returns the value."""
        return _set("AWS_SECRET_ACCESS_KEY", value)

    def set_aws_session_profile_name(self, value: str) -> str:
        """Sets AWS_PROFILE and returns the value."""
        return _set("AWS_PROFILE", value)

    def set_aws_session_region_name(self, value: str) -> str:
        """Sets AWS_REGION, which takes precedence over AWS_DEFAULT_REGION, and returns the value."""
        return _set("AWS_REGION", value)

    def set_region(self, region_name: str) -> None:
        """Calls set_aws_session_region_name(), but returns None."""
        self.set_aws_session_region_name(region_name)

    def set_aws_session_account_id(self, value: str) -> str:
        """Sets AWS_ACCOUNT_ID (12 digits) and returns the value. aws_session_account_id() then does not call STS."""
        return _set("AWS_ACCOUNT_ID", value)

    def set_lambda_s3_bucket(self, value: str) -> str:
        """Sets OSBOT_LAMBDA_S3_BUCKET and returns the value."""
        return _set("OSBOT_LAMBDA_S3_BUCKET", value)

    def set_lambda_s3_folder_layers(self, value: str) -> str:
        """Sets OSBOT_LAMBDA_S3_FOLDER_LAYERS and returns the value."""
        return _set("OSBOT_LAMBDA_S3_FOLDER_LAYERS", value)

    def set_lambda_s3_folder_lambdas(self, value: str) -> str:
        """Sets OSBOT_LAMBDA_S3_FOLDER_LAMBDAS and returns the value."""
        return _set("OSBOT_LAMBDA_S3_FOLDER_LAMBDAS", value)

    def set_lambda_role_name(self, value: str) -> str:
        """Sets OSBOT_LAMBDA_ROLE_NAME and returns the value."""
        return _set("OSBOT_LAMBDA_ROLE_NAME", value)

    def set_bot_name(self, value: str) -> str:
        """Sets OSBOT_NAME and returns the value."""
        return _set("OSBOT_NAME", value)


def _set(variable: str, value: str) -> str:
    os.environ[variable] = value
    return value


def set_aws_region(region_name: str) -> None:
    """Sets AWS_REGION for all later calls and child processes."""
    aws_config.set_region(region_name)


aws_config = AWS_Config()
