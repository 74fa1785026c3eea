"""Container images, made here byte by byte: an OCI layout, docker save archives, imported, run and invoked with boto3."""

import gzip
import hashlib
import io
import json
import pathlib
import platform
import subprocess
import tarfile

import pytest

HERE = pathlib.Path(__file__).parent
ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
LAMBDA_ARCHITECTURE = {"amd64": "x86_64", "arm64": "arm64"}[ARCHITECTURE]
needs_namespaces = pytest.mark.needs("namespaces")  # a function of an image has a root file system of its own
ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com"


@pytest.fixture(scope="session")
def runtime(tmp_path_factory):
    program = tmp_path_factory.mktemp("image") / "runtime"
    subprocess.run(["g++", "-std=c++20", "-O1", "-static", "-o", program, HERE / "image_runtime.cpp"], check=True)
    return program.read_bytes()


def tar_of(files):
    """{'path': bytes, or a str: where a symbolic link leads, or None: a folder} -> the bytes of a tar"""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            if content is None:
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            elif isinstance(content, str):
                entry.type, entry.linkname = tarfile.SYMTYPE, content
            else:
                entry.size, entry.mode = len(content), 0o755
            archive.addfile(entry, io.BytesIO(content) if isinstance(content, bytes) else None)
    return buffer.getvalue()


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def config_of(layers, config, architecture=ARCHITECTURE):
    return json.dumps({"architecture": architecture, "os": "linux", "config": config,
                       "rootfs": {"type": "layers", "diff_ids": ["sha256:" + sha256(layer) for layer in layers]}}).encode()


def write_layout(folder, layers, config, name=None, architecture=ARCHITECTURE):
    """An OCI layout with gzipped layers; answers the digest of its manifest."""
    def blob(content):
        (folder / "blobs/sha256").mkdir(parents=True, exist_ok=True)
        (folder / "blobs/sha256" / sha256(content)).write_bytes(content)
        return {"digest": "sha256:" + sha256(content), "size": len(content)}

    manifest = {"schemaVersion": 2, "config": blob(config_of(layers, config, architecture)),
                "layers": [blob(gzip.compress(layer)) for layer in layers]}
    descriptor = blob(json.dumps(manifest).encode())
    if name:
        descriptor["annotations"] = {"io.containerd.image.name": name}
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [descriptor]}))
    return descriptor["digest"]


def write_docker_save(file, layers, config, name):
    """As `docker save` of old: no index, each layer a tar of its own. Answers the image's id."""
    described = config_of(layers, config)
    names = [f"layer{number}/layer.tar" for number in range(len(layers))]
    manifest = [{"Config": sha256(described) + ".json", "RepoTags": [name], "Layers": names}]
    file.write_bytes(tar_of({"manifest.json": json.dumps(manifest).encode(), sha256(described) + ".json": described,
                             **dict(zip(names, layers))}))
    return sha256(described)


@pytest.fixture
def layers(runtime):
    return [tar_of({"app": None, "app/runtime": runtime, "data": None, "data/file": b"lower", "data/gone": b"lower", "entry": "app/runtime"}),
            tar_of({"data/größe": b"", "data/" + "long/" * 30 + "name": b"", "data/file": b"upper", "data/.wh.gone": b""})]


@pytest.fixture
def image(engine, functions, layers, tmp_path, request):
    """An image with a name of its own, imported and removed again."""
    name = request.node.name.replace("_", "-")[:40] + ":1"
    layout = tmp_path / "layout"
    digest = write_layout(layout, layers, {"Entrypoint": ["/app/runtime"], "Cmd": ["app.handler"], "WorkingDir": "/data",
                                           "Env": ["COLOUR=blue", "SHADE=dark", "PATH=/app"]}, name)
    done = engine.run("local", "image", "import", layout)
    assert digest in done.stdout and name in done.stdout
    yield name, digest
    for one in functions.names:
        functions.lambda_.delete_function(FunctionName=one)
    functions.names.clear()
    engine.run("local", "image", "remove", name)


def create(functions, name, uri, wait=True, **settings):
    functions.lambda_.create_function(FunctionName=name, Role=functions.role(), PackageType="Image", Code={"ImageUri": uri},
                                      Architectures=[LAMBDA_ARCHITECTURE], **settings)
    functions.names.append(name)
    if wait:
        functions.lambda_.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.05, "MaxAttempts": 200})


@needs_namespaces
def test_an_image_runs_as_it_says_in_a_root_that_is_only_its_own(functions, image):
    name, digest = image
    create(functions, "image_runs", f"{ECR}/{name}", Environment={"Variables": {"SHADE": "light"}})
    seen, answer = functions.invoke("image_runs", LogType="Tail")

    assert "FunctionError" not in answer
    assert seen["argv"] == ["/app/runtime", "app.handler"]
    assert (seen["folder"], seen["file"]) == ("/data", "upper")
    assert (seen["uid"], seen["tmp"], seen["root"], seen["host"]) == (993, True, False, "")
    environment = seen["environment"]
    assert (environment["COLOUR"], environment["SHADE"], environment["PATH"]) == ("blue", "light", "/app")
    assert environment["_HANDLER"] == "app.handler"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "image_runs"
    assert {"AWS_LAMBDA_RUNTIME_API", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_ENDPOINT_URL"} <= environment.keys()


def test_the_api_answers_as_for_an_image_in_ecr(functions, image):
    name, digest = image
    create(functions, "image_api", f"{ECR}/{name}", ImageConfig={"Command": ["other.handler"]})
    found = functions.lambda_.get_function(FunctionName="image_api")

    assert found["Code"] == {"RepositoryType": "ECR", "ImageUri": f"{ECR}/{name}",
                             "ResolvedImageUri": f"{ECR}/{name.split(':')[0]}@{digest}"}
    configuration = found["Configuration"]
    assert configuration["PackageType"] == "Image"
    assert configuration["CodeSha256"] == digest.split(":")[1]
    assert configuration["CodeSize"] == 0
    assert configuration["ImageConfigResponse"] == {"ImageConfig": {"Command": ["other.handler"]}}
    assert "Runtime" not in configuration and "Handler" not in configuration


@needs_namespaces
def test_image_config_replaces_what_the_image_says_and_can_be_taken_back(functions, image):
    create(functions, "image_config", image[0], ImageConfig={
        "EntryPoint": ["/entry", "more"], "Command": ["a", "b"], "WorkingDirectory": "/app"})
    seen, _ = functions.invoke("image_config")
    assert (seen["argv"], seen["folder"], seen["environment"]["_HANDLER"]) == (["/entry", "more", "a", "b"], "/app", "a")

    functions.lambda_.update_function_configuration(FunctionName="image_config", ImageConfig={"EntryPoint": ["runtime"]})
    functions.lambda_.get_waiter("function_updated_v2").wait(FunctionName="image_config", WaiterConfig={"Delay": 0.05, "MaxAttempts": 200})
    seen, _ = functions.invoke("image_config")
    assert (seen["argv"], seen["folder"]) == (["/app/runtime", "app.handler"], "/data"), "found in the image's PATH"

    functions.lambda_.update_function_configuration(FunctionName="image_config", ImageConfig={"WorkingDirectory": "/missing"})
    functions.lambda_.get_waiter("function_updated_v2").wait(FunctionName="image_config", WaiterConfig={"Delay": 0.05, "MaxAttempts": 200})
    seen, answer = functions.invoke("image_config")
    assert answer["FunctionError"] == "Unhandled" and seen["errorType"] == "Runtime.InvalidWorkingDir"

    functions.lambda_.update_function_configuration(FunctionName="image_config", ImageConfig={"EntryPoint": ["nowhere"]})
    functions.lambda_.get_waiter("function_updated_v2").wait(FunctionName="image_config", WaiterConfig={"Delay": 0.05, "MaxAttempts": 200})
    seen, answer = functions.invoke("image_config")
    assert seen["errorType"] == "Runtime.InvalidEntrypoint" and "nowhere" in seen["errorMessage"]


@needs_namespaces
def test_a_base_image_s_entrypoint_script_gets_the_handler(engine, functions, runtime, tmp_path):
    """As in public.ecr.aws/lambda/*: /lambda-entrypoint.sh takes CMD for the handler and executes /var/runtime/bootstrap."""
    script = b'#!/bin/sh\nexport _HANDLER="$1"\nexec /var/runtime/bootstrap from-entrypoint\n'
    layer = {"lambda-entrypoint.sh": script, "var/runtime/bootstrap": runtime, "var/task": None}
    layer["bin/sh"] = pathlib.Path("/bin/sh").resolve().read_bytes()
    for line in subprocess.run(["ldd", "/bin/sh"], capture_output=True, text=True).stdout.split():
        if line.startswith("/"):
            layer[line.lstrip("/")] = pathlib.Path(line).read_bytes()
    write_docker_save(tmp_path / "image.tar", [tar_of(layer)],
                      {"Entrypoint": ["/lambda-entrypoint.sh"], "Cmd": ["app.handler"], "WorkingDir": "/var/task",
                       "Env": ["LAMBDA_TASK_ROOT=/var/task"]}, "base-style:latest")
    engine.run("local", "image", "import", tmp_path / "image.tar")
    create(functions, "image_base", "base-style:latest")
    seen, _ = functions.invoke("image_base")
    assert seen["argv"] == ["/var/runtime/bootstrap", "from-entrypoint"]
    assert (seen["environment"]["_HANDLER"], seen["folder"]) == ("app.handler", "/var/task")


@needs_namespaces
def test_without_its_image_a_function_is_failed_says_how_to_import_it_and_runs_after_that(engine, functions, layers, tmp_path):
    uri = f"{ECR}/late-repo:2"
    create(functions, "image_late", uri, wait=False)
    with pytest.raises(Exception, match="Failed"):
        functions.lambda_.get_waiter("function_active_v2").wait(FunctionName="image_late", WaiterConfig={"Delay": 0.05, "MaxAttempts": 100})
    failed = functions.lambda_.get_function_configuration(FunctionName="image_late")
    assert (failed["State"], failed["StateReasonCode"]) == ("Failed", "ImageAccessDenied")
    assert uri in failed["StateReason"] and "osbot local image import FILE --name late-repo:2" in failed["StateReason"]

    write_docker_save(tmp_path / "image.tar", layers, {"Entrypoint": ["/app/runtime"]}, "something-else:1")
    engine.run("local", "image", "import", tmp_path / "image.tar", "--name", "late-repo:2")
    functions.lambda_.get_waiter("function_active_v2").wait(FunctionName="image_late", WaiterConfig={"Delay": 0.05, "MaxAttempts": 100})
    assert functions.invoke("image_late")[0]["file"] == "upper"


@needs_namespaces
def test_an_update_moves_to_the_new_image_and_a_missing_one_leaves_the_old(engine, functions, image, layers, tmp_path):
    create(functions, "image_update", image[0])
    functions.lambda_.update_function_code(FunctionName="image_update", ImageUri="not-there:1")
    with pytest.raises(Exception, match="Failed"):
        functions.lambda_.get_waiter("function_updated_v2").wait(FunctionName="image_update", WaiterConfig={"Delay": 0.05, "MaxAttempts": 100})
    assert functions.invoke("image_update")[0]["file"] == "upper"

    newer = tmp_path / "newer"
    write_layout(newer, [*layers, tar_of({"data/file": b"newest"})], {"Entrypoint": ["/app/runtime"]}, image[0])
    engine.run("local", "image", "import", newer)
    assert functions.invoke("image_update")[0]["file"] == "upper", "until it is told to, as on AWS"
    functions.lambda_.update_function_code(FunctionName="image_update", ImageUri=image[0])
    functions.lambda_.get_waiter("function_updated_v2").wait(FunctionName="image_update", WaiterConfig={"Delay": 0.05, "MaxAttempts": 100})
    assert functions.invoke("image_update")[0]["file"] == "newest"
    engine.run("local", "image", "remove", image[1])  # the older one, which nobody names or runs any more


@needs_namespaces
def test_an_image_in_use_is_not_removed(engine, functions, image):
    create(functions, "image_used", image[0])
    refused = engine.run("local", "image", "remove", image[0], check=False)
    assert refused.returncode == 1 and "image_used" in refused.stderr
    assert functions.invoke("image_used")[0]["file"] == "upper"


def test_the_command_works_without_a_daemon_and_images_survive_restarts(own_engine, layers, tmp_path):
    engine = own_engine()
    engine.stop()
    layout = tmp_path / "layout"
    digest = write_layout(layout, layers, {"Entrypoint": ["/app/runtime"]}, "kept:1")
    engine.run("local", "image", "import", layout)
    assert json.loads(engine.run("local", "image", "list", "--json").stdout)["images"][0]["digest"] == digest
    root = next(engine.state.glob("images/*/root"))
    assert (root / "data/größe").exists() and (root / "data" / ("long/" * 30) / "name").exists()
    engine.start()
    assert "kept:1" in engine.run("local", "image", "list").stdout
    engine.run("local", "image", "remove", "kept:1")
    assert "no images" in engine.run("local", "image", "list").stdout
    missing = engine.run("local", "image", "remove", "kept:1", check=False)
    assert missing.returncode == 4 and "kept:1" in missing.stderr


def test_what_is_wrong_with_an_archive_is_said(engine, layers, tmp_path):
    foreign = tmp_path / "foreign"
    write_layout(foreign, layers, {}, "foreign:1", architecture="s390x")
    refused = engine.run("local", "image", "import", foreign, check=False)
    assert refused.returncode == 1 and "it is for s390x" in refused.stderr and f"linux/{ARCHITECTURE}" in refused.stderr
    assert engine.run("local", "image", "import", tmp_path / "nothing.tar", check=False).returncode == 1


def test_an_engine_without_namespaces_says_why_an_image_can_not_run(own_engine, layers, tmp_path):
    engine = own_engine("--sandbox", "off")
    write_docker_save(tmp_path / "image.tar", layers, {"Entrypoint": ["/app/runtime"]}, "plain:1")
    engine.run("local", "image", "import", tmp_path / "image.tar")
    from conftest import Functions
    functions = Functions(engine)
    create(functions, "image_plain", "plain:1")
    seen, answer = functions.invoke("image_plain")
    assert answer["FunctionError"] == "Unhandled" and "needs namespaces" in seen["errorMessage"]


@needs_namespaces
def test_deploy_makes_a_function_of_an_image_and_moves_it_to_another(engine, functions, image, tmp_path, layers):
    functions.names.append("image_deployed")
    missing = engine.run("deploy", "image_deployed", "--image", "not-there:7", check=False)
    assert missing.returncode == 1 and "osbot local image import FILE --name not-there:7" in missing.stderr
    engine.run("deploy", "image_deployed", "--image", f"{ECR}/{image[0]}")
    assert json.loads(engine.run("invoke", "image_deployed").stdout)["file"] == "upper"
