"""A Lambda function with the role that it needs, for tests."""
from __future__ import annotations

from osbot_aws import _core
from osbot_aws.aws.iam.IAM_Role import IAM_Role
from osbot_aws.aws.lambda_.Lambda import Lambda

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Lambda__with_temp_role(Lambda):
    """A Lambda for tests: create() makes the execution role that it needs, and has code when none was set.

    The role may do `temp_role__action` of every service in `temp_role__services`, and write logs. Functions share it,
    and it stays when they are deleted.
    """

    def __init__(self, name: str = "", *args: Any, **kwargs: Any) -> None:
        super().__init__(name, *args, **kwargs)
        self.temp_role__services = ["lambda", "s3"]
        self.temp_role__action = "*"
        self.temp_role__resource = "*"
        self.temp_role__name = "osbot__temp_role_for__test_Lambda"
        self.temp_role__recreate = False  # delete and make it anew

    def create(self) -> dict[str, Any]:
        """Lambda.create(), after temp_role__create() when there is no role; without code the function answers with its event.

        Answers as there, 'error' also with what IAM says.
        """
        return _core.lambda_create_with_temp_role(self)

    def update(self) -> dict[str, Any]:
        """Lambda.update(), with this create() when there is no function; one that is there keeps its role."""
        return _core.lambda_update_with_temp_role(self)

    def temp_role__create(self) -> IAM_Role:
        """Makes the role when there is none, gives it the policy, and sets `role`; create() does this by itself.

        Raises Aws_Exception: RoleFailed, with IAM's code and message; IAM's own.
        """
        return IAM_Role(_core.lambda_temp_role_create(self), session_kwargs__iam=self._sessions)

    def temp_role__iam_reset_credentials(self) -> IAM_Role:
        """Forgets the role, so that the next create() looks it up again."""
        self.role = None
        return IAM_Role(self.temp_role__name, session_kwargs__iam=self._sessions)
