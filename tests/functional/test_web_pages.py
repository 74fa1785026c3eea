"""Requests of web pages: each test sends the bytes that a browser would send for a page.

Sources: https://fetch.spec.whatwg.org/#origin-header, https://www.w3.org/TR/fetch-metadata/ and
https://fetch.spec.whatwg.org/#http-cors-protocol.
"""

import json
import re
import socket
import time
import urllib.parse

import pytest
from conftest import Functions, address_of, send

EVIL = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})


def status(*arguments, **more):
    return send(*arguments, **more)[0]


def create_role(port, headers):
    fields = {"Action": "CreateRole", "Version": "2010-05-08", "RoleName": f"r-{time.monotonic_ns()}", "AssumeRolePolicyDocument": TRUST}
    body = urllib.parse.urlencode(fields).encode()
    return send(port, "POST /", {"Content-Type": "application/x-www-form-urlencoded", **headers}, body)


@pytest.mark.parametrize("headers", [EVIL, {"Origin": "null"}, {"Origin": "http://localhost:3000"}, {"Sec-Fetch-Site": "cross-site"}],
                         ids=["evil", "null", "other port", "no origin"])
def test_page_of_another_origin_cannot_call_operations(engine, headers):
    assert create_role(engine.port, {})[0] == 200, "a program can"
    assert create_role(engine.port, headers)[0] == 403


def test_page_cannot_call_control_paths(engine):
    own = {"Origin": engine.url, "Sec-Fetch-Site": "same-origin"}
    for headers in (EVIL, own, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "same-site"}, LINK):
        assert status(engine.port, "GET /_osbot/health", headers) == 403, headers
    assert status(engine.port, "GET /_osbot/health", {"Sec-Fetch-Site": "none"}) == 200, "typed into the address bar"


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "evil-localhost", "aws:4566",
                                  "x.lambda-url.us-east-1.evil.example", "s3.amazonaws.com", "[evil]", "127.0.0.1x"])
def test_unknown_host_name_is_rejected(engine, host):
    assert status(engine.port, "GET /", {"Host": host}) == 403
    assert status(engine.port, "GET /2015-03-31/functions/x", {"Host": host}) == 403


@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3:4566", "[::1]:4566", "localhost", "LOCALHOST:4566", "s3.localhost:4566"])
def test_local_host_name_is_accepted(engine, host):
    assert status(engine.port, "GET /", {"Host": host}) == 200


def test_second_host_field_is_checked(engine):
    assert status(engine.port, "GET /", {"Host": "localhost\r\nHost: evil.example"}) == 403


def test_rejection_names_the_option_in_the_format_of_the_service(engine):
    credential = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{}/aws4_request"
    _, fields, body = send(engine.port, "GET /2015-03-31/functions", {"Host": "aws:4566", "Authorization": credential.format("lambda")})
    assert fields["x-amzn-errortype"] == "AccessDeniedException" and "--allow-host aws" in json.loads(body)["Message"]
    _, _, body = send(engine.port, "GET /", {"Host": "aws:4566", "Authorization": credential.format("s3")})
    assert re.search(rb"<Code>AccessDenied</Code><Message>.*--allow-host aws", body), body


def test_large_body_of_a_page_is_rejected_before_it_arrives(engine):
    with socket.create_connection(("127.0.0.1", engine.port), 10) as connection:
        connection.sendall(b"PUT /bucket/key HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\nContent-Length: 200000000\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 403 ")


def test_only_navigation_may_open_a_presigned_link_of_another_site(engine):
    s3 = engine.client("s3")
    s3.create_bucket(Bucket="linked")
    s3.put_object(Bucket="linked", Key="k", Body=b"hello")
    target = s3.generate_presigned_url("get_object", Params={"Bucket": "linked", "Key": "k"}).removeprefix(engine.url)
    assert send(engine.port, "GET " + target, LINK)[::2] == (200, b"hello")
    for name, value in (("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "iframe")):
        assert status(engine.port, "GET " + target, {**LINK, name: value}) == 403
    assert status(engine.port, "GET /linked", LINK) == 403, "a bucket is not an object"
    assert status(engine.port, "POST " + target, LINK) == 403
    queue = "/?Action=CreateQueue&QueueName=q&Version=2012-11-05&X-Amz-Credential=test/20260101/us-east-1/sqs/aws4_request"
    assert status(engine.port, "GET " + queue, LINK) == 403


def test_page_on_the_same_site_may_show_objects_but_not_change_them(engine):
    s3 = engine.client("s3")
    s3.create_bucket(Bucket="shown")
    s3.put_object(Bucket="shown", Key="k", Body=b"hello")
    same_site = {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    assert status(engine.port, "GET /shown/k", same_site) == 200
    assert status(engine.port, "PUT /shown/k", {**same_site, "Origin": "http://127.0.0.1:3000"}) == 403


def test_allowed_host_name_and_names_below_it_are_accepted(own_engine):
    engine = own_engine("--allow-host", "aws", "--allow-host", "Engine.Example")
    for host in ("aws:4566", "AWS", "engine.example", "localhost"):
        assert status(engine.port, "GET /", {"Host": host}) == 200, host
    engine.client("s3").create_bucket(Bucket="pictures")
    assert status(engine.port, "GET /", {"Host": "pictures.s3.aws:4566"}) == 200, "a bucket in the host name"
    for host in ("notaws", "aws.evil.example", "example"):
        assert status(engine.port, "GET /", {"Host": host}) == 403, host


def test_listed_origin_may_use_an_sdk_but_no_control_path(own_engine):
    engine = own_engine("--cors-origin", "http://localhost:3000", "--cors-origin", "https://app.example")
    page = {"Origin": "http://localhost:3000", "Sec-Fetch-Site": "cross-site"}
    asks = {**page, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "authorization,x-amz-date"}
    code, fields, _ = send(engine.port, "OPTIONS /bucket", asks)
    assert code == 200 and fields["access-control-allow-origin"] == "http://localhost:3000" and fields["vary"] == "Origin"
    assert "PUT" in fields["access-control-allow-methods"] and fields["access-control-allow-headers"] == "authorization,x-amz-date"
    code, fields, _ = send(engine.port, "PUT /browser-bucket", page)
    assert code == 200 and fields["access-control-allow-origin"] == "http://localhost:3000" and fields["access-control-expose-headers"] == "*"
    code, fields, _ = send(engine.port, "GET /no-such-bucket", {"Origin": "https://app.example"})
    assert code == 404 and fields["access-control-allow-origin"] == "https://app.example", "a page can read errors"
    for origin in ("http://localhost:3001", "https://localhost:3000", "http://app.example", "https://evil.example"):
        assert status(engine.port, "OPTIONS /bucket", {**asks, "Origin": origin}) == 403, origin
    assert status(engine.port, "GET /_osbot/health", page) == 403
    assert "access-control-allow-origin" not in send(engine.port, "GET /")[1]


@pytest.mark.parametrize("arguments", [("--cors-origin", "*"), ("--cors-origin", "localhost:3000"), ("--cors-origin", "http://a/b"),
                                       ("--allow-host", "*"), ("--allow-host", "http://aws"), ("--allow-host", "aws:4566")])
def test_start_rejects_malformed_names(engine, arguments):
    failed = engine.run("local", "start", *arguments, check=False)
    assert failed.returncode == 2 and arguments[0] in failed.stderr


def test_function_url_takes_any_origin(functions):
    name = functions.python("open-url", "def handler(event, context):\n    return event['headers'].get('origin', 'none')\n")
    port, host = address_of(functions.public_url(name))
    assert send(port, "POST /", {"Host": host, **EVIL})[::2] == (200, b"https://evil.example")
    for other in ("evil.example", "x.lambda-url.us-east-1.evil.example"):
        assert status(port, "POST /", {"Host": other, **EVIL}) == 403


def test_page_cannot_use_the_runtime_api(functions):
    """The function sends a page's requests to its own Runtime API, which listens on a port of the host."""
    name = functions.python("runtime-port", """
        import http.client, os
        def handler(event, context):
            api = os.environ['AWS_LAMBDA_RUNTIME_API']
            path = '/2018-06-01/runtime/invocation/%s/response' % context.aws_request_id
            statuses = []
            for headers in event:
                connection = http.client.HTTPConnection(api, timeout=5)
                connection.request('POST', path, b'"forged"', headers)
                statuses.append(connection.getresponse().status)
            return statuses
        """)
    pages = [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "same-origin"}, LINK, {"Host": "evil.example"}]
    assert functions.invoke(name, pages)[0] == [403] * len(pages)


@pytest.mark.needs("cgroup")  # --sandbox strict requires a memory limit by the kernel
@pytest.mark.needs("processes")
@pytest.mark.needs("network")
@pytest.mark.needs("namespaces")
def test_strict_function_reaches_operations_but_no_control_path(own_engine):
    functions = Functions(own_engine("--sandbox", "strict"))
    name = functions.python("strict-control", """
        import json, os, urllib.error, urllib.request
        def status(method, path, body=None):
            request = urllib.request.Request(os.environ['AWS_ENDPOINT_URL'] + path, body, method=method)
            try:
                return urllib.request.urlopen(request).status
            except urllib.error.HTTPError as error:
                return error.code
        def handler(event, context):
            return [status(*call) for call in (
                ('GET', '/_osbot/health'), ('GET', '/_osbot/status'), ('POST', '/_osbot/prune', b'{}'), ('POST', '/_osbot/reset', b''),
                ('GET', '/_osbot/images'), ('POST', '/_osbot/images', json.dumps({'path': '/etc/passwd'}).encode()),
                ('GET', '/2015-03-31/functions'), ('GET', event['code']))]
        """)
    location = functions.lambda_.get_function(FunctionName=name)["Code"]["Location"]
    statuses, _ = functions.invoke(name, {"code": location.removeprefix(functions.engine.url)})
    assert statuses == [403] * 6 + [200, 200]


def test_function_reaches_no_control_path_of_a_daemon_in_memory(own_engine):
    """Its control socket is in a temporary folder, so its port has no control endpoints either."""
    functions = Functions(own_engine("--in-memory"))
    name = functions.python("resets", """
        import os, urllib.error, urllib.request
        def handler(event, context):
            try:
                return urllib.request.urlopen(urllib.request.Request(os.environ['AWS_ENDPOINT_URL'] + '/_osbot/reset', b'', method='POST')).status
            except urllib.error.HTTPError as error:
                return error.code
        """)
    assert functions.invoke(name, {})[0] == 403
    assert [function["FunctionName"] for function in functions.lambda_.list_functions()["Functions"]] == [name]
