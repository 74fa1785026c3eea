"""The settings that select the target and the credentials of calls, and the session that is created from them."""
from __future__ import annotations

from osbot_aws._core import Session
from osbot_aws.core.Checked_Attributes import Checked_Attributes

SETTINGS = ("endpoint_url", "region_name", "aws_access_key_id", "aws_secret_access_key", "aws_session_token", "profile_name")


class Session__Kwargs(Checked_Attributes):
    """Selects the target and the credentials of calls.

    A setting that is None comes from the environment or the shared configuration files, as for boto3.
    """

    # Values of the class, because a constructor sets only what differs: most objects have no settings.
    endpoint_url: str | None = None
    region_name: str | None = None
    aws_access_key_id: str | None = None
    aws_secret_access_key: str | None = None
    aws_session_token: str | None = None
    profile_name: str | None = None
    service_name: str = ""

    def __init__(self, endpoint_url: str | None = None, region_name: str | None = None, aws_access_key_id: str | None = None,
                 aws_secret_access_key: str | None = None, aws_session_token: str | None = None,
                 profile_name: str | None = None, service_name: str | None = None) -> None:
        for name, value in zip(SETTINGS, (endpoint_url, region_name, aws_access_key_id, aws_secret_access_key, aws_session_token,
                                          profile_name)):
            if value is not None:
                setattr(self, name, value)
        if service_name is not None:
            self.service_name = service_name

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name in SETTINGS
                              if (value := getattr(self, name)) is not None and "secret" not in name and "token" not in name)
        return f"{type(self).__name__}({arguments})"


TYPE_CHECKING = False  # type checkers recognize the name; importing typing takes longer than this whole package
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Union

    Session_Like = Union[Session__Kwargs, Mapping[str, Any], Session, None]


def session_of(settings: Session_Like) -> Session:
    """Returns the Session for a constructor argument: settings, a dict of settings, or a Session."""
    if isinstance(settings, Session):
        return settings
    if settings is None or isinstance(settings, Session__Kwargs):
        return Session.of(settings or Session__Kwargs())
    return Session.of(Session__Kwargs(**settings))
