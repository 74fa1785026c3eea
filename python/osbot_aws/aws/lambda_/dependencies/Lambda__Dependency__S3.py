from __future__ import annotations

from typing import TYPE_CHECKING, Any

from osbot_aws import _core
from osbot_aws.aws.session.Session__Kwargs import session_of

if TYPE_CHECKING:
    from typing_extensions import Self

    from osbot_aws.aws.session.Session__Kwargs import Session_Like


class Lambda__Dependency__S3:
    """The package in S3: `lambdas-dependencies/<package>.zip` in the bucket where functions look."""

    def __init__(self, package_name: str, runtime: str = "python3.11", architecture: str = "x86_64",
                 session_kwargs__lambda: Session_Like = None) -> None:
        self.package_name = package_name
        self.runtime = runtime
        self.architecture = architecture
        self._sessions = session_of(session_kwargs__lambda)

    def setup(self) -> Self:
        """Makes the bucket when it is missing; upload() does that as well."""
        _core.dependency_s3_setup(self)
        return self

    def upload(self, file_bytes: bytes) -> dict[str, Any]:
        """{'bucket', 'key', 'content_type', 'metadata'}."""
        return _core.dependency_s3_upload(self, file_bytes)

    def exists(self) -> bool:
        return _core.dependency_s3_exists(self)

    def bytes(self) -> bytes:
        return _core.dependency_s3_bytes(self)

    def files__paths(self) -> list[str]:
        return _core.dependency_s3_files(self)

    def delete(self) -> bool:
        return _core.dependency_s3_delete(self)

    def bucket__name(self) -> str:
        return _core.dependency_s3_bucket(self)

    def path(self) -> str:
        """The key."""
        return _core.dependency_s3_path(self)
