"""Buckets and objects, as far as functions and their deploys need them."""
from __future__ import annotations

import os
import shutil

from osbot_aws import _core
from osbot_aws.aws.session.Boto3_Client import Boto3_Client
from osbot_aws.aws.session.Session__Kwargs import session_of
from osbot_aws.core.Error import Aws_Exception

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from typing_extensions import Self

    from osbot_aws.aws.session.Session__Kwargs import Session_Like

    Path = str | os.PathLike[str]

NOT_ENABLED = "Not Enabled"  # of a bucket that never had versions


class S3(Boto3_Client):
    """Lists come whole. Objects are read and sent in one piece, of which S3 takes 5 GiB at most, and held in memory.

    Raises Aws_Exception with AWS's code unless a method says otherwise: NoSuchBucket (bucket_create() makes it), NoSuchKey
    (find_files() says what there is), AccessDenied, EntityTooLarge. What goes by boto3 raises its ClientError.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
    """

    _service = "s3"

    tmp_file_folder = "s3_temp_files"  # of file_upload_as_temp_file()

    def __init__(self, session_kwargs__s3: Session_Like = None) -> None:
        self._sessions = session_of(session_kwargs__s3)

    def bucket_create(self, bucket: str, region: str | None = None) -> dict[str, Any]:
        """{'status': 'ok', 'data': its location}, also when it was there before and is ours; 'error' with AWS's "CODE: why":
        InvalidBucketName (3 to 63 of a-z, 0-9, - and .), BucketAlreadyExists (somebody else's: names are unique in the
        world). Without `region` in the session's. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html"""
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
        """False: there was none. Raises Aws_Exception (BucketNotEmpty): bucket_delete_all_files() comes first."""
        return _core.s3_bucket_delete(self, bucket)

    def buckets(self) -> list[str]:
        """Names, sorted."""
        return _core.s3_buckets(self)

    def file_upload_from_bytes(self, file_bytes: bytes, bucket: str, key: str, metadata: Mapping[str, str] | None = None,
                               content_type: str | None = None) -> bool:
        """Makes one object, or replaces the one of that key, of binary/octet-stream unless content_type says otherwise.

        True, or it raises. `key` has 1 to 1,024 bytes, `metadata` at most 2 KB in all; its names come back in lower case.
        """
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
        """One object, of a file; application/zip for `*.zip`. Raises Aws_Exception (FileError, an OSError) when the file can't be read."""
        return _core.s3_file_upload_to_key(self, file, bucket, key)

    def folder_upload(self, folder: Path, s3_bucket: str, s3_key: str) -> Self:
        """Zips the folder, in memory, to one object. Raises also what zip_folder_to_bytes() does."""
        _core.s3_folder_upload(self, folder, s3_bucket, s3_key)
        return self

    def file_bytes(self, bucket: str, key: str) -> bytes:
        """The whole object."""
        return _core.s3_file_bytes(self, bucket, key)

    def file_contents(self, bucket: str, key: str, encoding: str = "utf-8") -> str:
        """The whole object as a text. Raises UnicodeDecodeError when it is none in that encoding."""
        return self.file_bytes(bucket, key).decode(encoding)

    def file_content_type(self, bucket: str, key: str) -> str | None:
        """As the upload said it: application/zip. Raises as file_details()."""
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
        """{'ContentLength' (bytes), 'ContentType', 'ETag' (with its quotes), 'LastModified' (as HTTP has dates), 'Metadata'}.

        Raises Aws_Exception (404) when there is no such object: S3 says no more when only the head is asked for.
        """
        return _core.s3_file_details(self, bucket, key)

    def file_metadata(self, bucket: str, key: str) -> dict[str, str]:
        """{name: value}, what the upload gave; names in lower case. Raises as file_details()."""
        return _core.s3_file_metadata(self, bucket, key)

    def find_files(self, bucket: str, prefix: str = "", filter: str = "") -> list[str]:  # noqa: A002: the original's name
        """Keys that begin with `prefix` and have `filter` in them, sorted by their bytes; a call for each 1,000."""
        return [key for key in _core.s3_find_files(self, bucket, prefix) if filter in key]

    def file_delete(self, bucket: str, key: str) -> bool:
        """True also when there was none, as S3 answers."""
        return _core.s3_file_delete(self, bucket, key)

    def files_delete(self, bucket: str, keys: Iterable[str]) -> bool:
        """file_delete() of each, a thousand in one call. Raises Aws_Exception with what S3 says of the first that it refuses."""
        return _core.s3_files_delete(self, bucket, list(keys))

    def files_delete_objects(self, bucket: str, objects: Iterable[Mapping[str, str]]) -> bool:
        """[{'Key', 'VersionId'}], a thousand at most, in one call. False: not all of them are gone."""
        answer = self.client().delete_objects(Bucket=bucket, Delete={"Objects": list(objects), "Quiet": True})
        return not answer.get("Errors")

    def bucket_delete_all_files(self, bucket: str) -> bool:
        """Every object, and in a bucket with versions every one of those. True, or it raises."""
        if self.bucket_versioning__status(bucket) == NOT_ENABLED:
            return self.files_delete(bucket, self.find_files(bucket))
        return self.bucket_delete_all_files__with_versioning(bucket)

    def bucket_delete_all_files__with_versioning(self, bucket: str) -> bool:
        """Every version and every delete marker. False: not all of them are gone."""
        gone = True
        for page in self._pages("list_object_versions", Bucket=bucket):
            objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in page.get("Versions", []) + page.get("DeleteMarkers", [])]
            gone = (not objects or self.files_delete_objects(bucket, objects)) and gone
        return gone

    # ---- folders: what is before a / in keys

    def folder_contents(self, s3_bucket: str, parent_folder: str = "", return_full_path: bool = False) -> dict[str, list[str]]:
        """{'folders', 'files'} right below the folder, or the bucket; their names, or with return_full_path their keys."""
        prefix = f"{parent_folder.rstrip('/')}/".lstrip("/")
        names = sorted({rest.partition("/")[0] + rest.partition("/")[1] for key in self.find_files(s3_bucket, prefix) if (rest := key[len(prefix):])})
        before = prefix if return_full_path else ""
        return {"folders": [before + (name if return_full_path else name[:-1]) for name in names if name.endswith("/")],
                "files": [before + name for name in names if not name.endswith("/")]}

    def folder_files(self, s3_bucket: str, parent_folder: str = "", return_full_path: bool = False) -> list[str]:
        """The files of folder_contents()."""
        return self.folder_contents(s3_bucket, parent_folder, return_full_path)["files"]

    def folder_list(self, s3_bucket: str, parent_folder: str = "", return_full_path: bool = False) -> list[str]:
        """The folders of folder_contents()."""
        return self.folder_contents(s3_bucket, parent_folder, return_full_path)["folders"]

    # ---- texts that are stored packed

    def file_create_from_string_as_gzip(self, file_contents: str, bucket: str, key: str) -> bool:
        """One object, the gzip of a text's UTF-8."""
        import gzip

        return self.file_upload_from_bytes(gzip.compress(file_contents.encode()), bucket, key)

    def file_contents_from_gzip(self, bucket: str, key: str) -> str:
        """The text in such an object. Raises gzip.BadGzipFile when it is none."""
        import gzip

        return gzip.decompress(self.file_bytes(bucket, key)).decode()

    def file_size_in_Mb(self, bucket: str, key: str) -> str:
        """'1.5 Mb', of 1024 * 1024 bytes."""
        return f"{self.file_details(bucket, key)['ContentLength'] / 1024 / 1024:.1f} Mb"

    def file_upload_as_temp_file(self, file: Path, bucket: str) -> str:
        """Under a random name in `tmp_file_folder`; answers the key."""
        key = f"{self.tmp_file_folder}/{os.urandom(8).hex()}{os.path.splitext(file)[1]}"
        self.file_upload_to_key(file, bucket, key)
        return key

    # ---- by boto3; what the local engine does not have is refused there, and works on AWS

    s3 = Boto3_Client.client

    def _pages(self, operation: str, **members: Any) -> Iterator[dict[str, Any]]:
        yield from self.client().get_paginator(operation).paginate(**members)

    def files_raw(self, bucket: str, prefix: str = "", filter: str = "") -> Iterator[dict[str, Any]]:  # noqa: A002: the original's name
        """{'Key', 'Size', 'ETag', 'LastModified', ...} of each object that find_files() names."""
        for page in self._pages("list_objects_v2", Bucket=bucket, Prefix=prefix):
            yield from (found for found in page.get("Contents", []) if filter in found["Key"])

    def file_copy(self, bucket_source: str, key_source: str, bucket_destination: str, key_destination: str,
                  metadata: Mapping[str, str] | None = None, content_type: str | None = None) -> dict[str, Any]:
        """On the server: {'CopyObjectResult': {'ETag', 'LastModified', ...}, ...}. Metadata and type are the source's; with
        metadata the type is content_type, else binary/octet-stream; content_type alone does nothing, as S3 has it.

        https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
        """
        changed: dict[str, Any] = {} if metadata is None else {"Metadata": dict(metadata), "MetadataDirective": "REPLACE"}
        if content_type is not None:
            changed["ContentType"] = content_type
        return without_metadata(self.client().copy_object(CopySource={"Bucket": bucket_source, "Key": key_source}, Bucket=bucket_destination,
                                                          Key=key_destination, **changed))

    def file_move(self, src_bucket: str, src_key: str, dest_bucket: str, dest_key: str) -> bool:
        """file_copy(), then file_delete() of the source."""
        self.file_copy(src_bucket, src_key, dest_bucket, dest_key)
        self.file_delete(src_bucket, src_key)
        return self.file_exists(dest_bucket, dest_key)

    def file_metadata_update(self, bucket: str, key: str, metadata: Mapping[str, str]) -> dict[str, Any]:
        """Copies the object onto itself with this metadata, and none of what it had: its type is binary/octet-stream then;
        file_content_type_update() is told one. Answers as file_copy()."""
        return self.file_copy(bucket, key, bucket, key, metadata)

    def file_content_type_update(self, bucket: str, key: str, metadata: Mapping[str, str], content_type: str) -> dict[str, Any]:
        """The same, with another type."""
        return self.file_copy(bucket, key, bucket, key, metadata, content_type)

    def file_versions(self, bucket: str, key: str) -> list[dict[str, Any]]:
        """Of all keys that begin so, newest first."""
        return [version for page in self._pages("list_object_versions", Bucket=bucket, Prefix=key) for version in page.get("Versions", [])]

    def file_versions__delete_markers(self, bucket: str, key: str) -> list[dict[str, Any]]:
        """Of all keys that begin so, newest first."""
        return [marker for page in self._pages("list_object_versions", Bucket=bucket, Prefix=key) for marker in page.get("DeleteMarkers", [])]

    def create_pre_signed_url(self, bucket_name: str, object_name: str, operation: str = "get_object", expiration: int = 3600) -> str:
        """A link that whoever has it may use for `expiration` seconds; nothing is sent."""
        url: str = self.client().generate_presigned_url(operation, Params={"Bucket": bucket_name, "Key": object_name}, ExpiresIn=expiration)
        return url

    def bucket_arn(self, bucket: str) -> str:
        """arn:aws:s3:::<bucket>."""
        return f"arn:aws:s3:::{bucket}"

    def bucket_versioning__enable(self, bucket_name: str) -> bool:
        """True: objects keep their versions from now on."""
        self.client().put_bucket_versioning(Bucket=bucket_name, VersioningConfiguration={"Status": "Enabled"})
        return self.bucket_versioning__enabled(bucket_name)

    def bucket_versioning__enabled(self, bucket_name: str) -> bool:
        """True: objects keep their versions."""
        return self.bucket_versioning__status(bucket_name) == "Enabled"

    def bucket_versioning__status(self, bucket_name: str) -> str:
        """'Enabled', 'Suspended' or 'Not Enabled'."""
        status: str = self.client().get_bucket_versioning(Bucket=bucket_name).get("Status", NOT_ENABLED)
        return status

    def bucket_notification(self, bucket_name: str) -> dict[str, Any]:
        """{'LambdaFunctionConfigurations', 'QueueConfigurations', ...}; {} when nothing is notified."""
        return without_metadata(self.client().get_bucket_notification_configuration(Bucket=bucket_name))

    def bucket_notification_create(self, s3_bucket: str, notification_config: Mapping[str, Any]) -> dict[str, Any]:
        """Instead of what there was: boto3's answer, or {'error': ...}."""
        try:
            answer: dict[str, Any] = self.client().put_bucket_notification_configuration(Bucket=s3_bucket,
                                                                                         NotificationConfiguration=dict(notification_config))
        except Exception as failed:
            return {"error": str(failed)}
        return answer

    def bucket_notification_set_lambda_permission(self, lambda_arn: str) -> dict[str, Any]:
        """Lets S3 invoke the function: the statement, or {'error': ...}."""
        from osbot_aws.aws.lambda_.Lambda import Lambda

        statement_id = "allow_s3_notifications_to_invoke_function"
        function = Lambda(lambda_arn.rpartition(":function:")[2], self._sessions)
        function.permission_delete(lambda_arn, statement_id)
        return function.permission_add(lambda_arn, statement_id, "lambda:InvokeFunction", "s3.amazonaws.com")

    def policy(self, s3_bucket: str) -> dict[str, Any]:
        """The bucket's policy; {'Statement': []} when there is none."""
        import json

        client = self.client()
        try:
            document: dict[str, Any] = json.loads(client.get_bucket_policy(Bucket=s3_bucket)["Policy"])
        except client.exceptions.ClientError as failed:
            if failed.response["Error"]["Code"] != "NoSuchBucketPolicy":
                raise
            return {"Statement": []}
        return document

    def policy_create(self, s3_bucket: str, statements: list[dict[str, Any]]) -> dict[str, Any]:
        """Instead of the policy that the bucket has."""
        import json

        answer: dict[str, Any] = self.client().put_bucket_policy(Bucket=s3_bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))
        return answer

    def policy_statements(self, s3_bucket: str) -> list[dict[str, Any]]:
        """Those of policy()."""
        statements: list[dict[str, Any]] = self.policy(s3_bucket)["Statement"]
        return statements


def without_metadata(answer: dict[str, Any]) -> dict[str, Any]:
    """boto3's answer without its ResponseMetadata."""
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def s3_file_download(s3_bucket: str, s3_key: str) -> str:
    """S3().file_download(...)."""
    return S3().file_download(s3_bucket, s3_key)


def s3_file_download_to(s3_bucket: str, s3_key: str, target_file: Path) -> bool:
    """S3().file_download_to(...)."""
    return S3().file_download_to(s3_bucket, s3_key, target_file)
