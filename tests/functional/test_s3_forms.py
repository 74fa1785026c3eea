"""Tests uploads to S3 by forms of web pages (POST Object), with the policies that boto3 creates."""

import urllib.error
import urllib.parse
import urllib.request

import pytest


class Keep_Redirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments):
        return None


OPENER = urllib.request.build_opener(Keep_Redirects)


@pytest.fixture
def s3(engine):
    return engine.client("s3", signature_version="s3v4")


def post(url, fields, file=b"hello", file_name="hello.txt"):
    """Sends a form. Returns (status, headers, body)."""
    boundary = "a-boundary"
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()]
    parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{file_name}"\r\nContent-Type: text/plain\r\n\r\n'.encode() + file + f"\r\n--{boundary}--\r\n".encode())
    request = urllib.request.Request(url, b"".join(parts), {"Content-Type": f"multipart/form-data; boundary={boundary}"}, method="POST")
    try:
        with OPENER.open(request) as response:
            return response.status, response.headers, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_signed_form_stores_the_file(engine, s3, bucket, version):
    fields = {"Content-Type": "text/x", "x-amz-meta-colour": "blue"}
    form = engine.client("s3", signature_version=version).generate_presigned_post(bucket, "in/${filename}", Fields=dict(fields), Conditions=[fields and {"Content-Type": "text/x"}, {"x-amz-meta-colour": "blue"}])
    status, headers, _ = post(form["url"], form["fields"], file=b"\x00\r\n--a-boundar\xff")
    assert (status, headers["Location"]) == (204, f"{engine.url}/{bucket}/in/hello.txt")
    stored = s3.get_object(Bucket=bucket, Key="in/hello.txt")
    assert (stored["Body"].read(), stored["ContentType"], stored["Metadata"]) == (b"\x00\r\n--a-boundar\xff", "text/x", {"colour": "blue"})
    assert headers["ETag"] == stored["ETag"]


def test_response_is_as_the_form_requests(s3, bucket):
    def send(**fields):
        form = s3.generate_presigned_post(bucket, "k", Fields=dict(fields), Conditions=[{name: value} for name, value in fields.items()])
        return post(form["url"], form["fields"])

    status, _, body = send(success_action_status="201")
    assert status == 201 and f"<Bucket>{bucket}</Bucket><Key>k</Key><ETag>" in body
    assert send(success_action_status="200")[0] == 200
    assert send(success_action_status="300")[0] == 204
    status, headers, _ = send(success_action_redirect="http://localhost/done?a=1")
    assert status == 303 and urllib.parse.parse_qs(urllib.parse.urlsplit(headers["Location"]).query)["bucket"] == [bucket]


def test_conditions_of_the_policy_are_checked(s3, bucket):
    def refused(status, code, changes=None, file=b"hello", **arguments):
        form = s3.generate_presigned_post(bucket, "in/${filename}", **arguments)
        response = post(form["url"], {**form["fields"], **(changes or {})}, file=file)
        assert response[0] == status and f"<Code>{code}</Code>" in response[2], response

    refused(403, "AccessDenied", {"key": "out/k"})
    refused(403, "AccessDenied", {"x-amz-meta-extra": "1"})
    refused(403, "SignatureDoesNotMatch", {"x-amz-signature": "0" * 64})
    refused(403, "AccessDenied", ExpiresIn=-1)
    refused(400, "EntityTooLarge", Conditions=[["content-length-range", 0, 4]])
    refused(400, "EntityTooSmall", Conditions=[["content-length-range", 6, 9]])
    refused(403, "AccessDenied", {"Content-Type": "image/png"}, Conditions=[["starts-with", "$Content-Type", "text/"]])
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_malformed_forms_are_rejected(engine, bucket):
    url = f"{engine.url}/{bucket}"
    assert "named 'key'" in post(url, {"policy": "x"})[2]
    assert "named 'X-Amz-Date'" in post(url, {"key": "k", "policy": "x", "X-Amz-Algorithm": "x", "X-Amz-Credential": "x", "X-Amz-Signature": "x"})[2]
    assert "MaxPostPreDataLengthExceededError" in post(url, {"key": "k", "x-ignore-long": "x" * 20_480})[2]
    assert post(f"{engine.url}/missing-bucket-0", {"key": "k"})[0] == 404
    assert "named 'key'" in post(url, {"key": "${filename}"}, file_name="")[2]
    assert "MaxPostPreDataLengthExceededError" in post(url, {"key": "${filename}" * 1000}, file_name="x" * 1000)[2]
    assert "MalformedPOSTRequest" in post(url, {"key": "k"}, file_name="x" * 9000)[2]


def test_form_stores_its_own_file_only(engine, s3, bucket):
    s3.put_object(Bucket=bucket, Key="secret", Body=b"secret")
    status, _, _ = post(f"{engine.url}/{bucket}", {"key": "k", "x-amz-copy-source": f"{bucket}/secret", "content-encoding": "aws-chunked"}, file_name="a;b.txt")
    assert (status, s3.get_object(Bucket=bucket, Key="k")["Body"].read()) == (204, b"hello")
