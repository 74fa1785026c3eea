"""The base class of the dependency classes."""
from __future__ import annotations

from osbot_aws.aws.session.Session__Kwargs import session_of
from osbot_aws.core.Checked_Attributes import Checked_Attributes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from osbot_aws.aws.session.Session__Kwargs import Session_Like
    from osbot_aws.AWS_Config import AWS_Config


class Package_For_Lambda(Checked_Attributes):
    """Describes a PyPI package and its target: runtime, and architecture (x86_64 or arm64)."""

    def __init__(self, package_name: str = "", runtime: str = "python3.11", architecture: str = "x86_64",
                 session_kwargs__lambda: Session_Like = None) -> None:
        self.package_name = package_name
        self.runtime = runtime
        self.architecture = architecture
        self._sessions = session_of(session_kwargs__lambda)

    @property
    def aws_config(self) -> AWS_Config:
        """The settings that are read from the environment."""
        from osbot_aws.AWS_Config import AWS_Config

        return AWS_Config(self._sessions)

    @property
    def temp_folder(self) -> str:
        """The system's temporary folder."""
        import tempfile

        return tempfile.gettempdir()
