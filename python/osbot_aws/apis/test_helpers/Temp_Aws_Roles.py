"""The execution role that deploys assign to functions."""
from __future__ import annotations

from osbot_aws.AWS_Config import AWS_Config
from osbot_aws.aws.iam.IAM_Role import IAM_Role
from osbot_aws.core.Checked_Attributes import Checked_Attributes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from osbot_aws.aws.session.Session__Kwargs import Session_Like


class Temp_Aws_Roles(Checked_Attributes):
    """Manages `temp_role_for_lambda_invocation`, the execution role that all functions share.

    The role is not deleted automatically. Methods raise Aws_Exception.
    """

    role_name__for_lambda_invocation = "temp_role_for_lambda_invocation"

    def __init__(self, session_kwargs__iam: Session_Like = None) -> None:
        self.iam_role = IAM_Role(self.role_name__for_lambda_invocation, session_kwargs__iam=session_kwargs__iam)

    def for_lambda_invocation__create(self, delete_existing: bool = False) -> str:
        """Creates the role if it does not exist, and returns its ARN. With delete_existing, deletes it first."""
        if delete_existing:
            self.iam_role.delete()
        arn: str = self.iam_role.create_for__lambda()["role_arn"]
        return arn

    def for_lambda_invocation_exists(self) -> bool:
        """Returns whether the role exists."""
        return self.iam_role.exists()

    def for_lambda_invocation__not_exists(self) -> bool:
        """Returns whether the role does not exist."""
        return self.iam_role.not_exists()

    def for_lambda_invocation__role_arn(self) -> str:
        """Returns the ARN that the role has, or would have if it existed."""
        return f"arn:aws:iam::{AWS_Config(self.iam_role._sessions).account_id()}:role/{self.role_name__for_lambda_invocation}"
