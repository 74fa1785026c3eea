"""Tests osbot.toml: which command reads it, options against the file, and settings without it."""

import json
import re
import subprocess
import zipfile

import pytest
from conftest import zip_of

from test_watch import watch

HANDLER = "import os\ndef handler(event, context):\n    return [os.environ.get('LEVEL'), os.environ.get('MODE')]\ndef other(event, context):\n    return 'other'\n"


@pytest.fixture
def app(tmp_path):
    """A folder with a Python file; `name` is the name of its function, which no other test uses."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "app.py").write_text(HANDLER)
    return folder


@pytest.fixture
def name(request):
    return request.node.name[5:45].replace("[", "_").replace("]", "")


def run(engine, folder, *arguments, check=True):
    done = subprocess.run([engine.osbot, *arguments], cwd=folder, env=engine.environment, capture_output=True, text=True, timeout=120)
    assert not check or done.returncode == 0, f"{arguments}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def configuration(engine, name):
    found = engine.client("lambda").get_function_configuration(FunctionName=name)
    del found["ResponseMetadata"]
    return found


def variables(engine, name):
    return configuration(engine, name).get("Environment", {}).get("Variables", {})


def write(folder, name, text=""):
    (folder / "osbot.toml").write_text(f'[functions.{name}]\nsource = "app.py"\n{text}')


# ---- with osbot.toml

def test_deploy_invoke_and_logs_use_the_only_function(engine, app, name):
    write(app, name, 'memory = 256\ntimeout = 5\nephemeral_storage = 1024\ntracing = "Active"\nenv = { LEVEL = "info" }\n')
    assert run(engine, app, "deploy").stdout == f"deployed {name}\n"
    found = configuration(engine, name)
    assert (found["MemorySize"], found["Timeout"], found["EphemeralStorage"]["Size"], found["TracingConfig"]["Mode"]) == (256, 5, 1024, "Active")
    assert json.loads(run(engine, app, "invoke").stdout) == ["info", None]
    assert json.loads(run(engine, app, "invoke", "{}").stdout) == ["info", None]
    assert "START RequestId" in run(engine, app, "logs").stdout


@pytest.mark.parametrize("source", ["app.py", ".", "named", "../project", "../project/app.py"])
def test_each_way_to_name_the_function_reads_the_file(engine, app, name, source):
    write(app, name, "memory = 256\n")
    run(engine, app, "deploy", name if source == "named" else source)
    assert configuration(engine, name)["MemorySize"] == 256


def test_file_that_does_not_list_the_source_is_not_used(engine, app, name):
    write(app, name, "memory = 256\n")
    (app / f"{name}_other.py").write_text(HANDLER)
    run(engine, app, "deploy", f"{name}_other.py")
    assert configuration(engine, f"{name}_other")["MemorySize"] == 512


def test_options_win_and_add_to_lists(engine, app, name):
    write(app, name, 'memory = 256\ntimeout = 5\nhandler = "app.other"\nenv = { LEVEL = "info", MODE = "a" }\n')
    run(engine, app, "deploy", "--memory", "128", "--env", "LEVEL=debug", "--handler", "app.handler")
    found = configuration(engine, name)
    assert (found["MemorySize"], found["Timeout"], found["Handler"]) == (128, 5, "app.handler")
    assert variables(engine, name) == {"LEVEL": "debug", "MODE": "a"}


def test_file_is_the_whole_truth(engine, app, name):
    write(app, name, 'memory = 256\nenv = { LEVEL = "info" }\n')
    run(engine, app, "deploy")
    engine.client("lambda").update_function_configuration(FunctionName=name, Timeout=9, Environment={"Variables": {"ELSE": "1"}})
    write(app, name)
    assert "ELSE removed" in run(engine, app, "deploy").stderr
    found = configuration(engine, name)
    assert (found["MemorySize"], found["Timeout"], variables(engine, name)) == (512, 60, {})


def test_stage_overrides_settings(engine, app, name):
    write(app, name, f'env = {{ LEVEL = "info", MODE = "a" }}\n[functions.{name}.stages.prod]\nmemory = 1024\nenv.LEVEL = "error"\n')
    run(engine, app, "deploy", "--stage", "prod")
    run(engine, app, "deploy", "--stage", "dev")
    assert configuration(engine, f"{name}__prod")["MemorySize"] == 1024
    assert configuration(engine, f"{name}__dev")["MemorySize"] == 512
    assert json.loads(run(engine, app, "invoke", "--stage", "prod").stdout) == ["error", "a"]
    assert json.loads(run(engine, app, "invoke", "{}", "--stage", "dev").stdout) == ["info", "a"]
    assert "START RequestId" in run(engine, app, "logs", "--stage", "dev").stdout


def test_url_is_created_changed_and_deleted(engine, app, name):
    write(app, name, 'url = "iam"\n')
    assert "url: http" in run(engine, app, "deploy").stderr
    url = engine.client("lambda").get_function_url_config(FunctionName=name)
    assert url["AuthType"] == "AWS_IAM"
    write(app, name, 'url = "public"\n')
    assert json.loads(run(engine, app, "deploy", "--json").stdout)["url"] == url["FunctionUrl"]
    assert engine.client("lambda").get_function_url_config(FunctionName=name)["AuthType"] == "NONE"
    write(app, name)
    run(engine, app, "deploy")
    assert run(engine, app, "url", name).stdout.strip() == url["FunctionUrl"]
    write(app, name, 'url = "none"\n')
    run(engine, app, "deploy")
    assert run(engine, app, "url", name, check=False).returncode == 4


def test_all_deploys_each_function_and_fails_if_one_fails(engine, app, name):
    (app / "osbot.toml").write_text(f'[functions.{name}_bad]\nsource = "none.py"\n[functions.{name}_b]\nsource = "app.py"\nhandler = "other"\n'
                                    f'[functions.{name}_a]\nsource = "app.py"\nhandler = "handler"\n')
    done = run(engine, app, "deploy", "--all", check=False)
    assert done.returncode == 1 and done.stdout == f"deployed {name}_b\ndeployed {name}_a\n"
    assert f"1 of 3 functions were not deployed: {name}_bad" in done.stderr
    failed = run(engine, app, "deploy", "--all", "--json", check=False).stdout.splitlines()[-1]
    assert json.loads(failed) == {"code": "DeployFailed", "message": f"1 of 3 functions were not deployed: {name}_bad", "hint": ""}
    assert json.loads(run(engine, app, "invoke", f"{name}_b").stdout) == "other"
    ambiguous = run(engine, app, "deploy", check=False)
    assert ambiguous.returncode == 2 and f"several functions: {name}_bad, {name}_b, {name}_a" in ambiguous.stderr
    assert run(engine, app, "deploy", "--name", f"{name}_a").stdout == f"{name}_a is unchanged\n"
    assert run(engine, app, "invoke", check=False).returncode == 2


def test_package_reads_the_file_and_leaves_it_out(engine, app, name):
    (app / "osbot.toml").write_text(f'[functions.{name}]\nsource = "."\nruntime = "python3.12"\nhandler = "app.other"\nignore = ["*.csv"]\n')
    (app / "data.csv").write_text("1")
    result = json.loads(run(engine, app, "package", "--no-check", "--json").stdout)
    assert (result["name"], result["runtime"], result["handler"]) == (name, "python3.12", "app.other")
    assert zipfile.ZipFile(app / f"{name}.zip").namelist() == ["app.py"]


@pytest.mark.parametrize("text, message", [
    ("memroy = 1\n", "osbot.toml:3: unknown key 'memroy' in functions.hello; did you mean 'memory'?"),
    ("memory = '1'\n", "osbot.toml:3: functions.hello.memory has the wrong type (text): expected a whole number"),
    ("memory =\n", "osbot.toml:3: "),
])
@pytest.mark.parametrize("command", [["deploy"], ["package"], ["invoke"], ["logs"], ["deploy", "app.py", "--watch"]])
def test_mistake_in_the_file_is_an_error_of_each_command(engine, app, command, text, message):
    write(app, "hello", text)
    done = run(engine, app, *command, check=False)
    assert done.returncode == 2 and message in done.stderr and done.stdout == ""


@pytest.mark.parametrize("command, hint", [("deploy", "name a file or a folder"), ("package", "name a file or a folder"),
                                           ("invoke", "name a function")])
def test_command_without_function_and_file_is_a_usage_error(engine, app, command, hint):
    done = run(engine, app, command, check=False)
    assert done.returncode == 2 and f"osbot.toml does not exist in this folder: {hint}\n" in done.stderr


@pytest.mark.parametrize("command", ["deploy", "package"])
def test_misspelled_function_of_the_file_suggests_the_nearest_name(engine, app, command):
    (app / "osbot.toml").write_text('[functions.orders]\nsource = "app.py"\n')
    done = run(engine, app, command, "ordrs", check=False)
    assert done.returncode == 4 and "ordrs does not exist (NotFound); did you mean 'orders'?" in done.stderr


def test_only_deploy_suggests_all(engine, app):
    (app / "osbot.toml").write_text('[functions.a]\nsource = "app.py"\n[functions.b]\nsource = "app.py"\n')
    for command, hint in [("deploy", "name one of them, or use --all"), ("package", "name one of them"), ("invoke", "name one of them")]:
        done = run(engine, app, command, check=False)
        assert done.returncode == 2 and done.stderr.endswith(f"several functions: a, b; {hint}\n")


def test_source_that_does_not_exist_names_its_line(engine, app, name):
    (app / "osbot.toml").write_text(f"\n[functions.{name}]\nsource = 'missing.py'\n")
    for command in ("deploy", "package"):
        done = engine.run(command, app, check=False)
        assert done.returncode == 4 and re.search(r"osbot\.toml:2: the source .*missing\.py does not exist; correct `source`", done.stderr), done.stderr


def test_deploy_before_the_build_names_the_build_command(engine, app, name):
    (app / "osbot.toml").write_text(f'[functions.{name}]\nsource = "build/app"\nbuild = "cmake --build build"\n')
    done = run(engine, app, "deploy", check=False)
    assert done.returncode == 4 and "build/app does not exist; build it first: cmake --build build (NotFound)" in done.stderr


def test_watch_applies_changes_of_the_file_and_runs_its_build(engine, app, name):
    write(app, name, 'env = { LEVEL = "a" }\n')
    with watch(engine, "--invoke", "{}", cwd=app) as watching:
        watching.expect_result(["a", None])
        write(app, name, 'env = { LEVEL = "b" }\n')
        watching.expect_result(["b", None])
        write(app, name, "memroy = 1\n")
        watching.expect_error("did you mean 'memory'?")
        write(app, name, 'env = { LEVEL = "c" }\n')
        watching.expect_result(["c", None])
    (app / "built").mkdir()
    (app / "osbot.toml").write_text(f'[functions.{name}]\nsource = "built/app.py"\nbuild = "cp app.py built/app.py"\n')
    with watch(engine, "project", "--invoke", "{}", cwd=app.parent) as watching:
        watching.expect_result([None, None])


# ---- without osbot.toml

def test_deploy_keeps_settings_that_no_option_names(engine, app, name):
    source = ("deploy", app / "app.py", "--name", name)
    layer = app / "layer.zip"
    with zipfile.ZipFile(layer, "w") as zipped:
        zipped.writestr("python/extra.py", "")
    arn = engine.client("lambda").publish_layer_version(LayerName=name, Content={"ZipFile": layer.read_bytes()})["LayerVersionArn"]
    engine.run(*source, "--memory", 256, "--timeout", 5, "--env", "MODE=a", "--layer", arn, "--handler", "app.other")
    engine.client("lambda").update_function_configuration(FunctionName=name, EphemeralStorage={"Size": 1024}, TracingConfig={"Mode": "Active"})
    before = configuration(engine, name)
    assert "is unchanged" in engine.run(*source).stdout
    assert configuration(engine, name) == before
    changed = engine.run(*source, "--env", "LEVEL=debug")
    assert "LEVEL added" in changed.stderr and "removed" not in changed.stderr
    assert variables(engine, name) == {"MODE": "a", "LEVEL": "debug"}


def test_replace_resets_settings_that_no_option_names(engine, app, name):
    source = ("deploy", app / "app.py", "--name", name)
    engine.run(*source, "--memory", 256, "--env", "MODE=a", "--handler", "app.other")
    done = engine.run(*source, "--replace", "--env", "LEVEL=debug")
    assert "MODE removed" in done.stderr
    found = configuration(engine, name)
    assert (found["MemorySize"], found["Handler"], variables(engine, name)) == (512, "app.handler", {"LEVEL": "debug"})


def test_handler_in_a_layer_is_kept(engine, app, name):
    source = ("deploy", app / "app.py", "--name", name)
    layer = zip_of({"python/wrapper.py": "def handler(event, context):\n    return 'wrapped'\n"})
    arn = engine.client("lambda").publish_layer_version(LayerName=name, Content={"ZipFile": layer})["LayerVersionArn"]
    engine.run(*source, "--handler", "wrapper.handler", "--layer", arn)
    assert "is unchanged" in engine.run(*source).stdout
    assert json.loads(engine.run("invoke", name).stdout) == "wrapped"


def test_handler_that_cannot_be_detected_is_kept(engine, app, name):
    (app / "app.py").write_text("def one(event, context):\n    return 1\ndef two(event, context):\n    return 2\n")
    source = ("deploy", app / "app.py", "--name", name)
    assert "HandlerNotFound" in engine.run(*source, check=False).stderr
    engine.run(*source, "--handler", "app.two")
    assert "is unchanged" in engine.run(*source).stdout
    assert "HandlerNotFound" in engine.run(*source, "--replace", check=False).stderr


def test_handler_that_the_code_no_longer_has_is_detected_again(engine, app, name):
    source = ("deploy", app / "app.py", "--name", name)
    engine.run(*source, "--handler", "app.other")
    (app / "app.py").write_text("def handler(event, context):\n    return 'renamed'\n")
    engine.run(*source)
    assert configuration(engine, name)["Handler"] == "app.handler"
    assert json.loads(engine.run("invoke", name).stdout) == "renamed"


# ---- osbot init

def test_project_of_init_deploys_by_its_settings(engine, tmp_path, name):
    run(engine, tmp_path, "init", name, "--language", "python")
    project = tmp_path / name
    (project / "osbot.toml").write_text((project / "osbot.toml").read_text().replace("memory = 512", "memory = 640"))
    run(engine, project, "deploy")
    assert configuration(engine, name)["MemorySize"] == 640
    assert json.loads(run(engine, project, "invoke", "@event.json").stdout) == {"greeting": "Hello, Ada!"}
