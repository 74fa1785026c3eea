"""Tests S3 versioning with boto3: versions, delete markers, suspended versioning and the list of versions."""

import uuid

import boto3
import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def bucket(s3):
    name = f"versions-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def error_of(call, **arguments):
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    response = raised.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"], response


def put(s3, bucket, key, body):
    return s3.put_object(Bucket=bucket, Key=key, Body=body).get("VersionId")


def listed(s3, bucket, **arguments):
    """Returns (key, version, is latest) of versions and of delete markers."""
    page = s3.list_object_versions(Bucket=bucket, **arguments)
    return tuple([(each["Key"], each["VersionId"], each["IsLatest"]) for each in page.get(part, [])] for part in ("Versions", "DeleteMarkers"))


def test_put_adds_a_version_and_old_ones_stay_readable(s3, bucket):
    first, second = put(s3, bucket, "k", b"one"), put(s3, bucket, "k", b"two")
    assert first != second and len(first) == 32
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"two"
    old = s3.get_object(Bucket=bucket, Key="k", VersionId=first)
    assert (old["Body"].read(), old["VersionId"]) == (b"one", first)
    assert s3.head_object(Bucket=bucket, Key="k", VersionId=first)["ContentLength"] == 3
    assert listed(s3, bucket) == ([("k", second, True), ("k", first, False)], [])
    assert len(s3.list_objects_v2(Bucket=bucket)["Contents"]) == 1


def test_delete_adds_a_marker_that_can_be_removed(s3, bucket):
    version = put(s3, bucket, "k", b"one")
    deleted = s3.delete_object(Bucket=bucket, Key="k")
    assert deleted["DeleteMarker"] is True
    code, status, response = error_of(s3.get_object, Bucket=bucket, Key="k")
    assert (code, status) == ("NoSuchKey", 404)
    headers = response["ResponseMetadata"]["HTTPHeaders"]
    assert (headers["x-amz-delete-marker"], headers["x-amz-version-id"]) == ("true", deleted["VersionId"])
    code, status, response = error_of(s3.get_object, Bucket=bucket, Key="k", VersionId=deleted["VersionId"])
    assert (code, status, response["ResponseMetadata"]["HTTPHeaders"]["allow"]) == ("MethodNotAllowed", 405, "DELETE")
    assert error_of(s3.head_object, Bucket=bucket, Key="k", VersionId=deleted["VersionId"])[1] == 405
    assert listed(s3, bucket) == ([("k", version, False)], [("k", deleted["VersionId"], True)])
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    removed = s3.delete_object(Bucket=bucket, Key="k", VersionId=deleted["VersionId"])
    assert (removed["DeleteMarker"], removed["VersionId"]) == (True, deleted["VersionId"])
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"one"


def test_delete_of_a_version_is_permanent(s3, bucket):
    first, second = put(s3, bucket, "k", b"one"), put(s3, bucket, "k", b"two")
    assert s3.delete_object(Bucket=bucket, Key="k", VersionId=second)["VersionId"] == second
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"one"
    assert error_of(s3.get_object, Bucket=bucket, Key="k", VersionId=second)[:2] == ("NoSuchVersion", 404)
    assert error_of(s3.get_object, Bucket=bucket, Key="k", VersionId="invalid")[:2] == ("InvalidArgument", 400)
    assert error_of(s3.delete_bucket, Bucket=bucket)[:2] == ("BucketNotEmpty", 409)
    s3.delete_object(Bucket=bucket, Key="k", VersionId=first)
    s3.delete_bucket(Bucket=bucket)


def test_suspended_versioning_replaces_the_version_null(s3, bucket):
    old = put(s3, bucket, "k", b"old")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Suspended"
    put(s3, bucket, "k", b"first")
    put(s3, bucket, "k", b"second")
    assert listed(s3, bucket) == ([("k", "null", True), ("k", old, False)], [])
    assert s3.get_object(Bucket=bucket, Key="k", VersionId="null")["Body"].read() == b"second"
    deleted = s3.delete_object(Bucket=bucket, Key="k")
    assert (deleted["DeleteMarker"], deleted["VersionId"]) == (True, "null")
    assert listed(s3, bucket) == ([("k", old, False)], [("k", "null", True)])
    s3.delete_object(Bucket=bucket, Key="k", VersionId="null")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"old"


def test_objects_from_before_versioning_have_the_version_null(s3):
    name = f"plain-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    assert "VersionId" not in s3.put_object(Bucket=name, Key="k", Body=b"old")
    assert "Status" not in s3.get_bucket_versioning(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    new = put(s3, name, "k", b"new")
    assert listed(s3, name) == ([("k", new, True), ("k", "null", False)], [])
    assert s3.get_object(Bucket=name, Key="k", VersionId="null")["Body"].read() == b"old"


def test_delete_objects_reports_versions_and_markers(s3, bucket):
    first, second = put(s3, bucket, "k", b"one"), put(s3, bucket, "k", b"two")
    marked = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "k"}, {"Key": "never"}]})["Deleted"]
    assert {each["Key"] for each in marked} == {"k", "never"} and all(each["DeleteMarker"] for each in marked)
    marker = next(each["DeleteMarkerVersionId"] for each in marked if each["Key"] == "k")
    objects = [{"Key": "k", "VersionId": marker}, {"Key": "k", "VersionId": first}, {"Key": "k", "VersionId": "invalid"}]
    result = s3.delete_objects(Bucket=bucket, Delete={"Objects": objects})
    assert result["Deleted"] == [{"Key": "k", "VersionId": marker, "DeleteMarker": True, "DeleteMarkerVersionId": marker}, {"Key": "k", "VersionId": first}]
    assert [(each["Code"], each["VersionId"]) for each in result["Errors"]] == [("NoSuchVersion", "invalid")]
    assert s3.get_object(Bucket=bucket, Key="k")["VersionId"] == second


def test_copies_name_versions_of_source_and_target(s3, bucket):
    first, second = put(s3, bucket, "k", b"one"), put(s3, bucket, "k", b"two")
    copied = s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "k", "VersionId": first})
    assert copied["CopySourceVersionId"] == first and copied["VersionId"] not in (first, second)
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"one"
    restored = s3.copy_object(Bucket=bucket, Key="k", CopySource={"Bucket": bucket, "Key": "k", "VersionId": first})
    assert s3.get_object(Bucket=bucket, Key="k")["VersionId"] == restored["VersionId"]
    marker = s3.delete_object(Bucket=bucket, Key="copy")["VersionId"]
    assert error_of(s3.copy_object, Bucket=bucket, Key="x", CopySource={"Bucket": bucket, "Key": "copy"})[:2] == ("NoSuchKey", 404)
    assert error_of(s3.copy_object, Bucket=bucket, Key="x", CopySource={"Bucket": bucket, "Key": "copy", "VersionId": marker})[:2] == ("InvalidRequest", 400)


def test_tags_belong_to_a_version(s3, bucket):
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"", Tagging="of=first")["VersionId"]
    second = put(s3, bucket, "k", b"")
    s3.put_object_tagging(Bucket=bucket, Key="k", VersionId=first, Tagging={"TagSet": [{"Key": "of", "Value": "changed"}]})
    tags = s3.get_object_tagging(Bucket=bucket, Key="k", VersionId=first)
    assert (tags["TagSet"], tags["VersionId"]) == ([{"Key": "of", "Value": "changed"}], first)
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == []
    assert s3.get_object(Bucket=bucket, Key="k")["VersionId"] == second, "the order of the versions is unchanged"


def test_completing_an_upload_again_returns_its_object(s3, bucket):
    """moto, tests/test_s3/test_s3_multipart.py, test_duplicate_multipart_upload, which ran on S3."""
    upload = s3.create_multipart_upload(Bucket=bucket, Key="twice")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="twice", UploadId=upload, PartNumber=1, Body=b"part")["ETag"]
    request = {"Bucket": bucket, "Key": "twice", "UploadId": upload, "MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": part}]}}
    first = s3.complete_multipart_upload(**request)
    again = s3.complete_multipart_upload(**request, IfNoneMatch="*")
    assert (again["ETag"], again["VersionId"]) == (first["ETag"], first["VersionId"])
    assert len(listed(s3, bucket)[0]) == 1 and "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)
    request["MultipartUpload"] = {"Parts": [{"PartNumber": 1, "ETag": '"' + "0" * 32 + '"'}]}
    assert error_of(s3.complete_multipart_upload, **request)[:2] == ("NoSuchUpload", 404)
    assert error_of(s3.list_parts, Bucket=bucket, Key="twice", UploadId=upload)[0] == "NoSuchUpload"


def test_copy_of_the_current_version_onto_itself_adds_a_version(s3, bucket):
    """moto, tests/test_s3/test_s3_copyobject.py, test_copy_object_in_place_with_versioning, which ran on S3."""
    version = put(s3, bucket, "k", b"one")
    s3.copy_object(Bucket=bucket, Key="k", CopySource={"Bucket": bucket, "Key": "k", "VersionId": version})
    assert len(listed(s3, bucket)[0]) == 2
    code, status, _ = error_of(s3.copy_object, Bucket=bucket, Key="k", CopySource={"Bucket": bucket, "Key": "k"})
    assert (code, status) == ("InvalidRequest", 400)
    s3.copy_object(Bucket=bucket, Key="k", CopySource={"Bucket": bucket, "Key": "k"}, StorageClass="STANDARD")
    assert len(listed(s3, bucket)[0]) == 3


def test_attributes_have_the_checksum_of_parts_without_their_number(s3, bucket):
    """moto, tests/test_s3/test_s3_copyobject.py, test_copy_key_boto3_with_args__using_multipart, which ran on S3."""
    upload = s3.create_multipart_upload(Bucket=bucket, Key="sums", ChecksumAlgorithm="SHA256")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="sums", UploadId=upload, PartNumber=1, Body=b"part", ChecksumAlgorithm="SHA256")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]}]}
    done = s3.complete_multipart_upload(Bucket=bucket, Key="sums", UploadId=upload, MultipartUpload=parts)
    found = s3.get_object_attributes(Bucket=bucket, Key="sums", ObjectAttributes=["Checksum"])["Checksum"]
    assert done["ChecksumSHA256"] == found["ChecksumSHA256"] + "-1" and found["ChecksumType"] == "COMPOSITE"


def test_multipart_upload_adds_a_version(s3, bucket):
    first = put(s3, bucket, "k", b"one")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"parts")
    done = s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert s3.get_object(Bucket=bucket, Key="k")["VersionId"] == done["VersionId"] != first


def test_list_of_versions_has_pages_groups_and_markers(s3, bucket):
    for key in ("a", "b/1", "b/2", "c"):
        put(s3, bucket, key, b"1")
        put(s3, bucket, key, b"2")
    s3.delete_object(Bucket=bucket, Key="c")
    pages = list(s3.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": 2}))
    assert [len(page.get("Versions", [])) + len(page.get("DeleteMarkers", [])) for page in pages] == [2, 2, 2, 2, 1]
    versions = [(each["Key"], each["VersionId"]) for page in pages for each in page.get("Versions", [])]
    assert len(set(versions)) == 8
    page = s3.list_object_versions(Bucket=bucket, Delimiter="/")
    assert [each["Prefix"] for each in page["CommonPrefixes"]] == ["b/"]
    assert {each["Key"] for each in page["Versions"]} == {"a", "c"}
    page = s3.list_object_versions(Bucket=bucket, Prefix="b/", MaxKeys=1)
    assert (page["IsTruncated"], page["NextKeyMarker"], page["NextVersionIdMarker"]) == (True, "b/1", page["Versions"][0]["VersionId"])
    code, _, response = error_of(s3.list_object_versions, Bucket=bucket, VersionIdMarker="x")
    assert (code, response["Error"]["ArgumentName"]) == ("InvalidArgument", "version-id-marker")


def test_pages_continue_after_a_marker_that_was_deleted(s3, bucket):
    for number in range(7):
        put(s3, bucket, "k", str(number).encode())
    marker, deleted = {}, 0
    while True:
        page = s3.list_object_versions(Bucket=bucket, MaxKeys=2, **marker)
        for each in page.get("Versions", []):
            s3.delete_object(Bucket=bucket, Key="k", VersionId=each["VersionId"])
            deleted += 1
        if not page["IsTruncated"]:
            break
        marker = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}
    assert (deleted, listed(s3, bucket)) == (7, ([], []))


def test_resource_api_deletes_all_versions(engine, s3, bucket):
    put(s3, bucket, "k", b"one")
    s3.delete_object(Bucket=bucket, Key="k")
    resource = boto3.resource("s3", endpoint_url=engine.url, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    assert resource.BucketVersioning(bucket).status == "Enabled"
    resource.Bucket(bucket).object_versions.delete()
    s3.delete_bucket(Bucket=bucket)


def test_versions_survive_a_kill(own_engine):
    engine = own_engine()
    s3 = engine.client("s3")
    s3.create_bucket(Bucket="kill")
    s3.put_object(Bucket="kill", Key="k", Body=b"null")
    s3.put_bucket_versioning(Bucket="kill", VersioningConfiguration={"Status": "Enabled"})
    first, second = put(s3, "kill", "k", b"one"), put(s3, "kill", "k", b"two")
    marker = s3.delete_object(Bucket="kill", Key="k")["VersionId"]
    before = listed(s3, "kill")
    engine.stop(9)
    s3 = own_engine().client("s3")
    assert listed(s3, "kill") == before == ([("k", second, False), ("k", first, False), ("k", "null", False)], [("k", marker, True)])
    assert s3.get_object(Bucket="kill", Key="k", VersionId=first)["Body"].read() == b"one"
    s3.delete_object(Bucket="kill", Key="k", VersionId=marker)
    assert s3.get_object(Bucket="kill", Key="k")["VersionId"] == second
