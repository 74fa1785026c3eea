"""Tests --check-signatures and --enforce-iam with boto3: keys, signatures, and the policies of callers and resources."""

import datetime
import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from conftest import Engine, Functions, address_of, code_of, error_of, send

ACCOUNT = "000000000000"
USER = f"arn:aws:iam::{ACCOUNT}:user"


def statement(effect, action, resource="*", **more):
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(principal, **more):
    return policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more})


class Account:
    """An engine, with clients of its root and of its users and roles."""

    def __init__(self, engine):
        self.engine = engine
        self.iam, self.s3, self.sqs, self.sts = (self.client(name) for name in ("iam", "s3", "sqs", "sts"))
        self.functions = Functions(engine)

    def client(self, service, keys=None, token=None, **config):
        key, secret = keys or ("test", "test")
        return boto3.client(service, endpoint_url=self.engine.url, region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key=secret,
                            aws_session_token=token, config=Config(retries={"max_attempts": 0}, **config))

    def user(self, name, *statements):
        """Creates a user with an inline policy. Returns its key."""
        self.iam.create_user(UserName=name)
        if statements:
            self.allow(name, *statements)
        key = self.iam.create_access_key(UserName=name)["AccessKey"]
        return key["AccessKeyId"], key["SecretAccessKey"]

    def allow(self, name, *statements):
        self.iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy(*statements))

    def role(self, name, principal, *statements):
        arn = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(principal))["Role"]["Arn"]
        if statements:
            self.iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy(*statements))
        return arn

    def as_session(self, service, credentials):
        return self.client(service, (credentials["AccessKeyId"], credentials["SecretAccessKey"]), credentials["SessionToken"])


@pytest.fixture(scope="module")
def engine_with(osbot_path, tmp_path_factory):
    engines = {}

    def start(*flags):
        if flags not in engines:
            engines[flags] = Engine(osbot_path, tmp_path_factory.mktemp("access") / "state", *flags).start()
        return Account(engines[flags])

    yield start
    for engine in engines.values():
        engine.stop()


@pytest.fixture
def checked(engine_with):
    return engine_with("--check-signatures")


@pytest.fixture
def enforced(engine_with):
    return engine_with("--check-signatures", "--enforce-iam")


# ---- signatures ----

# The code for an unknown key and for a wrong secret.
CODES = {"lambda": ("UnrecognizedClientException", "InvalidSignatureException"), "logs": ("UnrecognizedClientException", "InvalidSignatureException"),
         "iam": ("InvalidClientTokenId", "SignatureDoesNotMatch"), "sts": ("InvalidClientTokenId", "SignatureDoesNotMatch"),
         "sqs": ("InvalidClientTokenId", "SignatureDoesNotMatch"), "s3": ("InvalidAccessKeyId", "SignatureDoesNotMatch")}
CALLS = {"lambda": "list_functions", "logs": "describe_log_groups", "iam": "list_users", "sts": "get_caller_identity", "sqs": "list_queues",
         "s3": "list_buckets"}


@pytest.mark.parametrize("service", CODES)
def test_unknown_keys_and_wrong_secrets_are_rejected(checked, service):
    unknown, wrong = CODES[service]
    assert code_of(getattr(checked.client(service, ("AKIAIOSFODNN7EXAMPLE", "secret")), CALLS[service])) == unknown
    assert code_of(getattr(checked.client(service, ("test", "wrong")), CALLS[service])) == wrong
    getattr(checked.client(service), CALLS[service])()
    getattr(checked.client(service, ("111122223333", "test")), CALLS[service])()


@pytest.mark.parametrize("service", CODES)
def test_keys_of_users_work_until_they_are_inactive(checked, service):
    name = f"keys-{service}"
    keys = checked.user(name)
    call = getattr(checked.client(service, keys), CALLS[service])
    call()
    checked.iam.update_access_key(UserName=name, AccessKeyId=keys[0], Status="Inactive")
    assert code_of(call) == CODES[service][0]
    checked.iam.update_access_key(UserName=name, AccessKeyId=keys[0], Status="Active")
    call()
    checked.iam.delete_access_key(UserName=name, AccessKeyId=keys[0])
    assert code_of(call) == CODES[service][0]


@pytest.mark.parametrize("service", CODES)
def test_temporary_keys_need_their_token(checked, service):
    arn = checked.role(f"temporary-{service}", {"AWS": "*"})
    first, second = (checked.sts.assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"] for _ in range(2))
    keys = first["AccessKeyId"], first["SecretAccessKey"]
    unknown = CODES[service][0]
    invalid = "InvalidToken" if service == "s3" else unknown
    getattr(checked.client(service, keys, first["SessionToken"]), CALLS[service])()
    assert code_of(getattr(checked.client(service, keys), CALLS[service])) == unknown
    assert code_of(getattr(checked.client(service, keys, second["SessionToken"]), CALLS[service])) == invalid
    assert code_of(getattr(checked.client(service, keys, "token"), CALLS[service])) == invalid


def request_of(checked, service, time_signed=None, method="GET", path="/", body=b"", headers=None, keys=("test", "test")):
    """Returns (status, body) of a request that is signed at another time."""
    request = AWSRequest(method, checked.engine.url + path, data=body, headers=headers or {})
    auth = SigV4Auth(Credentials(*keys), service, "us-east-1")
    if time_signed:
        moment = (datetime.datetime.now(datetime.timezone.utc) + time_signed).strftime("%Y%m%dT%H%M%SZ")
        request.context["timestamp"] = moment
        request.headers["X-Amz-Date"] = moment
        request.headers["Host"] = f"127.0.0.1:{checked.engine.port}"
        auth._inject_signature_to_request(request, auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request))
    else:
        auth.add_auth(request)
    prepared = request.prepare()
    try:
        with urllib.request.urlopen(urllib.request.Request(prepared.url, body or None, dict(prepared.headers), method=method), timeout=30) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


LIST = "/2015-03-31/functions"


def test_signature_is_valid_for_five_minutes(checked):
    for minutes in (-4, 4):
        assert request_of(checked, "lambda", datetime.timedelta(minutes=minutes), path=LIST)[0] == 200
    status, body = request_of(checked, "lambda", datetime.timedelta(minutes=-6), path=LIST)
    assert status == 403 and json.loads(body)["message" if "message" in body else "Message"].startswith("Signature expired: ")
    status, body = request_of(checked, "lambda", datetime.timedelta(minutes=6), path=LIST)
    assert status == 403 and "Signature not yet current: " in body


def test_unsigned_requests_are_rejected_or_anonymous(checked):
    status, _, body = send(checked.engine.port, f"GET {LIST}")
    assert status == 403 and b"Missing Authentication Token" in body
    for version, name in (("2010-05-08", "ListUsers"), ("2011-06-15", "GetCallerIdentity")):
        status, _, body = send(checked.engine.port, "POST /", {"Content-Type": "application/x-www-form-urlencoded"},
                               f"Action={name}&Version={version}".encode())
        assert status == 403 and b"<Code>MissingAuthenticationToken</Code>" in body
    token = "e30.eyJpc3MiOiAiaHR0cHM6Ly9pc3N1ZXIiLCAic3ViIjogIm1lIiwgImF1ZCI6ICJhcHAifQ.x"
    arn = checked.role("web-checked", {"Federated": "*"})
    unsigned = boto3.client("sts", endpoint_url=checked.engine.url, region_name="us-east-1")
    assert unsigned.assume_role_with_web_identity(RoleArn=arn, RoleSessionName="session", WebIdentityToken=token)["Credentials"]
    assert send(checked.engine.port, "GET /_osbot/health")[0] == 200
    checked.s3.create_bucket(Bucket="unsigned")
    status, _, body = send(checked.engine.port, "DELETE /unsigned")
    assert status == 403 and b"<Code>AccessDenied</Code>" in body


def test_key_of_another_field_does_not_become_the_caller(checked):
    """A signer cannot name the root's key in a place that is not verified."""
    keys = checked.user("smuggler")
    request = AWSRequest("GET", checked.engine.url + LIST)
    SigV4Auth(Credentials(*keys), "lambda", "us-east-1").add_auth(request)
    real = request.headers["Authorization"]
    forged = real.replace("AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256 X=Credential=test/20260101/us-east-1/lambda/aws4_request, ", 1)
    sent = {**dict(request.headers.items()), "Authorization": forged, "Host": f"127.0.0.1:{checked.engine.port}"}
    assert send(checked.engine.port, f"GET {LIST}", sent)[0] == 403
    link = checked.client("s3", keys, signature_version="s3v4").generate_presigned_url("list_buckets")
    assert send(checked.engine.port, f"GET /?{link.split('?', 1)[1]}&AWSAccessKeyId=test", {"Host": f"127.0.0.1:{checked.engine.port}"})[0] == 403
    assert send(checked.engine.port, "GET /?AWSAccessKeyId=test", {"Host": f"127.0.0.1:{checked.engine.port}"})[0] == 403


def test_large_bodies_are_verified(checked):
    functions = Functions(checked.engine)
    functions.python("large", "def handler(event, context):\n    return len(event)\n")
    assert json.loads(functions.lambda_.invoke(FunctionName="large", Payload=json.dumps("a" * 1_000_000))["Payload"].read()) == 1_000_000
    other = checked.client("lambda", ("test", "wrong"))
    assert code_of(other.invoke, FunctionName="large", Payload=json.dumps("a" * 1_000_000)) == "InvalidSignatureException"


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_links_of_s3_are_verified_and_expire(checked, version):
    checked.s3.create_bucket(Bucket=f"links-{version}")
    checked.s3.put_object(Bucket=f"links-{version}", Key="k", Body=b"body")

    def status_of(keys, seconds=60):
        client = checked.client("s3", keys, signature_version=version)
        url = client.generate_presigned_url("get_object", Params={"Bucket": f"links-{version}", "Key": "k"}, ExpiresIn=seconds)
        if seconds < 0:
            return url
        try:
            return urllib.request.urlopen(url, timeout=30).status
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    assert status_of(("test", "test")) == 200
    assert status_of(checked.user(f"linker-{version}")) == 200
    code, body = status_of(("test", "wrong"))
    assert code == 403 and "SignatureDoesNotMatch" in body
    code, body = status_of(("AKIAIOSFODNN7EXAMPLE", "x"))
    assert code == 403 and "<Code>InvalidAccessKeyId</Code>" in body
    client = checked.client("s3", signature_version=version)
    url = client.generate_presigned_url("get_object", Params={"Bucket": f"links-{version}", "Key": "k"}, ExpiresIn=1)
    time.sleep(2.1)
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(url, timeout=30)
    assert error.value.code == 403 and "Request has expired" in error.value.read().decode()


def test_unsigned_headers_of_s3_are_rejected(checked):
    checked.s3.create_bucket(Bucket="headers")
    request = AWSRequest("GET", checked.engine.url + "/headers")
    from botocore.auth import S3SigV4Auth
    S3SigV4Auth(Credentials("test", "test"), "s3", "us-east-1").add_auth(request)
    headers = {**dict(request.headers.items()), "Host": f"127.0.0.1:{checked.engine.port}"}
    assert send(checked.engine.port, "GET /headers", headers)[0] == 200
    status, _, body = send(checked.engine.port, "GET /headers", {**headers, "x-amz-expected-bucket-owner": ACCOUNT})
    assert status == 403 and b"<HeadersNotSigned>x-amz-expected-bucket-owner</HeadersNotSigned>" in body


@pytest.mark.parametrize("value, code", [(None, "InvalidRequest"), ("", "InvalidRequest"), ("nonsense", "InvalidArgument")])
def test_s3_requires_the_kind_of_the_payload(checked, value, code):
    checked.s3.create_bucket(Bucket="payloads")
    request = AWSRequest("GET", checked.engine.url + "/payloads", headers={} if value is None else {"x-amz-content-sha256": value})
    SigV4Auth(Credentials("test", "test"), "s3", "us-east-1").add_auth(request)
    status, _, body = send(checked.engine.port, "GET /payloads", {**dict(request.headers.items()), "Host": f"127.0.0.1:{checked.engine.port}"})
    assert status == 400 and f"<Code>{code}</Code>".encode() in body


def chunk_signature(authorization, moment, chunk, previous, secret="test"):
    """https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html"""
    scope = authorization.split("Credential=", 1)[1].split(",")[0].split("/", 1)[1]
    key = ("AWS4" + secret).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    hashes = [hashlib.sha256(b"").hexdigest(), hashlib.sha256(chunk).hexdigest()]
    return hmac.new(key, "\n".join(["AWS4-HMAC-SHA256-PAYLOAD", moment, scope, previous, *hashes]).encode(), hashlib.sha256).hexdigest()


def test_chunks_are_verified_in_each_request_of_s3(checked):
    checked.s3.create_bucket(Bucket="chunks")
    kind = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
    tags = b"<Tagging><TagSet><Tag><Key>a</Key><Value>%s</Value></Tag></TagSet></Tagging>"

    def put(sent, signed):
        request = AWSRequest("PUT", checked.engine.url + "/chunks?tagging", data=b"", headers={"x-amz-content-sha256": kind})
        auth = SigV4Auth(Credentials("test", "test"), "s3", "us-east-1")
        auth.payload = lambda request: kind
        auth.add_auth(request)
        authorization, moment = request.headers["Authorization"], request.headers["X-Amz-Date"]
        first = chunk_signature(authorization, moment, signed, authorization.rsplit("Signature=", 1)[1])
        last = chunk_signature(authorization, moment, b"", first)
        body = b"%x;chunk-signature=%s\r\n%s\r\n0;chunk-signature=%s\r\n\r\n" % (len(sent), first.encode(), sent, last.encode())
        return send(checked.engine.port, "PUT /chunks?tagging", {**dict(request.headers.items()), "Host": f"127.0.0.1:{checked.engine.port}"}, body)

    assert put(tags % b"b", tags % b"b")[0] == 204
    assert checked.s3.get_bucket_tagging(Bucket="chunks")["TagSet"] == [{"Key": "a", "Value": "b"}]
    status, _, body = put(tags % b"c", tags % b"b")
    assert status == 403 and b"<Code>SignatureDoesNotMatch</Code>" in body
    assert checked.s3.get_bucket_tagging(Bucket="chunks")["TagSet"] == [{"Key": "a", "Value": "b"}]


def test_forms_need_an_existing_key(checked):
    import http.client
    checked.s3.create_bucket(Bucket="forms")

    def upload(keys):
        form = checked.client("s3", keys).generate_presigned_post("forms", "k")
        parts = "".join(f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in form["fields"].items())
        body = parts + '--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nbytes\r\n--x--\r\n'
        connection = http.client.HTTPConnection("127.0.0.1", checked.engine.port, timeout=30)
        connection.request("POST", "/forms", body, {"Content-Type": "multipart/form-data; boundary=x"})
        response = connection.getresponse()
        return response.status, response.read()

    assert upload(("test", "test"))[0] == 204
    status, body = upload(("AKIAIOSFODNN7EXAMPLE", "x"))
    assert status == 403 and b"InvalidAccessKeyId" in body


def test_command_and_functions_use_keys_that_exist(checked, aws):
    checked.functions.python("caller", "import json, urllib.request\ndef handler(event, context):\n    return 'ok'\n")
    assert "caller" in checked.engine.run("list").stdout
    assert '"ok"' in checked.engine.run("invoke", "caller").stdout
    assert ACCOUNT in aws("sts", "get-caller-identity", engine=checked.engine).stdout


# ---- identity policies ----

def test_user_may_do_only_allowed_actions(enforced):
    keys = enforced.user("plain")
    lambda_ = enforced.client("lambda", keys)
    enforced.functions.python("secret", "def handler(event, context):\n    return 1\n")
    arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:secret"
    assert error_of(lambda_.get_function, FunctionName="secret") == (
        "AccessDeniedException", f"User: {USER}/plain is not authorized to perform: lambda:GetFunction on resource: {arn} "
        "because no identity-based policy allows the lambda:GetFunction action")
    assert code_of(lambda_.invoke, FunctionName="secret", Payload=b"{}") == "AccessDeniedException"
    enforced.allow("plain", statement("Allow", "lambda:*", arn), statement("Deny", "lambda:Delete*"))
    lambda_.get_function(FunctionName="secret")
    assert lambda_.invoke(FunctionName="secret", Payload=b"{}")["Payload"].read() == b"1"
    assert error_of(lambda_.delete_function, FunctionName="secret")[1].endswith("with an explicit deny in an identity-based policy")
    assert code_of(lambda_.list_functions) == "AccessDeniedException"
    enforced.functions.lambda_.get_function(FunctionName="secret")


def test_each_service_words_the_denial_as_on_aws(enforced):
    keys = enforced.user("bare")
    enforced.s3.create_bucket(Bucket="denials")
    code, message = error_of(enforced.client("s3", keys).put_object, Bucket="denials", Key="k", Body=b"")
    assert (code, message) == ("AccessDenied", f'User: {USER}/bare is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::denials/k" '
                               "because no identity-based policy allows the s3:PutObject action")
    url = enforced.sqs.create_queue(QueueName="denials")["QueueUrl"]
    code, message = error_of(enforced.client("sqs", keys).send_message_batch, QueueUrl=url, Entries=[{"Id": "1", "MessageBody": "m"}])
    assert (code, message) == ("AccessDenied", f"User: {USER}/bare is not authorized to perform: sqs:sendmessage on resource: "
                               f"arn:aws:sqs:us-east-1:{ACCOUNT}:denials because no identity-based policy allows the sqs:sendmessage action")
    code, message = error_of(enforced.client("iam", keys).create_user, UserName="other", Path="/team/")
    assert (code, message) == ("AccessDenied", f"User: {USER}/bare is not authorized to perform: iam:CreateUser on resource: {USER}/team/other "
                               "because no identity-based policy allows the iam:CreateUser action")
    code, message = error_of(enforced.client("logs", keys).describe_log_groups)
    assert code == "AccessDeniedException" and f"on resource: arn:aws:logs:us-east-1:{ACCOUNT}:log-group::log-stream: because" in message
    assert enforced.client("sts", keys).get_caller_identity()["Arn"] == f"{USER}/bare"
    assert enforced.client("sts", keys).get_session_token()["Credentials"]


def test_groups_boundaries_and_managed_policies_count(enforced):
    keys = enforced.user("grouped")
    s3 = enforced.client("s3", keys)
    enforced.s3.create_bucket(Bucket="grouped")
    enforced.iam.create_group(GroupName="readers")
    enforced.iam.attach_group_policy(GroupName="readers", PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess")
    assert code_of(s3.list_objects_v2, Bucket="grouped") == "AccessDenied"
    enforced.iam.add_user_to_group(GroupName="readers", UserName="grouped")
    s3.put_object(Bucket="grouped", Key="k", Body=b"1")
    boundary = enforced.iam.create_policy(PolicyName="reads", PolicyDocument=policy(statement("Allow", ["s3:Get*", "s3:List*"])))["Policy"]["Arn"]
    enforced.iam.put_user_permissions_boundary(UserName="grouped", PermissionsBoundary=boundary)
    assert s3.get_object(Bucket="grouped", Key="k")["Body"].read() == b"1"
    assert error_of(s3.put_object, Bucket="grouped", Key="k", Body=b"")[1].endswith("because no permissions boundary allows the s3:PutObject action")


def test_conditions_and_tags_decide(enforced):
    enforced.s3.create_bucket(Bucket="homes")
    keys = enforced.user("ada", statement("Allow", "s3:ListBucket", "arn:aws:s3:::homes", Condition={"StringLike": {"s3:prefix": ["${aws:username}/*"]}}),
                         statement("Allow", ["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::homes/${aws:username}/*"),
                         statement("Allow", "sqs:*", Condition={"StringEquals": {"aws:ResourceTag/owner": "ada"}}),
                         statement("Allow", ["sqs:CreateQueue", "sqs:TagQueue"], Condition={"StringEquals": {"aws:RequestTag/owner": "ada"}}))
    s3, sqs = enforced.client("s3", keys), enforced.client("sqs", keys)
    s3.put_object(Bucket="homes", Key="ada/k", Body=b"")
    s3.list_objects_v2(Bucket="homes", Prefix="ada/")
    assert code_of(s3.list_objects_v2, Bucket="homes") == code_of(s3.put_object, Bucket="homes", Key="eve/k") == "AccessDenied"
    assert code_of(s3.put_object, Bucket="homes", Key="ada/k", Tagging="a=b") == "AccessDenied", "it needs s3:PutObjectTagging"
    own = sqs.create_queue(QueueName="ada", tags={"owner": "ada"})["QueueUrl"]
    assert code_of(sqs.create_queue, QueueName="eve", tags={"owner": "eve"}) == "AccessDenied"
    other = enforced.sqs.create_queue(QueueName="eve")["QueueUrl"]
    sqs.send_message(QueueUrl=own, MessageBody="m")
    assert code_of(sqs.send_message, QueueUrl=other, MessageBody="m") == "AccessDenied"


def test_pass_role_is_required_to_create_a_function(enforced):
    role = enforced.role("runs", {"Service": "lambda.amazonaws.com"})
    keys = enforced.user("deployer", statement("Allow", "lambda:*"))
    arguments = {"FunctionName": "passed", "Runtime": "python3.11", "Handler": "app.handler", "Role": role, "Code": {"ZipFile": zip_bytes()}}
    lambda_ = enforced.client("lambda", keys)
    code, message = error_of(lambda_.create_function, **arguments)
    assert code == "AccessDeniedException" and f"perform: iam:PassRole on resource: {role} because" in message
    enforced.allow("deployer", statement("Allow", "lambda:*"),
                   statement("Allow", "iam:PassRole", role, Condition={"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}))
    lambda_.create_function(**arguments)


def zip_bytes():
    import io
    import zipfile
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", "def handler(event, context):\n    return 1\n")
    return buffer.getvalue()


def test_batch_delete_checks_each_object(enforced):
    enforced.s3.create_bucket(Bucket="batch")
    for key in ("mine/1", "other/1"):
        enforced.s3.put_object(Bucket="batch", Key=key, Body=b"")
    keys = enforced.user("cleaner", statement("Allow", "s3:DeleteObject", "arn:aws:s3:::batch/mine/*"))
    done = enforced.client("s3", keys).delete_objects(Bucket="batch", Delete={"Objects": [{"Key": "mine/1"}, {"Key": "other/1"}]})
    assert [each["Key"] for each in done["Deleted"]] == ["mine/1"]
    assert [(each["Key"], each["Code"]) for each in done["Errors"]] == [("other/1", "AccessDenied")]


# ---- roles and sessions ----

def test_trust_policy_decides_about_assume_role(enforced):
    keys = enforced.user("assumer")
    sts = enforced.client("sts", keys)
    closed = enforced.role("closed", {"Service": "lambda.amazonaws.com"})
    named = enforced.role("named", {"AWS": f"{USER}/assumer"}, statement("Allow", "s3:ListAllMyBuckets"))
    delegated = enforced.role("delegated", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
    assert error_of(sts.assume_role, RoleArn=closed, RoleSessionName="session") == (
        "AccessDenied", f"User: {USER}/assumer is not authorized to perform: sts:AssumeRole on resource: {closed}")
    session = sts.assume_role(RoleArn=named, RoleSessionName="session")["Credentials"]
    s3 = enforced.as_session("s3", session)
    s3.list_buckets()
    code, message = error_of(s3.create_bucket, Bucket="by-role")
    assert code == "AccessDenied" and message.startswith(f"User: arn:aws:sts::{ACCOUNT}:assumed-role/named/session is not authorized to perform: s3:CreateBucket")
    assert code_of(sts.assume_role, RoleArn=delegated, RoleSessionName="session") == "AccessDenied"
    enforced.allow("assumer", statement("Allow", "sts:AssumeRole", delegated))
    sts.assume_role(RoleArn=delegated, RoleSessionName="session")
    assert code_of(sts.assume_role, RoleArn=f"arn:aws:iam::{ACCOUNT}:role/missing", RoleSessionName="session") == "AccessDenied"


def test_session_policy_limits_a_role(enforced):
    role = enforced.role("limited", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, statement("Allow", "s3:*"))
    limits = policy(statement("Allow", "s3:ListAllMyBuckets"))
    session = enforced.sts.assume_role(RoleArn=role, RoleSessionName="session", Policy=limits)["Credentials"]
    s3 = enforced.as_session("s3", session)
    s3.list_buckets()
    assert error_of(s3.create_bucket, Bucket="limited")[1].endswith("because no session policy allows the s3:CreateBucket action")


def test_web_identity_needs_a_provider_and_trust(enforced):
    token = "e30.eyJpc3MiOiAiaHR0cHM6Ly9pc3N1ZXIuZXhhbXBsZSIsICJzdWIiOiAibWUiLCAiYXVkIjogImFwcCJ9.x"  # iss, sub "me", aud "app"
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/issuer.example"

    def role(name, subject):
        document = policy({"Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity",
                           "Condition": {"StringEquals": {"issuer.example:sub": subject}}})
        return enforced.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]

    mine, other = role("web-mine", "me"), role("web-other", "you")
    sts = boto3.client("sts", endpoint_url=enforced.engine.url, region_name="us-east-1")
    arguments = {"RoleSessionName": "session", "WebIdentityToken": token}
    assert code_of(sts.assume_role_with_web_identity, RoleArn=mine, **arguments) == "InvalidIdentityToken"
    enforced.iam.create_open_id_connect_provider(Url="https://issuer.example", ClientIDList=["app"])
    assert sts.assume_role_with_web_identity(RoleArn=mine, **arguments)["Credentials"]
    assert error_of(sts.assume_role_with_web_identity, RoleArn=other, **arguments) == (
        "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")


def test_function_has_the_permissions_of_its_role(enforced):
    enforced.s3.create_bucket(Bucket="data")
    enforced.s3.put_object(Bucket="data", Key="k", Body=b"content")
    source = """
        import datetime, hashlib, hmac, os, urllib.error, urllib.request
        def handler(event, context):
            host = os.environ["AWS_ENDPOINT_URL"].split("//")[1]
            now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
            token, empty = os.environ["AWS_SESSION_TOKEN"], hashlib.sha256(b"").hexdigest()
            names = "host;x-amz-content-sha256;x-amz-date;x-amz-security-token"
            canonical = f"GET\\n/data/k\\n\\nhost:{host}\\nx-amz-content-sha256:{empty}\\nx-amz-date:{now}\\nx-amz-security-token:{token}\\n\\n{names}\\n{empty}"
            scope = f"{now[:8]}/us-east-1/s3/aws4_request"
            to_sign = f"AWS4-HMAC-SHA256\\n{now}\\n{scope}\\n{hashlib.sha256(canonical.encode()).hexdigest()}"
            key = ("AWS4" + os.environ["AWS_SECRET_ACCESS_KEY"]).encode()
            for part in (now[:8], "us-east-1", "s3", "aws4_request"):
                key = hmac.new(key, part.encode(), hashlib.sha256).digest()
            signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
            authorization = f"AWS4-HMAC-SHA256 Credential={os.environ['AWS_ACCESS_KEY_ID']}/{scope}, SignedHeaders={names}, Signature={signature}"
            request = urllib.request.Request(f"http://{host}/data/k", headers={"Authorization": authorization, "x-amz-date": now,
                                             "x-amz-content-sha256": empty, "x-amz-security-token": token})
            try:
                return urllib.request.urlopen(request).read().decode()
            except urllib.error.HTTPError as error:
                return error.read().decode()
    """
    enforced.functions.python("reads", source)
    denied = enforced.functions.invoke("reads")
    assert f"User: arn:aws:sts::{ACCOUNT}:assumed-role/test-role/reads is not authorized to perform: s3:GetObject" in str(denied)
    enforced.iam.put_role_policy(RoleName="test-role", PolicyName="own", PolicyDocument=policy(statement("Allow", "s3:GetObject", "arn:aws:s3:::data/*")))
    assert "content" in str(enforced.functions.invoke("reads"))

    # https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
    for name, expected in (("reads", "content"), ("other", "AccessDenied")):
        condition = {"ArnEquals": {"lambda:SourceFunctionArn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}"}}
        enforced.iam.put_role_policy(RoleName="test-role", PolicyName="own", PolicyDocument=policy(
            statement("Allow", "s3:GetObject", "arn:aws:s3:::data/*", Condition=condition)))
        assert expected in str(enforced.functions.invoke("reads"))
    enforced.iam.delete_role_policy(RoleName="test-role", PolicyName="own")


# ---- policies of resources ----

def test_bucket_policy_allows_and_denies(enforced):
    enforced.s3.create_bucket(Bucket="shared")
    keys = enforced.user("guest")
    s3 = enforced.client("s3", keys)
    enforced.s3.put_bucket_policy(Bucket="shared", Policy=policy(
        {**statement("Allow", "s3:PutObject", "arn:aws:s3:::shared/*"), "Principal": {"AWS": f"{USER}/guest"}},
        {**statement("Deny", "s3:DeleteObject", "arn:aws:s3:::shared/*"), "Principal": "*"}))
    s3.put_object(Bucket="shared", Key="k", Body=b"")
    assert code_of(s3.get_object, Bucket="shared", Key="k") == "AccessDenied"
    assert error_of(enforced.s3.delete_object, Bucket="shared", Key="k")[1].endswith("with an explicit deny in a resource-based policy"), "also the root"


def test_anonymous_requests_are_decided_by_the_bucket_policy(enforced):
    enforced.s3.create_bucket(Bucket="public")
    enforced.s3.put_object(Bucket="public", Key="open/k", Body=b"open")
    url = f"{enforced.engine.url}/public/open/k"
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(url, timeout=30)
    assert error.value.code == 403 and "<Message>Access Denied</Message>" in error.value.read().decode()
    enforced.s3.delete_public_access_block(Bucket="public")
    enforced.s3.put_bucket_policy(Bucket="public", Policy=policy({**statement("Allow", "s3:GetObject", "arn:aws:s3:::public/open/*"), "Principal": "*"}))
    assert urllib.request.urlopen(url, timeout=30).read() == b"open"
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"{enforced.engine.url}/public/closed", timeout=30)
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(url + "?response-content-type=text/html", timeout=30)
    assert error.value.code == 400 and "cannot be used for anonymous GET requests" in error.value.read().decode()


def test_bucket_policy_names_an_account_by_its_canonical_user(enforced):
    other = enforced.client("s3", ("333344445555", "test"))
    enforced.s3.create_bucket(Bucket="canonical")
    enforced.s3.put_object(Bucket="canonical", Key="k", Body=b"1")
    assert code_of(other.get_object, Bucket="canonical", Key="k") == "AccessDenied"
    principal = {"CanonicalUser": other.list_buckets()["Owner"]["ID"]}
    enforced.s3.put_bucket_policy(Bucket="canonical", Policy=policy({**statement("Allow", "s3:GetObject", "arn:aws:s3:::canonical/*"), "Principal": principal}))
    assert other.get_object(Bucket="canonical", Key="k")["Body"].read() == b"1"


def test_another_account_needs_both_policies(enforced):
    enforced.s3.create_bucket(Bucket="across")
    enforced.s3.put_object(Bucket="across", Key="k", Body=b"1")
    root = ("111122223333", "test")
    iam = enforced.client("iam", root)
    iam.create_user(UserName="far")
    key = iam.create_access_key(UserName="far")["AccessKey"]
    far = key["AccessKeyId"], key["SecretAccessKey"]
    s3 = enforced.client("s3", far)
    iam.put_user_policy(UserName="far", PolicyName="own", PolicyDocument=policy(statement("Allow", "s3:*"), statement("Allow", "sqs:*")))
    assert error_of(s3.get_object, Bucket="across", Key="k")[1].endswith("because no resource-based policy allows the s3:GetObject action")
    enforced.s3.put_bucket_policy(Bucket="across", Policy=policy(
        {**statement("Allow", "s3:GetObject", "arn:aws:s3:::across/*"), "Principal": {"AWS": "arn:aws:iam::111122223333:root"}}))
    assert s3.get_object(Bucket="across", Key="k")["Body"].read() == b"1"
    url = enforced.sqs.create_queue(QueueName="across")["QueueUrl"]
    sqs = enforced.client("sqs", far)
    assert code_of(sqs.send_message, QueueUrl=url, MessageBody="m") == "AccessDenied"
    document = policy({**statement("Allow", "sqs:SendMessage", f"arn:aws:sqs:us-east-1:{ACCOUNT}:across"), "Principal": {"AWS": "111122223333"}})
    enforced.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document})
    sqs.send_message(QueueUrl=url, MessageBody="m")
    iam.delete_user_policy(UserName="far", PolicyName="own")
    assert error_of(sqs.send_message, QueueUrl=url, MessageBody="m")[1].endswith("because no identity-based policy allows the sqs:sendmessage action")


def test_permission_of_a_function_allows_a_user(enforced):
    enforced.functions.python("permitted", "def handler(event, context):\n    return 1\n")
    keys = enforced.user("invoker")
    lambda_ = enforced.client("lambda", keys)
    assert code_of(lambda_.invoke, FunctionName="permitted") == "AccessDeniedException"
    enforced.functions.lambda_.add_permission(FunctionName="permitted", StatementId="s", Action="lambda:InvokeFunction", Principal=f"{USER}/invoker")
    assert lambda_.invoke(FunctionName="permitted")["Payload"].read() == b"1"


# ---- function URLs ----

def test_url_is_called_only_with_permission(enforced):
    enforced.functions.python("signed", "def handler(event, context):\n    return 'done'\n")
    url = enforced.functions.lambda_.create_function_url_config(FunctionName="signed", AuthType="AWS_IAM")["FunctionUrl"]
    port, host = address_of(url)

    def call(keys, token=None):
        request = AWSRequest("GET", f"http://{host}/")
        SigV4Auth(Credentials(*keys, token), "lambda", "us-east-1").add_auth(request)
        status, _, body = send(port, "GET /", {**dict(request.headers.items()), "Host": host})
        return status, body

    keys = enforced.user("browser")
    assert call(("test", "test")) == (200, b"done")
    assert call(keys)[0] == 403
    arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:signed"
    enforced.allow("browser", statement("Allow", "lambda:InvokeFunctionUrl", arn, Condition={"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}),
                   statement("Allow", "lambda:InvokeFunction", arn, Condition={"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}))
    assert call(keys) == (200, b"done")
    assert call((keys[0], "wrong"))[0] == call(("AKIAIOSFODNN7EXAMPLE", "x"))[0] == 403
    assert code_of(enforced.client("lambda", keys).invoke, FunctionName="signed") == "AccessDeniedException", "only by the URL"


def test_open_url_needs_both_permissions_if_enforced(enforced, functions):
    """https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html; an engine that enforces nothing accepts the first alone."""
    def statuses(functions):
        name = functions.python("open-url", "def handler(event, context):\n    return 'done'\n")
        port, host = address_of(functions.lambda_.create_function_url_config(FunctionName=name, AuthType="NONE")["FunctionUrl"])
        for action in ("InvokeFunctionUrl", "InvokeFunction"):
            functions.lambda_.add_permission(FunctionName=name, StatementId=action, Action=f"lambda:{action}", Principal="*")
            yield send(port, "GET /", {"Host": host})[0]

    assert list(statuses(enforced.functions)) == [403, 200]
    assert list(statuses(functions)) == [200, 200]


# ---- services that act for a function ----

def test_event_source_needs_permission_of_the_role(enforced):
    enforced.functions.python("consumer", "def handler(event, context):\n    return 1\n")
    url = enforced.sqs.create_queue(QueueName="consumed")["QueueUrl"]
    queue = f"arn:aws:sqs:us-east-1:{ACCOUNT}:consumed"
    arguments = {"FunctionName": "consumer", "EventSourceArn": queue}
    assert error_of(enforced.functions.lambda_.create_event_source_mapping, **arguments) == (
        "InvalidParameterValueException", "The provided execution role does not have permissions to call ReceiveMessage on SQS")
    actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    enforced.iam.put_role_policy(RoleName="test-role", PolicyName="queue", PolicyDocument=policy(statement("Allow", actions, queue)))
    mapping = enforced.functions.lambda_.create_event_source_mapping(**arguments)
    enforced.sqs.send_message(QueueUrl=url, MessageBody="m")

    def waiting():
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        return sum(map(int, enforced.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values()))

    deadline = time.monotonic() + 20
    while waiting() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert waiting() == 0
    enforced.functions.lambda_.delete_event_source_mapping(UUID=mapping["UUID"])


# ---- other ways to run the engine ----

def test_policies_alone_trust_the_key_of_a_request(engine_with):
    account = engine_with("--enforce-iam")
    keys = account.user("trusted")
    assert code_of(account.client("lambda", (keys[0], "any")).list_functions) == "AccessDeniedException"
    account.client("lambda", ("AKIAIOSFODNN7EXAMPLE", "any")).list_functions()
    assert send(account.engine.port, f"GET {LIST}")[0] == 403, "not signed"


def test_variables_set_the_flags(own_engine):
    engine = own_engine(env={"OSBOT_AWS_CHECK_SIGNATURES": "true"})
    account = Account(engine)
    assert code_of(account.client("lambda", ("test", "wrong")).list_functions) == "InvalidSignatureException"
    failed = engine.run("local", "start", "--enforce-iam", check=False)
    assert failed.returncode != 0 and "without --enforce-iam" in failed.stderr
    failed = engine.run("local", "start", env={"OSBOT_AWS_ENFORCE_IAM": "yes"}, check=False)
    assert failed.returncode != 0 and "invalid OSBOT_AWS_ENFORCE_IAM 'yes': expected true or false" in failed.stderr


# ---- resources and their keys ----

def test_tags_of_objects_and_buckets_are_put(enforced):
    enforced.s3.create_bucket(Bucket="tagging")
    enforced.s3.put_object(Bucket="tagging", Key="k", Body=b"")
    tags = {"TagSet": [{"Key": "team", "Value": "a"}]}
    enforced.s3.put_bucket_tagging(Bucket="tagging", Tagging=tags)
    enforced.s3.put_object_tagging(Bucket="tagging", Key="k", Tagging=tags)
    keys = enforced.user("tagger", statement("Allow", "s3:PutObjectTagging", Condition={"StringEquals": {"s3:RequestObjectTag/team": "b"}}))
    s3 = enforced.client("s3", keys)
    assert code_of(s3.put_object_tagging, Bucket="tagging", Key="k", Tagging=tags) == "AccessDenied"
    s3.put_object_tagging(Bucket="tagging", Key="k", Tagging={"TagSet": [{"Key": "team", "Value": "b"}]})


def test_copy_needs_permission_for_its_real_source(enforced):
    enforced.s3.create_bucket(Bucket="sources")
    enforced.s3.put_object(Bucket="sources", Key="secret.key", Body=b"secret", Tagging="public=no")
    enforced.s3.put_object(Bucket="sources", Key="open.txt", Body=b"open", Tagging="public=yes")
    writes = statement("Allow", ["s3:GetObjectTagging", "s3:Put*"])
    keys = enforced.user("copier", statement("Allow", "s3:GetObject", "arn:aws:s3:::sources/*.txt"), writes)
    s3 = enforced.client("s3", keys)
    raw = enforced.client("s3", keys)  # boto3 encodes the question mark

    def replace(request, **_):
        del request.headers["x-amz-copy-source"]
        request.headers["x-amz-copy-source"] = "sources/secret.key?x=.txt"

    raw.meta.events.register("before-sign.s3.CopyObject", replace)
    assert code_of(raw.copy_object, Bucket="sources", Key="copy", CopySource="sources/secret.key") == "AccessDenied"
    s3.copy_object(Bucket="sources", Key="copy", CopySource="sources/open.txt")
    enforced.allow("copier", writes,
                   statement("Allow", "s3:GetObject", Condition={"StringEquals": {"s3:ExistingObjectTag/public": "yes"}}))
    assert code_of(s3.copy_object, Bucket="sources", Key="open.txt", CopySource="sources/secret.key") == "AccessDenied", "the tags of the source count"
    s3.copy_object(Bucket="sources", Key="copy", CopySource="sources/open.txt")


def test_managed_policies_of_aws_can_be_read(enforced):
    arn = enforced.iam.list_policies(Scope="AWS")["Policies"][0]["Arn"]
    assert enforced.iam.get_policy(PolicyArn=arn)["Policy"]["Arn"] == arn


def test_text_of_a_body_is_not_a_session_token(enforced):
    url = enforced.sqs.create_queue(QueueName="texts")["QueueUrl"]
    keys = enforced.user("sender", statement("Allow", "sqs:*"))
    enforced.client("sqs", keys).send_message(QueueUrl=url, MessageBody="http://x/?a=b&X-Amz-Security-Token=abc&c=d")


def test_policies_of_other_regions_count(enforced):
    region = {"region_name": "eu-west-1"}

    def client(service, keys=("test", "test")):
        return boto3.client(service, endpoint_url=enforced.engine.url, aws_access_key_id=keys[0], aws_secret_access_key=keys[1], **region)

    keys = enforced.user("european")
    lambda_ = client("lambda")
    lambda_.create_function(FunctionName="regional", Runtime="python3.11", Handler="app.handler", Role=enforced.functions.role(), Code={"ZipFile": zip_bytes()})
    assert code_of(client("lambda", keys).get_function, FunctionName="regional") == "AccessDeniedException"
    lambda_.add_permission(FunctionName="regional", StatementId="s", Action="lambda:GetFunction", Principal=f"{USER}/european")
    client("lambda", keys).get_function(FunctionName="regional")


@pytest.mark.parametrize(("change", "message"), [
    ({"Condition": {"StringEqual": {"aws:username": "a"}}}, "Invalid Condition type : StringEqual"),
    ({"Condition": {"IpAddress": {"aws:SourceIp": "300.0.0.1"}}}, "Invalid IP address in Conditions"),
    ({"Condition": []}, "Invalid policy syntax."),
    ({"Principal": {"AWS": "ann"}}, "Invalid principal in policy"),
    ({"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:group/g"}}, "Invalid principal in policy"),
    ({"Effect": "Maybe"}, "Invalid effect: Maybe"),
    ({"condition": {}}, "Unknown field condition"),
    ({"Action": "sqs:SendMessage"}, "Policy has invalid action"),
    ({"Resource": "*/k"}, "Policy has invalid resource")], ids=str)
def test_invalid_policies_of_resources_are_rejected(enforced, change, message):
    """A statement that is stored and never applies would permit what its Deny should refuse."""
    enforced.s3.create_bucket(Bucket="malformed")
    queue = enforced.sqs.create_queue(QueueName="malformed")
    invalid = {**statement("Deny", "s3:*", "arn:aws:s3:::malformed/*"), "Principal": "*", **change}
    assert error_of(enforced.s3.put_bucket_policy, Bucket="malformed", Policy=policy(invalid)) == ("MalformedPolicy", message)
    if "Action" not in change and "Resource" not in change:
        attributes = {"Policy": policy({"Action": "sqs:*", **invalid})}
        assert error_of(enforced.sqs.set_queue_attributes, QueueUrl=queue["QueueUrl"], Attributes=attributes) == (
            "InvalidAttributeValue", "Invalid value for the parameter Policy.")


def test_trust_policy_with_an_invalid_principal_is_rejected(enforced):
    for kind, name in (("AWS", "ann"), ("AWS", f"arn:aws:iam::{ACCOUNT}:oidc-provider/host"), ("Service", "lambda")):
        assert error_of(enforced.iam.create_role, RoleName="untrusted", AssumeRolePolicyDocument=trust({kind: name})) == (
            "MalformedPolicyDocument", f'Invalid principal in policy: "{kind.upper()}":"{name}"')


def test_copy_between_accounts_reads_the_source_of_its_owner(enforced):
    other = enforced.client("s3", ("444455556666", "test"))
    enforced.s3.create_bucket(Bucket="near")
    other.create_bucket(Bucket="remote")
    enforced.s3.put_object(Bucket="near", Key="k", Body=b"1")
    document = {**statement("Allow", "s3:PutObject", "arn:aws:s3:::remote/*"), "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
    other.put_bucket_policy(Bucket="remote", Policy=policy(document))
    enforced.s3.copy_object(Bucket="remote", Key="k", CopySource="near/k", ExpectedBucketOwner="444455556666", ExpectedSourceBucketOwner=ACCOUNT)
    assert other.get_object(Bucket="remote", Key="k")["Body"].read() == b"1"
    assert code_of(enforced.s3.put_object, Bucket="remote", Key="k", Body=b"", ExpectedBucketOwner=ACCOUNT) == "AccessDenied"


def test_managed_session_policies_still_limit_a_scoped_session(enforced):
    reads = enforced.iam.create_policy(PolicyName="lists", PolicyDocument=policy(statement("Allow", "s3:ListAllMyBuckets")))["Policy"]["Arn"]
    role = enforced.role("scoped", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, statement("Allow", "s3:*"))
    session = enforced.sts.assume_role(RoleArn=role, RoleSessionName="session", PolicyArns=[{"arn": reads}])["Credentials"]
    s3 = enforced.as_session("s3", session)
    s3.list_buckets()
    assert code_of(s3.create_bucket, Bucket="scoped-bucket") == "AccessDenied"


def test_root_can_replace_a_policy_that_denies_all(enforced):
    enforced.s3.create_bucket(Bucket="locked")
    enforced.s3.put_bucket_policy(Bucket="locked", Policy=policy({**statement("Deny", "s3:*", ["arn:aws:s3:::locked", "arn:aws:s3:::locked/*"]), "Principal": "*"}))
    assert code_of(enforced.s3.list_objects_v2, Bucket="locked") == "AccessDenied"
    enforced.s3.delete_bucket_policy(Bucket="locked")
    enforced.s3.list_objects_v2(Bucket="locked")


# ---- the actions of an operation, and their keys ----

def shared(action, resource):
    """Returns a policy of a resource that permits an action to another account."""
    return policy({**statement("Allow", action, resource), "Principal": {"AWS": "111122223333"}})


def test_queue_of_another_account_cannot_be_changed(enforced):
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-limitations-of-custom-policies.html"""
    url = enforced.sqs.create_queue(QueueName="foreign")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:foreign"
    enforced.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": shared("SQS:*", arn)})
    other = enforced.client("sqs", ("111122223333", "test"))
    other.send_message(QueueUrl=url, MessageBody="m")
    other.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    code, message = error_of(other.set_queue_attributes, QueueUrl=url, Attributes={"Policy": ""})
    assert code == "AccessDenied" and message.endswith("because no resource-based policy allows the sqs:setqueueattributes action")
    for operation, arguments in (("delete_queue", {}), ("tag_queue", {"Tags": {"a": "b"}}), ("list_queue_tags", {}),
                                 ("add_permission", {"Label": "l", "AWSAccountIds": ["111122223333"], "Actions": ["*"]})):
        assert code_of(getattr(other, operation), QueueUrl=url, **arguments) == "AccessDenied"
    enforced.sqs.tag_queue(QueueUrl=url, Tags={"a": "b"})


def test_policy_of_a_bucket_belongs_to_its_account(enforced):
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html"""
    enforced.s3.create_bucket(Bucket="foreign-policy")
    document = shared("s3:*", ["arn:aws:s3:::foreign-policy", "arn:aws:s3:::foreign-policy/*"])
    other = enforced.client("s3", ("111122223333", "test"))
    assert code_of(other.put_bucket_policy, Bucket="foreign-policy", Policy=document) == "AccessDenied"
    enforced.s3.put_bucket_policy(Bucket="foreign-policy", Policy=document)
    other.put_bucket_tagging(Bucket="foreign-policy", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    assert enforced.s3.get_bucket_tagging(Bucket="foreign-policy")["TagSet"] == [{"Key": "a", "Value": "b"}]
    for operation, arguments in (("put_bucket_policy", {"Policy": document}), ("get_bucket_policy", {}), ("delete_bucket_policy", {})):
        assert code_of(getattr(other, operation), Bucket="foreign-policy", **arguments) == "MethodNotAllowed"


def test_copy_of_tags_needs_permission_for_tags(enforced):
    """https://repost.aws/knowledge-center/s3-troubleshoot-copy-between-buckets"""
    enforced.s3.create_bucket(Bucket="tagged")
    enforced.s3.put_bucket_versioning(Bucket="tagged", VersioningConfiguration={"Status": "Enabled"})
    version = enforced.s3.put_object(Bucket="tagged", Key="k", Body=b"", Tagging="secret=yes")["VersionId"]
    enforced.s3.put_object(Bucket="tagged", Key="plain", Body=b"")
    objects = statement("Allow", ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"])
    keys = enforced.user("tag-copier", objects)
    s3 = enforced.client("s3", keys)
    copy = {"Bucket": "tagged", "Key": "copy"}
    assert 'perform: s3:GetObjectTagging on resource: "arn:aws:s3:::tagged/k"' in error_of(s3.copy_object, CopySource="tagged/k", **copy)[1]
    s3.copy_object(CopySource="tagged/plain", **copy)
    s3.copy_object(CopySource="tagged/k", TaggingDirective="REPLACE", **copy)
    enforced.allow("tag-copier", objects, statement("Allow", "s3:GetObjectTagging", "arn:aws:s3:::tagged/k"))
    assert 'perform: s3:PutObjectTagging on resource: "arn:aws:s3:::tagged/copy"' in error_of(s3.copy_object, CopySource="tagged/k", **copy)[1]
    enforced.allow("tag-copier", objects, statement("Allow", ["s3:GetObjectTagging", "s3:PutObjectTagging"]))
    s3.copy_object(CopySource="tagged/k", **copy)
    assert enforced.s3.get_object_tagging(**copy)["TagSet"] == [{"Key": "secret", "Value": "yes"}]
    assert "perform: s3:GetObjectVersionTagging" in error_of(s3.copy_object, CopySource=f"tagged/k?versionId={version}", **copy)[1]


def test_conditional_writes_and_deletes_are_enforced(enforced):
    """The examples of https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html and
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-delete-enforce.html"""
    enforced.s3.create_bucket(Bucket="conditional")
    objects = "arn:aws:s3:::conditional/*"
    enforced.s3.put_bucket_policy(Bucket="conditional", Policy=policy(
        {**statement("Deny", "s3:PutObject", objects), "Principal": "*",
         "Condition": {"Null": {"s3:if-none-match": "true"}, "Bool": {"s3:ObjectCreationOperation": "true"}}},
        {**statement("Deny", "s3:DeleteObject", objects), "Principal": "*", "Condition": {"Null": {"s3:if-match": "true"}}}))
    s3, target = enforced.s3, {"Bucket": "conditional", "Key": "k"}
    assert code_of(s3.put_object, **target, Body=b"") == "AccessDenied"
    etag = s3.put_object(**target, Body=b"", IfNoneMatch="*")["ETag"]
    assert code_of(s3.copy_object, **{**target, "Key": "copy"}, CopySource="conditional/k") == "AccessDenied"
    upload = s3.create_multipart_upload(**{**target, "Key": "parts"})
    part = s3.upload_part(Bucket="conditional", Key="parts", UploadId=upload["UploadId"], PartNumber=1, Body=b"1")
    complete = {"Bucket": "conditional", "Key": "parts", "UploadId": upload["UploadId"],
                "MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}}
    assert code_of(s3.complete_multipart_upload, **complete) == "AccessDenied"
    s3.complete_multipart_upload(**complete, IfNoneMatch="*")
    assert code_of(s3.delete_object, **target) == "AccessDenied"
    done = s3.delete_objects(Bucket="conditional", Delete={"Objects": [{"Key": "parts"}, {"Key": "k", "ETag": etag}]})
    assert [each["Key"] for each in done["Deleted"]] == ["k"] and [each["Code"] for each in done["Errors"]] == ["AccessDenied"]
    keys = enforced.user("blind", statement("Allow", "s3:DeleteObject"))
    etag = s3.put_object(**target, Body=b"", IfNoneMatch="*")["ETag"]
    batch = {"Objects": [{"Key": "k", "ETag": etag}, {"Key": "parts", "ETag": "*"}]}
    done = enforced.client("s3", keys).delete_objects(Bucket="conditional", Delete=batch)
    assert [each["Key"] for each in done["Deleted"]] == ["parts"]
    assert "perform: s3:GetObject on" in done["Errors"][0]["Message"], "a comparison with the ETag reads the object"
    s3.delete_object(**target, IfMatch="*")


def test_keys_of_encryption_place_and_age_decide(enforced):
    """https://github.com/aws-samples/resource-control-policy-examples, S3-Deny-SSE-C.json; the others: examples of the user guide."""
    enforced.s3.create_bucket(Bucket="keyed")
    objects = "arn:aws:s3:::keyed/*"

    def limit_age(milliseconds):
        enforced.s3.put_bucket_policy(Bucket="keyed", Policy=policy(
            {**statement("Deny", "s3:PutObject", objects, Condition={"Null": {"s3:x-amz-server-side-encryption-customer-algorithm": "false"}}), "Principal": "*"},
            {**statement("Deny", "s3:*", objects, Condition={"NumericLessThan": {"s3:TlsVersion": "1.2"}}), "Principal": "*"},
            {**statement("Deny", "s3:GetObject", objects, Condition={"NumericGreaterThan": {"s3:signatureAge": milliseconds}}), "Principal": "*"}))

    limit_age("600000")
    enforced.s3.put_object(Bucket="keyed", Key="k", Body=b"")
    assert code_of(enforced.s3.put_object, Bucket="keyed", Key="k", Body=b"", SSECustomerAlgorithm="AES256", SSECustomerKey="k" * 32) == "AccessDenied"
    link = enforced.client("s3", signature_version="s3v4").generate_presigned_url("get_object", Params={"Bucket": "keyed", "Key": "k"})
    assert urllib.request.urlopen(link, timeout=30).status == 200
    limit_age("100")
    time.sleep(0.2)
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(link, timeout=30)
    enforced.s3.get_object(Bucket="keyed", Key="k")

    keys = enforced.user("founder", statement("Allow", "s3:CreateBucket", Condition={"StringEquals": {"s3:LocationConstraint": "eu-west-1"}}))
    s3 = enforced.client("s3", keys)
    assert code_of(s3.create_bucket, Bucket="founded", CreateBucketConfiguration={"LocationConstraint": "eu-west-2"}) == "AccessDenied"
    s3.create_bucket(Bucket="founded", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})


def test_retention_is_limited_by_a_policy(enforced):
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html"""
    enforced.s3.create_bucket(Bucket="retained", ObjectLockEnabledForBucket=True)
    enforced.s3.put_bucket_policy(Bucket="retained", Policy=policy(
        {**statement("Deny", ["s3:PutObject", "s3:PutObjectRetention"], "arn:aws:s3:::retained/*",
                     Condition={"NumericGreaterThan": {"s3:object-lock-remaining-retention-days": "10"}}), "Principal": "*"},
        {**statement("Deny", "s3:PutObjectRetention", "arn:aws:s3:::retained/*", Condition={"StringEquals": {"s3:object-lock-mode": "COMPLIANCE"}}),
         "Principal": "*"}))

    def days(count):
        return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=count)

    def put(count):
        return {"Bucket": "retained", "Key": "k", "Body": b"", "ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": days(count)}

    assert code_of(enforced.s3.put_object, **put(11)) == "AccessDenied"
    enforced.s3.put_object(**put(10))
    for count, mode in ((11, "GOVERNANCE"), (10, "COMPLIANCE")):
        retention = {"Mode": mode, "RetainUntilDate": days(count)}
        assert code_of(enforced.s3.put_object_retention, Bucket="retained", Key="k", Retention=retention) == "AccessDenied"
    enforced.s3.put_object_retention(Bucket="retained", Key="k", Retention={"Mode": "GOVERNANCE", "RetainUntilDate": days(10)})


def test_attributes_and_code_of_a_version_need_its_permission(enforced):
    """API_GetObjectAttributes, Permissions; API_GetObject, versionId."""
    enforced.s3.create_bucket(Bucket="versions")
    enforced.s3.put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
    version = enforced.s3.put_object(Bucket="versions", Key="k", Body=zip_bytes())["VersionId"]
    enforced.s3.put_object(Bucket="versions", Key="k", Body=zip_bytes())
    keys = enforced.user("versioned", statement("Allow", ["s3:GetObjectVersion", "s3:GetObjectVersionAttributes", "lambda:*"]))
    s3, lambda_ = enforced.client("s3", keys), enforced.client("lambda", keys)
    attributes = {"Bucket": "versions", "Key": "k", "ObjectAttributes": ["ETag"]}
    s3.get_object_attributes(**attributes, VersionId=version)
    assert code_of(s3.get_object_attributes, **attributes) == "AccessDenied"
    code = {"S3Bucket": "versions", "S3Key": "k"}
    assert "perform: s3:GetObject on" in error_of(lambda_.publish_layer_version, LayerName="versioned", Content=code)[1]
    lambda_.publish_layer_version(LayerName="versioned", Content={**code, "S3ObjectVersion": version})
    enforced.functions.python("versioned", "def handler(event, context):\n    return 1\n")
    assert "perform: s3:GetObject on" in error_of(lambda_.update_function_code, FunctionName="versioned", **code)[1]
    lambda_.update_function_code(FunctionName="versioned", **code, S3ObjectVersion=version)
    enforced.allow("versioned", statement("Allow", ["s3:GetObject", "s3:GetObjectVersionAttributes", "lambda:*"]))
    assert "perform: s3:GetObjectVersion on" in error_of(s3.get_object_attributes, **attributes, VersionId=version)[1]
    assert "perform: s3:GetObjectVersion on" in error_of(lambda_.publish_layer_version, LayerName="versioned", Content={**code, "S3ObjectVersion": version})[1]


def test_grants_need_permission_for_acls(enforced):
    """API_CreateBucket, API_CopyObject and API_CreateMultipartUpload, Permissions."""
    enforced.s3.create_bucket(Bucket="granted", ObjectOwnership="ObjectWriter")
    enforced.s3.put_object(Bucket="granted", Key="k", Body=b"")
    allowed = statement("Allow", ["s3:GetObject", "s3:PutObject", "s3:CreateBucket"])
    s3 = enforced.client("s3", enforced.user("granter", allowed))
    everyone = "uri=http://acs.amazonaws.com/groups/global/AllUsers"
    target = {"Bucket": "granted", "Key": "copy"}
    assert "perform: s3:PutObjectAcl on" in error_of(s3.copy_object, **target, CopySource="granted/k", GrantRead=everyone)[1]
    assert "perform: s3:PutObjectAcl on" in error_of(s3.create_multipart_upload, **target, GrantReadACP=everyone)[1]
    assert "perform: s3:PutObjectAcl on" in error_of(s3.put_object, **target, GrantRead=everyone, GrantReadACP=everyone)[1]
    assert "perform: s3:PutBucketAcl on" in error_of(s3.create_bucket, Bucket="granted-2", GrantWrite=everyone)[1]
    s3.copy_object(**target, CopySource="granted/k")
    s3.create_bucket(Bucket="granted-2", ObjectLockEnabledForBucket=False)


def test_flag_that_is_false_needs_no_permission(enforced):
    enforced.s3.create_bucket(Bucket="flags", ObjectLockEnabledForBucket=True)
    enforced.s3.put_object(Bucket="flags", Key="k", Body=b"")
    s3 = enforced.client("s3", enforced.user("deleter", statement("Allow", "s3:DeleteObject")))
    assert "perform: s3:BypassGovernanceRetention on" in error_of(s3.delete_object, Bucket="flags", Key="k", BypassGovernanceRetention=True)[1]
    s3.delete_object(Bucket="flags", Key="k", BypassGovernanceRetention=False)


def test_batch_delete_checks_the_tags_of_each_version(enforced):
    enforced.s3.create_bucket(Bucket="batch-versions")
    enforced.s3.put_bucket_versioning(Bucket="batch-versions", VersioningConfiguration={"Status": "Enabled"})
    old, current = (enforced.s3.put_object(Bucket="batch-versions", Key="k", Body=b"", Tagging=f"keep={value}")["VersionId"] for value in ("yes", "no"))
    tags = {"StringEquals": {"s3:ExistingObjectTag/keep": "no"}}
    s3 = enforced.client("s3", enforced.user("sweeper", statement("Allow", "s3:DeleteObjectVersion", Condition=tags)))
    batch = {"Objects": [{"Key": "k", "VersionId": old}, {"Key": "k", "VersionId": current}]}
    done = s3.delete_objects(Bucket="batch-versions", Delete=batch)
    assert [each["VersionId"] for each in done["Deleted"]] == [current] and [each["VersionId"] for each in done["Errors"]] == [old]
    enforced.allow("sweeper", statement("Allow", "s3:DeleteObjectVersion", Condition={"StringEquals": {"s3:VersionId": old}}))
    last = enforced.s3.put_object(Bucket="batch-versions", Key="k", Body=b"")["VersionId"]
    batch = {"Objects": [{"Key": "k", "VersionId": old}, {"Key": "k", "VersionId": last}]}
    done = s3.delete_objects(Bucket="batch-versions", Delete=batch)
    assert [each["VersionId"] for each in done["Deleted"]] == [old] and [each["VersionId"] for each in done["Errors"]] == [last]


def test_event_source_mappings_are_limited_by_their_function(enforced):
    """https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html"""
    enforced.functions.python("orders-new", "def handler(event, context):\n    return 1\n")
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:mapped"
    enforced.sqs.create_queue(QueueName="mapped")
    enforced.iam.put_role_policy(RoleName="test-role", PolicyName="mapped", PolicyDocument=policy(statement("Allow", "sqs:*", arn)))
    mapping = {"FunctionName": "orders-new", "EventSourceArn": arn}

    def limited(name, prefix):
        condition = {"ArnLike": {"lambda:FunctionArn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{prefix}*"}}
        return enforced.client("lambda", enforced.user(name, statement("Allow", "lambda:*", Condition=condition)))

    owner, other = limited("mapper", "orders"), limited("other-mapper", "bills")
    assert code_of(other.create_event_source_mapping, **mapping) == "AccessDeniedException"
    uuid = owner.create_event_source_mapping(**mapping)["UUID"]
    for operation in ("get_event_source_mapping", "update_event_source_mapping", "delete_event_source_mapping"):
        assert code_of(getattr(other, operation), UUID=uuid) == "AccessDeniedException"
        getattr(owner, operation)(UUID=uuid)
    assert code_of(owner.get_function, FunctionName="orders-new") == "AccessDeniedException", "the key is only of mappings"


def test_role_is_limited_to_the_region_of_its_queue(enforced):
    def client(service):
        return boto3.client(service, endpoint_url=enforced.engine.url, aws_access_key_id="test", aws_secret_access_key="test", region_name="eu-west-1")

    role = enforced.role("regional", {"Service": "lambda.amazonaws.com"})
    client("sqs").create_queue(QueueName="european")
    lambda_ = client("lambda")
    lambda_.create_function(FunctionName="european", Runtime="python3.11", Handler="app.handler", Role=role, Code={"ZipFile": zip_bytes()})
    mapping = {"FunctionName": "european", "EventSourceArn": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:european"}

    def allow_in(region):
        condition = {"StringEquals": {"aws:RequestedRegion": region}}
        enforced.iam.put_role_policy(RoleName="regional", PolicyName="own", PolicyDocument=policy(statement("Allow", "sqs:*", Condition=condition)))

    allow_in("us-east-1")
    assert code_of(lambda_.create_event_source_mapping, **mapping) == "InvalidParameterValueException"
    allow_in("eu-west-1")
    lambda_.delete_event_source_mapping(UUID=lambda_.create_event_source_mapping(**mapping)["UUID"])
