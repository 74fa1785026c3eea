"""The target of calls to Lambda."""
from osbot_aws.aws.session.Session__Kwargs import Session__Kwargs


class Session__Kwargs__Lambda(Session__Kwargs):
    """Settings for Lambda(..., session_kwargs__lambda=...).

    They also apply to the S3, IAM and Logs calls of a Lambda.
    """

    service_name = "lambda"
