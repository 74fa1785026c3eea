"""Every Python block of the seed document, as printed, in order, in one environment.

What the document leaves open is in two tables: ASSUMED, the names and the state of the world that its sections begin
with, and PLACEHOLDERS, what its `...`, `/path/to` and the like stand for. Nothing else of a block is touched.
"""
import importlib
import linecache
import pathlib
import re
import sys
import types
import unittest

import boto3
import pytest

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs/seed/osbot_aws_lambda_briefing.md"
BLOCKS = 66
ACCOUNT = "000000000000"
CODE = "def main(event, context):\n    return {'got': event}\n\nrun = main\n"


def blocks_of_document():
    """[(number, the headings above it, code)]"""
    found, headings, code = [], {}, None
    for line in DOCUMENT.read_text().splitlines():
        if code is not None:
            if line == "```":
                found.append((len(found) + 1, tuple(headings.values()), "\n".join(code) + "\n"))
                code = None
            else:
                code.append(line)
        elif line == "```python":
            code = []
        elif match := re.match(r"(#+) (.*)", line):
            headings = {level: text for level, text in headings.items() if level < len(match[1])} | {len(match[1]): match[2]}
    return found


# ---- what the document assumes ----


def placeholders(world):
    return {
        "arn:aws:iam::...:": f"arn:aws:iam::{ACCOUNT}:",
        "arn:aws:lambda:...:": f"arn:aws:lambda:us-east-1:{ACCOUNT}:",
        "arn:aws:sqs:...:": f"arn:aws:sqs:us-east-1:{ACCOUNT}:",
        "/path/to/": f"{world.folder}/path/to/",
    }


class World:
    """The folder of the document's paths and modules, and the engine of its calls."""

    def __init__(self, folder):
        self.folder = folder
        for module in ("my_module", "my_utils", "module1", "module2", "my_order_lib"):
            (folder / f"{module}.py").write_text(CODE)
        for path in ("path/to/lib", "path/to/layer/contents", "path/to/lambda/code"):
            (folder / path).mkdir(parents=True)
        (folder / "path/to/config.json").write_text("{}")
        (folder / "path/to/lib/native.py").write_text("there = True\n")
        (folder / "path/to/layer/contents/in_layer.py").write_text("there = True\n")
        (folder / "path/to/lambda/code/handler.py").write_text(CODE)

    def at_the_beginning(self, names):
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

    def no_function(self, names):
        from osbot_aws.aws.lambda_.Lambda import Lambda

        Lambda("my-function").delete()


ASSUMED = {  # before the first block below a heading
    "Why OSBot-AWS Lambda?": World.at_the_beginning,
    "Create Function": World.code_in_s3,
    "Update Functions": World.a_function_from_a_zip,
    "Create Layer": World.zip_bytes,
    "Inside Lambda Function": World.pandas_in_s3,
    "Complete Example: Deploy Lambda Function": World.no_function,
    "Shell Access (Advanced)": World.a_function_from_a_zip,
}


# ---- the test ----


@pytest.fixture(scope="module")
def world(osbot_local_session, tmp_path_factory):
    folder = tmp_path_factory.mktemp("document")
    module = types.ModuleType("seed_document")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        patch.setenv("AWS_ACCOUNT_ID", ACCOUNT)
        patch.setitem(sys.modules, module.__name__, module)
        made = World(folder)
        made.names = vars(module)
        made.done = set()
        yield made


def run_block(world, number, headings, code):
    for heading in headings:
        if heading in ASSUMED and heading not in world.done:
            world.done.add(heading)
            ASSUMED[heading](world, world.names)
    for printed, meant in placeholders(world).items():
        code = code.replace(printed, meant)
    name = f"<block {number} of {DOCUMENT.name}>"
    linecache.cache[name] = (len(code), None, code.splitlines(True), name)  # as notebooks do, so that inspect finds it
    exec(compile(code, name, "exec"), world.names)


def test_the_document_has_all_its_blocks():
    assert len(blocks_of_document()) == BLOCKS


NOT_YET = {24: "UpdateFunctionCode with ImageUri", 45: "event source mappings"}  # of the local engine


@pytest.mark.parametrize(("number", "headings", "code"), blocks_of_document(),
                         ids=lambda value: f"{value:02}" if isinstance(value, int) else None)
def test_block(world, number, headings, code):
    try:
        run_block(world, number, headings, code)
    except Exception as error:
        if number in NOT_YET and getattr(error, "http_status", None) == 501:
            pytest.xfail(f"{NOT_YET[number]}: {error}")
        raise
    check = globals().get(f"check_{number}")
    if check:
        check(world.names)
