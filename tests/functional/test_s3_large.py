"""Objects that are too large for memory: in parts, and in one piece that comes as a stream."""
import hashlib
import os
import socket

import pytest
from boto3.s3.transfer import TransferConfig

MIB = 1 << 20


@pytest.fixture(scope="module")
def s3(engine):
    client = engine.client("s3")
    client.create_bucket(Bucket="large-objects")
    return client


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """40 MiB and a bit."""
    path = tmp_path_factory.mktemp("large") / "large.bin"
    path.write_bytes(os.urandom(MIB) * 40 + b"and a bit")
    return path


def test_a_file_goes_up_in_parts_and_comes_down_again(s3, large, tmp_path):
    s3.upload_file(str(large), "large-objects", "in-parts")  # 8 MiB each, by default
    head = s3.head_object(Bucket="large-objects", Key="in-parts")
    assert head["ContentLength"] == 40 * MIB + 9
    assert head["ETag"].endswith('-6"')
    s3.download_file("large-objects", "in-parts", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == large.read_bytes()
    part = s3.get_object(Bucket="large-objects", Key="in-parts", Range=f"bytes={8 * MIB - 2}-{8 * MIB + 1}")["Body"].read()
    assert part == large.read_bytes()[8 * MIB - 2 : 8 * MIB + 2], "across the edge of two parts"


def test_a_file_goes_up_in_one_piece(s3, large):
    whole = large.read_bytes()
    with large.open("rb") as body:
        put = s3.put_object(Bucket="large-objects", Key="in-one", Body=body)
    assert put["ETag"] == f'"{hashlib.md5(whole).hexdigest()}"'
    assert s3.get_object(Bucket="large-objects", Key="in-one")["Body"].read() == whole


def test_a_part_may_be_a_copy(s3, large):
    s3.upload_file(str(large), "large-objects", "source", Config=TransferConfig(multipart_threshold=1 << 40))
    s3.copy({"Bucket": "large-objects", "Key": "source"}, "large-objects", "copied", Config=TransferConfig(multipart_threshold=10 * MIB))
    assert s3.get_object(Bucket="large-objects", Key="copied")["Body"].read() == large.read_bytes()


def test_a_client_that_goes_away_leaves_nothing(s3, engine):
    with socket.create_connection(("127.0.0.1", engine.port)) as going:
        going.sendall(b"PUT /large-objects/never HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000000\r\n\r\n" + bytes(5 * MIB))
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket="large-objects", Key="never")


def test_parts_and_their_object_are_there_after_a_kill(own_engine, large):
    running = own_engine()
    s3 = running.client("s3")
    s3.create_bucket(Bucket="killed")
    begun = s3.create_multipart_upload(Bucket="killed", Key="k")
    upload = {"Bucket": "killed", "Key": "k", "UploadId": begun["UploadId"]}
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
