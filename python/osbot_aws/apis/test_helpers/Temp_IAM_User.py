"""An IAM user that exists within a `with` block."""
from __future__ import annotations

import secrets

from osbot_aws.aws.iam.IAM import IAM
from osbot_aws.core.Checked_Attributes import Checked_Attributes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from osbot_aws.aws.session.Session__Kwargs import Session_Like


class Temp_IAM_User(Checked_Attributes):
    """Creates a user with a random name, and deletes it at the end of the `with` block. Needs boto3."""

    def __init__(self, session_kwargs__iam: Session_Like = None) -> None:
        self.user_name = f"temp_user_{secrets.token_hex(5)}"
        self.iam = IAM(user_name=self.user_name, session_kwargs__iam=session_kwargs__iam)

    def __enter__(self) -> Self:
        self.iam.user_create()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.iam.user_delete()
