"""One CloudWatch log group, addressed by name; functions write their logs to such groups."""
from __future__ import annotations

from osbot_aws import _core
from osbot_aws.aws.session.Boto3_Client import Boto3_Client
from osbot_aws.aws.session.Session__Kwargs import session_of
from osbot_aws.core.Error import Aws_Exception

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from typing_extensions import Self

    from osbot_aws.aws.session.Session__Kwargs import Session_Like


class Logs(Boto3_Client):
    """Reads and writes one log group; methods that use a single stream use the stream stream_name.

    Times are milliseconds since 1970. Methods that return a list fetch all pages. Unless a method documents otherwise,
    it raises Aws_Exception: ResourceNotFoundException if the group or the stream does not exist.
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
        """The name of the group; an alias of group_name."""
        return self.group_name

    def name(self) -> str:
        """Returns the name of the group, for example /aws/lambda/my-function."""
        return self.group_name

    def group_exists(self) -> bool:
        """Returns whether the group exists."""
        return self.group_info() is not None

    def group_info(self) -> dict[str, Any] | None:
        """Returns {'logGroupName', 'arn', 'creationTime', 'storedBytes', ...}, or None if the group does not exist.

        'retentionInDays' is present if a retention is set.
        """
        return _core.logs_group_info(self)

    def group_create(self) -> bool:
        """Creates the group. Returns False if it already exists."""
        return _core.logs_group_create(self)

    def group_delete(self) -> bool:
        """Deletes the group and all its streams. Returns False if it did not exist."""
        return _core.logs_group_delete(self)

    def streams(self) -> list[dict[str, Any]]:
        """Lists the streams of the group; the stream with the newest event is first.

        Each is {'logStreamName', 'arn', 'creationTime', 'firstEventTimestamp', 'lastEventTimestamp',
        'lastIngestionTime'}.
        """
        return _core.logs_streams(self)

    def group_events(self, log_stream_prefix: str | None = None, start_time: int | None = None, end_time: int | None = None,
                     filter_pattern: str | None = None, limit: int | None = None) -> list[dict[str, Any]]:
        """Lists the events of the group in order of time, from start_time (inclusive) to end_time (exclusive).

        With `limit`, lists only the first events, at most this many.

        Without log_stream_prefix, reads the stream stream_name if it is set, else all streams. Each event is
        {'logStreamName', 'timestamp', 'message', 'ingestionTime', 'eventId'}. Messages are unchanged: lines that a
        function writes end with a newline.

        filter_pattern is in CloudWatch's syntax: `ERROR`, `"two words"`, `?a ?b`, `-not`, `{ $.level = "ERROR" }`,
        `%regex%`. Raises Aws_Exception (InvalidParameterException) for an invalid pattern.
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
        """
        return _core.logs_events(self, log_stream_prefix or self.stream_name, start_time or 0, end_time or 0, filter_pattern, limit or 0)

    def group_messages(self, log_stream_prefix: str | None = None, start_time: int | None = None, end_time: int | None = None,
                       filter_pattern: str | None = None, limit: int | None = None) -> list[str]:
        """Lists the messages of group_events()."""
        return _core.logs_messages(self, log_stream_prefix or self.stream_name, start_time or 0, end_time or 0, filter_pattern, limit or 0)

    def group_events_wait_for_pattern(self, log_stream_prefix: str | None = None, filter_pattern: str | None = None, sleep_for: float = 0.5,
                                      max_attempts: int = 20) -> list[dict[str, Any]]:
        """Waits until group_events() finds events, and returns them.

        Returns [] after max_attempts attempts with sleep_for seconds between them.
        """
        return wait_for(lambda: self.group_exists() and self.group_events(log_stream_prefix, filter_pattern=filter_pattern), sleep_for,
                        max_attempts) or []

    def group_messages_wait_for_pattern(self, log_stream_prefix: str | None = None, filter_pattern: str | None = None) -> list[str]:
        """Lists the messages of group_events_wait_for_pattern()."""
        return [event["message"] for event in self.group_events_wait_for_pattern(log_stream_prefix, filter_pattern)]

    def group_wait_until_exists(self, sleep_for: float = 0.5, max_attempts: int = 60) -> bool:
        """Waits until the group exists.

        Returns False if it does not exist after max_attempts attempts with sleep_for seconds between them.
        """
        return bool(wait_for(self.group_exists, sleep_for, max_attempts))

    @staticmethod
    def invoke_using_paginator(api: Any, method: str, field_id: str, **kwargs: Any) -> Iterator[Any]:
        """Iterates the items of all pages of a list operation of a boto3 client: (client(), 'describe_log_groups', 'logGroups')."""
        for page in api.get_paginator(method).paginate(**kwargs):
            yield from page[field_id]

    def groups(self, index_by: str | None = None) -> Any:
        """Lists all log groups of the account and region. With index_by, returns {value of that member: group}."""
        page = self._logs("DescribeLogGroups")
        groups: list[dict[str, Any]] = page["logGroups"]
        while "nextToken" in page:
            page = self._logs("DescribeLogGroups", nextToken=page["nextToken"])
            groups += page["logGroups"]
        return {group[index_by]: group for group in groups} if index_by else groups

    def groups_names(self) -> list[str]:
        """Lists the names of all log groups of the account and region, sorted."""
        return sorted(group["logGroupName"] for group in self.groups())

    # ---- one stream

    def create(self) -> Self:
        """Creates the group and the stream if they do not exist."""
        self.group_create()
        self.stream_create()
        return self

    def stream_exists(self) -> bool:
        """Returns whether the group has a stream with exactly this name."""
        return any(stream["logStreamName"] == self.stream_name for stream in self.streams())

    def stream_create(self) -> bool:
        """Creates the stream. Returns False if it already exists."""
        try:
            self._logs("CreateLogStream", logGroupName=self.group_name, logStreamName=self.stream_name)
        except Aws_Exception as error:
            if error.code != "ResourceAlreadyExistsException":
                raise
            return False
        return True

    def stream_delete(self) -> bool:
        """Deletes the stream. Returns False if it did not exist."""
        try:
            self._logs("DeleteLogStream", logGroupName=self.group_name, logStreamName=self.stream_name)
        except Aws_Exception as error:
            if error.code != "ResourceNotFoundException":
                raise
            return False
        return True

    def event_add(self, message: str, timestamp: int | None = None, sequence_token: str | None = None) -> dict[str, Any]:
        """Writes one event, like events_add(). The default timestamp is the current time."""
        import time

        return self.events_add([{"message": message, "timestamp": int(time.time() * 1000) if timestamp is None else timestamp}], sequence_token)

    def events_add(self, events: list[dict[str, Any]], sequence_token: str | None = None) -> dict[str, Any]:
        """Writes events, [{'message', 'timestamp'}] in order of time, to the stream. AWS ignores sequence_token.

        Returns {'status': 'ok', 'nextSequenceToken'}, or 'status' 'error' with 'data'. If nothing was written, 'data'
        is AWS's "CODE: message". If AWS rejected some events, because they are more than 14 days old or more than 2
        hours in the future, 'data' has 'tooOldLogEventEndIndex', 'tooNewLogEventStartIndex' or
        'expiredLogEventEndIndex'. One call may send up to 10,000 events and 1,048,576 bytes, including 26
        bytes for each event; all events must be within 24 hours.
        https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
        """
        token = {"sequenceToken": sequence_token} if sequence_token else {}
        try:
            response = self._logs("PutLogEvents", logGroupName=self.group_name, logStreamName=self.stream_name, logEvents=events, **token)
        except Aws_Exception as error:
            return {"status": "error", "data": str(error)}
        rejected = response.get("rejectedLogEventsInfo")
        status = {"status": "ok"} if rejected is None else {"status": "error", "data": rejected}
        return {**status, "nextSequenceToken": response.get("nextSequenceToken")}

    def events(self) -> dict[str, Any]:
        """Returns the newest events of the stream, up to 10,000 events or 1 MB.

        The dict is {'events': [{'timestamp', 'message', 'ingestionTime'}], 'nextForwardToken', 'nextBackwardToken'}.
        https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
        """
        response: dict[str, Any] = self._logs("GetLogEvents", logGroupName=self.group_name, logStreamName=self.stream_name)
        return response

    def _logs(self, operation: str, **members: Any) -> Any:
        return _core.logs(self, operation, members)

    messages = group_messages
    exists = group_exists


def wait_for(check: Callable[[], Any], sleep_for: float, max_attempts: int) -> Any:
    """Calls `check` until its result is true, and returns that result, or the result of the last attempt.

    Makes up to max_attempts attempts, sleep_for seconds apart.
    """
    import time

    for attempts_left in reversed(range(max_attempts)):
        result = check()
        if result or attempts_left == 0:
            return result
        time.sleep(sleep_for)
    return None
