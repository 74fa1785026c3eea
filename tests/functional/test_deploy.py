"""Tests what `osbot deploy` and `osbot package` pack, check and install."""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import zipfile

import pytest

from conftest import ROOT, zip_of

HANDLER = "def handler(event, context):\n    return event\n"


@pytest.fixture
def app(tmp_path, request):
    """A folder with a handler. Its name is that of the test, because the function has the folder's name."""
    folder = tmp_path / request.node.name[:50].replace("[", "_").replace("]", "")
    folder.mkdir()
    (folder / "app.py").write_text(HANDLER)
    return folder


def packaged(engine, *arguments, check=True, env=None):
    """Runs `osbot package --json`; returns its result and the opened zip."""
    done = engine.run("package", *arguments, "--json", check=check, env=env)
    result = json.loads(done.stdout)
    return result, zipfile.ZipFile(result["file"])


def test_unreachable_deploy_exits_with_3_like_other_commands(engine, app):
    unreachable = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}
    for command in (("deploy", app), ("list",)):
        done = engine.run(*command, check=False, env=unreachable)
        assert done.returncode == 3 and "(EndpointConnectionError)\nmore: " in done.stderr, done.stderr


# ---- files that are left out

def test_secrets_and_caches_are_left_out_and_counted(engine, app, tmp_path):
    (app / ".env").write_text("TOKEN=1")
    (app / ".git").mkdir()
    (app / ".git/config").write_text("url = https://token@host")
    (app / "link").symlink_to(".env")
    (tmp_path / ".env").write_text("TOKEN=2")
    (app / "outside").symlink_to("../.env")
    done = engine.run("deploy", app)
    assert "1 file" in done.stderr and "4 left out: .env, .git, ..." in done.stderr
    result, zipped = packaged(engine, app, "-o", tmp_path / "code.zip")
    assert zipped.namelist() == ["app.py"]
    assert result["left_out"] == [".env", ".git", "link", "outside"]


def test_osbotignore_and_include_select_files(engine, app, tmp_path):
    (app / ".env.example").write_text("TOKEN=")
    (app / "data.csv").write_text("1")
    (app / "kept.csv").write_text("1")
    (app / ".osbotignore").write_text("*.csv\n!kept.csv\n")
    (app / ".gitignore").write_text("app.py\n")
    _, zipped = packaged(engine, app, "-o", tmp_path / "code.zip", "--include", ".env.example", "--ignore", ".gitignore")
    assert zipped.namelist() == [".env.example", "app.py", "kept.csv"]


def test_invalid_pattern_is_an_error(engine, app):
    done = engine.run("deploy", app, "--ignore", "a*a*a*a*a*a*a*a*a*a*", check=False)
    assert done.returncode == 1 and "invalid pattern" in done.stderr


# ---- checks

@pytest.mark.parametrize("arguments, source, message", [
    (["--handler", "other.handler"], HANDLER, "the package has no other.py for the handler 'other.handler'"),
    ([], HANDLER + "def broken(:\n", "app.py, line 3"),
    ([], "import lib\n" + HANDLER, "lib.py, line 1"),
    ([], "async def handler(event, context): pass\n", "asyncio.run()"),
    (["--runtime", "java21", "--handler", "app.handler"], HANDLER, "the local engine does not support java21"),
    (["--runtime", "python3.7"], HANDLER, "python3.7 is retired: Lambda no longer creates or updates functions with it; these runtimes work on this host: provided.al2023, provided.al2"),
    (["--add-file", "/no/such/file"], HANDLER, "/no/such/file"),
])
def test_deploy_that_cannot_work_sends_nothing(engine, app, arguments, source, message):
    (app / "app.py").write_text(source)
    (app / "lib.py").write_text("(" if "lib" in source else "")
    handler = [] if "--handler" in arguments else ["--handler", "app.handler"]
    done = engine.run("deploy", app, *handler, *arguments, check=False)
    assert done.returncode == 1 and message in done.stderr, done.stderr
    assert app.name not in engine.run("list").stdout


def test_absent_runtime_is_checked_with_the_python_of_the_engine(engine, app):
    (app / "app.py").write_text(HANDLER + "def broken(:\n")
    arguments = ["deploy", app, "--handler", "app.handler", "--runtime", "python3.14"]
    assert "app.py, line 3" in engine.run(*arguments, check=False).stderr
    (app / "app.py").write_text(HANDLER)
    assert "warning" not in engine.run(*arguments).stderr


def test_no_check_deploys_code_that_cannot_work(engine, app):
    (app / "app.py").write_text("def handler(:\n")
    assert engine.run("deploy", app, "--handler", "app.handler", check=False).returncode == 1
    engine.run("deploy", app, "--handler", "app.handler", "--no-check")


def test_handler_that_is_not_visible_is_a_warning(engine, app):
    (app / "app.py").write_text("from lib import *\n")
    (app / "lib.py").write_text(HANDLER)
    done = engine.run("deploy", app, "--handler", "app.handler", "--json")
    assert "no `handler` is visible in app.py" in json.loads(done.stdout)["warnings"][0]
    assert json.loads(engine.run("invoke", app.name, "[1]").stdout) == [1]
    done = engine.run("deploy", app, "--handler", "app.handler")
    assert "warning: no `handler` is visible" in done.stderr


def test_assigned_handler_is_detected(engine, app):
    (app / "app.py").write_text("class Mangum:\n    def __call__(self, event, context):\n        return event\n\nhandler = Mangum()\n")
    done = engine.run("deploy", app)
    assert "warning" not in done.stderr
    assert json.loads(engine.run("invoke", app.name, "[2]").stdout) == [2]


def test_module_that_a_layer_may_have_is_a_warning(engine, app):
    layer = zip_of({"python/from_layer.py": HANDLER})
    arn = engine.client("lambda").publish_layer_version(LayerName="deploy-check", Content={"ZipFile": layer})["LayerVersionArn"]
    done = engine.run("deploy", app, "--handler", "from_layer.handler", "--layer", arn)
    assert "it must be in a layer" in done.stderr
    assert json.loads(engine.run("invoke", app.name, "[3]").stdout) == [3]


def test_foreign_processor_is_rejected_for_the_local_engine(engine, app):
    done = engine.run("deploy", app, "--architecture", "arm64" if os.uname().machine == "x86_64" else "x86_64", check=False)
    assert done.returncode == 1 and "the local engine runs functions for" in done.stderr


# ---- programs

def test_program_that_does_not_start_shows_the_loaders_message(engine, tmp_path):
    if not shutil.which("cc"):
        pytest.skip("no C compiler on PATH")
    (tmp_path / "lib").mkdir()
    (tmp_path / "price.c").write_text("int price(void) { return 0; }\n")
    (tmp_path / "main.c").write_text('#include <stdio.h>\nint price(void);\nint main(void) { puts("shop_price"); return price(); }\n')
    for command in (["cc", "-shared", "-fPIC", "-o", "lib/libprice.so", "price.c"], ["cc", "-o", "main", "main.c", "-Llib", "-lprice"]):
        subprocess.run(command, cwd=tmp_path, check=True)
    done = engine.run("deploy", tmp_path / "main", check=False)
    assert done.returncode == 1 and "libprice.so: cannot open shared object file" in done.stderr and "(NotExecutable)" in done.stderr
    result, zipped = packaged(engine, tmp_path / "main", "-o", tmp_path / "code.zip", "--handler", "shop::price",
                              env={"LD_LIBRARY_PATH": str(tmp_path / "lib")})
    assert result["handler"] == "shop_price" and "lib/packed/libprice.so" in zipped.namelist()


@pytest.mark.parametrize("content", [b"hello\n", b"#!/bin/sh\necho x\n"])
def test_text_file_is_not_executable(engine, tmp_path, content):
    (tmp_path / "text").write_bytes(content)
    done = engine.run("deploy", tmp_path / "text", check=False)
    assert done.returncode == 1 and "it is not an ELF executable" in done.stderr and "(NotExecutable)" in done.stderr


# ---- osbot package

def test_package_describes_the_zip_for_other_tools(engine, app, tmp_path):
    result, zipped = packaged(engine, app, "-o", tmp_path / "code.zip")
    content = (tmp_path / "code.zip").read_bytes()
    assert result["handler"] == "app.handler" and result["runtime"] == "python3.11" and result["architecture"] == "x86_64"
    assert result["sha256_base64"] == base64.b64encode(hashlib.sha256(content).digest()).decode()  # Terraform's filebase64sha256()
    assert result["bytes"] == len(content) and result["files"] == zipped.namelist() == ["app.py"]
    engine.run("package", app, "-o", tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == content


@pytest.mark.parametrize("tool", ["Terraform", "AWS CDK", "AWS SAM"])
def test_settings_of_the_package_page_run_its_program(engine, functions, osbot_path, tmp_path, tool):
    page = (ROOT / "docs/cli/package.md").read_text()
    example = re.search(rf"^## {tool}\n(.*?)^## ", page, re.S | re.M)[1]
    settings = {key.lower(): value for key, value in re.findall(r"\b(handler|runtime|architectures?)\b *[=:] *(.+?),?$", example, re.I | re.M)}
    handler, runtime, architecture = [re.sub(r"^(Runtime|Architecture)\.|\W*$|^\W*", "", settings[key]).lower().replace("provided_", "provided.")
                                      for key in ("handler", "runtime", "architecture" if tool == "AWS CDK" else "architectures")]
    result, _ = packaged(engine, osbot_path.parent / "first_function", "-o", tmp_path / "code.zip")
    assert (handler, runtime, architecture) == (result["handler"], result["runtime"], result["architecture"])
    name = functions.create(f"page_{tool.replace(' ', '_')}", (tmp_path / "code.zip").read_bytes(), runtime, handler, Architectures=[architecture])
    assert functions.invoke(name, {"name": "Ada"})[0] == "Hello, Ada!"
    assert tool != "AWS SAM" or example.lstrip().startswith("Transform: AWS::Serverless-2016-10-31\n")


def test_package_writes_into_the_packed_folder_twice(engine, app):
    first, _ = packaged(engine, app, "-o", app / "code.zip")
    second, zipped = packaged(engine, app, "-o", app / "code.zip")
    assert zipped.namelist() == ["app.py"] and first["sha256_base64"] == second["sha256_base64"]


def test_package_without_output_writes_name_zip(osbot_path, app, tmp_path):
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home"), "OSBOT_AWS_TARGET": "local", "OSBOT_AWS_RUNTIME_SUPPORT": "off"}
    for _ in range(2):
        subprocess.run([osbot_path, "package", "."], env=environment, cwd=app, check=True, capture_output=True, timeout=60)
    assert zipfile.ZipFile(app / f"{app.name}.zip").namelist() == ["app.py"]


def test_package_needs_neither_engine_nor_credentials(osbot_path, app, tmp_path):
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home"), "OSBOT_AWS_TARGET": "aws", "AWS_REGION": "us-east-1"}
    done = subprocess.run([osbot_path, "package", app], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / f"{app.name}.zip").exists() and not (tmp_path / "home/.local").exists()
    missing = subprocess.run([osbot_path, "package", tmp_path / "none"], env=environment, capture_output=True, text=True, timeout=60)
    assert missing.returncode == 4 and "does not exist" in missing.stderr


# ---- packages from PyPI

@pytest.fixture
def wheels(tmp_path):
    """Returns environment variables with which installers find a wheel `osbot_greeting` in a folder, and no network."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for size, name in ((10, "osbot_greeting"), (11_000_000, "osbot_large")):
        with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{name}.py", "def greet(name):\n    return 'hello ' + name\n#" + "x" * size)
            wheel.writestr(f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
            wheel.writestr(f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{name}-1.0.dist-info/RECORD", "".join(f"{entry},,\n" for entry in [f"{name}.py", f"{name}-1.0.dist-info/METADATA",
                           f"{name}-1.0.dist-info/WHEEL", f"{name}-1.0.dist-info/RECORD"]))
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder), "UV_NO_INDEX": "1", "UV_FIND_LINKS": str(folder), "XDG_CACHE_HOME": str(tmp_path / "cache")}


def greeting(app, module="osbot_greeting"):
    (app / "app.py").write_text(f"from {module} import greet\ndef handler(event, context):\n    return greet(event)\n")


@pytest.mark.parametrize("file, text", [
    ("requirements.txt", "osbot-greeting==1.0\n"), ("pyproject.toml", '[project]\nname = "app"\nversion = "1"\ndependencies = ["osbot-greeting"]\n')])
def test_requirements_of_a_folder_are_installed_once(engine, app, wheels, file, text):
    greeting(app)
    (app / file).write_text(text)
    first = engine.run("deploy", app, env=wheels)
    assert f"packages: {file}: 1 package" in first.stderr and "in the zip" in first.stderr and "cached" not in first.stderr
    assert json.loads(engine.run("invoke", app.name, '"Ada"').stdout) == "hello Ada"
    again = engine.run("deploy", app, env=wheels)
    assert "cached" in again.stderr and "is unchanged" in again.stdout


def test_large_packages_become_a_layer(engine, app, wheels):
    greeting(app, "osbot_large")
    (app / "requirements.txt").write_text("osbot-large\n")
    done = engine.run("deploy", app, env=wheels)
    assert f"layer layer_for__{app.name}:1" in done.stderr, done.stderr
    assert json.loads(engine.run("invoke", app.name, '"Ada"').stdout) == "hello Ada"
    (app / "app.py").write_text((app / "app.py").read_text() + "# changed\n")
    assert f"layer layer_for__{app.name}:1; cached" in engine.run("deploy", app, env=wheels).stderr
    (app / "requirements.txt").write_text("osbot-large==1.0\n")
    engine.run("deploy", app, env=wheels)
    [layer] = engine.client("lambda").get_function_configuration(FunctionName=app.name)["Layers"]
    assert layer["Arn"].endswith(f":layer_for__{app.name}:2")


def test_packages_option_works_for_a_file(engine, app, wheels):
    greeting(app)
    engine.run("deploy", app / "app.py", "--name", app.name, "--packages", "osbot-greeting", env=wheels)
    assert json.loads(engine.run("invoke", app.name, '"Bo"').stdout) == "hello Bo"


def test_no_packages_installs_nothing(engine, app, wheels, tmp_path):
    (app / "requirements.txt").write_text("no-such-package\n")
    failed = engine.run("deploy", app, check=False, env=wheels)
    assert failed.returncode == 1 and "no-such-package" in failed.stderr
    _, zipped = packaged(engine, app, "-o", tmp_path / "code.zip", "--no-packages", env=wheels)
    assert zipped.namelist() == ["app.py", "requirements.txt"]


def test_package_contains_large_packages(engine, app, wheels, tmp_path):
    (app / "requirements.txt").write_text("osbot-large\n")
    _, zipped = packaged(engine, app, "-o", tmp_path / "code.zip", env=wheels)
    assert "osbot_large.py" in zipped.namelist()


def test_files_of_the_folder_win_over_packages(engine, app, wheels, tmp_path):
    (app / "osbot_greeting.py").write_text("own = True\n")
    _, zipped = packaged(engine, app, "-o", tmp_path / "code.zip", "--packages", "osbot-greeting", "--handler", "app.handler", env=wheels)
    assert zipped.read("osbot_greeting.py") == b"own = True\n"
