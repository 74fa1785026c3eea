"""Tests function URLs with the clients that people use: urllib, node's fetch, curl and plain sockets."""

import base64
import http.client
import json
import re
import shutil
import socket
import subprocess
import urllib.error
import urllib.request

import pytest

from conftest import Functions, address_of, send

ECHO = "def handler(event, context):\n    return event\n"
FETCH = "const [url] = process.argv.slice(1); fetch(url).then(async r => console.log(r.status, await r.text()))"
# Speaks the Runtime API as aws-lambda-go does: the response is in chunks. No field declares the stream.
GO_RUNTIME = """
    import http.client, json, os, socket
    api = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])
    def chunks(event):
        body = json.loads(event.get('body') or '{}')
        yield b'{"statusCode": 201, "headers": {"Content-Type": "text/plain"}}' + bytes(8)
        yield b'first'
        if 'gate' in body:
            socket.create_connection(('127.0.0.1', body['gate'])).recv(1)
        for _ in range(body.get('blocks', 0)):
            yield bytes(1 << 20)
        yield b'last'
    while True:
        api.request('GET', '/2018-06-01/runtime/invocation/next')
        response = api.getresponse()
        event, request_id = json.loads(response.read()), response.headers['Lambda-Runtime-Aws-Request-Id']
        api.request('POST', f'/2018-06-01/runtime/invocation/{request_id}/response', chunks(event), encode_chunked=True,
                    headers={'Content-Type': 'application/vnd.awslambda.http-integration-response', 'Transfer-Encoding': 'chunked'})
        api.getresponse().read()
"""


def open_url(url, data=None, **headers):
    """Returns (status, fields, body) of a request with urllib."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=60) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def event_of(url, **headers):
    return json.loads(open_url(url, **headers)[2])


def host_of(engine, name, region="us-east-1"):
    return f"{name}.lambda-url.{region}.localhost:{engine.port}"


@pytest.fixture
def engine_with(own_engine):
    """Returns a function that starts an engine with a form of URLs, and returns it and its Functions."""
    def make(form, **settings):
        engine = own_engine("--function-urls", form, **settings)
        return engine, Functions(engine)

    return make


# ---- addresses ----

def test_urllib_and_fetch_reach_the_url_that_is_printed(functions):
    url = functions.public_url(functions.python("reachable", "def handler(event, context):\n    return event['rawPath']\n"))
    assert open_url(url + "a")[::2] == (200, b"/a")
    fetched = subprocess.run(["node", "-e", FETCH, url + "b"], capture_output=True, text=True, timeout=60, check=True)
    assert fetched.stdout == "200 /b\n"


def test_curl_reaches_the_host_form(engine_with):
    _, functions = engine_with("host")
    url = functions.public_url(functions.python("by-host", ECHO))
    assert re.fullmatch(r"http://[a-z0-9]{32}\.lambda-url\.us-east-1\.localhost:\d+/", url)
    if not shutil.which("curl"):
        pytest.skip("this host has no curl")
    printed = subprocess.run(["curl", "-sS", "--noproxy", "*", url + "a?b=c"], capture_output=True, text=True, timeout=60, check=True).stdout
    assert json.loads(printed)["rawQueryString"] == "b=c"


def test_url_with_a_port_has_its_id_and_its_host_form(engine_with):
    engine, functions = engine_with("port")
    url = functions.public_url(functions.python("by-port", ECHO, Tags={"_custom_id_": "shop"}))
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", url) and address_of(url)[0] != engine.port
    event = event_of(url + "_osbot/health")
    assert event["rawPath"] == "/_osbot/health", "every path is the function's"
    domain = "shop.lambda-url.us-east-1.localhost"
    context = event["requestContext"]
    assert (context["apiId"], context["domainPrefix"], context["domainName"]) == ("shop", "shop", domain)
    assert event["headers"]["host"] == address_of(url)[1]
    assert json.loads(send(engine.port, "GET /", {"Host": host_of(engine, "SHOP")})[2])["requestContext"]["apiId"] == "shop"


def test_port_of_a_url_survives_a_restart(engine_with):
    engine, functions = engine_with("port")
    url = functions.public_url(functions.python("durable-port", ECHO))
    engine.stop()
    engine.start()
    assert open_url(url)[0] == 200
    assert Functions(engine).lambda_.get_function_url_config(FunctionName="durable-port")["FunctionUrl"] == url


def test_port_that_is_taken_is_replaced(engine_with):
    engine, functions = engine_with("port")
    url = functions.public_url(functions.python("taken-port", ECHO))
    engine.stop()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", address_of(url)[0]))
        other.listen()
        engine.start()
        moved = Functions(engine).lambda_.get_function_url_config(FunctionName="taken-port")["FunctionUrl"]
        assert moved != url and open_url(moved)[0] == 200
    engine.stop()
    engine.start()
    assert Functions(engine).lambda_.get_function_url_config(FunctionName="taken-port")["FunctionUrl"] == moved


def test_port_of_a_deleted_url_is_closed(engine_with):
    engine, functions = engine_with("port")
    urls = [functions.public_url(functions.python(name, ECHO)) for name in ("one", "two", "three")]
    functions.lambda_.delete_function_url_config(FunctionName="one")
    functions.lambda_.delete_function(FunctionName="two")
    for url in urls[:2]:
        with pytest.raises(urllib.error.URLError):
            open_url(url)
    assert open_url(urls[2])[0] == 200
    engine.run("local", "reset", "--yes")
    with pytest.raises(urllib.error.URLError):
        open_url(urls[2])


def test_port_of_a_url_rejects_foreign_hosts_and_takes_any_origin(engine_with):
    _, functions = engine_with("port")
    port, host = address_of(functions.public_url(functions.python("page-port", "def handler(event, context):\n    return 'ran'\n")))
    assert send(port, "POST /", {"Host": host, "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"})[::2] == (200, b"ran")
    assert send(port, "POST /", {"Host": "evil.example"})[0] == 403


def test_tag_sets_the_id_of_a_url(engine_with):
    engine, functions = engine_with("host")
    name = functions.python("custom", ECHO, Tags={"_custom_id_": "My-Shop"})
    assert functions.public_url(name) == f"http://{host_of(engine, 'my-shop')}/"
    version = functions.lambda_.publish_version(FunctionName=name)["Version"]
    functions.lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion=version)
    aliased = functions.lambda_.create_function_url_config(FunctionName=name, Qualifier="live", AuthType="NONE")["FunctionUrl"]
    assert aliased == f"http://{host_of(engine, 'my-shop-live')}/"
    same = functions.python("same-id", ECHO, Tags={"_custom_id_": "my-shop"})
    with pytest.raises(functions.lambda_.exceptions.ResourceConflictException, match="function:custom"):
        functions.lambda_.create_function_url_config(FunctionName=same, AuthType="NONE")


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


@pytest.mark.skipif(not has_ipv6(), reason="this host has no IPv6 loopback address")
def test_ipv6_loopback_listens(engine):
    with socket.create_connection(("::1", engine.port), 10) as connection:
        connection.sendall(f"GET /_osbot/health HTTP/1.1\r\nHost: [::1]:{engine.port}\r\nConnection: close\r\n\r\n".encode())
        assert b"HTTP/1.1 200 OK" in connection.makefile("rb").read()


# ---- requests and responses ----

def test_unknown_url_is_forbidden(engine):
    status, fields, body = send(engine.port, "GET /", {"Host": host_of(engine, "0123456789abcdefghijklmnopqrstuv")})
    assert (status, body) == (403, b'{"Message":null}')
    assert fields["x-amzn-errortype"] == "AccessDeniedException" and fields["content-type"] == "application/json"


# Recorded on AWS: lambda_/test_lambda.snapshot.json, test_lambda_url_invocation
@pytest.mark.parametrize("value, body", [
    ('{"hello": "world"}', b'{"hello":"world"}'), ('["hello", 3, True]', b'["hello",3,true]'), ('"hello"', b"hello"), ("3.1", b"3.1"),
    ("True", b"true"), ('{"statusCode": 200, "body": "{\\"a\\": 1}"}', b'{"a": 1}'), ('{"text": "a \\"b\\" \\\\ c", "n": [1, {}]}', b'{"text":"a \\"b\\" \\\\ c","n":[1,{}]}')])
def test_result_without_a_status_is_compact_json(functions, value, body):
    name = functions.python("value-" + base64.b32encode(value.encode()).decode().strip("=").lower()[:40], f"def handler(event, context):\n    return {value}\n")
    status, fields, received = open_url(functions.public_url(name))
    assert (status, received, fields["Content-Type"], fields["Content-Length"]) == (200, body, "application/json", str(len(body)))


def test_handler_that_fails_is_a_bad_gateway(functions):
    url = functions.public_url(functions.python("failing-url", "def handler(event, context):\n    raise ValueError('no')\n"))
    assert open_url(url)[::2] == (502, b"Internal Server Error")


def test_event_has_the_trace_of_the_request_or_its_own(functions):
    url = functions.public_url(functions.python("traced-url", ECHO))
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", event_of(url)["headers"]["x-amzn-trace-id"])
    sent = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
    assert event_of(url, **{"X-Amzn-Trace-Id": sent})["headers"]["x-amzn-trace-id"] == sent


def test_url_of_a_deleted_alias_is_forbidden_until_it_exists_again(functions):
    """Recorded on AWS: lambda_/test_lambda.snapshot.json, test_lambda_url_persists_after_alias_delete."""
    name = functions.python("alias-url", ECHO)
    version = functions.lambda_.publish_version(FunctionName=name)["Version"]
    alias = {"FunctionName": name, "Qualifier": "live"}

    def make_public():
        functions.lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion=version)
        for action in ("InvokeFunctionUrl", "InvokeFunction"):
            functions.lambda_.add_permission(**alias, StatementId=action, Action=f"lambda:{action}", Principal="*")

    make_public()
    url = functions.lambda_.create_function_url_config(**alias, AuthType="NONE")["FunctionUrl"]
    assert open_url(url)[0] == 200
    functions.lambda_.delete_alias(FunctionName=name, Name="live")
    status, fields, body = open_url(url)
    assert (status, fields["x-amzn-ErrorType"]) == (403, "AccessDeniedException")
    assert json.loads(body)["Message"].startswith("Forbidden. For troubleshooting Function URL authorization issues")
    assert functions.lambda_.get_function_url_config(**alias)["FunctionUrl"] == url
    make_public()
    assert open_url(url)[0] == 200
    functions.lambda_.delete_function_url_config(**alias)
    with pytest.raises(functions.lambda_.exceptions.ResourceNotFoundException):
        functions.lambda_.get_function_url_config(**alias)


# ---- streams ----

def test_runtime_that_sends_no_mode_is_streamed(functions):
    """The first byte arrives while the handler waits for the test."""
    url = functions.public_url(functions.python("go-stream", GO_RUNTIME, Timeout=60), InvokeMode="RESPONSE_STREAM")
    with socket.create_server(("127.0.0.1", 0)) as gate:
        gate.settimeout(60)
        body = json.dumps({"gate": gate.getsockname()[1]}).encode()
        with urllib.request.urlopen(urllib.request.Request(url, body, {"Content-Type": "application/json"}), timeout=60) as response:
            assert (response.status, response.headers["Content-Type"], response.headers["Transfer-Encoding"]) == (201, "text/plain", "chunked")
            assert response.read(5) == b"first"
            with gate.accept()[0] as function:
                function.sendall(b"x")
            assert response.read() == b"last"


def test_stream_may_be_larger_than_a_buffered_response(functions):
    url = functions.public_url(functions.python("long-stream", GO_RUNTIME, Timeout=60), InvokeMode="RESPONSE_STREAM")
    body = json.dumps({"blocks": 20}).encode()
    assert len(open_url(url, body, **{"Content-Type": "application/json"})[2]) == (20 << 20) + len(b"firstlast")


def test_stream_above_200_mb_is_aborted(functions):
    url = functions.public_url(functions.python("endless-stream", GO_RUNTIME, Timeout=60), InvokeMode="RESPONSE_STREAM")
    received = 0
    with urllib.request.urlopen(urllib.request.Request(url, b'{"blocks": 400}', {"Content-Type": "application/json"}), timeout=60) as response:
        with pytest.raises(http.client.IncompleteRead):  # the last chunk is missing
            while block := response.read1(1 << 20):
                received += len(block)
    assert received <= 200 << 20


def test_stream_mode_does_not_interpret_the_result_of_a_handler(functions):
    """As on AWS: the handlers of Python return no stream, so that the result is the body, with its statusCode."""
    url = functions.public_url(functions.python("no-stream", "def handler(event, context):\n    return {'statusCode': 201, 'body': 'x'}\n"),
                               InvokeMode="RESPONSE_STREAM")
    for _ in range(2):
        status, fields, body = open_url(url)
        assert (status, json.loads(body), fields["Content-Type"]) == (200, {"statusCode": 201, "body": "x"}, "application/json")


def test_stream_of_node_has_its_status_and_fields(functions):
    functions.create("node-stream", {"index.mjs": """
        export const handler = awslambda.streamifyResponse(async (event, stream) => {
            const response = awslambda.HttpResponseStream.from(stream, {statusCode: 201, headers: {'Content-Type': 'text/plain'}})
            response.write('first ')
            response.end(event.rawPath)
        })
        """}, "nodejs22.x", "index.handler")
    status, fields, body = open_url(functions.public_url("node-stream", InvokeMode="RESPONSE_STREAM") + "last")
    assert (status, fields["Content-Type"], body) == (201, "text/plain", b"first /last")
