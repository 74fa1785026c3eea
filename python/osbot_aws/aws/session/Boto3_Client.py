"""Creates boto3 clients for the session's target, for AWS operations that this package does not implement."""
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from osbot_aws._core import Session


class Boto3_Client:
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
