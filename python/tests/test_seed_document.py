"""Runs every Python block of the seed document as printed, in order, in one environment.

Two tables supply what the document does not define. REQUIRED_STATE creates the names and resources that its sections require.
placeholders() replaces texts such as `...` and `/path/to`. Otherwise the blocks are not changed.
"""
import hashlib
import importlib
import io
import json
import linecache
import os
import pathlib
import re
import sys
import tarfile
import tempfile
import types
import unittest
import urllib.parse
import urllib.request

import boto3
import pytest
from botocore.exceptions import ClientError

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs/seed/osbot_aws_lambda_briefing.md"
BLOCKS = 66
ACCOUNT = "000000000000"
REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
CODE = "def main(event, context):\n    return {'event': event}\n\nrun = main\n"


def blocks_of_document():
    """Lists the Python blocks as (number, headings above the block, code)."""
    blocks, headings, code = [], {}, None
    for line in DOCUMENT.read_text().splitlines():
        if code is not None:
            if line == "```":
                blocks.append((len(blocks) + 1, tuple(headings.values()), "\n".join(code) + "\n"))
                code = None
            else:
                code.append(line)
        elif line == "```python":
            code = []
        elif match := re.match(r"(#+) (.*)", line):
            headings = {level: text for level, text in headings.items() if level < len(match[1])} | {len(match[1]): match[2]}
    return blocks


def write_image(folder):
    """Writes an OCI image layout with one layer that has one file."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("bootstrap"))

    def blob(content):
        digest = hashlib.sha256(content).hexdigest()
        (folder / "blobs/sha256").mkdir(parents=True, exist_ok=True)
        (folder / "blobs/sha256" / digest).write_bytes(content)
        return {"digest": f"sha256:{digest}", "size": len(content)}

    unpacked = blob(layer.getvalue())
    config = {"architecture": "amd64", "os": "linux", "config": {"Entrypoint": ["/bootstrap"]},
              "rootfs": {"type": "layers", "diff_ids": [unpacked["digest"]]}}
    manifest = {"schemaVersion": 2, "config": blob(json.dumps(config).encode()), "layers": [unpacked]}
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [blob(json.dumps(manifest).encode())]}))


# ---- assumptions of the document ----


def placeholders(state):
    return {
        "arn:aws:iam::...:": f"arn:aws:iam::{ACCOUNT}:",
        "arn:aws:lambda:...:": f"arn:aws:lambda:us-east-1:{ACCOUNT}:",
        "arn:aws:sqs:...:": f"arn:aws:sqs:us-east-1:{ACCOUNT}:",
        "/path/to/": f"{state.folder}/path/to/",
        "'new-image-uri'": f"'{REGISTRY}/new-image:latest'",
    }


class Document_State:
    """Creates the files, functions and other resources that the document's blocks use."""

    def __init__(self, folder):
        self.folder = folder
        for module in ("my_module", "my_utils", "module1", "module2", "my_order_lib"):
            (folder / f"{module}.py").write_text(CODE)
        for path in ("path/to/lib", "path/to/layer/contents", "path/to/lambda/code"):
            (folder / path).mkdir(parents=True)
        (folder / "path/to/config.json").write_text("{}")
        (folder / "path/to/lib/native.py").write_text("VALUE = True\n")
        (folder / "path/to/layer/contents/in_layer.py").write_text("VALUE = True\n")
        (folder / "path/to/lambda/code/handler.py").write_text(CODE)

    def initial_state(self, names):
        from osbot_aws.aws.iam.IAM_Role import IAM_Role
        from osbot_aws.aws.lambda_.Lambda_Layer import Lambda_Layer

        names["my_module"] = importlib.import_module("my_module")
        IAM_Role("lambda-role").create_for__lambda()
        layers = [Lambda_Layer(name) for name in ("my-layer", "layer1", "layer2")]
        for layer in layers:
            layer.create_from_folder(self.folder / "path/to/layer/contents")
        names["layer_arn_1"], names["layer_arn_2"] = layers[1].arn_latest(), layers[2].arn_latest()
        names["role_arn"] = IAM_Role("lambda-role").arn()

    def code_in_s3(self, names):
        from osbot_aws.aws.s3.S3 import S3

        S3().bucket_create("my-bucket")
        (self.folder / "code").mkdir(exist_ok=True)
        for file in ("my_function.py", "handler.py"):
            (self.folder / "code" / file).write_text(CODE)
        S3().folder_upload(self.folder / "code", "my-bucket", "lambdas/my-function.zip")

    def images_of_the_registry(self, names):
        """Imports the images of the document's image URIs, like `osbot local image import`."""
        layout = self.folder / "image"
        write_image(layout)
        for name in ("my-repo:latest", "new-image:latest"):
            body = json.dumps({"path": str(layout), "name": name}).encode()
            urllib.request.urlopen(f"{os.environ['AWS_ENDPOINT_URL']}/_osbot/images", body).close()

    def no_function_but_code_in_s3(self, names):
        self.no_function(names)
        self.code_in_s3(names)

    def a_function_from_an_image(self, names):
        from osbot_aws.aws.lambda_.Lambda import Lambda

        names["lambda_func"] = Lambda("my-function", role=names["role_arn"],
                                      image_uri=f"{REGISTRY}/my-repo:latest")
        assert names["lambda_func"].update()["status"] == "ok"

    def a_function_from_a_zip_instead(self, names):
        self.no_function(names)
        self.a_function_from_a_zip(names)

    def a_function_from_a_zip(self, names):
        from osbot_aws.aws.lambda_.Lambda import Lambda

        names["lambda_func"] = Lambda("my-function", role=names["role_arn"], handler="my_function.run", s3_bucket="my-bucket",
                                      s3_key="lambdas/my-function.zip")
        assert names["lambda_func"].update()["status"] == "ok"

    def zip_bytes(self, names):
        from osbot_aws.utils.Zip import zip_folder_to_bytes

        names["zip_bytes"] = zip_folder_to_bytes(self.folder / "path/to/layer/contents")

    def pandas_in_s3(self, names):
        from osbot_aws.aws.lambda_.dependencies.Lambda__Dependency import Lambda__Dependency

        runtime = "python{}.{}".format(*sys.version_info)
        for package in ("pandas", "requests", "numpy"):
            assert Lambda__Dependency(package, runtime=runtime).install_and_upload()["s3_exists"]

    def a_queue(self, names):
        boto3.client("sqs").create_queue(QueueName="my-queue", Attributes={"VisibilityTimeout": "120"})  # at least the function's timeout

    def a_version(self, names):
        assert names["lambda_func"].publish_version()["Version"] == "1"

    def a_function_with_a_shell(self, names):
        from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda

        (self.folder / "with_shell.py").write_text("from osbot_aws.apis.shell.Lambda_Shell import lambda_shell\n"
                                                   "@lambda_shell\ndef run(event, context=None):\n    return {'event': event}\n")
        deploy = Deploy_Lambda(importlib.import_module("with_shell").run, "my-function").add_osbot_aws()
        deploy.set_env_variable("LAMBDA_SHELL__AUTH_KEY", "secret-auth-key")
        assert deploy.deploy(), deploy.last_error
        names["lambda_func"] = deploy.lambda_function()

    def no_function(self, names):
        from osbot_aws.aws.lambda_.Lambda import Lambda

        Lambda("my-function").delete()


REQUIRED_STATE = {  # heading: state to create before the first block below it
    "Why OSBot-AWS Lambda?": Document_State.initial_state,
    "Container Image Deployment": Document_State.images_of_the_registry,
    "Create Function": Document_State.no_function_but_code_in_s3,
    "Update Functions": Document_State.a_function_from_an_image,
    "Invoke Functions": Document_State.a_function_from_a_zip_instead,
    "Event Source Mappings": Document_State.a_queue,
    "Aliases": Document_State.a_version,
    "Create Layer": Document_State.zip_bytes,
    "Inside Lambda Function": Document_State.pandas_in_s3,
    "Complete Example: Deploy Lambda Function": Document_State.no_function,
    "Shell Access (Advanced)": Document_State.a_function_with_a_shell,
}


# ---- effects of the blocks, read with boto3 ----


def client(service):
    return boto3.client(service)  # uses the target of the environment, like the document's calls


def function(name="my-function"):
    return client("lambda").get_function(FunctionName=name)


def assert_not_found(call, **arguments):
    with pytest.raises(ClientError, match="ResourceNotFound|NoSuchEntity"):
        call(**arguments)


def invoke(name, event):
    return json.load(client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))["Payload"])


def check_1(names):
    assert invoke("my_module", {"a": 1}) == {"event": {"a": 1}}


def check_2(names):
    files = names["deploy"].files()
    assert {"/my_module.py", "/osbot_utils/__init__.py", "/requests/__init__.py"} <= set(files)


def check_3(names):
    [version] = client("lambda").list_layer_versions(LayerName="layer_for__my_module")["LayerVersions"]
    assert names["deploy"].lambda_function().layers == [version["LayerVersionArn"]]


def check_4(names):
    assert names["result"]["return_value"] == {"event": {"key": "value"}}
    assert "START RequestId" in names["result"]["execution_logs"]


def check_5(names):
    assert invoke("my_handler", {}) == {"statusCode": 200, "body": "Hello!"}


def check_6(names):
    assert names["deploy"].lambda_name() == "my-api-function__prod"


def check_7(names):
    assert {"/my_handler.py", "/my_utils.py", "/module1.py", "/module2.py", "/osbot_utils/__init__.py", "/lib/native.py",
            "/osbot_aws/aws/lambda_/boto3__lambda.py", "/config/config.json"} <= set(names["deploy"].files())


def check_8(names):
    layers = names["deploy"].lambda_function().layers
    assert layers[:3] == ["arn:aws:lambda:us-east-1:123456789012:layer:my-layer:1", names["layer_arn_1"], names["layer_arn_2"]]
    assert layers[3].endswith(":layer:layer_for__my_handler:1")


def check_9(names):
    assert names["deploy"].lambda_function().env_variables == {"API_KEY": "secret-value", "DEBUG": "true",
                                                               "DATABASE_URL": "postgresql://..."}


def check_10(names):
    assert names["result"]["return_value"] == {"statusCode": 200, "body": "Hello!"}


def check_11(names):
    assert_not_found(function, name="my_handler")


def check_12(names):
    assert names["result"] == {"statusCode": 200, "body": "Hello!"}


def check_13(names):
    assert names["deploy"].last_error is None
    assert function()["Code"]["ImageUri"] == f"{REGISTRY}/my-repo:latest"


def check_14(names):
    assert names["success"] is True
    assert names["result"] == {"processed": "ORD-12345"}
    configuration = function("order-processor")["Configuration"]
    assert configuration["Environment"]["Variables"] == {"STAGE": "production", "LOG_LEVEL": "INFO"}
    assert configuration["Layers"][0]["Arn"].endswith(":layer:layer_for__order-processor:1")


def check_15(names):
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(names["Test_My_Lambda"]).run(result)
    assert (result.testsRun, result.errors, result.failures, result.skipped) == (1, [], [], [])


def check_18(names):
    assert names["result"]["status"] == "ok"
    configuration = function()["Configuration"]
    assert (configuration["MemorySize"], configuration["Timeout"], configuration["Handler"]) == (512, 60, "my_function.run")
    assert configuration["Role"] == f"arn:aws:iam::{ACCOUNT}:role/lambda-role"


def check_20(names):
    assert names["result"]["status"] == "warning"  # the function of the blocks above still exists


def check_21(names):
    assert names["exists"] is False  # another function


def check_22(names):
    assert names["deleted"] is True
    assert_not_found(function)


def check_23(names):
    assert names["result"]["status"] == "ok"
    assert set(names["result"]["data"]) == {"update_code", "update_config"}


def check_24(names):
    assert function()["Code"]["ImageUri"] == f"{REGISTRY}/new-image:latest"


def check_25(names):
    configuration = function()["Configuration"]
    assert (configuration["MemorySize"], configuration["Timeout"]) == (1024, 120)
    assert configuration["Environment"]["Variables"] == {"KEY": "value"}


def check_26(names):
    assert names["result"] == {"event": {"key": "value"}}


def check_27(names):
    assert names["result"]["response"]["StatusCode"] == 200
    assert names["result"]["data"] == {"event": {"key": "value"}}


def check_28(names):
    assert set(names["result"]) == {"status", "name", "return_value", "execution_logs", "request_id"}


def check_29(names):
    assert names["response"]["StatusCode"] == 202


def check_30(names):
    assert names["response"]["StatusCode"] == 204


def check_31(names):
    assert names["result"] == {"event": {"key": "value"}}


def check_32(names):
    expected = client("lambda").get_function_configuration(FunctionName="my-function")
    del expected["ResponseMetadata"]
    assert names["config"] == expected


def check_33(names):
    assert names["info"]["Configuration"] == function()["Configuration"]


def check_37(names):
    assert client("lambda").get_function_url_config(FunctionName="my-function")["FunctionUrl"] == names["lambda_func"].function_url()
    assert names["result"]["function_set_policy"]["Action"] == "lambda:InvokeFunctionUrl"


def check_38(names):
    assert names["exists"] is True
    assert names["info"]["FunctionUrl"] == names["url"]


def check_39(names):
    url = client("lambda").get_function_url_config(FunctionName="my-function")
    assert (url["AuthType"], url["InvokeMode"]) == ("NONE", "RESPONSE_STREAM")


def check_40(names):
    assert_not_found(client("lambda").get_function_url_config, FunctionName="my-function")


def statements():
    return {statement["Sid"]: statement
            for statement in json.loads(client("lambda").get_policy(FunctionName="my-function")["Policy"])["Statement"]}


def check_41(names):
    assert statements()["AllowS3Invoke"] == names["result"]


def check_42(names):
    assert "AllowS3Invoke" not in statements()


def check_43(names):
    assert set(names["by_sid"]) == set(statements())


def check_44(names):
    assert_not_found(client("lambda").get_policy, FunctionName="my-function")


def check_45(names):
    queue = f"arn:aws:sqs:us-east-1:{ACCOUNT}:my-queue"
    assert "error" not in names["mapping"], names["mapping"]
    assert (names["mapping"]["EventSourceArn"], names["mapping"]["FunctionArn"]) == (queue, function()["Configuration"]["FunctionArn"])
    assert [mapping["UUID"] for mapping in names["mappings"]] == [names["mapping"]["UUID"]]


def check_46(names):
    assert names["alias"]["FunctionVersion"] == "1"
    assert [alias["Name"] for alias in names["aliases"]] == ["prod"]
    assert client("lambda").list_aliases(FunctionName="my-function")["Aliases"] == []


def check_47(names):
    expected = sorted(f["FunctionName"] for f in client("lambda").list_functions()["Functions"])
    assert names["names"] == expected == sorted(names["by_name"])


def check_48(names):
    assert names["log_group"].name() == "/aws/lambda/my-function"
    assert client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/my-function")["logGroups"]


def check_49(names):
    assert names["result"]["status"] == "ok"
    assert names["status"] == "Successful"


def check_54(names):
    versions = client("lambda").list_layer_versions(LayerName="my-layer")["LayerVersions"]
    assert len(versions) == 5  # one from REQUIRED_STATE and one from each block
    assert versions[0]["CompatibleRuntimes"] == ["python3.11", "python3.10"]
    assert versions[0]["LicenseInfo"] == "MIT"


def check_55(names):
    assert client("lambda").list_layer_versions(LayerName="my-layer")["LayerVersions"] == []
    assert names["version"] == 5
    assert names["zip_path"] is None  # the block deletes all versions before it downloads one


def check_57(names):
    assert names["pd"].DataFrame({"a": [1, 2]})["a"].sum() == 3


def check_59(names):
    bucket = names["dep"].dependency__s3.bucket__name()
    assert client("s3").head_object(Bucket=bucket, Key="lambdas-dependencies/pandas.zip")["ContentLength"] == len(names["zip_bytes"])


def check_60(names):
    assert function("my-test-function")["Configuration"]["Role"].endswith(":role/osbot__temp_role_for__test_Lambda")


def check_61(names):
    assert set(names["settings"]) >= {"AccountLimit", "AccountUsage"}


def check_62(names):
    assert names["response"] == {"event": {"test": "data"}}
    url = urllib.parse.urlsplit(names["lambda_func"].function_url())
    request = urllib.request.Request(f"http://127.0.0.1:{url.port}/", headers={"Host": url.netloc})  # not every libc resolves *.localhost
    with urllib.request.urlopen(request) as response:
        assert json.load(response)["event"]["rawPath"] == "/"


def check_63(names):
    assert names["lambda_func"].layers[0] == names["layer"].arn_latest()


def check_64(names):
    assert names["shell"] is not None
    assert names["lambda_func"].shell("secret-auth-key").ping() == "pong"


def check_65(names):
    assert names["lambda_func"].memory_size == 512


def check_66(names):
    assert names["result"]["status"] == "warning"  # the function was deployed
    assert "already exists" in names["result"]["message"]
    assert names["response"] == {"event": {"key": "value"}}


# ---- the test ----


@pytest.fixture(scope="module")
def state(osbot_local_session, tmp_path_factory):
    folder = tmp_path_factory.mktemp("document")
    module = types.ModuleType("seed_document")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        patch.setenv("AWS_ACCOUNT_ID", ACCOUNT)
        patch.setattr(tempfile, "tempdir", str(folder / "tmp"))  # packages from S3 are extracted there
        (folder / "tmp").mkdir()
        patch.setitem(sys.modules, module.__name__, module)
        result = Document_State(folder)
        result.names = vars(module)
        result.prepared = set()
        yield result


def run_block(state, number, headings, code):
    for heading in headings:
        if heading in REQUIRED_STATE and heading not in state.prepared:
            state.prepared.add(heading)
            REQUIRED_STATE[heading](state, state.names)
    for placeholder, value in placeholders(state).items():
        code = code.replace(placeholder, value)
    name = f"<block {number} of {DOCUMENT.name}>"
    linecache.cache[name] = (len(code), None, code.splitlines(True), name)  # for inspect, as in notebooks
    exec(compile(code, name, "exec"), state.names)


def test_document_has_the_expected_number_of_blocks():
    assert len(blocks_of_document()) == BLOCKS


@pytest.mark.parametrize(("number", "headings", "code"), blocks_of_document(),
                         ids=lambda value: f"{value:02}" if isinstance(value, int) else None)
def test_block(state, number, headings, code):
    run_block(state, number, headings, code)
    check = globals().get(f"check_{number}")
    if check:
        check(state.names)
