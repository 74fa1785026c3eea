"""Buckets and objects, as far as functions and their deploys need them."""
from __future__ import annotations

import os
import shutil

from osbot_aws import _core
from osbot_aws.aws.session.Session__Kwargs import session_of
from osbot_aws.core.Error import Aws_Exception

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from typing_extensions import Self

    from osbot_aws.aws.session.Session__Kwargs import Session_Like

    Path = str | os.PathLike[str]


class S3:
    """Lists come whole. Raises Aws_Exception with AWS's code (NoSuchKey, AccessDenied ...) unless a method says otherwise."""

    def __init__(self, session_kwargs__s3: Session_Like = None) -> None:
        self._sessions = session_of(session_kwargs__s3)

    def bucket_create(self, bucket: str, region: str | None = None) -> dict[str, Any]:
        """{'status': 'ok', 'data': its location}, also when it was there before and is ours; 'error' with what AWS says."""
        try:
            _core.s3_bucket_create(self, bucket, region)
        except Aws_Exception as failed:
            return {"status": "error", "data": str(failed)}
        return {"status": "ok", "data": f"/{bucket}"}

    def bucket_exists(self, bucket: str) -> bool:
        """True: it is there, and ours or readable."""
        return _core.s3_bucket_exists(self, bucket)

    def bucket_not_exists(self, bucket: str) -> bool:
        """True: there is no such bucket."""
        return not self.bucket_exists(bucket)

    def bucket_delete(self, bucket: str) -> bool:
        """False: there was none."""
        return _core.s3_bucket_delete(self, bucket)

    def buckets(self) -> list[str]:
        """Names, sorted."""
        return _core.s3_buckets(self)

    def file_upload_from_bytes(self, file_bytes: bytes, bucket: str, key: str, metadata: Mapping[str, str] | None = None,
                               content_type: str | None = None) -> bool:
        """One object, of binary/octet-stream unless content_type says otherwise. True, or it raises."""
        return _core.s3_file_upload_from_bytes(self, file_bytes, bucket, key, content_type or "binary/octet-stream",
                                               dict(metadata or {}))

    file_create_from_bytes = file_upload_from_bytes

    def file_create_from_string(self, file_contents: str, bucket: str, key: str) -> bool:
        """The same, of a text's UTF-8."""
        return self.file_upload_from_bytes(file_contents.encode(), bucket, key)

    def file_upload(self, file: Path, bucket: str, folder: str) -> str:
        """Into `folder`, under its own name; answers the key."""
        key = f"{folder}/{os.path.basename(file)}"
        self.file_upload_to_key(file, bucket, key)
        return key

    def file_upload_to_key(self, file: Path, bucket: str, key: str) -> bool:
        """One object, of a file; application/zip for `*.zip`. Raises OSError when the file can't be read."""
        return _core.s3_file_upload_to_key(self, file, bucket, key)

    def folder_upload(self, folder: Path, s3_bucket: str, s3_key: str) -> Self:
        """Zips the folder, in memory, to one object."""
        _core.s3_folder_upload(self, folder, s3_bucket, s3_key)
        return self

    def file_bytes(self, bucket: str, key: str) -> bytes:
        """The whole object."""
        return _core.s3_file_bytes(self, bucket, key)

    def file_contents(self, bucket: str, key: str, encoding: str = "utf-8") -> str:
        """The whole object as a text. Raises UnicodeDecodeError when it is none in that encoding."""
        return self.file_bytes(bucket, key).decode(encoding)

    def file_content_type(self, bucket: str, key: str) -> str | None:
        """As the upload said it: application/zip."""
        return self.file_details(bucket, key).get("ContentType")

    def file_download(self, bucket: str, key: str) -> str:
        """To a temporary file, which is the caller's to delete."""
        return _core.s3_file_download(self, bucket, key)

    def file_download_to(self, bucket: str, key: str, target_file: Path) -> bool:
        """Over what is there."""
        shutil.move(self.file_download(bucket, key), target_file)
        return True

    def file_download_and_delete(self, bucket: str, key: str) -> str:
        """To a temporary file; the object goes."""
        file = self.file_download(bucket, key)
        self.file_delete(bucket, key)
        return file

    def file_exists(self, bucket: str, key: str) -> bool:
        """True: there is such an object."""
        return _core.s3_file_exists(self, bucket, key)

    def file_not_exists(self, bucket: str, key: str) -> bool:
        """True: there is no such object."""
        return not self.file_exists(bucket, key)

    def file_details(self, bucket: str, key: str) -> dict[str, Any]:
        """{'ContentLength', 'ContentType', 'ETag', 'LastModified', 'Metadata'}."""
        return _core.s3_file_details(self, bucket, key)

    def file_metadata(self, bucket: str, key: str) -> dict[str, str]:
        """{name: value}, what the upload gave; names in lower case."""
        return _core.s3_file_metadata(self, bucket, key)

    def find_files(self, bucket: str, prefix: str = "", filter: str = "") -> list[str]:  # noqa: A002: the original's name
        """Keys that begin with `prefix` and have `filter` in them."""
        return [key for key in _core.s3_find_files(self, bucket, prefix) if filter in key]

    def file_delete(self, bucket: str, key: str) -> bool:
        """True also when there was none, as S3 answers."""
        return _core.s3_file_delete(self, bucket, key)

    def files_delete(self, bucket: str, keys: Iterable[str]) -> bool:
        """file_delete() of each."""
        return _core.s3_files_delete(self, bucket, list(keys))
