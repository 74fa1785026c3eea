"""One Lambda layer, addressed by name. Functions find the files of their layers under /opt."""
from __future__ import annotations

import os
import sys

from osbot_aws import _core
from osbot_aws.aws.session.Boto3_Client import Boto3_Client
from osbot_aws.aws.session.Session__Kwargs import session_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from osbot_aws.aws.s3.S3 import S3
    from osbot_aws.aws.session.Session__Kwargs import Session_Like
    from osbot_aws.AWS_Config import AWS_Config

DEFAULT_RUNTIMES = ("python3.11", "python3.10", "python3.9")
IGNORED = ("*.pyc", ".DS_Store", "__pycache__", ".env")


class Lambda_Layer(Boto3_Client):
    """Represents one layer. Each create_...() method publishes a new version; published versions cannot be changed.

    If a folder contains one of the folders that Lambda uses in /opt (python, nodejs, ruby, java, lib, extensions), it
    is zipped unchanged. Otherwise its contents are added under `python/`, where Python finds them. A zip is published
    unchanged. Zips of more than 50,000,000 bytes are uploaded to S3. A function may have up to 5 layers; the
    function and its layers may be up to 262,144,000 bytes unpacked.

    Dots in layer_name become `-`. create_from_pip() installs for the first of `runtimes` and for `architecture` (x86_64
    or arm64). s3_bucket=None selects <account>--osbot-lambdas--<region>, which is created if it does not exist.

    Unless a method documents otherwise, it raises Aws_Exception: InvalidParameterValueException (the zip is invalid, or
    the object is missing in S3), ValidationException (a name or an option is too long), CodeStorageExceededException
    (the account's storage is full: delete old versions).
    https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
    """

    _service = "lambda"

    def __init__(self, layer_name: str = "", runtimes: Iterable[str] | None = None, license_info: str | None = None,
                 s3_bucket: str | None = None, s3_folder: str | None = None, description: str | None = None,
                 region: str | None = None, account_id: str | None = None, architecture: str = "x86_64",
                 session_kwargs__lambda: Session_Like = None) -> None:
        self.layer_name = layer_name.replace(".", "-")
        self.runtimes = list(runtimes or DEFAULT_RUNTIMES)  # create_from_pip() installs for the first runtime
        self.license_info = license_info
        self.s3_bucket = s3_bucket  # for uploads; None: <account>--osbot-lambdas--<region>
        self.s3_folder = s3_folder or os.environ.get("OSBOT_LAMBDA_S3_FOLDER_LAYERS") or "layers"
        self.description = description
        self.region = region
        self.account_id = account_id
        self.architecture = architecture  # or arm64
        self._sessions = session_of({"region_name": region} if region and session_kwargs__lambda is None else session_kwargs__lambda)

    def __repr__(self) -> str:
        return f"Lambda_Layer({self.layer_name!r})"

    def create_from_folder(self, folder: str | os.PathLike[str], ignore: Iterable[str] = ()) -> dict[str, Any]:
        """Zips a folder and publishes it as a new version.

        Excludes secrets, caches, what its .osbotignore excludes, and what the patterns of `ignore` match. Returns {'Version' (a
        number), 'LayerArn', 'LayerVersionArn' (the ARN that functions use), 'Content': {'CodeSize' (bytes),
        'CodeSha256' (base64), 'Location'}, 'CreatedDate', 'CompatibleRuntimes', ...}. Raises Aws_Exception:
        EmptyFolder, FileError (the folder cannot be read), CodeStorageExceeded (more than 262,144,000 bytes; the
        message names the five largest files).
        https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html
        """
        return _core.layer_create_from_folder(self, folder, list(ignore))

    def create_from_folder_via_s3(self, source_folder: str | os.PathLike[str], ignore_pattern: Iterable[str] = IGNORED) -> str:
        """Publishes a folder like create_from_folder(), but always through S3, and returns the version's ARN.

        The zip is uploaded to s3_bucket, which is created if it does not exist.
        """
        return _core.layer_create_from_folder_via_s3(self, source_folder, list(ignore_pattern))

    def create_from_zip_bytes(self, zip_bytes: bytes) -> dict[str, Any]:
        """Publishes a zip unchanged; returns the same dict as create_from_folder().

        A zip of more than 50,000,000 bytes is uploaded to S3.
        """
        return _core.layer_create_from_zip_bytes(self, zip_bytes)

    def create_from_s3(self) -> dict[str, Any]:
        """Publishes <s3_folder>/<layer_name>.zip in s3_bucket unchanged.

        Returns the same dict as create_from_folder().
        """
        return _core.layer_create_from_s3(self)

    def create_from_zip_file_via_s3(self, zip_file: str | os.PathLike[str]) -> dict[str, Any]:
        """Uploads a zip to S3 and publishes it unchanged. Python modules must be under `python/` in the zip.

        Returns the same dict as create_from_folder().
        """
        self.upload_layer_zip_file_to_s3(zip_file)
        return self.create_from_s3()

    def upload_layer_zip_file_to_s3(self, zip_file: str | os.PathLike[str]) -> bool:
        """Uploads a zip to the key that create_from_s3() publishes. Creates the bucket if it does not exist.

        Returns True.
        """
        bucket, s3 = _core.layer_bucket(self), self.s3()
        s3.bucket_create(bucket)
        return s3.file_upload_to_key(zip_file, bucket, self.s3_key)

    def create_from_pip(self, package_name: str | Iterable[str] = (), requirements: str | os.PathLike[str] | None = None) -> dict[str, Any]:
        """Installs packages from PyPI (`requests`, `pandas==2.2.2`) with their dependencies, and publishes them.

        `requirements` is a requirements.txt or a pyproject.toml whose packages are added too. Raises ValueError if it
        cannot be used.

        Installs wheels for the first of `runtimes`, which must be a Python runtime, and for the architecture, within 15
        minutes. Uses uv, else pip, else pip in a virtual environment that the first call creates in the user's cache
        folder.

        Returns the same dict as create_from_folder(), or {'status': 'error', 'error': "CODE: message"} with one of
        these codes, and publishes nothing: PackageNotFound (PyPI has no package of this name), WheelNotFound (the
        message names the newest version that has a wheel), InstallerNotFound, InstallFailed (with the installer's output), InvalidRequirement, InvalidRuntime, or an error
        of the publishing.
        """
        return _core.layer_create_from_pip(self, with_requirements(package_name, requirements))

    def exists(self) -> bool:
        """Returns whether the layer has a version."""
        return self.latest() != {}

    def latest(self) -> dict[str, Any]:
        """Returns the newest version, or {} if the layer has no version.

        The dict is {'Version', 'LayerVersionArn', 'CreatedDate', 'Description', 'CompatibleRuntimes', ...}.
        """
        return _core.layer_latest(self)

    def latest_version(self) -> int | None:
        """Returns the number of the newest version, or None if the layer has no version."""
        version: int | None = self.latest().get("Version")
        return version

    def arn_latest(self) -> str | None:
        """Returns the ARN of the newest version, for use in functions, or None if the layer has no version."""
        arn: str | None = self.latest().get("LayerVersionArn")
        return arn

    def info(self, version: int | None = None) -> dict[str, Any]:
        """Returns a version, by default the newest, in the format of create_from_folder(); {} if it does not exist."""
        return _core.layer_info(self, version)

    version = info

    def content(self, version: int | None = None) -> dict[str, Any]:
        """Returns the content of a version, by default the newest; {} if it does not exist.

        The dict is {'Location' (a URL of the zip, valid for ten minutes), 'CodeSha256', 'CodeSize'}.
        """
        content: dict[str, Any] = self.info(version).get("Content", {})
        return content

    def arn(self, version: int) -> str:
        """Returns the ARN that a version has, or would have if it existed."""
        account_id = self.account_id or self._sessions.account_id()
        return f"arn:aws:lambda:{self.region or self._sessions.region()}:{account_id}:layer:{self.layer_name}:{version}"

    def info_by_arn(self) -> dict[str, Any]:
        """Returns the newest version, like info()."""
        return self.info()

    version_by_arn = info_by_arn

    def policy(self, version: int | None = None) -> dict[str, Any]:
        """Returns {'Policy', 'RevisionId'} of a version, by default the newest. The policy lists who else may use it.

        Raises Aws_Exception (ResourceNotFoundException) if the version has none, and ModuleNotFoundError if boto3 is not
        installed.
        """
        response: dict[str, Any] = self._boto3("get_layer_version_policy", LayerName=self.layer_name,
                                               VersionNumber=version or self.latest_version() or 0)
        return response

    def versions(self, max_items: int | None = None) -> list[dict[str, Any]]:
        """Lists the versions, newest first, in the format of latest(). Returns at most max_items; None returns all."""
        return _core.layer_versions(self, max_items or 0)

    def layers(self, index_by: str | None = None) -> Any:
        """Lists all layers of the account and region.

        Each is {'LayerName', 'LayerArn', 'LatestMatchingVersion': {'Version', 'LayerVersionArn', ...}}. With index_by,
        which is LayerName or LayerArn, returns a dict. Raises KeyError for another member, and TypeError for
        LatestMatchingVersion.
        """
        return _core.layer_layers(self, index_by)

    def delete(self) -> bool:
        """Deletes all versions, with one request each. Returns False if the layer had no version.

        Functions that already use a version can still use it.
        """
        return _core.layer_delete(self)

    def delete_version(self, version: int) -> bool:
        """Deletes a version. Returns True even if it did not exist, like AWS."""
        return _core.layer_delete_version(self, version)

    def code_zip(self) -> str | None:
        """Downloads the zip of the newest version to a temporary file and returns its path.

        The caller must delete the file. Returns None if the layer has no version.
        """
        return _core.layer_code_zip(self)

    def s3(self) -> S3:
        """Returns the S3 object that uses the same session as uploads."""
        from osbot_aws.aws.s3.S3 import S3

        return S3(self._sessions)

    def s3_folder_files(self) -> list[str]:
        """Lists the keys of all uploaded layers."""
        return self.s3().find_files(_core.layer_bucket(self), self.s3_folder)

    @property
    def aws_config(self) -> AWS_Config:
        """The settings that are read from the environment."""
        from osbot_aws.AWS_Config import AWS_Config

        return AWS_Config(self._sessions)

    @property
    def s3_key(self) -> str:
        """The key of uploads in s3_bucket: <s3_folder>/<layer_name>.zip."""
        return f"{self.s3_folder}/{self.layer_name}.zip"


def with_requirements(packages: str | Iterable[str], requirements: str | os.PathLike[str] | None) -> list[str]:
    """Lists the packages and those of a requirements.txt or pyproject.toml.

    Raises ValueError if there are none or the file cannot be used, and OSError if it cannot be read.
    """
    names = [packages] if isinstance(packages, str) else list(packages)
    if requirements is not None:
        names += _core.requirements_of(requirements, sys.executable)
    if not names:
        raise ValueError("no packages to install: pass names, or a file of requirements that is not empty")
    return names
