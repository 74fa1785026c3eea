"""Tests objects that are too large for memory: multipart uploads and single streamed requests."""
import base64
import hashlib
import http.client
import io
import json
import os
import pathlib
import socket
import sys
import time
import zipfile

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError
from conftest import Functions

MIB = 1 << 20


@pytest.fixture(scope="module")
def s3(engine):
    client = engine.client("s3")
    client.create_bucket(Bucket="large-objects")
    return client


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A file of 40 MiB and 9 bytes."""
    path = tmp_path_factory.mktemp("large") / "large.bin"
    path.write_bytes(os.urandom(MIB) * 40 + b"and a bit")
    return path


def test_file_is_uploaded_in_parts_and_downloaded(s3, large, tmp_path):
    s3.upload_file(str(large), "large-objects", "in-parts")  # 8 MiB each, by default
    head = s3.head_object(Bucket="large-objects", Key="in-parts")
    assert head["ContentLength"] == 40 * MIB + 9
    assert head["ETag"].endswith('-6"')
    s3.download_file("large-objects", "in-parts", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == large.read_bytes()
    part = s3.get_object(Bucket="large-objects", Key="in-parts", Range=f"bytes={8 * MIB - 2}-{8 * MIB + 1}")["Body"].read()
    assert part == large.read_bytes()[8 * MIB - 2 : 8 * MIB + 2], "across the edge of two parts"


def test_file_is_uploaded_in_one_piece(s3, large):
    whole = large.read_bytes()
    with large.open("rb") as body:
        put = s3.put_object(Bucket="large-objects", Key="in-one", Body=body)
    assert put["ETag"] == f'"{hashlib.md5(whole).hexdigest()}"'
    assert s3.get_object(Bucket="large-objects", Key="in-one")["Body"].read() == whole


def test_large_copy_uses_part_copies(s3, large):
    s3.upload_file(str(large), "large-objects", "source", Config=TransferConfig(multipart_threshold=1 << 40))
    s3.copy({"Bucket": "large-objects", "Key": "source"}, "large-objects", "copied", Config=TransferConfig(multipart_threshold=10 * MIB))
    assert s3.get_object(Bucket="large-objects", Key="copied")["Body"].read() == large.read_bytes()


def test_copy_of_multipart_object_has_md5_as_etag(s3, large):
    whole = large.read_bytes()
    s3.upload_file(str(large), "large-objects", "in-parts", ExtraArgs={"Metadata": {"one": "1"}})
    copied = s3.copy_object(Bucket="large-objects", Key="joined", CopySource="large-objects/in-parts")["CopyObjectResult"]
    assert copied["ETag"] == f'"{hashlib.md5(whole).hexdigest()}"'
    head = s3.head_object(Bucket="large-objects", Key="joined", ChecksumMode="ENABLED")
    assert head["ETag"] == copied["ETag"] and "PartsCount" not in head and head["Metadata"] == {"one": "1"}
    assert head["ChecksumType"] == "FULL_OBJECT" and head["ChecksumCRC32"] == copied["ChecksumCRC32"]
    assert s3.get_object(Bucket="large-objects", Key="joined")["Body"].read() == whole
    s3.copy_object(Bucket="large-objects", Key="in-parts", CopySource="large-objects/in-parts", MetadataDirective="REPLACE")
    assert s3.head_object(Bucket="large-objects", Key="in-parts")["ETag"] == copied["ETag"], "in place as well"


def test_large_object_needs_constant_memory(own_engine, tmp_path):
    running = own_engine()
    size = 300 * MIB
    with open(tmp_path / "zeros", "wb") as file:
        file.truncate(size)

    def peak_memory():
        status = pathlib.Path(f"/proc/{running.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) << 10

    connection = http.client.HTTPConnection("127.0.0.1", running.port)

    def request(method, target, body=None):
        connection.request(method, target, body, {"Content-Length": str(size)} if body else {})
        response = connection.getresponse()
        assert response.status == 200
        return response

    request("PUT", "/flat").read()
    before = peak_memory()
    with open(tmp_path / "zeros", "rb") as body:
        request("PUT", "/flat/zeros", body).read()
    response, received = request("GET", "/flat/zeros"), 0
    while piece := response.read(MIB):
        assert not any(piece[:: 64 << 10])
        received += len(piece)
    assert received == size
    assert peak_memory() - before < 64 * MIB, "far less than the size of the object"


def test_disconnected_upload_leaves_no_data(s3, engine):
    with socket.create_connection(("127.0.0.1", engine.port)) as connection:
        connection.sendall(b"PUT /large-objects/incomplete HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000000\r\n\r\n" + bytes(5 * MIB))
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket="large-objects", Key="incomplete")


def test_parts_and_object_survive_a_kill(own_engine, large):
    running = own_engine()
    s3 = running.client("s3")
    s3.create_bucket(Bucket="killed")
    created = s3.create_multipart_upload(Bucket="killed", Key="k")
    upload = {"Bucket": "killed", "Key": "k", "UploadId": created["UploadId"]}
    first = s3.upload_part(**upload, PartNumber=1, Body=large.read_bytes()[: 5 * MIB])
    running.stop(9)
    running.start()
    s3 = running.client("s3")
    second = s3.upload_part(**upload, PartNumber=2, Body=b"the rest")
    assert [part["PartNumber"] for part in s3.list_parts(**upload)["Parts"]] == [1, 2]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": first["ETag"]},
                                                                      {"PartNumber": 2, "ETag": second["ETag"]}]})
    running.stop(9)
    running.start()
    body = running.client("s3").get_object(Bucket="killed", Key="k")["Body"].read()
    assert body == large.read_bytes()[: 5 * MIB] + b"the rest"


def blob_bytes(engine):
    return json.loads(engine.run("local", "status", "--json").stdout)["bytes"]["blobs"]


def until(check, timeout_s=20):
    """Waits until check() is true, since space is freed shortly after the response. Returns the last result."""
    deadline = time.monotonic() + timeout_s
    while not check() and time.monotonic() < deadline:
        time.sleep(0.02)
    return check()


def test_deleted_data_is_freed_while_the_engine_runs(own_engine, large):
    running = own_engine()
    s3 = running.client("s3")
    s3.create_bucket(Bucket="freed")
    s3.upload_file(str(large), "freed", "k")
    s3.copy_object(Bucket="freed", Key="same-bytes", CopySource="freed/k")
    download = s3.get_object(Bucket="freed", Key="k")["Body"]
    s3.put_object(Bucket="freed", Key="k", Body=b"overwritten")
    assert blob_bytes(running) > 8 * MIB, "the copy uses the data"
    s3.delete_objects(Bucket="freed", Delete={"Objects": [{"Key": "k"}, {"Key": "same-bytes"}]})
    assert download.read() == large.read_bytes(), "the running download continues"
    download.close()
    assert until(lambda: blob_bytes(running) == 0)

    upload = {"Bucket": "freed", "Key": "k", "UploadId": s3.create_multipart_upload(Bucket="freed", Key="k")["UploadId"]}
    s3.upload_part(**upload, PartNumber=1, Body=large.read_bytes())
    assert blob_bytes(running) > 40 * MIB
    s3.abort_multipart_upload(**upload)
    assert until(lambda: blob_bytes(running) == 0)

    functions = Functions(running)
    functions.python("with_code", "def handler(event, context):\n    return 'ran'\n")
    assert functions.invoke("with_code")[0] == "ran"
    assert blob_bytes(running) > 0
    functions.lambda_.delete_function(FunctionName="with_code")
    assert until(lambda: blob_bytes(running) == 0)


def test_kill_during_deletions_retains_other_objects(own_engine):
    running = own_engine()
    s3 = running.client("s3")
    s3.create_bucket(Bucket="killed")
    for i in range(40):
        s3.put_object(Bucket="killed", Key=f"k{i}", Body=f"body {i % 20}".encode())  # each body belongs to two objects
    for i in range(0, 30):
        s3.delete_object(Bucket="killed", Key=f"k{i}")
    running.stop(9)
    running.start()
    s3 = running.client("s3")
    remaining = [entry["Key"] for entry in s3.list_objects_v2(Bucket="killed")["Contents"]]
    assert remaining == sorted(f"k{i}" for i in range(30, 40))
    for i in range(30, 40):
        assert s3.get_object(Bucket="killed", Key=f"k{i}")["Body"].read() == f"body {i % 20}".encode()
    assert until(lambda: len(list((running.state / "blobs").iterdir())) == 10)


def test_function_code_can_be_a_multipart_object(own_engine):
    running = own_engine()
    s3 = running.client("s3")
    s3.create_bucket(Bucket="code")
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:  # uncompressed, so that it is large enough for parts
        archive.writestr("app.py", "def handler(event, context):\n    return 'from parts'\n")
        archive.writestr("data.bin", os.urandom(6 * MIB))
        archive.getinfo("app.py").external_attr = 0o644 << 16  # written at the end; the default, 0600, is unreadable for a function
    zipped.seek(0)
    s3.upload_fileobj(zipped, "code", "app.zip", Config=TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB))
    assert s3.head_object(Bucket="code", Key="app.zip")["ETag"].endswith('-2"')
    functions = Functions(running)

    def create(name, key):
        functions.lambda_.create_function(FunctionName=name, Runtime=f"python{sys.version_info.major}.{sys.version_info.minor}",
                                          Handler="app.handler", Role=functions.role(), Code={"S3Bucket": "code", "S3Key": key})

    create("in_parts", "app.zip")
    functions.lambda_.get_waiter("function_active_v2").wait(FunctionName="in_parts", WaiterConfig={"Delay": 0.05})
    assert functions.invoke("in_parts")[0] == "from parts"
    missing = pytest.raises(ClientError, create, "missing", "none.zip")
    assert "Error occurred while GetObject. S3 Error Code: NoSuchKey." in str(missing.value)


def test_parts_without_checksums_get_a_default_checksum(engine, s3, large):
    plain = engine.client("s3", request_checksum_calculation="when_required")
    whole = large.read_bytes()[: 5 * MIB + 3]
    put = plain.put_object(Bucket="large-objects", Key="whole", Body=whole)
    upload = {"Bucket": "large-objects", "Key": "without-checksums"}
    upload["UploadId"] = plain.create_multipart_upload(**upload)["UploadId"]
    parts = []
    for number, body in enumerate([whole[: 5 * MIB], whole[5 * MIB :]], 1):
        sent = plain.upload_part(**upload, PartNumber=number, Body=body)
        assert not [name for name in sent if name.startswith("Checksum")]
        parts.append({"PartNumber": number, "ETag": sent["ETag"]})
    completed = plain.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    assert (completed["ChecksumCRC64NVME"], completed["ChecksumType"]) == (put["ChecksumCRC64NVME"], "FULL_OBJECT")
    head = s3.head_object(Bucket="large-objects", Key="without-checksums", ChecksumMode="ENABLED")
    assert head["ChecksumCRC64NVME"] == put["ChecksumCRC64NVME"]
    attributes = s3.get_object_attributes(Bucket="large-objects", Key="without-checksums", ObjectAttributes=["ObjectParts"])
    assert attributes["ObjectParts"] == {"TotalPartsCount": 2}, "the upload did not request checksums of parts"


def test_object_attributes_list_parts_in_pages(s3, large):
    s3.upload_file(str(large), "large-objects", "with-checksums", ExtraArgs={"ChecksumAlgorithm": "SHA256"})
    params = {"Bucket": "large-objects", "Key": "with-checksums", "ObjectAttributes": ["ObjectParts"]}
    first = s3.get_object_attributes(**params, MaxParts=4)["ObjectParts"]
    assert (first["TotalPartsCount"], first["IsTruncated"], first["NextPartNumberMarker"]) == (6, True, 4)
    rest = s3.get_object_attributes(**params, PartNumberMarker=first["NextPartNumberMarker"])["ObjectParts"]
    assert (rest["IsTruncated"], rest["PartNumberMarker"], rest["MaxParts"]) == (False, 4, 1000)
    parts = first["Parts"] + rest["Parts"]
    assert [part["PartNumber"] for part in parts] == [1, 2, 3, 4, 5, 6]
    whole = large.read_bytes()
    for part in parts:
        body = whole[(part["PartNumber"] - 1) * 8 * MIB :][: 8 * MIB]
        assert part["Size"] == len(body)
        assert part["ChecksumSHA256"] == base64.b64encode(hashlib.sha256(body).digest()).decode()


def test_javascript_uploads_a_stream_in_parts(javascript, s3):
    assert javascript("""
        import { S3Client, GetObjectCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
        import { Upload } from "@aws-sdk/lib-storage";
        import { createHash } from "node:crypto";
        import { Readable } from "node:stream";
        const client = new S3Client({ forcePathStyle: true }), Bucket = "large-objects", Key = "from a stream", hash = createHash("md5");
        const Body = Readable.from((function* () {
            for (let i = 0; i < 130; ++i) { const piece = Buffer.alloc(100003, i); hash.update(piece); yield piece; }
        })());
        let loaded = 0;
        const upload = new Upload({ client, params: { Bucket, Key, Body, ContentType: "text/x" }, partSize: 5 << 20, queueSize: 2 });
        upload.on("httpUploadProgress", progress => { loaded = progress.loaded; });
        const done = await upload.done();
        const head = await client.send(new HeadObjectCommand({ Bucket, Key }));
        const received = await (await client.send(new GetObjectCommand({ Bucket, Key }))).Body.transformToByteArray();
        report([loaded, head.ContentLength, head.ContentType, done.ETag === head.ETag, head.ETag.endsWith('-3"'),
                createHash("md5").update(received).digest("hex") === hash.digest("hex")]);
    """) == [13000390, 13000390, "text/x", True, True, True]


def test_upload_aborted_by_javascript_leaves_no_parts(javascript, s3):
    assert javascript("""
        import { S3Client } from "@aws-sdk/client-s3";
        import { Upload } from "@aws-sdk/lib-storage";
        import { Readable } from "node:stream";
        const client = new S3Client({ forcePathStyle: true });
        const Body = Readable.from((function* () { for (;;) yield Buffer.alloc(1 << 20); })());
        const upload = new Upload({ client, params: { Bucket: "large-objects", Key: "aborted", Body }, partSize: 5 << 20 });
        upload.on("httpUploadProgress", progress => { if (progress.part == 2) upload.abort(); });
        let name;
        try { await upload.done(); } catch (error) { name = error.name; }
        report(name);
    """) == "AbortError"
    assert "aborted" not in [upload["Key"] for upload in s3.list_multipart_uploads(Bucket="large-objects").get("Uploads", [])]
