"""A package that functions load from S3 at start, because it is too large for their zip."""
from __future__ import annotations

from osbot_aws import _core
from osbot_aws.aws.lambda_.dependencies.Lambda__Dependency__Local import Lambda__Dependency__Local
from osbot_aws.aws.lambda_.dependencies.Lambda__Dependency__S3 import Lambda__Dependency__S3
from osbot_aws.aws.lambda_.dependencies.Package_For_Lambda import Package_For_Lambda
from osbot_aws.aws.lambda_.schemas.Schema__Lambda__Dependency__Local_Install__Data import (
    Schema__Lambda__Dependency__Local_Install__Data,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from osbot_aws.aws.session.Session__Kwargs import Session_Like


class Lambda__Dependency(Package_For_Lambda):
    """Represents a package on this machine (dependency__local) and in S3 (dependency__s3).

    package_name may include a version, such as `pandas==2.2.3`. The version is then part of the name that functions
    load.
    """

    def __init__(self, package_name: str, runtime: str = "python3.11", architecture: str = "x86_64",
                 session_kwargs__lambda: Session_Like = None) -> None:
        super().__init__(package_name, runtime, architecture, session_kwargs__lambda)
        self.dependency__local = Lambda__Dependency__Local(package_name, runtime, architecture, self._sessions)
        self.dependency__s3 = Lambda__Dependency__S3(package_name, runtime, architecture, self._sessions)

    def install_and_upload(self, refresh: bool = False) -> dict[str, Any]:
        """Installs and uploads the package; skips completed steps. With `refresh`, repeats both steps.

        Returns {'local_result': result of install(), 's3_exists'}. Raises the errors of
        Lambda__Dependency__Local.install() and Lambda__Dependency__S3.upload().
        """
        result = _core.dependency_install_and_upload(self, refresh)
        local_result = Schema__Lambda__Dependency__Local_Install__Data.from_json(result["local_result"])
        return {**result, "local_result": local_result}
