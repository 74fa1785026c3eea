"""The base class of the dependency classes."""
from __future__ import annotations

from osbot_aws.aws.session.Session__Kwargs import session_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from osbot_aws.aws.session.Session__Kwargs import Session_Like


class Package_For_Lambda:
    """Describes a PyPI package and its target: runtime, and architecture (x86_64 or arm64)."""

    def __init__(self, package_name: str, runtime: str = "python3.11", architecture: str = "x86_64",
                 session_kwargs__lambda: Session_Like = None) -> None:
        self.package_name = package_name
        self.runtime = runtime
        self.architecture = architecture
        self._sessions = session_of(session_kwargs__lambda)
