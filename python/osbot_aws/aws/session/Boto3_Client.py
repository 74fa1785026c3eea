"""boto3's client for the same place: for AWS's operations that the classes of this package have no method for."""
from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from osbot_aws._core import Session


class Boto3_Client:
    """What the classes of a service have in common: client()."""

    _service = ""  # by boto3's name
    _sessions: Session
    _client: Any = None

    def client(self) -> Any:
        """boto3's client of the service, for the same target, region and keys. Raises ModuleNotFoundError when boto3 is not installed."""
        if self._client is None:
            self._client = boto3_client(self._sessions, self._service)
        return self._client


def boto3_client(session: Session, service: str) -> Any:
    """A new client. Raises ModuleNotFoundError when boto3 is not installed."""
    import importlib

    try:
        boto3 = importlib.import_module("boto3")  # which has no types
    except ModuleNotFoundError as missing:
        raise ModuleNotFoundError(f"a client of {service} is boto3's, which is not installed: `pip install boto3`", name="boto3") from missing
    settings: dict[str, str] = session.settings_given()
    endpoint_url = settings.pop("endpoint_url", None)  # else boto3 reads the same variables and files
    if session.is_local():
        endpoint_url = session.endpoint_url()
    made = boto3.Session(region_name=session.region(), **settings)
    if made.get_credentials() is None and session.endpoint_url():  # a local endpoint takes any key
        made = boto3.Session("test", "test", region_name=session.region())
    return made.client(service, endpoint_url=endpoint_url)
