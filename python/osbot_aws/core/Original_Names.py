"""The names of the original's classes that this package does not have, with their replacements, for error messages."""
from __future__ import annotations

BOTO3_FOR_INSTANCES = "instance profiles belong to EC2: use boto3"
THREADS = "boto3's transfer settings; this package sends an object in one request"
CODE_IN_REQUEST = "nothing: the code is sent in the request, without S3"
ROOT_FOLDER = "add_osbot_aws() or add_file(), then update()"
KEY_VARIABLE = "the environment variable LAMBDA_SHELL__AUTH_KEY; Secrets Manager is not used"

NOT_AVAILABLE: dict[str, dict[str, str]] = {
    "IAM_Role": {
        "add_to_instance_profile": BOTO3_FOR_INSTANCES,
        "create_instance_profile": BOTO3_FOR_INSTANCES,
        "iam": "info(), attached_policies(), inline_policies() and policies_statements()",
        "policies": "attached_policies() and policies_statements()",
    },
    "Lambda": {"validate_create_kwargs": "the `error` of the result of create()"},
    "Deploy_Lambda": {
        "add_osbot_browser": "add_module('osbot_browser')",
        "add_osbot_elastic": "add_module('osbot_elastic')",
    },
    "S3": {
        "dont_use_threads": THREADS,
        "s3_resource": "boto3.resource('s3')",
        "session": "client(), or boto3.Session()",
        "transfer_config": THREADS,
        "use_threads": THREADS,
    },
    "Lambda__Dependency__Inside_Lambda": {
        "aws_config": "osbot_aws.AWS_Config.aws_config; only outside of Lambda",
        "skip__when_not_inside_lambda": "nothing: the original did not use it",
        "temp_folder": "tempfile.gettempdir()",
    },
    "AWS_Config": {
        "dev_skip_aws_key_check": "nothing: keys are not verified before the first call",
        "sts__caller_identity_user": "boto3.client('sts').get_caller_identity()",
    },
    "Temp_Aws_Roles": {"temp_prefix": "nothing: the original did not use it"},
    "Temp_Lambda": {
        "delete_s3_file": CODE_IN_REQUEST,
        "s3": CODE_IN_REQUEST,
        "s3_bucket": CODE_IN_REQUEST,
        "s3_file_exists": CODE_IN_REQUEST,
        "s3_key": CODE_IN_REQUEST,
        "set_s3_bucket": CODE_IN_REQUEST,
    },
    "Lambda_Package": {
        "add_osbot_browser": "add_module('osbot_browser')",
        "add_osbot_elastic": "add_module('osbot_elastic')",
        "add_root_folder": ROOT_FOLDER,
        "env_variables": "aws_lambda.env_variables",
        "get_root_folder": ROOT_FOLDER,
        "layers": "aws_lambda.layers",
        "update_code": ROOT_FOLDER,
        "update_with_root_folder": ROOT_FOLDER,
        "use_lambda_file": ROOT_FOLDER,
    },
    "Logs": {"invoke_using_paginator": "nothing: methods that list return all items"},
    "Lambda_Shell": {"reset_lambda_shell_auth": KEY_VARIABLE, "secret": KEY_VARIABLE, "secret_id": KEY_VARIABLE},
}
