"""Values of header fields that come from outside cannot add fields, end a head or break a runtime."""

import base64
import json

import pytest
from conftest import address_of, send


@pytest.fixture(scope="module")
def header_objects(engine):
    s3 = engine.client("s3")
    s3.create_bucket(Bucket="header-values")
    s3.put_object(Bucket="header-values", Key="k", Body=b"hello")
    return s3


# json.dumps(indent=2) writes line breaks; RFC 9110 section 5.5 allows a space instead of each.
@pytest.mark.parametrize("invocation", ["RequestResponse", "Event"])
def test_client_context_with_line_breaks_reaches_the_handler(functions, invocation):
    name = functions.python("broken-lines-" + invocation.lower(), """
        def handler(event, context):
            custom = context.client_context.custom if context.client_context else None
            print('CUSTOM', custom)
            return custom
        """)
    context = base64.b64encode(json.dumps({"custom": {"a": "b\nc", "X-Injected": "1"}}, indent=2).replace("\n", "\r\n").encode()).decode()
    payload, response = functions.invoke(name, InvocationType=invocation, ClientContext=context)
    if invocation == "RequestResponse":
        assert payload == {"a": "b\nc", "X-Injected": "1"}, response
    assert functions.invoke(name)[0] is None, "the next event is not affected"


# The message is that of S3 for a value it cannot send: https://github.com/guardian/grid/pull/1716. Which of its errors S3
# returns for a line break is not documented.
@pytest.mark.parametrize("parameter", ["response-content-type", "response-content-disposition", "response-content-encoding",
                                       "response-content-language", "response-cache-control", "response-expires"])
@pytest.mark.parametrize("text", ["%0d%0aSet-Cookie:%20a=b", "%0aX:%20y", "%0d", "%00", "%7f"])
def test_response_header_of_a_query_cannot_split_the_response(engine, header_objects, parameter, text):
    status, fields, body = send(engine.port, f"GET /header-values/k?{parameter}=a{text}")
    assert status == 400 and b"<Message>Header value cannot be represented using ISO-8859-1.</Message>" in body, (status, fields, body)
    assert "set-cookie" not in fields and "x" not in fields
    assert send(engine.port, f"GET /header-values/k?{parameter}=a%20b")[0] == 200


@pytest.mark.parametrize("parameter", ["x-amz-meta-a=b%0d%0aSet-Cookie:%20a=b", "x-amz-meta-a%0d%0aSet-Cookie:%20a=b&x=y",
                                       "x-amz-website-redirect-location=/%0d%0aSet-Cookie:%20a=b"])
def test_metadata_of_a_query_cannot_split_the_response(engine, header_objects, parameter):
    status, _, body = send(engine.port, f"PUT /header-values/{parameter[:3]}?{parameter}", {"Content-Length": 0})
    assert status == 400 and b"<Code>InvalidArgument</Code>" in body, (status, body)
    for uploads in ("POST /header-values/m?uploads&", "PUT /header-values/m?"):
        assert send(engine.port, uploads + parameter)[0] == 400


def test_function_url_with_line_break_in_a_header_is_a_bad_gateway(functions):
    name = functions.python("splitting-url", "def handler(event, context):\n    return {'statusCode': 200, 'headers': {'X': 'a\\r\\nY: b'}, 'body': ''}\n")
    port, host = address_of(functions.public_url(name))
    assert send(port, "GET /", {"Host": host})[0] == 502


def test_cors_rule_of_a_function_url_cannot_split_the_response(functions, engine):
    name = functions.python("splitting-cors", "def handler(event, context):\n    return 'ok'\n")
    body = json.dumps({"AuthType": "NONE", "Cors": {"AllowOrigins": ["*"], "ExposeHeaders": ["a\r\nset-cookie: a=b"]}}).encode()
    status, _, created = send(engine.port, f"POST /2021-10-31/functions/{name}/url", {"Content-Type": "application/json"}, body)
    if status == 201:
        port, host = address_of(json.loads(created)["FunctionUrl"])
        for action, extra in (("lambda:InvokeFunctionUrl", {"FunctionUrlAuthType": "NONE"}), ("lambda:InvokeFunction", {})):
            functions.lambda_.add_permission(FunctionName=name, StatementId=action[-3:], Action=action, Principal="*", **extra)
        assert "set-cookie" not in send(port, "GET /", {"Host": host, "Origin": "https://a.example"})[1]


def test_error_type_with_line_break_is_reported(functions):
    name = functions.python("broken-type", "def handler(event, context):\n    raise type('Broken\\r\\nType', (Exception,), {})('no')\n")
    for _ in range(2):
        payload, response = functions.invoke(name)
        assert response["FunctionError"] == "Unhandled" and payload["errorMessage"] == "no", payload
