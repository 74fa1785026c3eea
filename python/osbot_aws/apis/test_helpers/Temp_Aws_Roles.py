"""The role that deploys give to functions."""
from __future__ import annotations

from osbot_aws.AWS_Config import aws_config
from osbot_aws.aws.iam.IAM_Role import IAM_Role

TYPE_CHECKING = False
if TYPE_CHECKING:
    from osbot_aws.aws.session.Session__Kwargs import Session_Like


class Temp_Aws_Roles:
    """One role for all functions, `temp_role_for_lambda_invocation`, which stays. Raises Aws_Exception."""

    role_name__for_lambda_invocation = "temp_role_for_lambda_invocation"

    def __init__(self, session_kwargs__iam: Session_Like = None) -> None:
        self.iam_role = IAM_Role(self.role_name__for_lambda_invocation, session_kwargs__iam=session_kwargs__iam)

    def for_lambda_invocation__create(self, delete_existing: bool = False) -> str:
        """Its ARN; made when it is missing."""
        if delete_existing:
            self.iam_role.delete()
        arn: str = self.iam_role.create_for__lambda()["role_arn"]
        return arn

    def for_lambda_invocation_exists(self) -> bool:
        """True: there is such a role."""
        return self.iam_role.exists()

    def for_lambda_invocation__not_exists(self) -> bool:
        """True: there is no such role."""
        return self.iam_role.not_exists()

    def for_lambda_invocation__role_arn(self) -> str:
        """The ARN that it has, or would have."""
        return f"arn:aws:iam::{aws_config.account_id()}:role/{self.role_name__for_lambda_invocation}"
