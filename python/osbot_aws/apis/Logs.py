"""One CloudWatch log group, by name: what functions wrote."""
from __future__ import annotations

from osbot_aws import _core
from osbot_aws.aws.session.Boto3_Client import Boto3_Client
from osbot_aws.aws.session.Session__Kwargs import session_of
from osbot_aws.core.Error import Aws_Exception

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from typing_extensions import Self

    from osbot_aws.aws.session.Session__Kwargs import Session_Like


class Logs(Boto3_Client):
    """Lists come whole; times are milliseconds since 1970. Raises Aws_Exception unless a method says otherwise:
    ResourceNotFoundException when the group, or the stream, isn't there.
    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference
    """

    _service = "logs"

    def __init__(self, group_name: str = "", stream_name: str | None = None, session_kwargs__logs: Session_Like = None) -> None:
        self.group_name = group_name
        self.stream_name = stream_name
        self._sessions = session_of(session_kwargs__logs)

    def __repr__(self) -> str:
        return f"Logs: {self.group_name} {self.stream_name or ''}".rstrip()

    @property
    def log_group_name(self) -> str:
        """The same as group_name."""
        return self.group_name

    def name(self) -> str:
        """The group's name, as AWS has it: /aws/lambda/my-function."""
        return self.group_name

    def group_exists(self) -> bool:
        """True: there is such a group."""
        return self.group_info() is not None

    def group_info(self) -> dict[str, Any] | None:
        """{'logGroupName', 'arn', 'creationTime', 'storedBytes', ...}, with 'retentionInDays' when it is set; None: there is no
        such group."""
        return _core.logs_group_info(self)

    def group_create(self) -> bool:
        """False: it exists."""
        return _core.logs_group_create(self)

    def group_delete(self) -> bool:
        """The group with all it holds; False: there was none."""
        return _core.logs_group_delete(self)

    def streams(self) -> list[dict[str, Any]]:
        """[{'logStreamName', 'arn', 'creationTime', 'firstEventTimestamp', 'lastEventTimestamp', 'lastIngestionTime'}], the one
        with the newest event first."""
        return _core.logs_streams(self)

    def group_events(self, log_stream_prefix: str | None = None, start_time: int | None = None, end_time: int | None = None,
                     filter_pattern: str | None = None) -> list[dict[str, Any]]:
        """[{'logStreamName', 'timestamp', 'message', 'ingestionTime', 'eventId'}] of all streams, in order of time: from
        start_time on, and before end_time. Without log_stream_prefix those of stream_name, when the object has one.

        Messages are as they were written: a function's lines end with a newline. filter_pattern is CloudWatch's: `ERROR`,
        `"two words"`, `?a ?b`, `-not`, `{ $.level = "ERROR" }`, `%regex%`. Raises Aws_Exception (InvalidParameterException)
        for one that is wrong. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
        """
        return _core.logs_events(self, log_stream_prefix or self.stream_name, start_time or 0, end_time or 0, filter_pattern)

    def group_messages(self, log_stream_prefix: str | None = None, start_time: int | None = None, end_time: int | None = None,
                       filter_pattern: str | None = None) -> list[str]:
        """The texts of group_events()."""
        return _core.logs_messages(self, log_stream_prefix or self.stream_name, start_time or 0, end_time or 0, filter_pattern)

    def group_events_wait_for_pattern(self, log_stream_prefix: str | None = None, filter_pattern: str | None = None, sleep_for: float = 0.5,
                                      max_attempts: int = 20) -> list[dict[str, Any]]:
        """group_events() once there are some; [] after max_attempts, sleep_for seconds apart."""
        return wait_for(lambda: self.group_exists() and self.group_events(log_stream_prefix, filter_pattern=filter_pattern), sleep_for,
                        max_attempts) or []

    def group_messages_wait_for_pattern(self, log_stream_prefix: str | None = None, filter_pattern: str | None = None) -> list[str]:
        """The texts of group_events_wait_for_pattern()."""
        return [event["message"] for event in self.group_events_wait_for_pattern(log_stream_prefix, filter_pattern)]

    def group_wait_until_exists(self, sleep_for: float = 0.5, max_attempts: int = 60) -> bool:
        """False: there is none after max_attempts, sleep_for seconds apart."""
        return bool(wait_for(self.group_exists, sleep_for, max_attempts))

    def groups(self, index_by: str | None = None) -> Any:
        """All of the account and region: a list, or a dict by a member of each."""
        page = self._logs("DescribeLogGroups")
        found: list[dict[str, Any]] = page["logGroups"]
        while "nextToken" in page:
            page = self._logs("DescribeLogGroups", nextToken=page["nextToken"])
            found += page["logGroups"]
        return {group[index_by]: group for group in found} if index_by else found

    def groups_names(self) -> list[str]:
        """All of the account and region, sorted."""
        return sorted(group["logGroupName"] for group in self.groups())

    # ---- one stream

    def create(self) -> Self:
        """Makes group and stream, where they are missing."""
        self.group_create()
        self.stream_create()
        return self

    def stream_exists(self) -> bool:
        """True: the group has a stream of this very name."""
        return any(stream["logStreamName"] == self.stream_name for stream in self.streams())

    def stream_create(self) -> bool:
        """False: it exists."""
        try:
            self._logs("CreateLogStream", logGroupName=self.group_name, logStreamName=self.stream_name)
        except Aws_Exception as failed:
            if failed.code != "ResourceAlreadyExistsException":
                raise
            return False
        return True

    def stream_delete(self) -> bool:
        """False: there was none."""
        try:
            self._logs("DeleteLogStream", logGroupName=self.group_name, logStreamName=self.stream_name)
        except Aws_Exception as failed:
            if failed.code != "ResourceNotFoundException":
                raise
            return False
        return True

    def event_add(self, message: str, timestamp: int | None = None) -> dict[str, Any]:
        """As events_add(), of one event; its time is now, unless told."""
        import time

        return self.events_add([{"message": message, "timestamp": int(time.time() * 1000) if timestamp is None else timestamp}])

    def events_add(self, events: list[dict[str, Any]]) -> dict[str, Any]:
        """[{'message', 'timestamp'}], in order of time: {'status': 'ok', 'nextSequenceToken'}, or 'error' with 'data'.

        'data' is AWS's "CODE: why", when nothing was taken; or which events were refused, as more than 14 days old or more
        than 2 hours ahead, {'tooOldLogEventEndIndex' or 'tooNewLogEventStartIndex' or 'expiredLogEventEndIndex'}. A call
        takes 10,000 events and 1,048,576 bytes, with 26 for each event, of 24 hours at most.
        https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
        """
        try:
            answer = self._logs("PutLogEvents", logGroupName=self.group_name, logStreamName=self.stream_name, logEvents=events)
        except Aws_Exception as failed:
            return {"status": "error", "data": str(failed)}
        refused = answer.get("rejectedLogEventsInfo")
        status = {"status": "ok"} if refused is None else {"status": "error", "data": refused}
        return {**status, "nextSequenceToken": answer.get("nextSequenceToken")}

    def events(self) -> dict[str, Any]:
        """{'events': [{'timestamp', 'message', 'ingestionTime'}], 'nextForwardToken', 'nextBackwardToken'}: the stream's newest
        ten thousand, or 1 MB.

        https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
        """
        answer: dict[str, Any] = self._logs("GetLogEvents", logGroupName=self.group_name, logStreamName=self.stream_name)
        return answer

    def _logs(self, operation: str, **members: Any) -> Any:
        return _core.logs(self, operation, members)

    messages = group_messages
    exists = group_exists


def wait_for(look: Callable[[], Any], sleep_for: float, max_attempts: int) -> Any:
    """What `look` answers once that is true, or at the last attempt."""
    import time

    for left in reversed(range(max_attempts)):
        found = look()
        if found or left == 0:
            return found
        time.sleep(sleep_for)
    return None
