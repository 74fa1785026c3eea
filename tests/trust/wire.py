"""A small AWS client on raw HTTP: about a tenth of boto3's time per request, so that the engine and not the client is the bottleneck."""

import base64
import http.client
import json
import urllib.parse
import xml.etree.ElementTree as ElementTree

from conftest import Control_Connection  # of tests/functional: support.py adds its folder

# The engine does not know the secret of this key, so it accepts any signature of it.
ACCESS_KEY = "AKIATRUSTCAMPAIGN"
RESPONSE_S_MAX = 60
LAMBDA_2015, LAMBDA_2017 = "/2015-03-31", "/2017-10-31"


class Unanswered(Exception):
    """The connection ended before the complete response: the engine may or may not have applied the request."""


class Refused(Exception):
    """The engine responded with an unexpected status."""

    def __init__(self, line, status, body):
        super().__init__(f"{line}: {status} {body[:600].decode(errors='replace')}")
        self.status, self.body = status, body


class Response:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body) if self.body else {}

    def xml(self):
        return without_namespaces(ElementTree.fromstring(self.body))


def without_namespaces(root):
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def quote(text):
    return urllib.parse.quote(text, safe="")


class Wire:
    """Requests on one connection. Used by one thread."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=RESPONSE_S_MAX)

    @classmethod
    def control(cls, engine):
        """Returns requests on the Unix socket of an engine."""
        wire = cls(engine.port)
        wire.connection = Control_Connection(engine, RESPONSE_S_MAX)
        return wire

    def close(self):
        self.connection.close()

    def send(self, service, method, path, body=b"", headers=None, expect=(200,), access_key=ACCESS_KEY):
        """Returns the response. Raises Refused for a status that is not in `expect`, and Unanswered."""
        credential = f"AWS4-HMAC-SHA256 Credential={access_key}/20260101/us-east-1/{service}/aws4_request"
        fields = {"Authorization": credential + ", SignedHeaders=host, Signature=0"} if service else {}
        try:
            self.connection.request(method, path, body, {**fields, **(headers or {})})
            received = self.connection.getresponse()
            response = Response(received.status, received.headers, received.read())
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            raise Unanswered(f"{method} {path}: {error!r}") from error
        if response.status not in expect:
            raise Refused(f"{service} {method} {path}", response.status, response.body)
        return response

    # ---- protocols --------------------------------------------------------------------------------------------------

    def rpc(self, service, operation, params, expect=(200,)):
        """Calls an operation of SQS or Logs (AWS's JSON protocol). Returns its result, or None for another status of `expect`."""
        prefix, version = {"sqs": ("AmazonSQS", "1.0"), "logs": ("Logs_20140328", "1.1")}[service]
        headers = {"X-Amz-Target": f"{prefix}.{operation}", "Content-Type": f"application/x-amz-json-{version}"}
        response = self.send(service, "POST", "/", json.dumps(params).encode(), headers, expect)
        return response.json() if response.status == 200 else None

    def query(self, service, action, expect=(200,), headers=None, access_key=ACCESS_KEY, **params):
        """Calls an operation of IAM or STS (AWS's Query protocol). Returns the XML element of the response, or None."""
        version = {"iam": "2010-05-08", "sts": "2011-06-15"}[service]
        body = urllib.parse.urlencode({"Action": action, "Version": version, **flattened(params)}).encode()
        fields = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        response = self.send(service, "POST", "/", body, fields, expect, access_key)
        return response.xml() if response.status == 200 else None

    def lambda_(self, method, path, params=None, expect=(200, 201, 202, 204), headers=None):
        """Calls an operation of Lambda. Returns its result, or None if the resource was not found and 404 is in `expect`."""
        body = b"" if params is None else json.dumps(params).encode()
        response = self.send("lambda", method, path, body, headers, expect)
        return None if response.status == 404 else response.json()

    # ---- functions --------------------------------------------------------------------------------------------------

    def create_function(self, name, zip_bytes, runtime, role, **settings):
        self.lambda_("POST", f"{LAMBDA_2015}/functions", {
            "FunctionName": name, "Runtime": runtime, "Handler": "app.handler", "Role": role,
            "Code": {"ZipFile": base64.b64encode(zip_bytes).decode()}, **settings})

    def settled_configuration(self, name, expect=(200,)):
        """Waits until the function is ready. Returns its configuration, or None if it does not exist and 404 is in `expect`."""
        path = f"{LAMBDA_2015}/functions/{name}/configuration"
        configuration = self.lambda_("GET", path, expect=expect, headers={"Prefer": "wait=30"})
        if configuration is not None and (configuration["State"], configuration["LastUpdateStatus"]) != ("Active", "Successful"):
            raise Refused(f"{name} did not become ready", 200, json.dumps(configuration).encode())
        return configuration

    def invoke(self, name, event, expect=(200,), **headers):
        path = f"{LAMBDA_2015}/functions/{name}/invocations"
        response = self.send("lambda", "POST", path, json.dumps(event).encode(), headers, expect)
        if "X-Amz-Function-Error" in response.headers:
            raise Refused(f"{name} failed", response.status, response.body)
        return response

    def create_role(self, name):
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
        root = self.query("iam", "CreateRole", RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        return root.findtext(".//Role/Arn")


def flattened(params):
    """Returns Query parameters: {"Tags": {"a": "b"}} is Tags.member.1.Key=a and Tags.member.1.Value=b."""
    flat = {}
    for name, value in params.items():
        if isinstance(value, dict):
            for number, (key, content) in enumerate(value.items(), 1):
                flat[f"{name}.member.{number}.Key"], flat[f"{name}.member.{number}.Value"] = key, content
        elif isinstance(value, list):
            flat.update({f"{name}.member.{number}": element for number, element in enumerate(value, 1)})
        else:
            flat[name] = value
    return flat
