"""One CloudWatch log group, by name: what functions wrote."""
from __future__ import annotations

from osbot_aws import _core
from osbot_aws.aws.session.Session__Kwargs import session_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from osbot_aws.aws.session.Session__Kwargs import Session_Like


class Logs:
    """Lists come whole; times are milliseconds since 1970. Raises Aws_Exception unless a method says otherwise."""

    def __init__(self, group_name: str, stream_name: str | None = None, session_kwargs__logs: Session_Like = None) -> None:
        self.group_name = group_name
        self.stream_name = stream_name
        self._sessions = session_of(session_kwargs__logs)

    def __repr__(self) -> str:
        return f"Logs: {self.group_name} {self.stream_name or ''}".rstrip()

    def name(self) -> str:
        """The group's name, as AWS has it: /aws/lambda/my-function."""
        return self.group_name

    def group_exists(self) -> bool:
        """True: there is such a group."""
        return self.group_info() is not None

    def group_info(self) -> dict[str, Any] | None:
        """None: there is no such group."""
        return _core.logs_group_info(self)

    def group_create(self) -> bool:
        """False: it exists."""
        return _core.logs_group_create(self)

    def group_delete(self) -> bool:
        """The group with all it holds; False: there was none."""
        return _core.logs_group_delete(self)

    def streams(self) -> list[dict[str, Any]]:
        """The newest first."""
        return _core.logs_streams(self)

    def group_events(self, log_stream_prefix: str | None = None, start_time: int | None = None, end_time: int | None = None,
                     filter_pattern: str | None = None) -> list[dict[str, Any]]:
        """[{'logStreamName', 'timestamp', 'message', ...}] of all streams, in order of time."""
        return _core.logs_events(self, log_stream_prefix or self.stream_name, start_time or 0, end_time or 0, filter_pattern)

    def group_messages(self, log_stream_prefix: str | None = None, start_time: int | None = None, end_time: int | None = None,
                       filter_pattern: str | None = None) -> list[str]:
        """The texts of group_events()."""
        return _core.logs_messages(self, log_stream_prefix or self.stream_name, start_time or 0, end_time or 0, filter_pattern)

    messages = group_messages
    exists = group_exists
