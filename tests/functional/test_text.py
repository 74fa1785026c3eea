"""Tests that requests with text that is not UTF-8 are rejected and change nothing, in memory or on disk."""

import base64
import hashlib
import http.client
import json
import socket
import urllib.parse
import urllib.request

import pytest
from conftest import Functions

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def send(engine, service, method, target, headers=None, body=b"", region="us-east-1"):
    """Returns (status, body). Sends bytes that clients of AWS do not send."""
    connection = http.client.HTTPConnection("127.0.0.1", engine.port, timeout=20)
    connection.putrequest(method, target)
    scope = f"AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/{region}/{service}/aws4_request".encode("latin-1")
    for name, value in {"Authorization": scope, "Content-Length": str(len(body)), **(headers or {})}.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    response = connection.getresponse()
    return response.status, response.read()


def queued(engine):
    return json.load(urllib.request.urlopen(engine.url + "/_osbot/health"))["queued"]


def test_iam_rejects_text_that_is_not_utf8(own_engine):
    engine = own_engine()
    iam = engine.client("iam")
    create = f"Action=CreateRole&Version=2010-05-08&AssumeRolePolicyDocument={urllib.parse.quote(TRUST)}&RoleName="
    iam.create_role(RoleName="existing", AssumeRolePolicyDocument=TRUST, Description="before")
    requests = [create + "half&Description=%ff", create + "tagged&Tags.member.1.Key=k&Tags.member.1.Value=%ed%a0%80",
                "Action=UpdateRole&Version=2010-05-08&RoleName=existing&Description=%c0%80", create + "raw&Description=\xff"]
    for form in requests:
        status, body = send(engine, "iam", "POST", "/", FORM, form.encode("latin-1"))
        # https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
        assert status == 404 and b"<Code>MalformedQueryString</Code>" in body, (form, body)
    status, body = send(engine, "iam", "POST", "/?" + create + "half&Description=%ff", FORM)
    assert status == 404 and b"MalformedQueryString" in body
    assert [(role["RoleName"], role.get("Description")) for role in iam.list_roles()["Roles"]] == [("existing", "before")]
    assert send(engine, "iam", "POST", "/", FORM, (create + "valid&Description=%c3%a9").encode())[0] == 200
    assert iam.get_role(RoleName="valid")["Role"]["Description"] == "\u00e9"


def test_s3_rejects_text_that_is_not_utf8(own_engine):
    engine = own_engine()
    s3 = engine.client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="existing", Body=b"body", Metadata={"a": "b"}, Tagging="t=before")
    xml = b"<Tagging><TagSet><Tag><Key>t</Key><Value>\xff</Value></Tag></TagSet></Tagging>"
    delete = b"<Delete><Object><Key>\xff</Key></Object></Delete>"
    cases = [
        # The code for a path: https://github.com/larrabee/s3sync/issues/45
        ("PUT", "/bucket/half%ff", {}, b"x", b"InvalidURI"),
        ("PUT", "/bucket/half?response-content-type=%ff", {}, b"x", b"InvalidURI"),
        ("PUT", "/bucket/half", {"x-amz-meta-a": b"\xff"}, b"x", b"InvalidArgument"),
        ("PUT", "/bucket/half", {"Content-Disposition": b"caf\xe9"}, b"x", b"InvalidArgument"),
        ("PUT", "/bucket/half", {"x-amz-tagging": "t=%ff"}, b"x", b"InvalidArgument"),
        ("PUT", "/bucket/existing?tagging", {}, xml, b"MalformedXML"),
        ("POST", "/bucket/existing?uploads", {"x-amz-meta-a": b"\xff"}, b"", b"InvalidArgument"),
        ("POST", "/bucket?delete", {}, delete, b"MalformedXML"),
    ]
    for method, target, headers, body, code in cases:
        if target.endswith(("tagging", "delete")):
            headers = {**headers, "x-amz-checksum-sha256": base64.b64encode(hashlib.sha256(body).digest())}
        status, response = send(engine, "s3", method, target, headers, body)
        assert status == 400 and b"<Code>" + code + b"</Code>" in response, (method, target, headers, response)
    status, response = send(engine, "s3", "PUT", "/other", region="\xff")
    assert status == 400 and b"InvalidArgument" in response
    for running in (engine, None):
        if running is None:
            engine.stop()
            engine.start()
        assert [entry["Key"] for entry in s3.list_objects_v2(Bucket="bucket")["Contents"]] == ["existing"]
        assert s3.get_object(Bucket="bucket", Key="existing")["Metadata"] == {"a": "b"}
        assert s3.get_object_tagging(Bucket="bucket", Key="existing")["TagSet"] == [{"Key": "t", "Value": "before"}]
        assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["bucket"]
    s3.put_object(Bucket="bucket", Key="\u00e9", Body=b"body", Tagging="t=%C3%A9")
    assert s3.get_object_tagging(Bucket="bucket", Key="\u00e9")["TagSet"] == [{"Key": "t", "Value": "\u00e9"}]


def test_client_context_that_is_not_utf8_is_not_queued(own_engine):
    engine = own_engine()
    functions = Functions(engine)
    name = functions.python("context", "def handler(event, context):\n    return event\n")
    context = base64.b64encode(b'{"custom": {"a": "\xff"}}')
    for kind in ("Event", "RequestResponse"):
        status, body = send(engine, "lambda", "POST", f"/2015-03-31/functions/{name}/invocations",
                            {"X-Amz-Invocation-Type": kind, "X-Amz-Client-Context": context}, b"{}")
        assert status == 400 and b"Client context must be a valid Base64-encoded JSON object." in body, body
    assert queued(engine) == 0
    engine.stop()
    engine.start()
    assert queued(engine) == 0


@pytest.mark.parametrize("service", ["lambda", "logs", "sqs", "sts"])
def test_each_service_rejects_a_header_that_is_not_utf8(engine, service):
    status, body = send(engine, service, "POST", "/", {"X-Amz-Target": "Logs_20140328.DescribeLogGroups", "X-Amzn-Trace-Id": b"\xff"})
    code = b"MalformedQueryString" if service == "sts" else b"UTF-8"
    assert status in (400, 404) and code in body


def test_unknown_control_path_that_is_not_utf8_is_404(engine):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(engine.state / "osbot.sock"))
        connection.sendall(b"GET /_osbot/\xff HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert connection.recv(1000).split()[1] in (b"400", b"404")
