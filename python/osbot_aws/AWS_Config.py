"""The settings that deploys read from the environment, and their defaults."""
from __future__ import annotations

import os

from osbot_aws.aws.session.Session__Kwargs import session_of


class AWS_Config:
    """Reads and writes os.environ at each call: what a set_* method sets, every later call and process sees.

    Region, account and credentials come from AWS's standard places when the variables say nothing. `.env` files are not
    read.
    """

    def __enter__(self) -> AWS_Config:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def aws_access_key_id(self) -> str | None:
        """AWS_ACCESS_KEY_ID; None: it is not set."""
        return os.getenv("AWS_ACCESS_KEY_ID")

    def aws_secret_access_key(self) -> str | None:
        """AWS_SECRET_ACCESS_KEY; None: it is not set."""
        return os.getenv("AWS_SECRET_ACCESS_KEY")

    def aws_endpoint_url(self) -> str | None:
        """AWS_ENDPOINT_URL, where calls go; None: it is not set."""
        return os.getenv("AWS_ENDPOINT_URL")

    def aws_session_profile_name(self) -> str | None:
        """AWS_PROFILE; None: it is not set."""
        return os.getenv("AWS_PROFILE")

    def aws_session_region_name(self) -> str:
        """AWS_REGION, AWS_DEFAULT_REGION or the profile's; else us-east-1, or on AWS an Aws_Exception (NoRegionError)."""
        return session_of(None).region()

    def aws_session_account_id(self) -> str:
        """AWS_ACCOUNT_ID, else what STS says."""
        return os.getenv("AWS_ACCOUNT_ID") or session_of(None).account_id()

    def bot_name(self) -> str | None:
        """OSBOT_NAME; None: it is not set."""
        return os.getenv("OSBOT_NAME")

    def lambda_s3_bucket(self) -> str:
        """Where code and layers are uploaded: OSBOT_LAMBDA_S3_BUCKET, else <account>--osbot-lambdas--<region>."""
        return os.getenv("OSBOT_LAMBDA_S3_BUCKET") or f"{self.account_id()}--osbot-lambdas--{self.region_name()}"

    def lambda_s3_folder_layers(self) -> str:
        """Of layers in that bucket: OSBOT_LAMBDA_S3_FOLDER_LAYERS, else `layers`."""
        return os.getenv("OSBOT_LAMBDA_S3_FOLDER_LAYERS", "layers")

    def lambda_s3_folder_lambdas(self) -> str:
        """Of functions' code in that bucket: OSBOT_LAMBDA_S3_FOLDER_LAMBDAS, else `lambdas`."""
        return os.getenv("OSBOT_LAMBDA_S3_FOLDER_LAMBDAS", "lambdas")

    def lambda_role_name(self) -> str | None:
        """OSBOT_LAMBDA_ROLE_NAME; None: it is not set."""
        return os.getenv("OSBOT_LAMBDA_ROLE_NAME")

    def temp_data_bucket(self) -> str:
        """OSBOT_TEMP_DATA_S3_BUCKET, else <account>--temp-data--<region>."""
        return os.getenv("OSBOT_TEMP_DATA_S3_BUCKET") or f"{self.account_id()}--temp-data--{self.region_name()}"

    resolve_lambda_bucket_name = lambda_s3_bucket
    resolve_temp_data_bucket_name = temp_data_bucket

    def sts__session_account_id(self) -> str:
        """What STS says, whatever AWS_ACCOUNT_ID does."""
        return session_of(None).account_id()

    def aws_configured(self) -> bool:
        """Whether the environment has keys."""
        return bool(self.aws_access_key_id() and self.aws_secret_access_key())

    def account_id(self) -> str:
        """The same as aws_session_account_id()."""
        return self.aws_session_account_id()

    def region_name(self) -> str:
        """The same as aws_session_region_name()."""
        return self.aws_session_region_name()

    def set_aws_access_key_id(self, value: str) -> str:
        """Sets AWS_ACCESS_KEY_ID and answers it."""
        return _set("AWS_ACCESS_KEY_ID", value)

    def set_aws_secret_access_key(self, value: str) -> str:
        """Sets AWS_SECRET_ACCESS_KEY and answers it."""
        return _set("AWS_SECRET_ACCESS_KEY", value)

    def set_aws_session_profile_name(self, value: str) -> str:
        """Sets AWS_PROFILE and answers it."""
        return _set("AWS_PROFILE", value)

    def set_aws_session_region_name(self, value: str) -> str:
        """As AWS_REGION, which goes before AWS_DEFAULT_REGION."""
        return _set("AWS_REGION", value)

    def set_region(self, region_name: str) -> None:
        """As set_aws_session_region_name(); answers nothing."""
        self.set_aws_session_region_name(region_name)

    def set_aws_session_account_id(self, value: str) -> str:
        """Sets AWS_ACCOUNT_ID, 12 digits, and answers it; STS is not asked then."""
        return _set("AWS_ACCOUNT_ID", value)

    def set_lambda_s3_bucket(self, value: str) -> str:
        """Sets OSBOT_LAMBDA_S3_BUCKET and answers it."""
        return _set("OSBOT_LAMBDA_S3_BUCKET", value)

    def set_lambda_s3_folder_layers(self, value: str) -> str:
        """Sets OSBOT_LAMBDA_S3_FOLDER_LAYERS and answers it."""
        return _set("OSBOT_LAMBDA_S3_FOLDER_LAYERS", value)

    def set_lambda_s3_folder_lambdas(self, value: str) -> str:
        """Sets OSBOT_LAMBDA_S3_FOLDER_LAMBDAS and answers it."""
        return _set("OSBOT_LAMBDA_S3_FOLDER_LAMBDAS", value)

    def set_lambda_role_name(self, value: str) -> str:
        """Sets OSBOT_LAMBDA_ROLE_NAME and answers it."""
        return _set("OSBOT_LAMBDA_ROLE_NAME", value)

    def set_bot_name(self, value: str) -> str:
        """Sets OSBOT_NAME and answers it."""
        return _set("OSBOT_NAME", value)


def _set(variable: str, value: str) -> str:
    os.environ[variable] = value
    return value


def set_aws_region(region_name: str) -> None:
    """Sets AWS_REGION, for every later call and process."""
    aws_config.set_region(region_name)


aws_config = AWS_Config()
