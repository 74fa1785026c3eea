"""The names of the original's classes that this package does not have, with their replacements, for error messages."""
from __future__ import annotations

KEY_VARIABLE = "the environment variable LAMBDA_SHELL__AUTH_KEY; Secrets Manager is not used"

NOT_AVAILABLE: dict[str, dict[str, str]] = {
    "IAM": {"sts": "caller_identity()"},
    "IAM_Role": {"policies": "attached_policies() and policies_statements()"},
    "Lambda__Dependency__Inside_Lambda": {"skip__when_not_inside_lambda": "nothing: the original did not use it"},
    "AWS_Config": {"dev_skip_aws_key_check": "nothing: keys are not verified before the first call"},
    "Temp_Aws_Roles": {"temp_prefix": "nothing: the original did not use it"},
    "Lambda_Shell": {"reset_lambda_shell_auth": KEY_VARIABLE, "secret": KEY_VARIABLE, "secret_id": KEY_VARIABLE},
}
