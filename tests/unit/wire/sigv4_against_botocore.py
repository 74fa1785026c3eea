"""Signs thousands of generated requests with sigv4_tool and with botocore, and compares the signatures."""

import base64
import datetime
import json
import random
import subprocess
import sys
import types
from urllib.parse import parse_qs, quote, urlsplit

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

COUNT = 4000
TEXT = "abcXYZ019-_.~ /+=&%?#*!'()@:;,$[]\"<>^`{|}\\äß漢🙂"


def some_text(rng, most, letters=TEXT):
    return "".join(rng.choice(letters) for _ in range(rng.randint(1, most)))


def generated(rng):
    service = rng.choice(["lambda", "s3", "iam", "sts", "logs", "sqs"])
    expires = rng.choice([0, 0, 0, 60, 604800])
    path = "/" + "/".join(quote(some_text(rng, 8), safe="-_.~") for _ in range(rng.randint(0, 4)))
    if rng.random() < 0.2:
        path += rng.choice(["/", "//", "/./", "/../x", "//y"])
    names = {some_text(rng, 6) for _ in range(rng.randint(0, 4))}
    query = "&".join(f"{quote(name, safe='-_.~')}={quote(some_text(rng, 8), safe='-_.~') if rng.random() < 0.8 else ''}" for name in names)
    headers = {"Host": rng.choice(["localhost:4566", "lambda.eu-west-1.amazonaws.com"])}
    for name in rng.sample(["Content-Type", "X-Amz-Target", "X-Amz-Meta-A", "User-Agent", "Expect", "X-Amz-Invocation-Type", "Range"], rng.randint(0, 4)):
        headers[name] = "  ".join(some_text(rng, 6, "abc 019;=/-") for _ in range(2)).strip() or "x"
    return {
        "method": rng.choice(["GET", "PUT", "POST", "DELETE", "HEAD"]), "target": path + ("?" + query if query else ""),
        "headers": headers, "service": service, "region": rng.choice(["us-east-1", "eu-west-1", "cn-north-1"]),
        "body": "" if expires else base64.b64encode(rng.randbytes(rng.choice([0, 1, 63, 1000]))).decode(),
        "key": "AKIA" + some_text(rng, 16, "ABC234"), "secret": some_text(rng, 40, "abcXYZ/+"),
        "token": rng.choice(["", some_text(rng, 80, "abcXYZ/+=")]), "time_ms": rng.randint(0, 4_000_000_000) * 1000,
        "expires": expires,
    }


def freeze(now):
    """Sets the clock of botocore: a function since 1.40, the datetime module before."""
    if hasattr(botocore.auth, "get_current_datetime"):
        botocore.auth.get_current_datetime = lambda *_, **__: now
    else:
        frozen = type("Frozen", (datetime.datetime,), {"utcnow": classmethod(lambda cls: now)})
        botocore.auth.datetime = types.SimpleNamespace(datetime=frozen)


def by_botocore(case):
    now = datetime.datetime.fromtimestamp(case["time_ms"] // 1000, datetime.timezone.utc)
    freeze(now)
    credentials = Credentials(case["key"], case["secret"], case["token"] or None)
    request = AWSRequest(method=case["method"], url="http://" + case["headers"]["Host"] + case["target"],
                         headers=case["headers"], data=base64.b64decode(case["body"]))
    s3, arguments = case["service"] == "s3", (credentials, case["service"], case["region"])
    if case["expires"]:
        signer = botocore.auth.S3SigV4QueryAuth if s3 else botocore.auth.SigV4QueryAuth
        signer(*arguments, expires=case["expires"]).add_auth(request)
        return parse_qs(urlsplit(request.url).query)["X-Amz-Signature"][0]
    (botocore.auth.S3SigV4Auth if s3 else botocore.auth.SigV4Auth)(*arguments).add_auth(request)
    return request.headers["Authorization"]


def main(tool):
    seed = 20261123
    rng = random.Random(seed)
    cases = [generated(rng) for _ in range(COUNT)]
    lines = "".join(json.dumps(case) + "\n" for case in cases)
    results = subprocess.run([tool], input=lines, capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()
    assert len(results) == COUNT, f"{len(results)} results for {COUNT} requests"
    wrong = 0
    for case, line in zip(cases, results):
        result = json.loads(line)
        ours = parse_qs(urlsplit(result["target"]).query)["X-Amz-Signature"][0] if case["expires"] else result["authorization"]
        theirs = by_botocore(case)
        if ours != theirs or result["verified"] != case["key"]:
            wrong += 1
            if wrong <= 5:
                print(json.dumps(case), f"\n  ours   {ours}\n  theirs {theirs}\n  verify {result['verified']}", file=sys.stderr)
    print(f"{COUNT - wrong} of {COUNT} signatures are botocore's (seed {seed})")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
