"""The names of the original's classes that this package does not have, with their replacements, for error messages."""
from __future__ import annotations

BOTO3_FOR_USERS = "boto3.client('iam'): this package has roles and policies, without users and groups"
KEY_VARIABLE = "the environment variable LAMBDA_SHELL__AUTH_KEY; Secrets Manager is not used"

NOT_AVAILABLE: dict[str, dict[str, str]] = {
    "IAM": {
        **dict.fromkeys((
            "access_key__is_key_working", "access_key__wait_until_key_is_not_working", "access_key__wait_until_key_is_working", "access_keys",
            "groups", "login_profile", "login_profile_create", "login_profile_delete", "login_profile_exists", "set_user_name",
            "user_access_key_create", "user_access_key_delete", "user_access_keys", "user_access_keys_delete_all", "user_attach_policy",
            "user_create", "user_delete", "user_exists", "user_info", "user_name", "user_polices", "users", "users_by_username"), BOTO3_FOR_USERS),
        **dict.fromkeys(("caller_identity", "check_aws_security_tokens", "sts"), "boto3.client('sts')"),
        **dict.fromkeys(("resource", "session"), "client()"),
    },
    "IAM_Role": {"policies": "attached_policies() and policies_statements()"},
    "Lambda__Dependency__Inside_Lambda": {"skip__when_not_inside_lambda": "nothing: the original did not use it"},
    "AWS_Config": {"dev_skip_aws_key_check": "nothing: keys are not verified before the first call"},
    "Temp_Aws_Roles": {"temp_prefix": "nothing: the original did not use it"},
    "Lambda_Shell": {"reset_lambda_shell_auth": KEY_VARIABLE, "secret": KEY_VARIABLE, "secret_id": KEY_VARIABLE},
}
