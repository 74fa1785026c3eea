"""Tests that lifecycle rules act, with days of one second, and that archived objects are restored, with boto3."""

import re
import time
import uuid

import pytest
from conftest import Engine, code_of, error_of, zip_of

ALL = {"ID": "all", "Status": "Enabled", "Filter": {}}


@pytest.fixture(scope="module")
def engine(osbot_path, tmp_path_factory):
    engine = Engine(osbot_path, tmp_path_factory.mktemp("lifecycle") / "state", "--lifecycle-speed", "86400").start()
    yield engine
    engine.stop()


def wait_until(condition, goal, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"after {seconds} s: {goal}"
        time.sleep(0.1)


def set_rule(s3, bucket, **actions):
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [{**ALL, **actions}]})


def test_objects_versions_and_uploads_expire(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    s3.create_multipart_upload(Bucket=bucket, Key="u")
    set_rule(s3, bucket, Expiration={"Days": 1}, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1})
    assert 'rule-id="all"' in s3.head_object(Bucket=bucket, Key="k")["Expiration"]
    wait_until(lambda: "Contents" not in s3.list_objects_v2(Bucket=bucket), "the object expires")
    wait_until(lambda: "Uploads" not in s3.list_multipart_uploads(Bucket=bucket), "the upload is aborted")


def test_versions_and_delete_markers_expire(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for _ in range(3):
        s3.put_object(Bucket=bucket, Key="k", Body=b"")
    set_rule(s3, bucket, Expiration={"Days": 1}, NoncurrentVersionExpiration={"NoncurrentDays": 1})
    wait_until(lambda: not {"Versions", "DeleteMarkers"} & set(s3.list_object_versions(Bucket=bucket)), "all versions expire")


def test_locked_version_remains(s3):
    bucket = f"locked-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    locked = s3.put_object(Bucket=bucket, Key="k", Body=b"", ObjectLockLegalHoldStatus="ON")["VersionId"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    latest = s3.put_object(Bucket=bucket, Key="k", Body=b"")["VersionId"]
    set_rule(s3, bucket, NoncurrentVersionExpiration={"NoncurrentDays": 1})
    wait_until(lambda: [each["VersionId"] for each in s3.list_object_versions(Bucket=bucket)["Versions"]] == [latest, locked], "the version expires")


def test_expiration_survives_a_restart(s3, bucket, engine):
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    set_rule(s3, bucket, Expiration={"Days": 1})
    wait_until(lambda: "Contents" not in s3.list_objects_v2(Bucket=bucket), "the object expires")
    engine.stop()
    engine.start()
    assert "Contents" not in engine.client("s3").list_objects_v2(Bucket=bucket)


def test_archived_object_is_restored(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"cold", StorageClass="GLACIER")
    s3.put_object(Bucket=bucket, Key="plain", Body=b"")
    assert code_of(s3.get_object, Bucket=bucket, Key="k") == "InvalidObjectState"
    assert error_of(s3.restore_object, Bucket=bucket, Key="plain", RestoreRequest={"Days": 1}) == (
        "InvalidObjectState", "Restore is not allowed for the object's current storage class")
    restored = [s3.restore_object(Bucket=bucket, Key="k", RestoreRequest={"Days": 3, "GlacierJobParameters": {"Tier": "Standard"}}) for _ in range(2)]
    assert [each["ResponseMetadata"]["HTTPStatusCode"] for each in restored] == [202, 200]
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"cold"
    assert s3.head_object(Bucket=bucket, Key="k")["Restore"].startswith('ongoing-request="false", expiry-date="')
    listed = s3.list_objects_v2(Bucket=bucket, OptionalObjectAttributes=["RestoreStatus"])["Contents"]
    assert [each.get("RestoreStatus", {}).get("IsRestoreInProgress") for each in listed] == [False, None]
    wait_until(lambda: "Restore" not in s3.head_object(Bucket=bucket, Key="k"), "the copy expires")
    assert code_of(s3.get_object, Bucket=bucket, Key="k") == "InvalidObjectState"
    assert code_of(s3.restore_object, Bucket=bucket, Key="k", RestoreRequest={"Type": "SELECT"}) == "NotImplemented"
    assert code_of(s3.restore_object, Bucket=bucket, Key="absent", RestoreRequest={"Days": 1}) == "NoSuchKey"


def test_versions_are_listed_in_one_order(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for key in ("a", "b"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
        s3.delete_object(Bucket=bucket, Key=key)
    document = []
    s3.meta.events.register("before-parse.s3.ListObjectVersions", lambda response_dict, **_: document.append(response_dict["body"].decode()))
    s3.list_object_versions(Bucket=bucket)
    assert re.findall("<(Version|DeleteMarker)>", document[0]) == ["DeleteMarker", "Version"] * 2


def test_code_of_a_function_is_a_version_of_an_object(s3, bucket, functions):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    zips = [zip_of({"app.py": f"def handler(event, context): return {number}"}) for number in (1, 2)]
    versions = [s3.put_object(Bucket=bucket, Key="code.zip", Body=each)["VersionId"] for each in zips]
    name = functions.python("versioned", "def handler(event, context): return 0")
    for number, version in enumerate(versions, 1):
        functions.lambda_.update_function_code(FunctionName=name, S3Bucket=bucket, S3Key="code.zip", S3ObjectVersion=version)
        functions.lambda_.get_waiter("function_updated_v2").wait(FunctionName=name)
        assert functions.invoke(name)[0] == number
