"""The target of calls to S3."""
from osbot_aws.aws.session.Session__Kwargs import Session__Kwargs


class Session__Kwargs__S3(Session__Kwargs):
    """Settings for S3(session_kwargs__s3=...)."""

    service_name = "s3"
