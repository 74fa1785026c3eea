"""Tests encryption of S3 objects with keys of the client (SSE-C) with boto3: the engine compares the keys, as S3 does."""

import base64
import hashlib

import pytest
from conftest import code_of, error_of

KEY, OTHER = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}, {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "o" * 32}
MD5 = base64.b64encode(hashlib.md5(b"k" * 32).digest()).decode()
SOURCE_KEY = {"CopySource" + name: value for name, value in KEY.items()}


def test_object_is_read_with_its_key_only(s3, bucket):
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"secret", **KEY)
    assert (put["SSECustomerAlgorithm"], put["SSECustomerKeyMD5"]) == ("AES256", MD5) and "ServerSideEncryption" not in put
    found = s3.get_object(Bucket=bucket, Key="k", **KEY)
    assert found["Body"].read() == b"secret" and found["SSECustomerKeyMD5"] == MD5 and "ServerSideEncryption" not in found
    assert s3.head_object(Bucket=bucket, Key="k", **KEY)["SSECustomerAlgorithm"] == "AES256"
    missing, other = error_of(s3.get_object, Bucket=bucket, Key="k"), error_of(s3.get_object, Bucket=bucket, Key="k", **OTHER)
    assert missing == (
        "InvalidRequest", "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.")
    assert other[0] == "AccessDenied"
    assert [code_of(s3.head_object, Bucket=bucket, Key="k", **key) for key in ({}, OTHER)] == ["400", "403"]
    assert code_of(s3.get_object_attributes, Bucket=bucket, Key="k", ObjectAttributes=["ETag"]) == "InvalidRequest"
    s3.put_object(Bucket=bucket, Key="plain", Body=b"")
    assert error_of(s3.get_object, Bucket=bucket, Key="plain", **KEY)[1] == "The encryption parameters are not applicable to this object."
    s3.delete_object(Bucket=bucket, Key="k")


def test_headers_of_a_key_are_checked(s3, bucket):
    def refused(**headers):
        return error_of(s3.put_object, Bucket=bucket, Key="k", Body=b"", **headers)

    short = refused(SSECustomerAlgorithm="AES256", SSECustomerKey="short")
    assert short == ("InvalidArgument", "The secret key was invalid for the specified algorithm.")
    assert refused(**{**KEY, "SSECustomerAlgorithm": "AES128"})[0] == "InvalidEncryptionAlgorithmError"
    assert refused(**{**KEY, "SSECustomerKey": base64.b64encode(b"k" * 32).decode()}, SSECustomerKeyMD5=base64.b64encode(b"0" * 16).decode())[1] == (
        "The calculated MD5 hash of the key did not match the hash that was provided.")
    # A key of another length with a wrong MD5: S3 compares the MD5 first. https://github.com/aws/aws-sdk-go/issues/1726
    assert refused(SSECustomerAlgorithm="AES256", SSECustomerKey=base64.b64encode(b"k" * 24).decode(), SSECustomerKeyMD5=base64.b64encode(b"0" * 16).decode())[1] == (
        "The calculated MD5 hash of the key did not match the hash that was provided.")
    assert refused(SSECustomerKey="k" * 32)[1].endswith("must provide a valid encryption algorithm.")
    assert refused(SSECustomerAlgorithm="AES256")[1].endswith("must provide an appropriate secret key.")
    assert refused(**KEY, ServerSideEncryption="AES256")[0] == "InvalidArgument"


def test_copy_needs_the_key_of_its_source(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"secret", **KEY)
    source = {"Bucket": bucket, "Key": "k"}
    assert code_of(s3.copy_object, Bucket=bucket, Key="copy", CopySource=source) == "InvalidRequest"
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=source, **SOURCE_KEY)
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"secret"
    assert s3.copy_object(Bucket=bucket, Key="k", CopySource=source, **SOURCE_KEY, **OTHER)["SSECustomerAlgorithm"] == "AES256"
    assert s3.get_object(Bucket=bucket, Key="k", **OTHER)["Body"].read() == b"secret"


def test_parts_need_the_key_of_their_upload(s3, bucket):
    upload = {"Bucket": bucket, "Key": "k", "UploadId": s3.create_multipart_upload(Bucket=bucket, Key="k", **KEY)["UploadId"]}
    assert error_of(s3.upload_part, **upload, PartNumber=1, Body=b"x")[1].startswith("The multipart upload initiate requested encryption.")
    assert error_of(s3.upload_part, **upload, PartNumber=1, Body=b"x", **OTHER)[1] == (
        "The provided encryption parameters did not match the ones used originally.")
    part = s3.upload_part(**upload, PartNumber=1, Body=b"secret", **KEY)
    assert part["SSECustomerKeyMD5"] == MD5
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert s3.get_object(Bucket=bucket, Key="k", **KEY)["Body"].read() == b"secret"
    assert code_of(s3.get_object, Bucket=bucket, Key="k") == "InvalidRequest"


def test_bucket_may_reject_keys_of_clients(s3, bucket):
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]}}
    try:
        s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    except Exception as unknown:
        pytest.skip(f"this boto3 has no BlockedEncryptionTypes: {unknown}")
    assert code_of(s3.put_object, Bucket=bucket, Key="k", Body=b"", **KEY) == "AccessDenied"


def test_state_has_no_key(s3, bucket, engine):
    s3.put_object(Bucket=bucket, Key="k", Body=b"", **KEY)
    files = b"".join(path.read_bytes() for path in engine.state.glob("state.db*"))
    assert KEY["SSECustomerKey"].encode() not in files and base64.b64encode(b"k" * 32) not in files and MD5.encode() not in files
