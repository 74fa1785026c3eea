"""Loads packages from S3 inside a Lambda function. Needs only this file and Python's standard library.

boto3 is not imported, although AWS provides it: importing it adds 300 ms to a cold start, and two signed requests do
not need it. The module has this name because existing functions import it.
"""
from __future__ import annotations

import datetime
import hashlib
import hmac
import io
import os
import re
import shutil
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile

ATTEMPTS_MAX = 3
TIMEOUT_SECONDS = 60
DEPENDENCIES_FOLDER = "osbot-aws__lambda-dependencies__inside-lambda"  # below the temporary folder
DEPENDENCIES_KEYS = "lambdas-dependencies"


def ping() -> str:
    """Returns 'pong', which shows that this file is in the package."""
    return "pong"


def load_dependency(package_name: str) -> str | None:
    """Makes a package importable that Lambda__Dependency has uploaded to the bucket of this account and region.

    Returns '<package> (loaded from S3)', or None if AWS_REGION, which Lambda sets, is missing. A second call downloads
    nothing. Raises RuntimeError with bucket and key if the package is not in the bucket (S3 responds with 404, or with
    403 if the role may not read it). Raises urllib's HTTPError or OSError after three attempts of up to a minute each.
    """
    if os.getenv("AWS_REGION") is None:
        return None
    folder = dependency_folder(package_name)
    if not os.path.isdir(folder):
        _extract(_dependency_bytes(package_name), folder)
    if folder not in sys.path:
        sys.path.append(folder)
    return f"{package_name} (loaded from S3)"


def load_dependencies(packages: str | list[str]) -> list[str | None]:
    """Calls load_dependency() for one name or for each name of a list."""
    if isinstance(packages, str):
        packages = [packages]
    return [load_dependency(package_name) for package_name in packages]


# ---- locations ----


def dependency_folder(package_name: str) -> str:
    """Returns the folder, below the temporary folder, to which load_dependency() extracts the package."""
    return os.path.join(tempfile.gettempdir(), DEPENDENCIES_FOLDER, _safe(package_name))


def dependency_key(package_name: str) -> str:
    """Returns the key of the package's zip in dependency_bucket()."""
    return f"{DEPENDENCIES_KEYS}/{_safe(package_name)}.zip"


def dependency_bucket() -> str:
    """Returns OSBOT_LAMBDA_S3_BUCKET, else the account's bucket in the region; uploads use the same bucket."""
    return os.getenv("OSBOT_LAMBDA_S3_BUCKET") or f"{_account_id()}--osbot-lambdas--{_variable('AWS_REGION')}"


def _variable(name: str) -> str:
    """Returns an environment variable that Lambda sets. Raises RuntimeError with the fix outside of Lambda."""
    value = os.getenv(name)
    if not value:
        raise RuntimeError(f"the environment variable {name} is not set: Lambda sets AWS_REGION, AWS_ACCESS_KEY_ID and "
                           "AWS_SECRET_ACCESS_KEY for functions. To load a package outside of Lambda, set all three")
    return value


def _safe(package_name: str) -> str:
    return "".join(c if c.isalnum() and c.isascii() or c in "_-. =" else "_" for c in str(package_name))


def _account_id() -> str:
    if os.getenv("AWS_ACCOUNT_ID"):
        return os.environ["AWS_ACCOUNT_ID"]
    response = _signed_get("sts", "/", "Action=GetCallerIdentity&Version=2011-06-15")
    account = re.search(rb"<Account>([0-9]+)</Account>", response)
    if account is None:
        raise RuntimeError(f"the response of GetCallerIdentity has no account: {response!r:.200}")
    return account.group(1).decode()


def _dependency_bytes(package_name: str) -> bytes:
    bucket, key = dependency_bucket(), dependency_key(package_name)
    try:
        return _signed_get("s3", f"/{bucket}/{urllib.parse.quote(key)}")
    except urllib.error.HTTPError as error:
        if error.code in (403, 404):
            raise RuntimeError(f"the package {package_name} was not found in s3://{bucket}/{key} "
                               f"({error.code} {error.reason}): upload it with Lambda__Dependency") from error
        raise


def _extract(zip_bytes: bytes, folder: str) -> None:
    """Extracts to a temporary folder and renames it, so that a call that times out leaves no partial package."""
    parent = os.path.dirname(folder)
    os.makedirs(parent, exist_ok=True)
    temporary = tempfile.mkdtemp(dir=parent)
    try:
        with zipfile.ZipFile(io.BytesIO(zip_bytes)) as archive:
            archive.extractall(temporary)
        os.rename(temporary, folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


# ---- a signed GET: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html ----


def _endpoint(service: str) -> str:
    for name in (f"AWS_ENDPOINT_URL_{service.upper()}", "AWS_ENDPOINT_URL"):
        if os.getenv(name):
            return os.environ[name].rstrip("/")
    region = _variable("AWS_REGION")
    return f"https://{service}.{region}.amazonaws.com" + (".cn" if region.startswith("cn-") else "")


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _signed_headers(service: str, host: str, path: str, query: str) -> dict[str, str]:
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    payload = hashlib.sha256(b"").hexdigest()
    headers = {"host": host, "x-amz-content-sha256": payload, "x-amz-date": now}
    if os.getenv("AWS_SESSION_TOKEN"):
        headers["x-amz-security-token"] = os.environ["AWS_SESSION_TOKEN"]
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    canonical = "\n".join(["GET", path, query, lines, names, payload])
    scope = f"{now[:8]}/{_variable('AWS_REGION')}/{service}/aws4_request"
    to_sign = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + _variable("AWS_SECRET_ACCESS_KEY")).encode()
    for part in scope.split("/"):
        key = _hmac(key, part)
    signature = _hmac(key, to_sign).hex()
    headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={_variable('AWS_ACCESS_KEY_ID')}/{scope}, "
                                f"SignedHeaders={names}, Signature={signature}")
    return headers


def _signed_get(service: str, path: str, query: str = "") -> bytes:
    endpoint = _endpoint(service)
    host = urllib.parse.urlsplit(endpoint).netloc
    for attempt in range(1, ATTEMPTS_MAX + 1):
        headers = _signed_headers(service, host, path, query)
        request = urllib.request.Request(endpoint + path + ("?" + query if query else ""), headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
                return bytes(response.read())
        except urllib.error.HTTPError as error:
            if error.code < 500 or attempt == ATTEMPTS_MAX:
                raise
        except OSError:
            if attempt == ATTEMPTS_MAX:
                raise
        time.sleep(0.1 * 2 ** attempt)
    raise AssertionError("unreachable")
