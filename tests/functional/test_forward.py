"""Requests of services that the engine lacks, passed to another endpoint (`osbot local start --forward`)."""

import http.server
import json
import threading

import botocore.exceptions
import pytest
from conftest import Engine, Functions, free_port, send

SCOPE = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"
PUT_ITEM = {"TableName": "orders", "Item": {"id": {"S": "42"}}}
SOURCE = """
    import os, urllib.request
    def handler(event, context):
        request = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"], event["body"].encode(), event["headers"])
        return urllib.request.urlopen(request).read().decode()
"""


class Endpoint(http.server.ThreadingHTTPServer):
    """Stands for moto's server or DynamoDB Local: records each request and responds with a JSON object."""

    def __init__(self):
        self.requests, self.extra = [], {}
        super().__init__(("127.0.0.1", 0), self.Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.requests.append((self.path, dict(self.headers), body))
            self.send_response(200)
            content = b'{"UnprocessedItems": {}}'
            for name, value in {"Content-Type": "application/x-amz-json-1.0", "Content-Length": len(content), **self.server.extra}.items():
                self.send_header(name, str(value))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments):
            pass


@pytest.fixture
def endpoint():
    with Endpoint() as running:
        yield running
        running.shutdown()


def test_client_reaches_the_endpoint_through_the_engine(own_engine, endpoint):
    engine = own_engine("--forward", f"dynamodb={endpoint.url}")
    engine.client("dynamodb").put_item(**PUT_ITEM)
    path, headers, body = endpoint.requests[0]
    assert path == "/" and json.loads(body) == PUT_ITEM
    assert headers["Host"] == f"127.0.0.1:{engine.port}" and "/dynamodb/aws4_request" in headers["Authorization"]
    assert headers["X-Amz-Target"] == "DynamoDB_20120810.PutItem"
    engine.client("s3").list_buckets()
    assert len(endpoint.requests) == 1, "the engine's own services are not passed"
    assert f"dynamodb to {endpoint.url}" in engine.run("local", "status").stdout
    assert json.loads(engine.run("local", "status", "--json").stdout)["forwards"] == {"dynamodb": endpoint.url}


def test_large_body_is_passed_and_a_larger_one_rejected(own_engine, endpoint):
    engine = own_engine("--forward", f"*={endpoint.url}")
    fields = {"Authorization": SCOPE.format("kinesis"), "Content-Type": "application/x-amz-json-1.1"}
    body = bytes(range(256)) * (12 << 12)
    assert send(engine.port, "POST /a%2Fb?x=%20", fields, body)[0] == 200
    assert endpoint.requests[0][0] == "/a%2Fb?x=%20" and endpoint.requests[0][2] == body
    status, _, content = send(engine.port, "POST /", {**fields, "Content-Length": (16 << 20) + 1})
    assert status == 413 and b"16777216" in content and len(endpoint.requests) == 1


def test_other_service_and_endpoint_that_is_down_are_named(own_engine, endpoint):
    down = f"http://127.0.0.1:{free_port()}"
    engine = own_engine("--forward", f"sns={down}")
    with pytest.raises(botocore.exceptions.ClientError, match="NotImplemented.*--forward events=URL"):
        engine.client("events").put_events(Entries=[{"Source": "a", "DetailType": "b", "Detail": "{}"}])
    with pytest.raises(botocore.exceptions.ClientError, match=f"ForwardFailed.*cannot forward sns to {down}: Connection refused"):
        engine.client("sns").list_topics()


def test_page_of_another_origin_is_not_passed(own_engine, endpoint):
    engine = own_engine("--forward", f"*={endpoint.url}", "--cors-origin", "http://localhost:3000")
    fields = {"Authorization": SCOPE.format("dynamodb")}
    assert send(engine.port, "POST /", {**fields, "Origin": "https://evil.example"})[0] == 403
    assert send(engine.port, "POST /", {**fields, "Host": "evil.example"})[0] == 403
    assert not endpoint.requests
    endpoint.extra = {"Access-Control-Allow-Origin": "*"}
    assert send(engine.port, "POST /", {**fields, "Origin": "http://localhost:3000"})[1]["access-control-allow-origin"] == "http://localhost:3000"


def invoke_writer(engine):
    functions = Functions(engine)
    event = {"headers": {"Authorization": SCOPE.format("dynamodb"), "Content-Type": "application/x-amz-json-1.0"}, "body": "from a function"}
    return functions.invoke(functions.python("writer", SOURCE), event)[0]


def test_function_reaches_the_endpoint(own_engine, endpoint):
    assert invoke_writer(own_engine("--forward", f"*={endpoint.url}")) == '{"UnprocessedItems": {}}'
    assert endpoint.requests[0][2] == b"from a function"


@pytest.mark.needs("namespaces")
@pytest.mark.needs("network")
@pytest.mark.needs("cgroup")
def test_function_in_its_own_network_reaches_the_endpoint(own_engine, endpoint):
    assert invoke_writer(own_engine("--forward", f"*={endpoint.url}", "--sandbox", "strict")) == '{"UnprocessedItems": {}}'


def test_daemon_remembers_the_endpoint(osbot_path, tmp_path, endpoint):
    engine = Engine(osbot_path, tmp_path / "state")
    forwards = lambda: json.loads(engine.run("local", "status", "--json").stdout)["forwards"]  # noqa: E731
    start = ["local", "start", "--port", engine.port]
    try:
        engine.run(*start, "--forward", f"dynamodb={endpoint.url}")
        engine.run(*start, "--forward", f"dynamodb={endpoint.url}")  # the same: nothing to change
        other = engine.run(*start, "--forward", f"sns={endpoint.url}", check=False)
        assert other.returncode == 1 and "AlreadyRuns" in other.stderr
        engine.run("local", "stop")
        engine.run("list")  # starts an engine
        assert forwards() == {"dynamodb": endpoint.url}
        engine.run("local", "stop")
        engine.run(*start)
        assert forwards() == {}
    finally:
        engine.run("local", "stop", check=False)


@pytest.mark.parametrize("value, reason", [
    ("dynamodb", "expected SERVICE=URL"), ("lambda=http://127.0.0.1:5000", "the engine provides this service"),
    ("*=http://dynamodb.us-east-1.amazonaws.com", "never forwarded to AWS"), ("*=http://127.0.0.1:4566", "the engine itself"),
    ("*=http://93.184.216.34", "loopback or private")])
def test_invalid_endpoint_is_a_usage_error(osbot_path, tmp_path, value, reason):
    done = Engine(osbot_path, tmp_path / "state").run("local", "start", "--forward", value, check=False)
    assert done.returncode == 2 and reason in done.stderr, done.stderr
