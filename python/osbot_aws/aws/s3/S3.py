"""Buckets and objects, to the extent that functions and deploys need them."""
from __future__ import annotations

import os
import shutil

from osbot_aws import _core
from osbot_aws.aws.session.Boto3_Client import Boto3_Client, boto3_resource, boto3_session
from osbot_aws.aws.session.Session__Kwargs import session_of
from osbot_aws.core.Error import Aws_Exception

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from typing_extensions import Self

    from osbot_aws.aws.session.Session__Kwargs import Session_Like

    Path = str | os.PathLike[str]

NOT_ENABLED = "Not Enabled"  # the status of a bucket that never had versioning


class S3(Boto3_Client):
    """Calls S3. Objects are transferred in one request and held in memory; S3 accepts up to 5 GiB in one request.

    Methods that return a list fetch all pages. Unless a method documents otherwise, it raises Aws_Exception with AWS's
    code: NoSuchBucket (bucket_create() creates it), NoSuchKey (find_files() lists the keys), AccessDenied,
    EntityTooLarge.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
    """

    _service = "s3"

    tmp_file_folder = "s3_temp_files"  # the folder of file_upload_as_temp_file()
    use_threads = True                 # for transfer_config(); this package sends an object in one request, without threads

    def __init__(self, session_kwargs__s3: Session_Like = None) -> None:
        self.session_kwargs__s3 = session_kwargs__s3
        self._sessions = session_of(session_kwargs__s3)

    # ---- boto3's objects and settings

    def s3_resource(self) -> Any:
        """Returns boto3's resource of S3 for the same target, region and credentials. Needs boto3."""
        return boto3_resource(self._sessions, self._service)

    def session(self) -> Any:
        """Returns a boto3 session with the same region and credentials. Needs boto3."""
        return boto3_session(self._sessions, self._service)

    def dont_use_threads(self) -> Self:
        """Sets use_threads to False."""
        self.use_threads = False
        return self

    def transfer_config(self) -> Any:
        """Returns boto3's TransferConfig with use_threads, for transfers with client(). Needs boto3."""
        import importlib

        return importlib.import_module("boto3.s3.transfer").TransferConfig(use_threads=self.use_threads)

    # ---- buckets and objects

    def bucket_create(self, bucket: str, region: str | None = None, versioning: bool = False) -> dict[str, Any]:
        """Creates a bucket. Without `region`, uses the session's region.

        With `versioning`, enables versioning, which needs boto3.

        Returns {'status': 'ok', 'data': its location}, even if this account already has the bucket. If the
        request failed, 'status' is 'error' and 'data' is AWS's "CODE: message": InvalidBucketName (3 to 63 of a-z, 0-9,
        - and .), BucketAlreadyExists (another account owns it: names are globally unique).
        https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
        """
        try:
            _core.s3_bucket_create(self, bucket, region)
            if versioning:
                self.bucket_versioning__enable(bucket)
        except Aws_Exception as error:
            return {"status": "error", "data": str(error)}
        return {"status": "ok", "data": f"/{bucket}"}

    def bucket_exists(self, bucket_name: str) -> bool:
        """Returns whether the bucket exists and belongs to this account or is readable."""
        return _core.s3_bucket_exists(self, bucket_name)

    def bucket_not_exists(self, bucket_name: str) -> bool:
        """Returns whether the bucket does not exist."""
        return not self.bucket_exists(bucket_name)

    def bucket_delete(self, bucket: str) -> bool:
        """Deletes an empty bucket. Returns False if it did not exist.

        Raises Aws_Exception (BucketNotEmpty) if it has objects: bucket_delete_all_files() deletes them.
        """
        return _core.s3_bucket_delete(self, bucket)

    def buckets(self) -> list[str]:
        """Lists the names of the account's buckets, sorted."""
        return _core.s3_buckets(self)

    def file_upload_from_bytes(self, file_body: bytes, bucket: str, key: str, metadata: Mapping[str, str] | None = None,
                               content_type: str | None = None) -> bool:
        """Creates or replaces an object and returns True. The default content_type is binary/octet-stream.

        `key` is 1 to 1,024 bytes long, `metadata` up to 2 KB in total. S3 returns the metadata's names in lower case.
        """
        return _core.s3_file_upload_from_bytes(self, file_body, bucket, key, content_type or "binary/octet-stream",
                                               dict(metadata or {}))

    def file_create_from_bytes(self, file_bytes: bytes, bucket: str, key: str, metadata: Mapping[str, str] | None = None,
                               content_type: str | None = None) -> bool:
        """Calls file_upload_from_bytes()."""
        return self.file_upload_from_bytes(file_bytes, bucket, key, metadata, content_type)

    def file_create_from_string(self, file_contents: str, bucket: str, key: str) -> bool:
        """Creates or replaces an object with the UTF-8 bytes of a text and returns True."""
        return self.file_upload_from_bytes(file_contents.encode(), bucket, key)

    def file_upload(self, file: Path, bucket: str, folder: str) -> str:
        """Uploads a file to `folder` under its own name and returns the key."""
        key = f"{folder}/{os.path.basename(file)}"
        self.file_upload_to_key(file, bucket, key)
        return key

    def file_upload_to_key(self, file: Path, bucket: str, key: str) -> bool:
        """Uploads a file to a key and returns True. The type of `*.zip` is application/zip.

        Raises Aws_Exception (FileError, an OSError) if the file cannot be read.
        """
        return _core.s3_file_upload_to_key(self, file, bucket, key)

    def folder_upload(self, folder: Path, s3_bucket: str, s3_key: str) -> Self:
        """Zips a folder in memory and uploads the zip to a key. Also raises the errors of zip_folder_to_bytes()."""
        _core.s3_folder_upload(self, folder, s3_bucket, s3_key)
        return self

    def file_bytes(self, bucket: str, key: str, version_id: str | None = None) -> bytes:
        """Returns the bytes of an object, or of one of its versions, which needs boto3."""
        if version_id is None:
            return _core.s3_file_bytes(self, bucket, key)
        contents: bytes = self._boto3("get_object", Bucket=bucket, Key=key, VersionId=version_id)["Body"].read()
        return contents

    def file_contents(self, bucket: str, key: str, encoding: str = "utf-8", version_id: str | None = None) -> str:
        """Returns an object as text. Raises UnicodeDecodeError if it is not valid in the encoding."""
        return self.file_bytes(bucket, key, version_id).decode(encoding)

    def file_content_type(self, bucket: str, key: str) -> str | None:
        """Returns the content type of an object, for example application/zip. Raises the errors of file_details()."""
        return self.file_details(bucket, key).get("ContentType")

    def file_download(self, bucket: str, key: str) -> str:
        """Downloads an object to a temporary file, which the caller must delete, and returns its path."""
        return _core.s3_file_download(self, bucket, key)

    def file_download_to(self, bucket: str, key: str, target_file: Path) -> bool:
        """Downloads an object to target_file, overwriting an existing file, and returns True."""
        shutil.move(self.file_download(bucket, key), target_file)
        return True

    def file_download_and_delete(self, bucket: str, key: str) -> str:
        """Downloads an object to a temporary file, deletes the object, and returns the file's path."""
        file = self.file_download(bucket, key)
        self.file_delete(bucket, key)
        return file

    def file_exists(self, bucket: str, key: str) -> bool:
        """Returns whether the object exists."""
        return _core.s3_file_exists(self, bucket, key)

    def file_not_exists(self, bucket: str, key: str) -> bool:
        """Returns whether the object does not exist."""
        return not self.file_exists(bucket, key)

    def file_details(self, bucket: str, key: str) -> dict[str, Any]:
        """Returns the properties of an object.

        The dict is {'ContentLength' (bytes), 'ContentType', 'ETag' (with quotes), 'LastModified' (an HTTP date),
        'Metadata'}. Raises Aws_Exception (404) if the object does not exist: S3's response to a HEAD request has no
        error code.
        """
        return _core.s3_file_details(self, bucket, key)

    def file_metadata(self, bucket: str, key: str) -> dict[str, str]:
        """Returns the metadata of an object, {name: value}, with names in lower case.

        Raises the errors of file_details().
        """
        return _core.s3_file_metadata(self, bucket, key)

    def find_files(self, bucket: str, prefix: str = "", filter: str = "") -> list[str]:  # noqa: A002: the original's name
        """Lists the keys that start with `prefix` and contain `filter`, sorted by bytes.

        Sends one request for each 1,000 keys.
        """
        return [key for key in _core.s3_find_files(self, bucket, prefix) if filter in key]

    def file_delete(self, bucket: str, key: str) -> bool:
        """Deletes an object. Returns True even if it did not exist, like S3."""
        return _core.s3_file_delete(self, bucket, key)

    def files_delete(self, bucket: str, keys: Iterable[str]) -> bool:
        """Deletes objects, up to 1,000 in one request, and returns True.

        Raises Aws_Exception with S3's error for the first object that S3 does not delete.
        """
        return _core.s3_files_delete(self, bucket, list(keys))

    def files_delete_objects(self, bucket: str, objects: Iterable[Mapping[str, str]]) -> bool:
        """Deletes up to 1,000 objects, [{'Key', 'VersionId'}], in one request.

        Returns False if some were not deleted.
        """
        response = self._boto3("delete_objects", Bucket=bucket, Delete={"Objects": list(objects), "Quiet": True})
        return not response.get("Errors")

    def bucket_delete_all_files(self, bucket: str) -> bool:
        """Deletes all objects, and all versions if the bucket has versioning.

        Returns True. Returns False if the bucket has versioning and some versions were not deleted.
        """
        if self.bucket_versioning__status(bucket) == NOT_ENABLED:
            return self.files_delete(bucket, self.find_files(bucket))
        return self.bucket_delete_all_files__with_versioning(bucket)

    def bucket_delete_all_files__with_versioning(self, bucket: str) -> bool:
        """Deletes all versions and delete markers. Returns False if some were not deleted."""
        all_deleted = True
        for page in self._pages("list_object_versions", Bucket=bucket):
            objects = [{"Key": version["Key"], "VersionId": version["VersionId"]}
                       for version in page.get("Versions", []) + page.get("DeleteMarkers", [])]
            all_deleted = (not objects or self.files_delete_objects(bucket, objects)) and all_deleted
        return all_deleted

    # ---- folders: common prefixes of keys that end with /

    def folder_contents(self, s3_bucket: str, parent_folder: str = "", return_full_path: bool = False) -> dict[str, list[str]]:
        """Returns {'folders', 'files'} directly below a folder, by default at the top level of the bucket.

        The lists contain names; with return_full_path they contain full keys.
        """
        prefix = f"{parent_folder.rstrip('/')}/".lstrip("/")
        names = sorted({path.partition("/")[0] + path.partition("/")[1] for key in self.find_files(s3_bucket, prefix) if (path := key[len(prefix):])})
        parent = prefix if return_full_path else ""
        return {"folders": [parent + (name if return_full_path else name[:-1]) for name in names if name.endswith("/")],
                "files": [parent + name for name in names if not name.endswith("/")]}

    def folder_files(self, s3_bucket: str, parent_folder: str = "", return_full_path: bool = False) -> list[str]:
        """Lists the files of folder_contents()."""
        return self.folder_contents(s3_bucket, parent_folder, return_full_path)["files"]

    def folder_list(self, s3_bucket: str, parent_folder: str = "", return_full_path: bool = False) -> list[str]:
        """Lists the folders of folder_contents()."""
        return self.folder_contents(s3_bucket, parent_folder, return_full_path)["folders"]

    # ---- compressed text, file size and temporary files

    def file_create_from_string_as_gzip(self, file_contents: str, bucket: str, key: str) -> bool:
        """Creates an object with the gzip-compressed UTF-8 bytes of a text and returns True."""
        import gzip

        return self.file_upload_from_bytes(gzip.compress(file_contents.encode()), bucket, key)

    def file_contents_from_gzip(self, bucket: str, key: str) -> str:
        """Returns the text of a gzip-compressed object. Raises gzip.BadGzipFile if it is not gzip data."""
        import gzip

        return gzip.decompress(self.file_bytes(bucket, key)).decode()

    def file_size_in_Mb(self, bucket: str, key: str) -> str:
        """Returns the size of an object, for example '1.5 Mb', in units of 1024 * 1024 bytes."""
        return f"{self.file_details(bucket, key)['ContentLength'] / 1024 / 1024:.1f} Mb"

    def file_upload_as_temp_file(self, file: Path, bucket: str) -> str:
        """Uploads a file under a random name in the folder tmp_file_folder and returns the key."""
        key = f"{self.tmp_file_folder}/{os.urandom(8).hex()}{os.path.splitext(file)[1]}"
        self.file_upload_to_key(file, bucket, key)
        return key

    # ---- methods that use boto3; the local engine rejects the operations that it does not implement

    s3 = Boto3_Client.client

    def files_raw(self, bucket: str, prefix: str = "", filter: str = "") -> Iterator[dict[str, Any]]:  # noqa: A002: the original's name
        """Yields {'Key', 'Size', 'ETag', 'LastModified', ...} for each object that find_files() would list."""
        for page in self._pages("list_objects_v2", Bucket=bucket, Prefix=prefix):
            yield from (entry for entry in page.get("Contents", []) if filter in entry["Key"])

    def file_copy(self, bucket_source: str, key_source: str, bucket_destination: str, key_destination: str,
                  metadata: Mapping[str, str] | None = None, content_type: str | None = None) -> dict[str, Any]:
        """Copies an object on the server and returns {'CopyObjectResult': {'ETag', 'LastModified', ...}, ...}.

        The copy has the source's metadata and type. With `metadata`, it has that metadata and content_type, by default
        binary/octet-stream. content_type has no effect without metadata, like in S3.
        https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
        """
        replacements: dict[str, Any] = {} if metadata is None else {"Metadata": dict(metadata), "MetadataDirective": "REPLACE"}
        if content_type is not None:
            replacements["ContentType"] = content_type
        return without_metadata(self._boto3("copy_object", CopySource={"Bucket": bucket_source, "Key": key_source}, Bucket=bucket_destination,
                                                          Key=key_destination, **replacements))

    def file_move(self, src_bucket: str, src_key: str, dest_bucket: str, dest_key: str) -> bool:
        """Copies an object with file_copy() and deletes the source. Returns whether the copy exists."""
        self.file_copy(src_bucket, src_key, dest_bucket, dest_key)
        self.file_delete(src_bucket, src_key)
        return self.file_exists(dest_bucket, dest_key)

    def file_metadata_update(self, bucket: str, key: str, metadata: Mapping[str, str]) -> dict[str, Any]:
        """Replaces all metadata of an object by copying it onto itself; returns the same dict as file_copy().

        The content type becomes binary/octet-stream: use file_content_type_update() to set another type.
        """
        return self.file_copy(bucket, key, bucket, key, metadata)

    def file_content_type_update(self, bucket: str, key: str, metadata: Mapping[str, str], content_type: str) -> dict[str, Any]:
        """Replaces the metadata and the content type of an object; returns the same dict as file_copy()."""
        return self.file_copy(bucket, key, bucket, key, metadata, content_type)

    def file_versions(self, bucket: str, key: str) -> list[dict[str, Any]]:
        """Lists the versions of all keys that start with `key`, newest first."""
        return [version for page in self._pages("list_object_versions", Bucket=bucket, Prefix=key) for version in page.get("Versions", [])]

    def file_versions__delete_markers(self, bucket: str, key: str) -> list[dict[str, Any]]:
        """Lists the delete markers of all keys that start with `key`, newest first."""
        return [marker for page in self._pages("list_object_versions", Bucket=bucket, Prefix=key) for marker in page.get("DeleteMarkers", [])]

    def create_pre_signed_url(self, bucket_name: str, object_name: str, operation: str = "get_object", expiration: int = 3600) -> str:
        """Returns a URL that anyone may use for `expiration` seconds. Sends nothing."""
        url: str = self._boto3("generate_presigned_url", ClientMethod=operation, Params={"Bucket": bucket_name, "Key": object_name}, ExpiresIn=expiration)
        return url

    def bucket_arn(self, bucket: str) -> str:
        """Returns arn:aws:s3:::<bucket>."""
        return f"arn:aws:s3:::{bucket}"

    def bucket_versioning__enable(self, bucket_name: str) -> bool:
        """Enables versioning and returns whether it is enabled."""
        self._boto3("put_bucket_versioning", Bucket=bucket_name, VersioningConfiguration={"Status": "Enabled"})
        return self.bucket_versioning__enabled(bucket_name)

    def bucket_versioning__enabled(self, bucket_name: str) -> bool:
        """Returns whether versioning is enabled."""
        return self.bucket_versioning__status(bucket_name) == "Enabled"

    def bucket_versioning__status(self, bucket_name: str) -> str:
        """Returns 'Enabled', 'Suspended' or 'Not Enabled'."""
        status: str = self._boto3("get_bucket_versioning", Bucket=bucket_name).get("Status", NOT_ENABLED)
        return status

    def bucket_notification(self, bucket_name: str) -> dict[str, Any]:
        """Returns {'LambdaFunctionConfigurations', 'QueueConfigurations', ...}; {} if none are configured."""
        return without_metadata(self._boto3("get_bucket_notification_configuration", Bucket=bucket_name))

    def bucket_notification_create(self, s3_bucket: str, notification_config: Mapping[str, Any]) -> dict[str, Any]:
        """Replaces the bucket's notifications. Returns boto3's response, or {'error': ...}."""
        try:
            response: dict[str, Any] = self._boto3("put_bucket_notification_configuration", Bucket=s3_bucket,
                                                   NotificationConfiguration=dict(notification_config))
        except Aws_Exception as error:
            return {"error": str(error)}
        return response

    def bucket_notification_set_lambda_permission(self, lambda_arn: str) -> dict[str, Any]:
        """Allows S3 to invoke the function. Returns the policy statement, or {'error': ...}."""
        from osbot_aws.aws.lambda_.Lambda import Lambda

        statement_id = "allow_s3_notifications_to_invoke_function"
        function = Lambda(lambda_arn.rpartition(":function:")[2], self._sessions)
        function.permission_delete(lambda_arn, statement_id)
        return function.permission_add(lambda_arn, statement_id, "lambda:InvokeFunction", "s3.amazonaws.com")

    def policy(self, s3_bucket: str) -> dict[str, Any]:
        """Returns the bucket's policy; {'Statement': []} if it has none."""
        import json

        try:
            document: dict[str, Any] = json.loads(self._boto3("get_bucket_policy", Bucket=s3_bucket)["Policy"])
        except Aws_Exception as error:
            if error.code != "NoSuchBucketPolicy":
                raise
            return {"Statement": []}
        return document

    def policy_create(self, s3_bucket: str, statements: list[dict[str, Any]]) -> dict[str, Any]:
        """Replaces the bucket's policy and returns boto3's response."""
        import json

        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        response: dict[str, Any] = self._boto3("put_bucket_policy", Bucket=s3_bucket, Policy=policy)
        return response

    def policy_statements(self, s3_bucket: str) -> list[dict[str, Any]]:
        """Lists the statements of policy()."""
        statements: list[dict[str, Any]] = self.policy(s3_bucket)["Statement"]
        return statements

    def policy_statements__resource_arn(self, s3_bucket: str, trail_name: str, account_id: str) -> str:
        """Returns the ARN of the objects that a trail of CloudTrail writes."""
        return f"arn:aws:s3:::{s3_bucket}/{trail_name}/AWSLogs/{account_id}/*"

    def policy_statements__new(self, action: str, effect: str, service: str, resource_arn: str) -> dict[str, Any]:
        """Returns a policy statement for a service. Sends nothing."""
        return {"Action": action, "Effect": effect, "Principal": {"Service": service}, "Resource": resource_arn}

    def policy_statements__without(self, s3_bucket: str, key: str, value: Any) -> list[dict[str, Any]]:
        """Lists the statements of policy() whose member `key` is not `value`."""
        return [statement for statement in self.policy_statements(s3_bucket) if statement.get(key) != value]


def without_metadata(response: dict[str, Any]) -> dict[str, Any]:
    """Returns boto3's response without its ResponseMetadata."""
    return {name: value for name, value in response.items() if name != "ResponseMetadata"}


def s3_file_download(s3_bucket: str, s3_key: str) -> str:
    """Calls S3().file_download(s3_bucket, s3_key)."""
    return S3().file_download(s3_bucket, s3_key)


def s3_file_download_to(s3_bucket: str, s3_key: str, target_file: Path) -> bool:
    """Calls S3().file_download_to(s3_bucket, s3_key, target_file)."""
    return S3().file_download_to(s3_bucket, s3_key, target_file)
