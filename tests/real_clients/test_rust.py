"""Functions with AWS's runtime for Rust, and AWS's Lambda Web Adapter in front of a web application."""

import json
import urllib.request

import pytest
from conftest import address_of, create_function, log_of, send, zip_of

PYTHON = "/usr/bin/python3"  # the sandbox has the host's /usr


@pytest.fixture(scope="module")
def rust_zip(rust_function):
    return zip_of({"bootstrap!": rust_function.read_bytes()})


def test_rust_function_returns_result_and_context(functions, rust_zip):
    name = create_function(functions, "rust-orders", rust_zip)
    result, response = functions.invoke(name, {"id": "a", "count": 4})
    arn = functions.lambda_.get_function_configuration(FunctionName=name)["FunctionArn"]
    assert result.pop("deadline") > 0
    assert result == {"id": "a", "twice": 8, "request_id": response["ResponseMetadata"]["RequestId"], "arn": arn, "memory": 128}
    assert "order" in log_of(functions.engine, name)


@pytest.mark.parametrize("id, message", [("error", "a plain error"), ("panic", "a panic")])
def test_rust_function_reports_errors(functions, rust_zip, id, message):
    name = create_function(functions, "rust-errors", rust_zip)
    result, response = functions.invoke(name, {"id": id})
    assert response["FunctionError"] == "Unhandled" and message in result["errorMessage"]
    assert functions.invoke(name, {"id": "b", "count": 1})[0]["twice"] == 2


def test_rust_function_that_exits_is_started_again(functions, rust_zip):
    name = create_function(functions, "rust-exit", rust_zip)
    result, _ = functions.invoke(name, {"id": "exit"})
    assert result["errorType"] == "Runtime.ExitError" and "exit status 3" in result["errorMessage"]
    assert functions.invoke(name, {"id": "b", "count": 1})[0]["twice"] == 2


def test_rust_function_streams_to_function_url(functions, rust_zip):
    name = create_function(functions, "rust-stream", rust_zip, "stream")
    port, host = address_of(functions.public_url(name, InvokeMode="RESPONSE_STREAM"))
    with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/a", headers={"Host": host})) as response:
        assert (response.status, response.read()) == (200, b"part 0 of /a\npart 1 of /a\npart 2 of /a\n")


APPLICATION = f"""#!{PYTHON}
import http.server, json, os

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(200, json.dumps({{"path": self.path, "agent": self.headers["User-Agent"]}}).encode(), "application/json")

    def do_POST(self):
        self.answer(201, self.rfile.read(int(self.headers["Content-Length"])), self.headers["Content-Type"])

    def answer(self, status, body, kind):
        self.send_response(status)
        for name, value in (("Content-Type", kind), ("Content-Length", len(body)), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        print("web", *arguments, flush=True)

http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


@pytest.mark.needs("namespaces")  # the adapter listens on the port of the application
@pytest.mark.parametrize("mode", ["BUFFERED", "RESPONSE_STREAM"])
def test_web_adapter_serves_web_application(functions, web_adapter, mode):
    layer = functions.lambda_.publish_layer_version(
        LayerName="web-adapter", Content={"ZipFile": zip_of({"extensions/lambda-adapter!": web_adapter.read_bytes()})})["LayerVersionArn"]
    name = functions.create(
        f"web-adapter-{mode.lower().replace('_', '-')}", zip_of({"bootstrap!": APPLICATION}), "provided.al2023", "bootstrap", Timeout=15,
        Layers=[layer], Environment={"Variables": {"PORT": "8089", "AWS_LWA_PORT": "8089", "AWS_LWA_INVOKE_MODE": mode}})
    port, host = address_of(functions.public_url(name, InvokeMode=mode))

    status, headers, body = send(port, "GET /a/b?c=d", {"Host": host, "User-Agent": "test"})
    assert status == 200 and headers["content-type"] == "application/json"
    assert b'{"path": "/a/b?c=d", "agent": "test"}' in body  # a streamed body has chunks
    status, _, body = send(port, "POST /form", {"Host": host, "Content-Type": "text/plain"}, b"some text")
    assert status == 201 and b"some text" in body
    with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/", headers={"Host": host})) as response:
        assert response.headers.get_all("Set-Cookie") == ["a=1", "b=2"]
    assert "/a/b?c=d" in log_of(functions.engine, name)
