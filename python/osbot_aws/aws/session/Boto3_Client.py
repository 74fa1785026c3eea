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
    import importlib

    try:
        boto3 = importlib.import_module("boto3")  # not an import statement: type checkers find no types for boto3
    except ModuleNotFoundError as missing:
        raise ModuleNotFoundError(f"client() of {service} needs boto3, which is not installed: run `pip install boto3`", name="boto3") from missing
    settings: dict[str, str] = session.settings()
    endpoint_url = settings.pop("endpoint_url", None)  # None: boto3 reads the same variables and files
    if session.is_local():
        endpoint_url = session.endpoint_url()
    boto3_session = boto3.Session(region_name=session.region(), **settings)
    if boto3_session.get_credentials() is None and session.endpoint_url():  # a local endpoint accepts any key
        boto3_session = boto3.Session("test", "test", region_name=session.region())
    return boto3_session.client(service, endpoint_url=endpoint_url)


class Botocore_Errors:
    """Raises the errors of botocore in a `with` block as Aws_Exception; those of a service are also ClientError."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        from osbot_aws.core.Error import aws_exception_of

        if error is not None and (converted := aws_exception_of(error)) is not None:
            raise converted from error
