"""A Lambda function with its execution role, for tests."""
from __future__ import annotations

from osbot_aws import _core
from osbot_aws.aws.iam.IAM_Role import IAM_Role
from osbot_aws.aws.lambda_.Lambda import Lambda

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Lambda__with_temp_role(Lambda):
    """Represents a Lambda function for tests: create() also creates the execution role.

    If no code is set, create() uses default code. The role allows `temp_role__action` of each service in
    `temp_role__services`, and writing logs. Functions share the role; it is not deleted with them. The attributes
    temp_role__... are also keyword arguments, and subclasses may replace them.
    """

    temp_service_name = "lambda"
    temp_role__services = ("lambda", "s3")
    temp_role__action = "*"
    temp_role__resource = "*"
    temp_role__name = "osbot__temp_role_for__test_Lambda"
    temp_role__recreate = False  # delete the role and create it again

    def _set(self, setting: str, value: Any) -> None:
        if setting.startswith("temp_role__") and hasattr(type(self), setting):
            setattr(self, setting, value)
        else:
            super()._set(setting, value)

    def create(self) -> dict[str, Any]:
        """Creates the function, like Lambda.create(), and the role if it does not exist.

        If no code is set, the function returns its event. Returns the same dict as Lambda.create(); 'error' may also be
        an error of IAM.
        """
        self._set_random_name_if_empty()
        return _core.lambda_create_with_temp_role(self)

    def update(self) -> dict[str, Any]:
        """Updates the function, like Lambda.update(), or creates it with create().

        An existing function keeps its role.
        """
        return _core.lambda_update_with_temp_role(self)

    def temp_role__create(self) -> IAM_Role:
        """Creates the role if it does not exist, adds the policy and sets `role`. create() calls this automatically.

        Raises Aws_Exception: RoleFailed, with IAM's code and message, or an error of IAM.
        """
        return IAM_Role(_core.lambda_temp_role_create(self), session_kwargs__iam=self._sessions)

    def temp_role__iam_reset_credentials(self) -> IAM_Role:
        """Clears `role`, so that the next create() looks the role up again."""
        self.role = None
        return IAM_Role(self.temp_role__name, session_kwargs__iam=self._sessions)
