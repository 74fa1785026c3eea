"""Tests S3 with boto3, the aws CLI and the AWS SDK for JavaScript, each with its default settings."""

import datetime
import io
import json
import urllib.error
import urllib.request
import uuid

import pytest
from botocore.config import Config
from conftest import code_of


def fetch(url, method="GET", data=None, headers={}):
    """Opens a link as a browser does. Returns (status, body)."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method)) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


# ---- boto3 ----


def test_boto3_reads_stored_objects(s3, bucket):
    put = s3.put_object(Bucket=bucket, Key="a/ü +&.txt", Body=b"hello", ContentType="text/plain", Metadata={"colour": "blue"}, Tagging="team=a%20b")
    response = s3.get_object(Bucket=bucket, Key="a/ü +&.txt", ChecksumMode="ENABLED")
    assert response["Body"].read() == b"hello"
    assert (response["ETag"], response["ContentType"], response["Metadata"], response["TagCount"]) == (put["ETag"], "text/plain", {"colour": "blue"}, 1)
    assert any(name.startswith("Checksum") and name != "ChecksumType" for name in response), "current clients send a checksum with each upload"
    assert s3.get_object_tagging(Bucket=bucket, Key="a/ü +&.txt")["TagSet"] == [{"Key": "team", "Value": "a b"}]
    assert s3.get_object_attributes(Bucket=bucket, Key="a/ü +&.txt", ObjectAttributes=["ObjectSize", "ETag"])["ObjectSize"] == 5


def test_boto3_puts_a_stream_of_unknown_length(s3, bucket):
    s3.upload_fileobj(io.BytesIO(b"x" * 300_000), bucket, "stream")
    assert s3.head_object(Bucket=bucket, Key="stream")["ContentLength"] == 300_000


@pytest.mark.parametrize("key", ["/leading", "a//b", "../up", "dot/./s", "with space", "plus+plus", "ünï/😀", "quote'\"<&>", "tab\tand\x01", " ", "end/", "a" * 1024])
def test_boto3_handles_any_key(s3, bucket, key):
    s3.put_object(Bucket=bucket, Key=key, Body=b"1")
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    assert [entry["Key"] for entry in s3.list_objects(Bucket=bucket)["Contents"]] == [key]
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"1"
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": key})
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "copy"}]})
    s3.delete_object(Bucket=bucket, Key=key)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_key_over_1024_bytes_is_rejected(s3, bucket):
    assert code_of(s3.put_object, Bucket=bucket, Key="a" * 1025, Body=b"") == "KeyTooLongError"
    assert code_of(s3.get_object, Bucket=bucket, Key="ü" * 513) == "KeyTooLongError"


def test_metadata_over_2_kb_is_rejected(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"", Metadata={"name": "x" * 2044})
    assert code_of(s3.put_object, Bucket=bucket, Key="k", Body=b"", Metadata={"name": "x" * 2045}) == "MetadataTooLarge"


def test_boto3_lists_more_than_one_page(s3, bucket):
    for number in range(1005):
        s3.put_object(Bucket=bucket, Key=f"{number:04}", Body=b"")
    keys = [f"{number:04}" for number in range(1005)]
    for operation in ("list_objects_v2", "list_objects"):
        pages = list(s3.get_paginator(operation).paginate(Bucket=bucket))
        assert [len(page["Contents"]) for page in pages] == [1000, 5]
        assert [entry["Key"] for page in pages for entry in page["Contents"]] == keys
    assert code_of(s3.delete_objects, Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys[:1001]]}) == "MalformedXML"
    assert len(s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys[:1000]]})["Deleted"]) == 1000
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 5


def test_boto3_conditional_requests_are_evaluated(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"one", IfNoneMatch="*")["ETag"]
    assert code_of(s3.put_object, Bucket=bucket, Key="k", Body=b"two", IfNoneMatch="*") == "PreconditionFailed"
    assert code_of(s3.get_object, Bucket=bucket, Key="k", IfNoneMatch=etag) == "304"
    assert code_of(s3.get_object, Bucket=bucket, Key="k", IfMatch='"other"') == "PreconditionFailed"
    assert code_of(s3.get_object, Bucket=bucket, Key="k", Range="bytes=3-") == "InvalidRange"
    modified = s3.head_object(Bucket=bucket, Key="k")["LastModified"]
    assert code_of(s3.head_object, Bucket=bucket, Key="k", IfModifiedSince=modified) == "304"
    s3.head_object(Bucket=bucket, Key="k", IfModifiedSince=modified + datetime.timedelta(days=1))  # ignored: it is in the future
    s3.put_object(Bucket=bucket, Key="k", Body=b"two", IfMatch=etag)
    assert s3.get_object(Bucket=bucket, Key="k", Range="bytes=-2")["Body"].read() == b"wo"


def test_bucket_has_the_requested_region(engine):
    s3 = engine.client("s3")
    name = f"bucket-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert s3.get_bucket_location(Bucket=name)["LocationConstraint"] == "eu-west-1"
    assert s3.head_bucket(Bucket=name)["BucketRegion"] == "eu-west-1"
    assert name in [entry["Name"] for entry in s3.list_buckets(BucketRegion="eu-west-1")["Buckets"]]


def test_tags_and_objects_survive_a_restart(own_engine):
    engine = own_engine()
    s3 = engine.client("s3")
    s3.create_bucket(Bucket="durable")
    s3.put_bucket_tagging(Bucket="durable", Tagging={"TagSet": [{"Key": "team", "Value": "a"}]})
    s3.put_object(Bucket="durable", Key="k", Body=b"1", Tagging="x=1", StorageClass="STANDARD_IA")
    engine.stop(9)
    restarted = own_engine().client("s3")
    assert restarted.get_bucket_tagging(Bucket="durable")["TagSet"] == [{"Key": "team", "Value": "a"}]
    assert restarted.get_object_tagging(Bucket="durable", Key="k")["TagSet"] == [{"Key": "x", "Value": "1"}]
    assert restarted.head_object(Bucket="durable", Key="k")["StorageClass"] == "STANDARD_IA"


# ---- links and signatures ----


def link(engine, operation, bucket, version="s3v4", expires=60, secret="test", **parameters):
    client = engine.client("s3", signature_version=version)
    client._request_signer._credentials.secret_key = secret
    return client.generate_presigned_url(operation, {"Bucket": bucket, "Key": "a key+", **parameters}, expires)


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_presigned_links_are_limited_to_time_and_object(engine, s3, bucket, version):
    assert fetch(link(engine, "put_object", bucket, version), "PUT", b"hello", {"Content-Type": ""})[0] == 200
    url = link(engine, "get_object", bucket, version, ResponseContentType="text/x")
    assert fetch(url) == (200, "hello")
    status, body = fetch(url.replace("a%20key", "b%20key"))
    assert status == 403 and "<Code>SignatureDoesNotMatch</Code>" in body and "<StringToSign>" in body
    assert fetch(url, "DELETE")[0] == 403
    assert "SignatureDoesNotMatch" in fetch(link(engine, "get_object", bucket, version, secret="wrong"))[1]
    status, body = fetch(link(engine, "get_object", bucket, version, expires=-1))
    assert status in (400, 403) and ("Request has expired" in body or "must be non-negative" in body)


def test_default_presigned_links_work(engine, s3, bucket, aws):
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello")
    assert fetch(s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "k"})) == (200, "hello")
    url = aws("s3", "presign", f"s3://{bucket}/k").stdout.strip()
    assert fetch(url) == (200, "hello")
    assert fetch(url.replace("/k?", "/other?"))[0] == 403


def test_headers_of_presigned_puts_are_stored(engine, s3, bucket):
    url = link(engine, "put_object", bucket, Metadata={"colour": "blue"}, ContentType="text/x")
    status, body = fetch(url, "PUT", b"1", {"Content-Type": "text/x", "x-amz-meta-colour": "blue"})
    assert status == 200, body
    head = s3.head_object(Bucket=bucket, Key="a key+")
    assert (head["Metadata"], head["ContentType"]) == ({"colour": "blue"}, "text/x")


def test_wrong_secret_is_rejected_and_unknown_key_accepted(engine, bucket):
    import boto3

    def client(key, secret):
        return boto3.client("s3", endpoint_url=engine.url, region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key=secret,
                            config=Config(retries={"max_attempts": 0}))

    assert code_of(client("test", "wrong").list_buckets) == "SignatureDoesNotMatch"
    assert bucket in [entry["Name"] for entry in client("AKIAUNKNOWN", "any").list_buckets()["Buckets"]]
    assert client("111122223333", "any").list_buckets()["Buckets"] == [], "another account"


def test_request_with_skewed_time_is_rejected(engine, bucket, monkeypatch):
    import botocore.auth

    s3 = engine.client("s3")
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *_, **__: datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1))
    assert code_of(s3.list_objects_v2, Bucket=bucket) == "RequestTimeTooSkewed"


def test_bucket_can_be_in_the_host_name(engine, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello")
    for host in (f"{bucket}.localhost:{engine.port}", f"{bucket}.s3.localhost:{engine.port}"):
        assert fetch(f"{engine.url}/k", headers={"Host": host}) == (200, "hello")


# ---- the aws CLI ----


def test_aws_cli_high_level_commands_work(aws, tmp_path):
    bucket = f"s3://bucket-{uuid.uuid4().hex[:12]}"
    aws("s3", "mb", bucket)
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    for name, text in {"a.txt": "one", "b b.txt": "two", "sub/ü.txt": "three"}.items():
        (folder / name).write_text(text)
    aws("s3", "cp", folder / "a.txt", f"{bucket}/single")
    assert aws("s3", "cp", f"{bucket}/single", "-").stdout == "one"
    aws("s3", "cp", "-", f"{bucket}/from stdin", input="typed")
    assert aws("s3", "cp", f"{bucket}/from stdin", "-").stdout == "typed"

    aws("s3", "sync", folder, f"{bucket}/copy")
    assert aws("s3", "sync", folder, f"{bucket}/copy").stdout == "", "nothing changed"
    (folder / "a.txt").unlink()
    assert aws("s3", "sync", "--delete", folder, f"{bucket}/copy").stdout.startswith("delete:")
    aws("s3", "sync", f"{bucket}/copy", tmp_path / "back")
    assert sorted(str(path.relative_to(tmp_path / "back")) for path in (tmp_path / "back").rglob("*.txt")) == ["b b.txt", "sub/ü.txt"]
    assert (tmp_path / "back/sub/ü.txt").read_text() == "three"

    listed = aws("s3", "ls", bucket + "/").stdout
    assert "PRE copy/" in listed and "single" in listed
    aws("s3", "mv", f"{bucket}/single", f"{bucket}/moved")
    assert [line.split()[-1] for line in aws("s3", "ls", "--recursive", f"{bucket}/moved").stdout.splitlines()] == ["moved"]
    aws("s3", "rm", "--recursive", f"{bucket}/copy")
    assert "copy/" not in aws("s3", "ls", bucket + "/").stdout
    failed = aws("s3", "rb", bucket, check=False)
    assert failed.returncode != 0 and "BucketNotEmpty" in failed.stderr
    aws("s3", "rb", "--force", bucket)
    assert aws("s3", "ls", bucket, check=False).returncode != 0


def test_aws_cli_s3api_commands_work(aws, tmp_path):
    bucket = f"bucket-{uuid.uuid4().hex[:12]}"
    aws("s3api", "create-bucket", "--bucket", bucket)
    (tmp_path / "body").write_text("hello")
    put = json.loads(aws("s3api", "put-object", "--bucket", bucket, "--key", "k", "--body", tmp_path / "body", "--checksum-algorithm", "SHA256").stdout)
    assert put["ChecksumSHA256"] == "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="
    aws("s3api", "get-object", "--bucket", bucket, "--key", "k", tmp_path / "got")
    assert (tmp_path / "got").read_text() == "hello"
    assert json.loads(aws("s3api", "list-objects-v2", "--bucket", bucket, "--query", "Contents[].Key").stdout) == ["k"]
    missing = aws("s3api", "head-object", "--bucket", bucket, "--key", "none", check=False)
    assert missing.returncode != 0 and "404" in missing.stderr
    unsupported = aws("s3api", "get-object-torrent", "--bucket", bucket, "--key", "k", tmp_path / "torrent", check=False)
    assert unsupported.returncode != 0 and "GetObjectTorrent is not implemented" in unsupported.stderr


# ---- the AWS SDK for JavaScript ----

JAVASCRIPT_S3 = """
    import { S3Client, CreateBucketCommand, PutObjectCommand, GetObjectCommand, ListObjectsV2Command, DeleteObjectsCommand, HeadObjectCommand,
             CopyObjectCommand } from "@aws-sdk/client-s3";
    import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
    import { Readable } from "node:stream";
    const s3 = new S3Client();
    const Bucket = params.bucket;
"""


def test_javascript_sdk_reads_stored_objects(javascript, bucket):
    assert javascript(JAVASCRIPT_S3 + """
        await s3.send(new PutObjectCommand({ Bucket, Key: "a/ü +", Body: "hello", Metadata: { colour: "blue" } }));
        await s3.send(new PutObjectCommand({ Bucket, Key: "bytes", Body: new Uint8Array(100000).fill(7) }));
        await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: encodeURIComponent(Bucket + "/a/ü +") }));
        const object = await s3.send(new GetObjectCommand({ Bucket, Key: "copy" }));
        const listed = await s3.send(new ListObjectsV2Command({ Bucket, Delimiter: "/" }));
        const deleted = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "bytes" }] } }));
        let missing;
        try { await s3.send(new HeadObjectCommand({ Bucket, Key: "bytes" })); } catch (error) { missing = error.name; }
        report([await object.Body.transformToString(), object.Metadata, listed.Contents.map(entry => entry.Key), listed.CommonPrefixes, deleted.Deleted, missing]);
    """, bucket=bucket) == ["hello", {"colour": "blue"}, ["bytes", "copy"], [{"Prefix": "a/"}], [{"Key": "bytes"}], "NotFound"]


def test_javascript_sdk_streams_chunks_with_trailer(javascript, bucket):
    """As on AWS, only the last chunk may be smaller than 8 KiB: https://github.com/aws/aws-sdk-js-v3/issues/6859"""
    assert javascript(JAVASCRIPT_S3 + """
        const pieces = bytes => Readable.from((function* () { for (let i = 0; i < 50; ++i) yield Buffer.alloc(bytes, i); })());
        const put = bytes => s3.send(new PutObjectCommand({ Bucket, Key: "stream", Body: pieces(bytes), ContentLength: 50 * bytes }));
        await put(8192);
        const small = await put(4096).catch(error => error.name);
        const object = await s3.send(new GetObjectCommand({ Bucket, Key: "stream", ChecksumMode: "ENABLED" }));
        const bytes = await object.Body.transformToByteArray();
        report([bytes.length, bytes[0], bytes[bytes.length - 1], Boolean(object.ChecksumCRC32), small]);
    """, bucket=bucket) == [50 * 8192, 0, 49, True, "InvalidChunkSizeError"]


def test_javascript_sdk_presigned_links_work(javascript, bucket):
    assert javascript(JAVASCRIPT_S3 + """
        const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: "a key", Metadata: { colour: "blue" } }), { expiresIn: 60 });
        const stored = await fetch(put, { method: "PUT", body: "" });
        const get = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: "a key" }), { expiresIn: 60 });
        const object = await fetch(get);
        const other = await fetch(get.replace("a%20key", "b%20key"));
        report([stored.status, object.status, object.headers.get("x-amz-meta-colour"), other.status]);
    """, bucket=bucket) == [200, 200, "blue", 403]
