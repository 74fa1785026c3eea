"""Tests Lambda layers with boto3: publishing, use by functions, sharing between accounts, limits."""

import base64
import hashlib
import io
import json
import sys
import urllib.request
import zipfile

import boto3
import pytest

from conftest import Functions, zip_of
from test_boto3_lambda import error_of

PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
MIB = 1 << 20


@pytest.fixture
def publish(functions):
    """Publishes a layer version and deletes it after the test."""
    published = []

    def publish(name, files, **arguments):
        content = {"ZipFile": files if isinstance(files, bytes) else zip_of(files)}
        response = functions.lambda_.publish_layer_version(LayerName=name, Content=content, **arguments)
        published.append((name, response["Version"]))
        return response

    yield publish
    for name, number in published:
        functions.lambda_.delete_layer_version(LayerName=name, VersionNumber=number)


def client_of_account(engine, account):
    return boto3.client("lambda", endpoint_url=engine.url, region_name="us-east-1", aws_access_key_id=account, aws_secret_access_key="x")


def test_layer_version_has_the_published_content(functions, publish, engine):
    code = zip_of({"python/shared.py": "x = 1\n"})
    published = publish("content", code, Description="d", LicenseInfo="MIT", CompatibleRuntimes=["python3.11"], CompatibleArchitectures=["x86_64"])
    assert published["LayerVersionArn"] == f"arn:aws:lambda:us-east-1:000000000000:layer:content:{published['Version']}"
    assert published["Content"]["CodeSha256"] == base64.b64encode(hashlib.sha256(code).digest()).decode()
    for found in (functions.lambda_.get_layer_version(LayerName="content", VersionNumber=published["Version"]),
                  functions.lambda_.get_layer_version(LayerName=published["LayerArn"], VersionNumber=published["Version"]),
                  functions.lambda_.get_layer_version_by_arn(Arn=published["LayerVersionArn"])):
        assert (found["Description"], found["LicenseInfo"], found["CompatibleRuntimes"]) == ("d", "MIT", ["python3.11"])
        assert urllib.request.urlopen(found["Content"]["Location"]).read() == code
    s3 = engine.client("s3")
    s3.create_bucket(Bucket="layer-bucket")
    s3.put_object(Bucket="layer-bucket", Key="layer.zip", Body=code)
    from_s3 = functions.lambda_.publish_layer_version(LayerName="content", Content={"S3Bucket": "layer-bucket", "S3Key": "layer.zip"})
    assert from_s3["Version"] == published["Version"] + 1 and from_s3["Content"]["CodeSha256"] == published["Content"]["CodeSha256"]
    functions.lambda_.delete_layer_version(LayerName="content", VersionNumber=from_s3["Version"])


def test_layers_of_equal_content_override_in_their_order(functions, publish):
    equal, other = zip_of({"python/shared.py": "x = 1\n"}), zip_of({"python/shared.py": "x = 2\n"})
    arns = [publish(name, content)["LayerVersionArn"] for name, content in (("equal-a", equal), ("other", other), ("equal-b", equal))]
    source = "import shared\ndef handler(event, context):\n    return shared.x\n"
    name = functions.python("equal_layers", source, Layers=arns)
    assert functions.invoke(name)[0] == 1
    functions.lambda_.update_function_configuration(FunctionName=name, Layers=arns[:2])
    functions.lambda_.get_waiter("function_updated_v2").wait(FunctionName=name)
    assert functions.invoke(name)[0] == 2


def test_layers_are_listed_in_pages_and_by_compatibility(functions, publish):
    for name in ("page-a", "page-b", "page-c"):
        publish(name, {"x": "1"}, CompatibleRuntimes=["python3.12"])
        publish(name, {"x": "2"}, CompatibleRuntimes=["python3.11"])
    pages = functions.lambda_.get_paginator("list_layers").paginate(PaginationConfig={"PageSize": 2})
    found = [(layer["LayerName"], layer["LatestMatchingVersion"]["Version"]) for page in pages for layer in page["Layers"]]
    assert [layer for layer in found if layer[0].startswith("page-")] == [("page-a", 2), ("page-b", 2), ("page-c", 2)]
    compatible = functions.lambda_.list_layers(CompatibleRuntime="python3.12")["Layers"]
    assert [layer["LatestMatchingVersion"]["Version"] for layer in compatible if layer["LayerName"].startswith("page-")] == [1, 1, 1]
    versions = functions.lambda_.get_paginator("list_layer_versions").paginate(LayerName="page-a", PaginationConfig={"PageSize": 1})
    assert [version["Version"] for page in versions for version in page["LayerVersions"]] == [2, 1]


def test_layers_are_mounted_at_opt(functions, publish):
    site = f"python/lib/{PYTHON}/site-packages"
    first = publish("first", {"python/both.py": "name = 'first'\n", f"{site}/deep.py": "", "bin/tool!": "#!/bin/sh\necho tool\n", "lib/data": "1"})
    second = publish("second", {"python/both.py": "name = 'second'\n"})
    name = functions.python("layered", """
        import both, deep, os, subprocess
        def handler(event, context):
            return {"name": both.name, "both": both.__file__, "deep": deep.__file__, "tool": subprocess.check_output("tool", text=True),
                    "libraries": os.environ["LD_LIBRARY_PATH"]}
        """, Layers=[first["LayerVersionArn"], second["LayerVersionArn"]])
    payload, _ = functions.invoke(name)
    assert payload["name"] == "second" and payload["tool"] == "tool\n", payload
    opt = payload["both"][: -len("/python/both.py")]
    assert payload["deep"] == f"{opt}/{site}/deep.py" and f"{opt}/lib" in payload["libraries"].split(":")

    configuration = functions.lambda_.get_function_configuration(FunctionName=name)
    assert [(layer["Arn"], layer["CodeSize"]) for layer in configuration["Layers"]] == [
        (layer["LayerVersionArn"], layer["Content"]["CodeSize"]) for layer in (first, second)]
    functions.lambda_.update_function_configuration(FunctionName=name, Layers=[second["LayerVersionArn"], first["LayerVersionArn"]])
    functions.lambda_.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.05, "MaxAttempts": 100})
    assert functions.invoke(name)[0]["name"] == "first"
    functions.lambda_.update_function_configuration(FunctionName=name, Layers=[])
    functions.lambda_.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.05, "MaxAttempts": 100})
    payload, response = functions.invoke(name)
    assert response["FunctionError"] == "Unhandled" and payload["errorType"] == "Runtime.ImportModuleError"


def test_layer_can_provide_a_custom_runtime(functions, publish):
    bootstrap = """#!/bin/sh
        set -e
        while true; do
            headers=$(mktemp)
            curl -sS -o /dev/null -D "$headers" "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/next"
            id=$(grep -i lambda-runtime-aws-request-id "$headers" | tr -d '\\r' | cut -d' ' -f2)
            curl -sS -X POST "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/$id/response" -d "\\"from $0\\"" > /dev/null
        done
        """
    layer = publish("shell-runtime", {"bootstrap!": bootstrap.replace("        ", "")})
    name = functions.create("runtime-from-layer", {"data": "no bootstrap here"}, "provided.al2023", "any", Layers=[layer["LayerVersionArn"]], Timeout=10)
    assert functions.invoke(name)[0].endswith("/bootstrap")


def test_layer_of_another_account_needs_a_policy(functions, publish, engine):
    layer = publish("shared", {"python/shared.py": "x = 'shared'\n"})
    arn, other = layer["LayerVersionArn"], client_of_account(engine, "111111111111")
    denied = f"User: arn:aws:iam::111111111111:root is not authorized to perform: lambda:GetLayerVersion on resource: {arn} " \
             "because no resource-based policy allows the lambda:GetLayerVersion action"
    assert error_of(lambda: other.get_layer_version_by_arn(Arn=arn)) == ("AccessDeniedException", denied, 403)
    functions.lambda_.add_layer_version_permission(LayerName="shared", VersionNumber=1, StatementId="wrong", Principal="222222222222",
                                                   Action="lambda:GetLayerVersion")
    assert error_of(lambda: other.get_layer_version_by_arn(Arn=arn))[0] == "AccessDeniedException"
    added = functions.lambda_.add_layer_version_permission(LayerName="shared", VersionNumber=1, StatementId="right", Principal="111111111111",
                                                           Action="lambda:GetLayerVersion")
    assert json.loads(added["Statement"])["Principal"] == {"AWS": "arn:aws:iam::111111111111:root"}
    assert other.get_layer_version_by_arn(Arn=arn)["LayerVersionArn"] == arn
    functions.lambda_.remove_layer_version_permission(LayerName="shared", VersionNumber=1, StatementId="right", RevisionId=added["RevisionId"])
    assert error_of(lambda: other.get_layer_version_by_arn(Arn=arn))[0] == "AccessDeniedException"


def test_code_and_layers_are_limited_to_250_mib(functions, publish):
    def zip_of_size(mebibytes):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr("zeros", bytes(mebibytes * MIB))
        return buffer.getvalue()

    small, large = publish("small", zip_of_size(50)), publish("large", zip_of_size(200))
    name = functions.python("limited", "def handler(event, context):\n    pass\n", Layers=[large["LayerVersionArn"]])
    code, message, _ = error_of(lambda: functions.lambda_.update_function_configuration(
        FunctionName=name, Layers=[large["LayerVersionArn"], small["LayerVersionArn"]]))
    assert code == "InvalidParameterValueException"
    assert message.startswith("Function code combined with layers exceeds the maximum allowed size of 262144000 bytes. The actual size is 2621440")
    functions.lambda_.update_function_configuration(FunctionName=name, Layers=[small["LayerVersionArn"]])
    functions.lambda_.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.05, "MaxAttempts": 200})
    error = error_of(lambda: functions.lambda_.update_function_code(FunctionName=name, ZipFile=zip_of_size(201)))
    assert error[0] == "InvalidParameterValueException" and "combined with layers" in error[1]


def test_account_settings_count_functions_and_layers(own_engine):
    functions = Functions(own_engine())
    empty = functions.lambda_.get_account_settings()
    assert empty["AccountUsage"] == {"TotalCodeSize": 0, "FunctionCount": 0}
    limit = empty["AccountLimit"]["ConcurrentExecutions"]  # 1000, unless the host allows fewer
    assert 10 < limit <= 1000 and empty["AccountLimit"]["CodeSizeUnzipped"] == 262144000
    layer = functions.lambda_.publish_layer_version(LayerName="counted", Content={"ZipFile": zip_of({"x": "1"})})
    name = functions.python("counted", "def handler(event, context):\n    pass\n", Publish=True)
    size = functions.lambda_.get_function(FunctionName=name)["Configuration"]["CodeSize"]
    functions.lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=10)
    settings = functions.lambda_.get_account_settings()
    assert settings["AccountUsage"] == {"TotalCodeSize": 2 * size + layer["Content"]["CodeSize"], "FunctionCount": 1}
    assert settings["AccountLimit"]["UnreservedConcurrentExecutions"] == limit - 10
