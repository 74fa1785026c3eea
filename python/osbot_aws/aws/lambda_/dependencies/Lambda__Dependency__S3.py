"""The copy of a dependency in S3. Calls raise Aws_Exception with AWS's code."""
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
    """Stores a package in S3 as `lambdas-dependencies/<package>.zip`, in the bucket that functions read.

    The key does not contain runtime and architecture: all functions load the last upload.
    """

    @property
    def s3(self) -> S3:
        """The S3 object that uses the same session."""
        return S3(self._sessions)

    def folder_name__lambda_dependencies(self) -> str:
        """Returns the folder of all packages in the bucket."""
        return self.path().partition("/")[0]

    def setup(self) -> Self:
        """Creates the bucket if it does not exist; upload() does this too."""
        _core.dependency_s3_setup(self)
        return self

    def upload(self, file_bytes: bytes) -> dict[str, Any]:
        """Uploads the package's zip and replaces an existing one. Creates the bucket if it does not exist.

        Returns {'bucket', 'key', 'content_type', 'metadata' (as metadata())}.
        """
        return _core.dependency_s3_upload(self, file_bytes)

    def exists(self) -> bool:
        """Returns whether the zip is in S3."""
        return _core.dependency_s3_exists(self)

    def bytes(self) -> bytes:
        """Returns the zip. Raises Aws_Exception (NoSuchKey) if it does not exist."""
        return _core.dependency_s3_bytes(self)

    def files__paths(self) -> list[str]:
        """Downloads the zip and lists the paths of its files. Raises Aws_Exception: NoSuchKey, BadZip."""
        return _core.dependency_s3_files(self)

    def delete(self) -> bool:
        """Deletes the zip. Returns True even if it did not exist, like S3."""
        return _core.dependency_s3_delete(self)

    def files(self) -> dict[str, builtins.bytes]:
        """Downloads the zip and returns {path: contents}. Raises zipfile.BadZipFile if the object is not a zip."""
        import io
        import zipfile

        with zipfile.ZipFile(io.BytesIO(self.bytes())) as archive:
            return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}

    def metadata(self) -> dict[str, str]:
        """Returns the object's metadata, {name: value}; upload() sets 'data_type' and 'created_by'.

        Raises Aws_Exception (404) if the object does not exist.
        """
        return self.s3.file_metadata(self.bucket__name(), self.path())

    def bucket__exists(self) -> bool:
        """Returns whether the bucket exists; setup() and upload() create it."""
        return self.s3.bucket_exists(self.bucket__name())

    def bucket__name(self) -> str:
        """Returns the bucket: OSBOT_LAMBDA_S3_BUCKET, else <account>--osbot-lambdas--<region>."""
        return _core.dependency_s3_bucket(self)

    def path(self) -> str:
        """Returns the key of the zip."""
        return _core.dependency_s3_path(self)
