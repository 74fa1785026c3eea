"""Tests the settings of S3 buckets with boto3: configuration documents, ACLs, object lock, encryption and CORS."""

import datetime
import json
import urllib.error
import urllib.request
import uuid

import pytest
from conftest import code_of


def without_metadata(response):
    return {name: value for name, value in response.items() if name != "ResponseMetadata"}


CORS = {"CORSRules": [{"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["https://*.example.com"], "AllowedHeaders": ["x-*"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 60}]}
LIFECYCLE = {"Rules": [{"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 1}}]}
WEBSITE = {"IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "error.html"}}
ENCRYPTION = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "my-key"}, "BucketKeyEnabled": True}]}
BLOCK = {"BlockPublicAcls": True, "IgnorePublicAcls": False, "BlockPublicPolicy": True, "RestrictPublicBuckets": False}
# Operations: the setting in the names, its document in the request, and the member of the response.
SETTINGS = [
    ("bucket_cors", {"CORSConfiguration": CORS}, CORS, "NoSuchCORSConfiguration"),
    ("bucket_website", {"WebsiteConfiguration": WEBSITE}, WEBSITE, "NoSuchWebsiteConfiguration"),
    ("public_access_block", {"PublicAccessBlockConfiguration": BLOCK}, {"PublicAccessBlockConfiguration": BLOCK}, "NoSuchPublicAccessBlockConfiguration"),
    ("bucket_ownership_controls", {"OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}}, {"OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}}, "OwnershipControlsNotFoundError"),
]


@pytest.mark.parametrize("name, document, returned, missing", SETTINGS, ids=[setting[0] for setting in SETTINGS])
def test_setting_is_stored_returned_and_deleted(s3, bucket, name, document, returned, missing):
    getattr(s3, f"put_{name}")(Bucket=bucket, **document)
    assert without_metadata(getattr(s3, f"get_{name}")(Bucket=bucket)) == returned
    getattr(s3, f"delete_{name}")(Bucket=bucket)
    assert code_of(getattr(s3, f"get_{name}"), Bucket=bucket) == missing
    assert code_of(getattr(s3, f"put_{name}"), Bucket="missing-bucket-0", **document) == "NoSuchBucket"


def test_lifecycle_is_validated_and_shown_with_objects(s3, bucket):
    put = s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=LIFECYCLE)
    assert put["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == LIFECYCLE["Rules"]
    assert 'rule-id="old"' in s3.put_object(Bucket=bucket, Key="logs/1", Body=b"")["Expiration"]
    assert "Expiration" not in s3.put_object(Bucket=bucket, Key="other", Body=b"")
    for change, code in (({"Expiration": {"Days": 0}}, "InvalidArgument"), ({"Status": "enabled"}, "MalformedXML"), ({"Expiration": {"Date": datetime.datetime(2030, 1, 1, 5)}}, "InvalidArgument")):
        assert code_of(s3.put_bucket_lifecycle_configuration, Bucket=bucket, LifecycleConfiguration={"Rules": [{**LIFECYCLE["Rules"][0], **change}]}) == code
    s3.delete_bucket_lifecycle(Bucket=bucket)
    assert code_of(s3.get_bucket_lifecycle_configuration, Bucket=bucket) == "NoSuchLifecycleConfiguration"


def test_new_bucket_has_the_defaults_of_aws(s3, bucket):
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    assert s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)
    assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket=bucket)
    assert [grant["Permission"] for grant in s3.get_bucket_acl(Bucket=bucket)["Grants"]] == ["FULL_CONTROL"]


def test_policy_is_checked_and_returned_as_text(s3, bucket):
    statement = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    s3.put_bucket_policy(Bucket=bucket, Policy=text)
    assert s3.get_bucket_policy(Bucket=bucket)["Policy"] == text
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]["IsPublic"] is False
    for wrong in ("text", "{}", json.dumps({"Statement": [{**statement, "Effect": "Maybe"}]}), json.dumps({"Statement": [{**statement, "Resource": "arn:aws:s3:::another/*"}]})):
        assert code_of(s3.put_bucket_policy, Bucket=bucket, Policy=wrong) == "MalformedPolicy"
    s3.delete_bucket_policy(Bucket=bucket)
    assert code_of(s3.get_bucket_policy, Bucket=bucket) == "NoSuchBucketPolicy"


def test_default_encryption_applies_to_objects(s3, bucket):
    assert s3.put_object(Bucket=bucket, Key="plain", Body=b"")["ServerSideEncryption"] == "AES256"
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=ENCRYPTION)
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"")
    assert (put["ServerSideEncryption"], put["SSEKMSKeyId"], put["BucketKeyEnabled"]) == ("aws:kms", "arn:aws:kms:us-east-1:000000000000:key/my-key", True)
    assert s3.head_object(Bucket=bucket, Key="k")["SSEKMSKeyId"] == put["SSEKMSKeyId"]
    assert s3.head_object(Bucket=bucket, Key="plain")["ServerSideEncryption"] == "AES256"
    assert s3.put_object(Bucket=bucket, Key="own", Body=b"", ServerSideEncryption="AES256")["ServerSideEncryption"] == "AES256"
    assert code_of(s3.put_object, Bucket=bucket, Key="k", Body=b"", ServerSideEncryption="rot13") == "InvalidArgument"
    s3.delete_bucket_encryption(Bucket=bucket)
    assert s3.put_object(Bucket=bucket, Key="k", Body=b"")["ServerSideEncryption"] == "AES256"


def test_acls_are_disabled_until_ownership_permits_them(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    assert code_of(s3.put_object_acl, Bucket=bucket, Key="k", ACL="public-read") == "AccessControlListNotSupported"
    assert code_of(s3.put_bucket_acl, Bucket=bucket, ACL="public-read") == "AccessControlListNotSupported"
    assert code_of(s3.put_object, Bucket=bucket, Key="k", Body=b"", ACL="public-read") == "AccessControlListNotSupported"
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    s3.put_object_acl(Bucket=bucket, Key="k", ACL="public-read")
    acl = s3.get_object_acl(Bucket=bucket, Key="k")
    assert [(grant["Grantee"]["Type"], grant["Permission"]) for grant in acl["Grants"]] == [("CanonicalUser", "FULL_CONTROL"), ("Group", "READ")]
    s3.put_bucket_acl(Bucket=bucket, AccessControlPolicy={"Grants": acl["Grants"], "Owner": acl["Owner"]})
    assert s3.get_bucket_acl(Bucket=bucket)["Grants"] == acl["Grants"]
    s3.put_bucket_acl(Bucket=bucket, GrantRead='uri="http://acs.amazonaws.com/groups/global/AllUsers"')
    assert [grant["Permission"] for grant in s3.get_bucket_acl(Bucket=bucket)["Grants"]] == ["READ"]
    assert code_of(s3.put_bucket_acl, Bucket=bucket, ACL="unknown") == "InvalidArgument"
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=BLOCK)
    assert code_of(s3.put_object_acl, Bucket=bucket, Key="k", ACL="public-read-write") == "AccessDenied"


def test_locked_versions_cannot_be_deleted(s3):
    name = f"lock-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    assert code_of(s3.put_bucket_versioning, Bucket=name, VersioningConfiguration={"Status": "Suspended"}) == "InvalidBucketState"
    version = s3.put_object(Bucket=name, Key="k", Body=b"")["VersionId"]
    assert code_of(s3.get_object_retention, Bucket=name, Key="k") == "NoSuchObjectLockConfiguration"
    s3.put_object_legal_hold(Bucket=name, Key="k", LegalHold={"Status": "ON"})
    assert code_of(s3.delete_object, Bucket=name, Key="k", VersionId=version) == "AccessDenied"
    s3.put_object_legal_hold(Bucket=name, Key="k", LegalHold={"Status": "OFF"})
    until = datetime.datetime(2100, 1, 1, tzinfo=datetime.timezone.utc)
    s3.put_object_retention(Bucket=name, Key="k", Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until})
    assert s3.get_object_retention(Bucket=name, Key="k")["Retention"] == {"Mode": "GOVERNANCE", "RetainUntilDate": until}
    assert s3.head_object(Bucket=name, Key="k")["ObjectLockMode"] == "GOVERNANCE"
    assert code_of(s3.delete_object, Bucket=name, Key="k", VersionId=version) == "AccessDenied"
    errors = s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "k", "VersionId": version}]})["Errors"]
    assert [error["Code"] for error in errors] == ["AccessDenied"]
    s3.delete_object(Bucket=name, Key="k", VersionId=version, BypassGovernanceRetention=True)
    s3.delete_bucket(Bucket=name)


def test_default_retention_applies_to_new_objects(s3):
    name = f"lock-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}}})
    for period in ({"Days": 36501}, {"Years": 101}):
        assert code_of(s3.put_object_lock_configuration, Bucket=name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", **period}}}) == "InvalidArgument"
    version = s3.put_object(Bucket=name, Key="k", Body=b"")["VersionId"]
    assert s3.head_object(Bucket=name, Key="k")["ObjectLockMode"] == "COMPLIANCE"
    assert code_of(s3.delete_object, Bucket=name, Key="k", VersionId=version, BypassGovernanceRetention=True) == "AccessDenied"


LISTS = [("analytics", "Analytics", {"StorageClassAnalysis": {}}), ("metrics", "Metrics", {}), ("intelligent_tiering", "IntelligentTiering", {"Status": "Enabled", "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]}),
         ("inventory", "Inventory", {"Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::target", "Format": "CSV"}}, "IsEnabled": True, "IncludedObjectVersions": "All", "Schedule": {"Frequency": "Daily"}})]


@pytest.mark.parametrize("name, member, fields", LISTS, ids=[each[0] for each in LISTS])
def test_configurations_with_ids_are_listed_and_deleted(s3, bucket, name, member, fields):
    document = {"Id": "one", **fields}
    getattr(s3, f"put_bucket_{name}_configuration")(Bucket=bucket, Id="one", **{f"{member}Configuration": document})
    assert getattr(s3, f"get_bucket_{name}_configuration")(Bucket=bucket, Id="one")[f"{member}Configuration"]["Id"] == "one"
    listed = getattr(s3, f"list_bucket_{name}_configurations")(Bucket=bucket)
    assert [each["Id"] for each in listed[f"{member}ConfigurationList"]] == ["one"] and listed["IsTruncated"] is False
    getattr(s3, f"delete_bucket_{name}_configuration")(Bucket=bucket, Id="one")
    assert code_of(getattr(s3, f"get_bucket_{name}_configuration"), Bucket=bucket, Id="one") == "NoSuchConfiguration"


def test_logging_needs_an_existing_bucket(s3, bucket):
    assert code_of(s3.put_bucket_logging, Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "missing-bucket-0", "TargetPrefix": ""}}) == "InvalidTargetBucketForLogging"
    enabled = {"TargetBucket": bucket, "TargetPrefix": "log/"}
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": enabled})
    assert s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"] == enabled
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)


def test_settings_survive_a_kill(own_engine):
    engine = own_engine()
    s3 = engine.client("s3")
    s3.create_bucket(Bucket="kill", ObjectOwnership="BucketOwnerPreferred", ACL="public-read")
    s3.put_bucket_cors(Bucket="kill", CORSConfiguration=CORS)
    s3.delete_public_access_block(Bucket="kill")
    engine.stop(9)
    s3 = own_engine().client("s3")
    assert s3.get_bucket_cors(Bucket="kill")["CORSRules"] == CORS["CORSRules"]
    assert code_of(s3.get_public_access_block, Bucket="kill") == "NoSuchPublicAccessBlockConfiguration"
    assert [grant["Permission"] for grant in s3.get_bucket_acl(Bucket="kill")["Grants"]] == ["FULL_CONTROL", "READ"]


# ---- requests of web pages ----


def send(url, method, headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, None, headers, method=method)) as response:
            return response.status, dict(response.headers)
    except urllib.error.HTTPError as error:
        return error.code, {**dict(error.headers), "body": error.read().decode()}


def preflight(engine, bucket, origin, method="GET", **headers):
    fields = {"Origin": origin, "Access-Control-Request-Method": method}
    return send(f"{engine.url}/{bucket}/k", "OPTIONS", {**fields, **({"Access-Control-Request-Headers": headers["requested"]} if headers else {})})


def test_preflights_follow_the_rules_of_the_bucket(engine, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello")
    assert preflight(engine, bucket, "https://www.example.com")[0] == 403
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration=CORS)
    status, headers = preflight(engine, bucket, "https://www.example.com", "PUT", requested="X-One, x-two")
    assert (status, headers["Access-Control-Allow-Origin"], headers["Access-Control-Allow-Methods"]) == (200, "https://www.example.com", "GET, PUT")
    assert (headers["Access-Control-Allow-Headers"], headers["Access-Control-Max-Age"]) == ("x-one, x-two", "60")
    for denied in (preflight(engine, bucket, "https://other.com"), preflight(engine, bucket, "https://www.example.com", "DELETE"), preflight(engine, bucket, "https://www.example.com", requested="other")):
        assert denied[0] == 403 and "<Code>AccessForbidden</Code>" in denied[1]["body"]
    assert send(f"{engine.url}/{bucket}/k", "OPTIONS", {"Origin": "https://www.example.com"})[0] == 400
    for path, kind in ((bucket, "BUCKET"), (f"{bucket}/k", "OBJECT")):
        status, headers = send(f"{engine.url}/{path}", "OPTIONS", {"Origin": "https://other.com", "Access-Control-Request-Method": "GET"})
        assert status == 403 and f"<ResourceType>{kind}</ResourceType>" in headers["body"]
    status, headers = send(f"{engine.url}/{bucket}/k", "GET", {"Origin": "https://www.example.com"})
    assert (status, headers["Access-Control-Expose-Headers"]) == (200, "ETag")
