"""Creates boto3 clients for the session's target, for AWS operations that this package does not implement."""
from __future__ import annotations

from osbot_aws.core.Checked_Attributes import Checked_Attributes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Any

    from osbot_aws._core import Session


class Boto3_Client(Checked_Attributes):
    """Base class of the service classes; provides client()."""

    _service = ""  # boto3's name of the service
    _sessions: Session
    _client: Any = None

    def client(self) -> Any:
        """Returns boto3's client of the service for the same target, region and credentials.

        Raises ModuleNotFoundError if boto3 is not installed.
        """
        if self._client is None:
            self._client = boto3_client(self._sessions, self._service)
        return self._client

    def _boto3(self, operation: str, **members: Any) -> Any:
        """Calls an operation of client(). Raises Aws_Exception instead of botocore's exceptions."""
        client = self.client()
        with Botocore_Errors():
            return getattr(client, operation)(**members)

    def _pages(self, operation: str, **members: Any) -> Iterator[dict[str, Any]]:
        paginator = self.client().get_paginator(operation)
        with Botocore_Errors():
            yield from paginator.paginate(**members)


def boto3_client(session: Session, service: str) -> Any:
    """Creates a boto3 client. Raises ModuleNotFoundError if boto3 is not installed."""
    return boto3_session(session, service).client(service, endpoint_url=endpoint_of(session))


def boto3_resource(session: Session, service: str) -> Any:
    """Creates a boto3 resource. Raises ModuleNotFoundError if boto3 is not installed."""
    return boto3_session(session, service).resource(service, endpoint_url=endpoint_of(session))


def boto3_session(session: Session, service: str) -> Any:
    """Creates a boto3 session with the region and the credentials of `session`. The error for a missing boto3 names `service`."""
    import importlib

    try:
        boto3 = importlib.import_module("boto3")  # not an import statement: type checkers find no types for boto3
    except ModuleNotFoundError as missing:
        raise ModuleNotFoundError(f"client() of {service} needs boto3, which is not installed: run `pip install boto3`", name="boto3") from missing
    settings: dict[str, str] = session.settings()
    settings.pop("endpoint_url", None)
    created = boto3.Session(region_name=session.region(), **settings)
    if created.get_credentials() is None and session.endpoint_url():  # a local endpoint accepts any key
        return boto3.Session("test", "test", region_name=session.region())
    return created


def endpoint_of(session: Session) -> str | None:
    """Returns the endpoint for boto3; None if boto3 finds it itself, in the same variables and files."""
    return session.endpoint_url() if session.is_local() else session.settings().get("endpoint_url")


class Botocore_Errors:
    """Raises the errors of botocore in a `with` block as Aws_Exception; those of a service are also ClientError."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        from osbot_aws.core.Error import aws_exception_of

        if error is not None and (converted := aws_exception_of(error)) is not None:
            raise converted from error
