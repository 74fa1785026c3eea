"""Where calls to Lambda go."""
from osbot_aws.aws.session.Session__Kwargs import Session__Kwargs


class Session__Kwargs__Lambda(Session__Kwargs):
    """For Lambda(..., session_kwargs__lambda=...): the S3, IAM and Logs calls that a Lambda makes go there as well."""

    service_name = "lambda"
