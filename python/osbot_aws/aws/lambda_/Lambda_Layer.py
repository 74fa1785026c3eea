"""One layer, by name: what lies at /opt of the functions that name one of its versions."""
from __future__ import annotations

import os

from osbot_aws import _core
from osbot_aws.aws.session.Boto3_Client import Boto3_Client
from osbot_aws.aws.session.Session__Kwargs import session_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from osbot_aws.aws.s3.S3 import S3
    from osbot_aws.aws.session.Session__Kwargs import Session_Like

DEFAULT_RUNTIMES = ("python3.11", "python3.10", "python3.9")
IGNORED = ("*.pyc", ".DS_Store", "__pycache__", ".env")


class Lambda_Layer(Boto3_Client):
    """A folder is zipped as it is when it has one of the folders that Lambda looks for in /opt (python, nodejs, ruby, java,
    lib, extensions); else it goes under `python/`, where Python finds it. A zip is published as it is; those of more than
    50,000,000 bytes go by S3. A version can't be changed: each create_...() makes the next one. A function takes 5 layers,
    and 262,144,000 bytes unpacked with all of them.

    Raises Aws_Exception unless a method says otherwise: InvalidParameterValueException (no zip, or no object in S3 where
    it should be), ValidationException (a name or an option that is too long), CodeStorageExceededException (the account's
    space is full: delete old versions). https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
    """

    _service = "lambda"

    def __init__(self, layer_name: str = "", runtimes: Iterable[str] | None = None, license_info: str | None = None,
                 s3_bucket: str | None = None, s3_folder: str | None = None, description: str | None = None,
                 region: str | None = None, account_id: str | None = None, architecture: str = "x86_64",
                 session_kwargs__lambda: Session_Like = None) -> None:
        self.layer_name = layer_name.replace(".", "-")
        self.runtimes = list(runtimes or DEFAULT_RUNTIMES)  # create_from_pip: for the first
        self.license_info = license_info
        self.s3_bucket = s3_bucket  # of uploads; None: <account>--osbot-lambdas--<region>, made when missing
        self.s3_folder = s3_folder or os.environ.get("OSBOT_LAMBDA_S3_FOLDER_LAYERS") or "layers"
        self.description = description
        self.region = region
        self.account_id = account_id
        self.architecture = architecture  # or arm64
        self._sessions = session_of({"region_name": region} if region and session_kwargs__lambda is None else session_kwargs__lambda)

    def __repr__(self) -> str:
        return f"Lambda_Layer({self.layer_name!r})"

    def create_from_folder(self, folder: str | os.PathLike[str], ignore: Iterable[str] = ()) -> dict[str, Any]:
        """Zips the folder but for what matches a glob of `ignore` (of a name, or a relative path) and `__pycache__`.

        {'Version' (a number), 'LayerArn', 'LayerVersionArn' (what functions name), 'Content': {'CodeSize' (bytes),
        'CodeSha256' (base64), 'Location'}, 'CreatedDate', 'CompatibleRuntimes', ...}. Raises Aws_Exception: EmptyFolder;
        FileError, when it can't be read; CodeStorageExceeded, over 262,144,000 bytes, naming the five largest files.
        https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html
        """
        return _core.layer_create_from_folder(self, folder, list(ignore))

    def create_from_folder_via_s3(self, source_folder: str | os.PathLike[str], ignore_pattern: Iterable[str] = IGNORED) -> str:
        """create_from_folder() by S3, whatever the size: to s3_bucket, made when missing; answers the version's ARN."""
        return _core.layer_create_from_folder_via_s3(self, source_folder, list(ignore_pattern))

    def create_from_zip_bytes(self, zip_bytes: bytes) -> dict[str, Any]:
        """As create_from_folder(), of a zip as it is; one of more than 50,000,000 bytes goes by S3."""
        return _core.layer_create_from_zip_bytes(self, zip_bytes)

    def create_from_s3(self) -> dict[str, Any]:
        """As create_from_folder(), of the zip that lies in s3_bucket at <s3_folder>/<layer_name>.zip, as it is."""
        return _core.layer_create_from_s3(self)

    def create_from_zip_file_via_s3(self, zip_file: str | os.PathLike[str]) -> dict[str, Any]:
        """Uploads the zip as it is, and publishes it: what Python is to find has to be under `python/` in it."""
        self.upload_layer_zip_file_to_s3(zip_file)
        return self.create_from_s3()

    def upload_layer_zip_file_to_s3(self, zip_file: str | os.PathLike[str]) -> bool:
        """Where create_from_s3() finds it; makes the bucket when it is missing. True, or it raises."""
        bucket, s3 = _core.layer_bucket(self), self.s3()
        s3.bucket_create(bucket)
        return s3.file_upload_to_key(zip_file, bucket, self.s3_key)

    def create_from_pip(self, package_name: str | Iterable[str]) -> dict[str, Any]:
        """Installs packages of PyPI (`requests`, `pandas==2.2.2`), with what they need, and publishes them.

        As wheels for the first of `runtimes`, which has to be a Python, and the architecture, in 15 minutes at most. Uses
        uv, else pip, else pip in a virtual environment that the first call makes in the user's cache folder. Answers as
        create_from_folder(), or {'status': 'error', 'error': "CODE: why"}: WheelNotFound (names the newest version that has
        one), InstallerNotFound, InstallFailed (the installer's words), InvalidRequirement, InvalidRuntime, or what
        publishing failed of; nothing is published then.
        """
        return _core.layer_create_from_pip(self, [package_name] if isinstance(package_name, str) else list(package_name))

    def exists(self) -> bool:
        """True: it has a version."""
        return self.latest() != {}

    def latest(self) -> dict[str, Any]:
        """{'Version', 'LayerVersionArn', 'CreatedDate', 'Description', 'CompatibleRuntimes', ...} of the newest version; {} when
        there is none."""
        return _core.layer_latest(self)

    def latest_version(self) -> int | None:
        """Its number; None when there is none."""
        version: int | None = self.latest().get("Version")
        return version

    def arn_latest(self) -> str | None:
        """Of the latest version, as functions name it; None when there is none."""
        arn: str | None = self.latest().get("LayerVersionArn")
        return arn

    def info(self, version: int | None = None) -> dict[str, Any]:
        """What create_from_folder() answers, of this version, or of the latest; {} when there is none."""
        return _core.layer_info(self, version)

    version = info

    def content(self, version: int | None = None) -> dict[str, Any]:
        """{'Location' (a link to the zip, for ten minutes), 'CodeSha256', 'CodeSize'} of this version, or of the latest; {} when there
        is none."""
        content: dict[str, Any] = self.info(version).get("Content", {})
        return content

    def arn(self, version: int) -> str:
        """The ARN that a version has, or would have."""
        account_id = self.account_id or self._sessions.account_id()
        return f"arn:aws:lambda:{self.region or self._sessions.region()}:{account_id}:layer:{self.layer_name}:{version}"

    def info_by_arn(self) -> dict[str, Any]:
        """info() of the latest version."""
        return self.info()

    version_by_arn = info_by_arn

    def policy(self, version: int | None = None) -> dict[str, Any]:
        """{'Policy', 'RevisionId'}: who else may use the version, or the latest. Raises ClientError (ResourceNotFoundException) when
        nobody may, and ModuleNotFoundError when boto3 is not installed."""
        answer: dict[str, Any] = self.client().get_layer_version_policy(LayerName=self.layer_name, VersionNumber=version or self.latest_version() or 0)
        return answer

    def versions(self, max_items: int | None = None) -> list[dict[str, Any]]:
        """Those of latest(), the newest first; all of them, or max_items at most."""
        return _core.layer_versions(self, max_items or 0)

    def layers(self, index_by: str | None = None) -> Any:
        """[{'LayerName', 'LayerArn', 'LatestMatchingVersion': {'Version', 'LayerVersionArn', ...}}] of the account and region; a
        dict with index_by, which is LayerName or LayerArn. Raises KeyError for another, TypeError for LatestMatchingVersion."""
        return _core.layer_layers(self, index_by)

    def delete(self) -> bool:
        """Deletes all versions, one call each; False when there was none. Functions that have one keep it."""
        return _core.layer_delete(self)

    def delete_version(self, version: int) -> bool:
        """True also when there was no such version, as AWS answers."""
        return _core.layer_delete_version(self, version)

    def code_zip(self) -> str | None:
        """Downloads the latest version's zip to a temporary file, which is the caller's to delete; None when there is no version."""
        return _core.layer_code_zip(self)

    def s3(self) -> S3:
        """Where uploads go."""
        from osbot_aws.aws.s3.S3 import S3

        return S3(self._sessions)

    def s3_folder_files(self) -> list[str]:
        """Keys of all layers that were uploaded."""
        return self.s3().find_files(_core.layer_bucket(self), self.s3_folder)

    @property
    def s3_key(self) -> str:
        """Of uploads, in s3_bucket: <s3_folder>/<layer_name>.zip."""
        return f"{self.s3_folder}/{self.layer_name}.zip"
