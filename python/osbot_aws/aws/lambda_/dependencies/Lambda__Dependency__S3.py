"""The side of a dependency in S3. Calls raise Aws_Exception with AWS's code."""
from __future__ import annotations

from osbot_aws import _core
from osbot_aws.aws.lambda_.dependencies.Package_For_Lambda import Package_For_Lambda
from osbot_aws.aws.s3.S3 import S3

TYPE_CHECKING = False
if TYPE_CHECKING:
    import builtins
    from typing import Any

    from typing_extensions import Self


class Lambda__Dependency__S3(Package_For_Lambda):
    """The package in S3: `lambdas-dependencies/<package>.zip` in the bucket where functions look. The key says nothing of
    runtime and architecture: what is uploaded last is what all functions get."""

    def setup(self) -> Self:
        """Makes the bucket when it is missing; upload() does that as well."""
        _core.dependency_s3_setup(self)
        return self

    def upload(self, file_bytes: bytes) -> dict[str, Any]:
        """Makes the bucket when it is missing, and replaces what was there: {'bucket', 'key', 'content_type', 'metadata' (as
        metadata() has it)}."""
        return _core.dependency_s3_upload(self, file_bytes)

    def exists(self) -> bool:
        """True: there is such an object."""
        return _core.dependency_s3_exists(self)

    def bytes(self) -> bytes:
        """The zip. Raises Aws_Exception (NoSuchKey) when there is none."""
        return _core.dependency_s3_bytes(self)

    def files__paths(self) -> list[str]:
        """Of the files in the zip, which is downloaded for it. Raises Aws_Exception: NoSuchKey, BadZip."""
        return _core.dependency_s3_files(self)

    def delete(self) -> bool:
        """True also when there was none, as S3 answers."""
        return _core.dependency_s3_delete(self)

    def files(self) -> dict[str, builtins.bytes]:
        """{path: contents} of the zip, which is downloaded for it. Raises zipfile.BadZipFile when it is none."""
        import io
        import zipfile

        with zipfile.ZipFile(io.BytesIO(self.bytes())) as packed:
            return {name: packed.read(name) for name in packed.namelist() if not name.endswith("/")}

    def metadata(self) -> dict[str, str]:
        """{name: value} of the object; of one that upload() made 'data_type' and 'created_by'. Raises Aws_Exception (404) when
        there is none."""
        return S3(self._sessions).file_metadata(self.bucket__name(), self.path())

    def bucket__exists(self) -> bool:
        """True: setup() or upload() has made it."""
        return S3(self._sessions).bucket_exists(self.bucket__name())

    def bucket__name(self) -> str:
        """OSBOT_LAMBDA_S3_BUCKET, else <account>--osbot-lambdas--<region>."""
        return _core.dependency_s3_bucket(self)

    def path(self) -> str:
        """The key."""
        return _core.dependency_s3_path(self)
