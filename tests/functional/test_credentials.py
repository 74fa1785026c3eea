"""Tests that the command finds credentials and endpoints like boto3. Both run with the same settings against a fake server for all sources of
credentials, and must send the same requests and sign with the same key."""

import datetime
import hashlib
import http.server
import json
import os
import pathlib
import re
import ssl
import subprocess
import sys
import textwrap
import threading
import urllib.parse

import pytest

TLS = pathlib.Path(__file__).resolve().parents[1] / "data/tls"
LATER = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
BOTO3 = "import boto3; boto3.Session(profile_name={profile!r}).client('lambda').list_functions()"


class Fake_Sources(http.server.ThreadingHTTPServer):
    """STS, Identity Center, the credential agent of containers, the metadata service of instances, and Lambda. Records all requests."""

    def __init__(self, tls=False):
        super().__init__(("127.0.0.1", 0), Fake_Sources_Handler)
        self.requests = []
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(TLS / "localhost.cert.pem", TLS / "localhost.key.pem")
            self.socket = context.wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request, client_address):
        pass  # clients that do not trust the certificate disconnect


class Fake_Sources_Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        status, response = self.respond(urllib.parse.urlsplit(self.path).path, dict(urllib.parse.parse_qsl(body)))
        self.send_response(status)
        self.send_header("Content-Length", str(len(response)))
        self.end_headers()
        self.wfile.write(response.encode())

    do_POST = do_PUT = do_GET

    def respond(self, path, form):
        key = re.search(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/", self.headers.get("Authorization", ""))
        signed = key.groups() if key else None
        keys = {"AccessKeyId": "ASIA" + path.strip("/").replace("/", "").upper()[:12], "SecretAccessKey": "s", "Token": "t", "Expiration": LATER}
        if form.get("Action"):
            name = form.pop("RoleSessionName", None)
            self.server.requests.append((form, signed, name if name and not re.search(r"\d{10}", name) else "made up"))
            action, role = form["Action"], form["RoleArn"].rsplit("/", 1)[1].upper()
            return 200, (f"<{action}Response><{action}Result><Credentials><AccessKeyId>ASIA{role}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
                         f"<SessionToken>t</SessionToken><Expiration>{LATER}</Expiration></Credentials></{action}Result></{action}Response>")
        if path.startswith("/2015-03-31/functions"):
            self.server.requests.append(("lambda", signed, self.headers.get("X-Amz-Security-Token")))
            return 200, '{"Functions": []}'
        query = urllib.parse.urlsplit(self.path).query
        self.server.requests.append((self.command, path, sorted(urllib.parse.parse_qsl(query)), self.headers.get("Authorization"),
                                  self.headers.get("x-amz-sso_bearer_token"), self.headers.get("x-aws-ec2-metadata-token")))
        if path == "/federation/credentials":
            return 200, json.dumps({"roleCredentials": {"accessKeyId": "ASIASSO", "secretAccessKey": "s", "sessionToken": "t", "expiration": 4102444800000}})
        if path == "/token":
            return 200, json.dumps({"accessToken": "FRESH", "expiresIn": 3600, "refreshToken": "R2"})
        if path == "/latest/api/token":
            return 200, "SESSION"
        if path == "/latest/meta-data/iam/security-credentials/":
            return 200, "role"
        return 200, json.dumps({"Code": "Success", **keys})


@pytest.fixture
def world(tmp_path, osbot_path):
    sources = Fake_Sources()

    class World:
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(tmp_path), "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1", "OSBOT_AWS_TARGET": "aws",
            "AWS_ENDPOINT_URL_LAMBDA": sources.url, "AWS_ENDPOINT_URL_STS": sources.url, "AWS_ENDPOINT_URL_SSO": sources.url,
            "AWS_ENDPOINT_URL_SSO_OIDC": sources.url, "AWS_EC2_METADATA_SERVICE_ENDPOINT": sources.url}
        url, folder = sources.url, tmp_path

        def config(self, text, file="config"):
            (tmp_path / ".aws").mkdir(exist_ok=True)
            (tmp_path / ".aws" / file).write_text(textwrap.dedent(text))

        def osbot(self, *arguments, **environment):
            sources.requests.clear()
            done = subprocess.run([osbot_path, *arguments, "list"], env={**self.environment, **environment}, capture_output=True, text=True, timeout=60)
            return done, list(sources.requests)

        def boto3(self, profile=None, **environment):
            sources.requests.clear()
            done = subprocess.run([sys.executable, "-c", BOTO3.format(profile=profile)], env={**self.environment, **environment},
                                  capture_output=True, text=True, timeout=60)
            return done, list(sources.requests)

        def compare(self, profile=None, key=None, **environment):
            reference, expected = self.boto3(profile, **environment)
            result, requests = self.osbot(*(["--profile", profile] if profile else []), **environment)
            assert reference.returncode == 0 and result.returncode == 0, reference.stderr + result.stderr
            assert requests == expected
            assert requests[-1][0] == "lambda" and requests[-1][1] == (key, "eu-west-1", "lambda")

        def compare_rejection(self, profile=None, **environment):
            reference, _ = self.boto3(profile, **environment)
            result, requests = self.osbot(*(["--profile", profile] if profile else []), **environment)
            assert reference.returncode != 0 and result.returncode != 0
            assert not [request for request in requests if request[0] == "lambda"]
            error, _, message = reference.stderr.strip().splitlines()[-1].partition(": ")
            assert message in result.stderr and error.rsplit(".", 1)[1] in result.stderr, result.stderr

    yield World()
    sources.shutdown()


KEYS = "aws_access_key_id = AKIA{0}\naws_secret_access_key = s\n"
CONFIG = f"""
[default]
{KEYS.format("DEFAULT")}
[profile base]
{KEYS.format("BASE")}
[profile role]
role_arn = arn:aws:iam::1:role/dev
source_profile = base
external_id = an id, with more
duration_seconds = 900
role_session_name = me@example.com
[profile chained]
role_arn = arn:aws:iam::1:role/outer
source_profile = role
[profile itself]
role_arn = arn:aws:iam::1:role/itself
source_profile = itself
{KEYS.format("ITSELF")}
[profile static]
{KEYS.format("ITSELF")}
[profile from_environment]
role_arn = arn:aws:iam::1:role/fromenv
credential_source = Environment
[profile from_container]
role_arn = arn:aws:iam::1:role/fromecs
credential_source = EcsContainer
[profile from_instance]
role_arn = arn:aws:iam::1:role/fromec2
credential_source = Ec2InstanceMetadata
[profile web]
role_arn = arn:aws:iam::1:role/web
web_identity_token_file = TOKEN_FILE
[profile "with space"]
{KEYS.format("SPACE")}
[sso-session corp]
sso_region = eu-west-1
sso_start_url = https://corp.awsapps.com/start
[profile sso]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Admin+1
[profile sso_legacy]
sso_region = eu-west-1
sso_start_url = https://old.awsapps.com/start
sso_account_id = 123456789012
sso_role_name = Admin
[profile on_sso]
role_arn = arn:aws:iam::1:role/onsso
source_profile = sso
[profile program]
credential_process = sh -c 'echo "{{\\"Version\\": 1, \\"AccessKeyId\\": \\"AKIAPROGRAM\\", \\"SecretAccessKey\\": \\"s\\", \\"SessionToken\\": \\"t\\"}}"'
"""
SSO_TOKEN = {"startUrl": "https://corp.awsapps.com/start", "region": "eu-west-1", "accessToken": "TOKEN", "expiresAt": "2099-01-01T00:00:00Z"}


@pytest.fixture
def set_up(world):
    (world.folder / "token").write_text("a web identity")
    world.config(CONFIG.replace("TOKEN_FILE", str(world.folder / "token")))
    cache = world.folder / ".aws/sso/cache"
    cache.mkdir(parents=True)
    for name in ("corp", "https://old.awsapps.com/start"):
        (cache / (hashlib.sha1(name.encode()).hexdigest() + ".json")).write_text(json.dumps(SSO_TOKEN))
    return world


ENVIRONMENT_KEYS = {"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "s"}


@pytest.mark.parametrize("profile, key, environment", [
    (None, "AKIADEFAULT", {}),
    (None, "AKIAENV", ENVIRONMENT_KEYS),
    ("base", "AKIABASE", ENVIRONMENT_KEYS),
    (None, "AKIAENV", {**ENVIRONMENT_KEYS, "AWS_PROFILE": "base"}),
    (None, "AKIABASE", {"AWS_PROFILE": "base"}),
    (None, "AKIAITSELF", {"AWS_DEFAULT_PROFILE": "static", "AWS_PROFILE": "base"}),
    (None, "AKIABASE", {"AWS_PROFILE": "base", "AWS_CONFIG_FILE": "~/.aws/config"}),
    ("with space", "AKIASPACE", {}),
    ("role", "ASIADEV", {}),
    ("chained", "ASIAOUTER", {}),
    ("itself", "ASIAITSELF", {}),
    ("from_environment", "ASIAFROMENV", ENVIRONMENT_KEYS),
    ("from_container", "ASIAFROMECS", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "URL/task", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "x"}),
    ("from_instance", "ASIAFROMEC2", {}),
    ("web", "ASIAWEB", {}),
    (None, "ASIAPOD", {"AWS_WEB_IDENTITY_TOKEN_FILE": "FOLDER/token", "AWS_ROLE_ARN": "arn:aws:iam::1:role/pod", "AWS_ROLE_SESSION_NAME": "pod"}),
    ("sso", "ASIASSO", {}),
    ("sso_legacy", "ASIASSO", {}),
    ("on_sso", "ASIAONSSO", {}),
    ("program", "AKIAPROGRAM", {}),
], ids=str)
def test_credentials_are_found_as_by_boto3(set_up, profile, key, environment):
    environment = {name: value.replace("URL", set_up.url).replace("FOLDER", str(set_up.folder)) for name, value in environment.items()}
    set_up.compare(profile, key, **environment)


@pytest.mark.parametrize("environment, key", [
    ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "URL/task?a=b", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Basic x"}, "ASIATASK"),
    ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "URL/pod", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "FOLDER/token"}, "ASIAPOD"),
    ({}, "ASIALATESTMETA-D"),
], ids=["container", "token file", "instance"])
def test_without_files_credentials_come_from_the_host_as_in_boto3(world, environment, key):
    (world.folder / "token").write_text("the token of a file")
    environment = {name: value.replace("URL", world.url).replace("FOLDER", str(world.folder)) for name, value in environment.items()}
    world.compare(None, key, **environment)


def test_expiring_sso_token_is_refreshed_as_by_boto3(set_up):
    expiring = {**SSO_TOKEN, "expiresAt": "2020-01-01T00:00:00Z", "refreshToken": "R1", "clientId": "c", "clientSecret": "s",
                "registrationExpiresAt": "2099-01-01T00:00:00Z"}
    file = set_up.folder / ".aws/sso/cache" / (hashlib.sha1(b"corp").hexdigest() + ".json")
    refreshed = []
    for run in (set_up.boto3, lambda profile: set_up.osbot("--profile", profile)):
        file.write_text(json.dumps(expiring))
        done, requests = run("sso")
        assert done.returncode == 0, done.stderr
        assert [request[1] for request in requests[:-1]] == ["/token", "/federation/credentials"] and requests[1][4] == "FRESH"
        refreshed.append({key: value for key, value in json.loads(file.read_text()).items() if key != "expiresAt"})
    assert refreshed[0] == refreshed[1]


@pytest.mark.parametrize("profile, text", [
    ("p", "[profile p]\nrole_arn = r\nsource_profile = q\ncredential_source = Environment\n"),
    ("p", "[profile p]\nrole_arn = r\n"),
    ("p", "[profile p]\nrole_arn = r\nsource_profile = q\n"),
    ("p", "[profile p]\nrole_arn = r\ncredential_source = Moon\n"),
    ("p", "[profile p]\nrole_arn = r\ncredential_source = Environment\n"),
    ("p", "[profile p]\nrole_arn = r\nsource_profile = q\n[profile q]\nregion = eu-west-1\n"),
    ("p", "[profile p]\nsso_account_id = 1\n"),
    ("p", "[profile p]\nsso_account_id = 1\nsso_role_name = r\nsso_session = s\n"),
    ("p", "[profile p]\nsso_account_id = 1\nsso_role_name = r\nsso_start_url = u\nsso_region = eu-west-1\n"),
    ("p", "[profile p]\ncredential_process = sh -c 'echo not today >&2; exit 3'\n"),
    ("p", "[profile p]\ncredential_process = echo '{}'\n"),
    ("missing", "[profile p]\n"),
])
def test_invalid_settings_are_rejected_as_by_boto3(world, profile, text):
    world.config(text)
    world.compare_rejection(profile, AWS_EC2_METADATA_DISABLED="true")


def test_output_contains_no_secret(world):
    world.config("[default]\ncredential_process = echo '{\"Version\": 1, \"SecretAccessKey\": \"hidden-secret\"}'\n")
    done, _ = world.osbot()
    assert done.returncode != 0 and "hidden-secret" not in done.stdout + done.stderr


def test_server_certificate_must_be_signed_by_the_bundle(world):
    server = Fake_Sources(tls=True)
    url = f"https://localhost:{server.server_port}"
    world.environment = {**world.environment, **ENVIRONMENT_KEYS, "AWS_ENDPOINT_URL_LAMBDA": url}
    rejected, _ = world.osbot()
    assert rejected.returncode != 0 and "SSL" in rejected.stderr, rejected.stderr
    bundle = str(TLS / "localhost.cert.pem")
    assert world.osbot(AWS_CA_BUNDLE=bundle)[0].returncode == 0
    assert world.osbot(REQUESTS_CA_BUNDLE=bundle)[0].returncode == 0
    world.config(f"[default]\nca_bundle = {bundle}\n")
    assert world.osbot()[0].returncode == 0
    assert len(server.requests) == 3
    server.shutdown()


def test_role_of_the_local_engine_is_assumed(functions, osbot_path, tmp_path):
    role = functions.role()
    config = tmp_path / "config"
    config.write_text(f"[default]\nrole_arn = {role}\nsource_profile = keys\n[profile keys]\naws_access_key_id = test\naws_secret_access_key = test\n")
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "AWS_CONFIG_FILE": str(config), "AWS_REGION": "us-east-1",
                   "AWS_ENDPOINT_URL": functions.engine.url}
    done = subprocess.run([osbot_path, "list"], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
