"""Tests the packages of AWS's Python runtimes, such as boto3, that the engine installs: `osbot local runtime`.

The packages come from the wheels of tools/make_runtime_wheels, so no test needs a network.
"""

import json
import os
import pathlib
import re
import socket
import subprocess
import sys

import pytest

from conftest import Functions, error_line, skip_without, zip_of

VERSION = "python%d.%d" % sys.version_info[:2]
NOWHERE = "http://127.0.0.1:1/simple"  # a port that no server has
# The settings of uv, then those of pip.
WITHOUT_NETWORK = {"UV_DEFAULT_INDEX": NOWHERE, "UV_HTTP_RETRIES": "0", "UV_NO_CACHE": "1",
                   "PIP_INDEX_URL": NOWHERE, "PIP_RETRIES": "1", "PIP_NO_CACHE_DIR": "1"}

USES_BOTO3 = """
    import os, subprocess, sys
    import boto3
    def handler(event, context):
        s3, sqs = boto3.client("s3"), boto3.client("sqs")
        s3.put_object(Bucket=event["bucket"], Key="key", Body=b"from s3")
        sqs.send_message(QueueUrl=event["queue"], MessageBody="from sqs")
        message, = sqs.receive_message(QueueUrl=event["queue"], WaitTimeSeconds=5)["Messages"]
        child = subprocess.run([sys.executable, "-c", "import boto3; print(boto3.__file__)"], capture_output=True, text=True)
        return {"body": s3.get_object(Bucket=event["bucket"], Key="key")["Body"].read().decode(), "message": message["Body"],
                "file": boto3.__file__, "version": boto3.__version__, "child": child.stdout.strip(), "path": sys.path,
                "compiled": os.path.exists(boto3.__cached__), "python": "python%d.%d" % sys.version_info[:2]}
    """


@pytest.fixture(scope="session")
def from_wheels(request, tmp_path_factory):
    """Returns environment variables with which uv and pip install the wheels of this folder only, into a cache of these tests."""
    wheels = pathlib.Path(request.config.getoption("--runtime-wheels")).resolve()
    assert (wheels / ".pins").exists(), f"{wheels}: create it first (make venv, or tools/make_runtime_wheels)"
    # uv of tests/requirements.txt, beside this Python. It must not use settings of the developer.
    return {"PATH": f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}", "UV_OFFLINE": "1", "UV_FIND_LINKS": str(wheels),
            "UV_NO_CONFIG": "1", "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "PIP_CONFIG_FILE": os.devnull,
            "XDG_CACHE_HOME": str(tmp_path_factory.mktemp("cache")), "OSBOT_AWS_RUNTIME_SUPPORT": "auto"}


@pytest.fixture
def engine_with(request, own_engine, osbot_path):
    """engine_with(variables) returns Functions on an engine with these environment variables, in the mode of the parameter."""
    mode = getattr(request, "param", "sandbox")
    if mode == "sandbox":
        skip_without(request.config, "namespaces")
    wrapper = {"no namespaces": (osbot_path.parent / "without_namespaces",)}.get(mode, ())
    arguments = ("--sandbox", "off") if mode == "off" else ()
    return lambda variables: Functions(own_engine(*arguments, wrapper=wrapper, env=variables))


IN_EACH_MODE = pytest.mark.parametrize("engine_with", ["sandbox", "no namespaces", "off"], indirect=True)


def run(osbot_path, environment, *arguments):
    return subprocess.run([osbot_path, "local", "runtime", *arguments], env=environment, capture_output=True, text=True, timeout=120)


def runtimes(osbot_path, environment):
    """Returns the objects of `osbot local runtime list` by runtime."""
    done = run(osbot_path, environment, "list", "--json")
    return {entry["runtime"]: entry for entry in json.loads(done.stdout)["runtimes"]}


@pytest.fixture
def shell(tmp_path):
    """Returns environment variables for the command alone, with a cache of this test."""
    home = os.environ.get("HOME", str(tmp_path))  # where pyenv and uv store interpreters
    return {"PATH": os.environ["PATH"], "HOME": home, "XDG_CACHE_HOME": str(tmp_path / "cache"), "OSBOT_AWS_STATE": str(tmp_path / "state")}


def call(functions, name, runtime):
    functions.python(name, USES_BOTO3, runtime=runtime, Timeout=60, MemorySize=512)
    event = {"bucket": name, "queue": functions.engine.client("sqs").create_queue(QueueName=name)["QueueUrl"]}
    functions.engine.client("s3").create_bucket(Bucket=name)
    return functions.invoke(name, event)[0]


@IN_EACH_MODE
def test_function_of_each_python_calls_s3_and_sqs(engine_with, from_wheels, osbot_path):
    functions = engine_with(from_wheels)
    found = runtimes(osbot_path, functions.engine.environment)
    assert VERSION in found
    for runtime in found:
        result = call(functions, "calls-" + runtime.replace(".", "-"), runtime)
        installed = runtimes(osbot_path, functions.engine.environment)[runtime]
        assert "body" in result, result
        assert (result["body"], result["message"], result["python"]) == ("from s3", "from sqs", runtime), result
        assert result["version"] == installed["packages"]["boto3"] and result["compiled"], result
        root = pathlib.Path(result["file"]).parent.parent
        assert str(root) in (f"/var/lang/lib/{runtime}/site-packages", installed["folder"]), result
        assert result["child"] == result["file"] and result["path"][-1] == str(root), result


def test_path_has_the_order_of_aws(engine_with, from_wheels):
    result = call(engine_with(from_wheels), "path", VERSION)
    first, library = result["path"][:4], [path for path in result["path"] if path.endswith(f"/lib/{VERSION}")]
    assert first == ["/var/task", f"/opt/python/lib/{VERSION}/site-packages", "/opt/python", "/var/runtime"]
    assert result["path"].index(library[0]) > 3


@IN_EACH_MODE
def test_boto3_of_the_package_and_of_a_layer_wins(engine_with, from_wheels):
    functions = engine_with(from_wheels)
    source = "import boto3, botocore\ndef handler(event, context):\n    return [boto3.SOURCE, botocore.__version__]\n"
    layer = functions.lambda_.publish_layer_version(LayerName="own-boto3", Content={"ZipFile": zip_of({"python/boto3.py": "SOURCE = 'the layer'\n"})})
    functions.python("packs-boto3", source, files={"boto3.py": "SOURCE = 'the package'\n"}, Layers=[layer["LayerVersionArn"]])
    functions.python("layer-has-boto3", source, Layers=[layer["LayerVersionArn"]])
    for name, expected in (("packs-boto3", "the package"), ("layer-has-boto3", "the layer")):
        own, version = functions.invoke(name)[0]
        assert own == expected and re.fullmatch(r"1\.\d+\.\d+", version)


def test_function_cannot_change_the_packages(engine_with, from_wheels):
    functions = engine_with(from_wheels)
    functions.python("writes", """
        import boto3, os
        def handler(event, context):
            try:
                open(boto3.__file__, "a")
            except OSError as error:
                return [error.strerror, os.access(os.path.dirname(boto3.__file__), os.W_OK)]
        """)
    assert functions.invoke("writes")[0] == ["Read-only file system", False]


@IN_EACH_MODE
def test_function_without_network_becomes_active_and_logs_why(engine_with, shell, osbot_path):
    functions = engine_with({**WITHOUT_NETWORK, "PATH": "/usr/bin:/bin", "XDG_CACHE_HOME": shell["XDG_CACHE_HOME"],
                             "OSBOT_AWS_RUNTIME_SUPPORT": "auto"})
    name = functions.python("offline", "import sys\nsys.prefix = '/nowhere'\nimport boto3\n")
    error, _ = functions.invoke(name)
    assert error["errorType"] == "Runtime.ImportModuleError"
    functions.python("needs-none", "def handler(event, context):\n    return 1\n")
    assert functions.invoke("needs-none")[0] == 1

    logs = functions.engine.client("logs")
    lines = [event["message"] for event in logs.filter_log_events(logGroupName="/aws/lambda/offline")["events"]]
    found = [line for line in lines if "boto3 of " in line]
    python, = set(re.findall(r"^WARNING: boto3 of (python3\.\d+) is not installed: .+: run `osbot local runtime install \1`$", "\n".join(found), re.M))
    assert len(found) == len([line for line in lines if line.startswith("INIT_START")]), lines  # once, although the init ran twice
    environment = {**functions.engine.environment}
    entry = runtimes(osbot_path, environment)[python]
    assert not entry["installed"] and entry["error"]["code"] in ("InstallFailed", "InstallerNotFound")
    checks = {check["name"]: check for check in json.loads(functions.engine.run("doctor", "--json", check=False).stdout)["checks"]}
    assert checks["boto3"]["state"] == "warning" and f"not installed for {python}" in checks["boto3"]["found"]
    assert checks["boto3"]["advice"] == f"osbot local runtime install {python}"


def test_support_is_not_installed_if_it_is_turned_off(engine_with, from_wheels, tmp_path):
    for mode in ("off", "installed"):
        cache = tmp_path / mode
        functions = engine_with({**from_wheels, "XDG_CACHE_HOME": str(cache), "OSBOT_AWS_RUNTIME_SUPPORT": mode})
        name = functions.python("plain-" + mode, "def handler(event, context):\n    return 1\n")
        assert functions.invoke(name)[0] == 1
        assert not list(cache.rglob("boto3"))
        functions.engine.stop()


def test_runtime_is_installed_listed_and_updated(shell, from_wheels, osbot_path):
    environment = {**from_wheels, **{name: shell[name] for name in ("HOME", "XDG_CACHE_HOME")}}
    assert re.search(rf"^{VERSION}\s+not installed\s+/", run(osbot_path, environment, "list").stdout, re.M)

    done = run(osbot_path, environment, "install", VERSION)
    assert re.fullmatch(rf"{VERSION}: boto3 1\.\d+\.\d+, botocore 1\.\d+\.\d+ and \d+ more\n", done.stdout), done.stderr
    pinned = runtimes(osbot_path, environment)[VERSION]
    assert pinned["installed"] and (pathlib.Path(pinned["folder"]) / "boto3/__init__.py").exists()
    assert "(already installed)" in run(osbot_path, environment, "install", VERSION).stdout

    updated, = json.loads(run(osbot_path, environment, "update", VERSION, "--json").stdout)["runtimes"]
    assert updated["folder"] != pinned["folder"] and updated["packages"].keys() == pinned["packages"].keys()
    assert runtimes(osbot_path, environment)[VERSION] == updated
    assert run(osbot_path, environment, "install", VERSION).returncode == 0
    assert runtimes(osbot_path, environment)[VERSION] == pinned


@pytest.mark.parametrize("runtime, code, text", [
    ("perl5", "InvalidRuntime", "the local engine does not support perl5"),
    ("provided.al2023", "InvalidRuntime", "the local engine does not support provided.al2023"),
])
def test_install_rejects_other_runtimes(shell, osbot_path, runtime, code, text):
    done = run(osbot_path, shell, "install", runtime)
    assert done.returncode == 1 and text in error_line(done.stderr)
    failed = json.loads(run(osbot_path, shell, "install", runtime, "--json").stdout)
    assert failed["code"] == code


def test_install_without_network_names_the_way_out(shell, osbot_path):
    environment = {**shell, **WITHOUT_NETWORK, "PATH": f"{pathlib.Path(sys.executable).parent}:{shell['PATH']}"}
    done = run(osbot_path, environment, "install", VERSION, "--json")
    failed = json.loads(done.stdout)
    assert done.returncode == 1 and failed["code"] == "InstallFailed" and "PIP_INDEX_URL" in failed["hint"]
    assert "the last installation failed" in run(osbot_path, environment, "list").stdout


@pytest.fixture
def silent_index():
    """Yields the URL of an index that accepts connections and never responds, and its socket."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        listener.settimeout(60)
        url = "http://127.0.0.1:%d/simple" % listener.getsockname()[1]
        yield {"UV_DEFAULT_INDEX": url, "PIP_INDEX_URL": url, "UV_NO_CACHE": "1", "PIP_NO_CACHE_DIR": "1"}, listener


def test_killed_installation_leaves_nothing(shell, from_wheels, osbot_path, silent_index):
    variables, listener = silent_index
    path = f"{pathlib.Path(sys.executable).parent}:{shell['PATH']}"
    process = subprocess.Popen([osbot_path, "local", "runtime", "install", VERSION], env={**shell, **variables, "PATH": path},
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    listener.accept()[0].close()  # the installer has started
    process.kill()
    process.wait()
    assert not runtimes(osbot_path, shell)[VERSION]["installed"]
    environment = {**from_wheels, **{name: shell[name] for name in ("HOME", "XDG_CACHE_HOME")}}
    assert run(osbot_path, environment, "install", VERSION).returncode == 0
    assert runtimes(osbot_path, environment)[VERSION]["installed"]


def test_engines_that_install_at_the_same_time_share_the_result(shell, from_wheels, osbot_path):
    environment = {**from_wheels, **{name: shell[name] for name in ("HOME", "XDG_CACHE_HOME")}}
    command = [osbot_path, "local", "runtime", "install", VERSION, "--json"]
    processes = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    folders = {json.loads(process.communicate(timeout=120)[0])["runtimes"][0]["folder"] for process in processes}
    assert len(folders) == 1 and runtimes(osbot_path, environment)[VERSION]["folder"] in folders


def test_engine_stops_during_an_installation(engine_with, shell, silent_index):
    variables, listener = silent_index
    path = f"{pathlib.Path(sys.executable).parent}:{shell['PATH']}"
    functions = engine_with({**variables, "PATH": path, "XDG_CACHE_HOME": shell["XDG_CACHE_HOME"], "OSBOT_AWS_RUNTIME_SUPPORT": "auto"})
    created = functions.lambda_.create_function(FunctionName="waits", Runtime=VERSION, Handler="app.handler", Role=functions.role(),
                                                Code={"ZipFile": zip_of({"app.py": "def handler(event, context):\n    return 1\n"})})
    assert created["State"] == "Pending"
    connection = listener.accept()[0]
    assert functions.lambda_.get_function_configuration(FunctionName="waits")["State"] == "Pending"
    functions.engine.stop()
    connection.close()
    assert "did not stop" not in pathlib.Path(functions.engine.log.name).read_text()
