"""What says where calls go, and the session that is made of it."""
from __future__ import annotations

from osbot_aws._core import Session

SETTINGS = ("endpoint_url", "region_name", "aws_access_key_id", "aws_secret_access_key", "aws_session_token", "profile_name")


class Session__Kwargs:
    """Where calls go and as whom; what is None comes from the environment and the shared files, as for boto3."""

    service_name = ""

    def __init__(self, endpoint_url: str | None = None, region_name: str | None = None, aws_access_key_id: str | None = None,
                 aws_secret_access_key: str | None = None, aws_session_token: str | None = None,
                 profile_name: str | None = None, service_name: str | None = None) -> None:
        self.endpoint_url = endpoint_url
        self.region_name = region_name
        self.aws_access_key_id = aws_access_key_id
        self.aws_secret_access_key = aws_secret_access_key
        self.aws_session_token = aws_session_token
        self.profile_name = profile_name
        if service_name is not None:
            self.service_name = service_name

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name in SETTINGS
                          if (value := getattr(self, name)) is not None and "secret" not in name and "token" not in name)
        return f"{type(self).__name__}({shown})"


TYPE_CHECKING = False  # typing's own, whose import takes longer than all of this package: type checkers know it by name
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Union

    Session_Like = Union[Session__Kwargs, Mapping[str, Any], Session, None]


def session_of(given: Session_Like) -> Session:
    """A Session for what a constructor was given: settings, a dict of them, or a Session as it is."""
    if isinstance(given, Session):
        return given
    if given is None or isinstance(given, Session__Kwargs):
        return Session.of(given or Session__Kwargs())
    return Session.of(Session__Kwargs(**given))
