"""Tests container images: builds OCI layouts and `docker save` archives, imports them and invokes their functions."""

import base64
import gzip
import hashlib
import io
import json
import pathlib
import platform
import subprocess
import tarfile
import time

import pytest

from conftest import Functions

HERE = pathlib.Path(__file__).parent
ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
LAMBDA_ARCHITECTURE = {"amd64": "x86_64", "arm64": "arm64"}[ARCHITECTURE]
needs_namespaces = pytest.mark.needs("namespaces")  # an image function needs its own root file system
ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com"


@pytest.fixture(scope="session")
def runtime(tmp_path_factory):
    program = tmp_path_factory.mktemp("image") / "runtime"
    subprocess.run(["g++", "-std=c++20", "-O1", "-static", "-o", program, HERE / "image_runtime.cpp"], check=True)
    return program.read_bytes()


def tar_of(files):
    """Returns the bytes of a tar of {'path': bytes of a file, or str: target of a symbolic link, or None: folder}."""
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
    """Writes an OCI layout with gzipped layers. Returns the digest of its manifest."""
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
    """Writes the older `docker save` format: no index, each layer is a tar within the tar. Returns the image's id."""
    config = config_of(layers, config)
    names = [f"layer{number}/layer.tar" for number in range(len(layers))]
    manifest = [{"Config": sha256(config) + ".json", "RepoTags": [name], "Layers": names}]
    file.write_bytes(tar_of({"manifest.json": json.dumps(manifest).encode(), sha256(config) + ".json": config,
                             **dict(zip(names, layers))}))
    return sha256(config)


@pytest.fixture
def layers(runtime):
    return [tar_of({"app": None, "app/runtime": runtime, "data": None, "data/file": b"lower", "data/deleted": b"lower", "entry": "app/runtime"}),
            tar_of({"data/größe": b"", "data/" + "long/" * 30 + "name": b"", "data/file": b"upper", "data/.wh.deleted": b""})]


@pytest.fixture
def image(engine, functions, layers, tmp_path, request):
    """Yields (name, digest) of an imported image that has its own name per test; removes it afterwards."""
    name = request.node.name.replace("_", "-")[:40] + ":1"
    layout = tmp_path / "layout"
    digest = write_layout(layout, layers, {"Entrypoint": ["/app/runtime"], "Cmd": ["app.handler"], "WorkingDir": "/data",
                                           "Env": ["COLOUR=blue", "SHADE=dark", "PATH=/app"]}, name)
    done = engine.run("local", "image", "import", layout)
    assert digest in done.stdout and name in done.stdout
    yield name, digest
    for function in functions.names:
        functions.lambda_.delete_function(FunctionName=function)
    functions.names.clear()
    engine.run("local", "image", "remove", name)


def create(functions, name, uri, wait=True, **settings):
    functions.lambda_.create_function(FunctionName=name, Role=functions.role(), PackageType="Image", Code={"ImageUri": uri},
                                      Architectures=[LAMBDA_ARCHITECTURE], **settings)
    functions.names.append(name)
    if wait:
        functions.lambda_.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.05, "MaxAttempts": 200})


@needs_namespaces
def test_image_runs_with_its_configuration_in_a_private_root(functions, image):
    name, digest = image
    create(functions, "image_runs", f"{ECR}/{name}", Environment={"Variables": {"SHADE": "light"}})
    payload, response = functions.invoke("image_runs", LogType="Tail")

    assert "FunctionError" not in response
    assert payload["argv"] == ["/app/runtime", "app.handler"]
    assert (payload["folder"], payload["file"]) == ("/data", "upper")
    assert (payload["uid"], payload["tmp"], payload["root"], payload["host"]) == (993, True, False, "")
    environment = payload["environment"]
    assert (environment["COLOUR"], environment["SHADE"], environment["PATH"]) == ("blue", "light", "/app")
    assert environment["_HANDLER"] == "app.handler"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "image_runs"
    assert {"AWS_LAMBDA_RUNTIME_API", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_ENDPOINT_URL"} <= environment.keys()


def test_api_describes_images_as_in_ecr(functions, image):
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
def test_image_config_overrides_the_image_and_can_be_reset(functions, image):
    create(functions, "image_config", image[0], ImageConfig={
        "EntryPoint": ["/entry", "more"], "Command": ["a", "b"], "WorkingDirectory": "/app"})
    payload, _ = functions.invoke("image_config")
    assert (payload["argv"], payload["folder"], payload["environment"]["_HANDLER"]) == (["/entry", "more", "a", "b"], "/app", "a")

    functions.lambda_.update_function_configuration(FunctionName="image_config", ImageConfig={"EntryPoint": ["runtime"]})
    functions.lambda_.get_waiter("function_updated_v2").wait(FunctionName="image_config", WaiterConfig={"Delay": 0.05, "MaxAttempts": 200})
    payload, _ = functions.invoke("image_config")
    assert (payload["argv"], payload["folder"]) == (["/app/runtime", "app.handler"], "/data"), "found in the image's PATH"

    functions.lambda_.update_function_configuration(FunctionName="image_config", ImageConfig={"WorkingDirectory": "/missing"})
    functions.lambda_.get_waiter("function_updated_v2").wait(FunctionName="image_config", WaiterConfig={"Delay": 0.05, "MaxAttempts": 200})
    payload, response = functions.invoke("image_config")
    assert response["FunctionError"] == "Unhandled" and payload["errorType"] == "Runtime.InvalidWorkingDir"

    functions.lambda_.update_function_configuration(FunctionName="image_config", ImageConfig={"EntryPoint": ["nowhere"]})
    functions.lambda_.get_waiter("function_updated_v2").wait(FunctionName="image_config", WaiterConfig={"Delay": 0.05, "MaxAttempts": 200})
    payload, response = functions.invoke("image_config")
    assert payload["errorType"] == "Runtime.InvalidEntrypoint" and "nowhere" in payload["errorMessage"]


@needs_namespaces
def test_entrypoint_of_base_images_gets_the_handler(engine, functions, runtime, tmp_path):
    """As in public.ecr.aws/lambda/*: CMD is the handler, and /lambda-entrypoint.sh executes /var/runtime/bootstrap."""
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
    payload, _ = functions.invoke("image_base")
    assert payload["argv"] == ["/var/runtime/bootstrap", "from-entrypoint"]
    assert (payload["environment"]["_HANDLER"], payload["folder"]) == ("app.handler", "/var/task")


@needs_namespaces
def test_missing_image_fails_the_function_until_imported(engine, functions, layers, tmp_path):
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
def test_update_uses_the_new_image_or_retains_the_old(engine, functions, image, layers, tmp_path):
    create(functions, "image_update", image[0])
    functions.lambda_.update_function_code(FunctionName="image_update", ImageUri="not-there:1")
    with pytest.raises(Exception, match="Failed"):
        functions.lambda_.get_waiter("function_updated_v2").wait(FunctionName="image_update", WaiterConfig={"Delay": 0.05, "MaxAttempts": 100})
    assert functions.invoke("image_update")[0]["file"] == "upper"

    newer = tmp_path / "newer"
    write_layout(newer, [*layers, tar_of({"data/file": b"newest"})], {"Entrypoint": ["/app/runtime"]}, image[0])
    engine.run("local", "image", "import", newer)
    assert functions.invoke("image_update")[0]["file"] == "upper", "an import does not update functions, as on AWS"
    functions.lambda_.update_function_code(FunctionName="image_update", ImageUri=image[0])
    functions.lambda_.get_waiter("function_updated_v2").wait(FunctionName="image_update", WaiterConfig={"Delay": 0.05, "MaxAttempts": 100})
    assert functions.invoke("image_update")[0]["file"] == "newest"
    engine.run("local", "image", "remove", image[1])  # the older image, which has no name and no function now


@needs_namespaces
def test_image_in_use_is_not_removed(engine, functions, image):
    create(functions, "image_used", image[0])
    failed = engine.run("local", "image", "remove", image[0], check=False)
    assert failed.returncode == 1 and "image_used" in failed.stderr
    assert functions.invoke("image_used")[0]["file"] == "upper"


def test_images_work_without_daemon_and_survive_restarts(own_engine, layers, tmp_path):
    engine = own_engine()
    engine.stop()
    layout = tmp_path / "layout"
    digest = write_layout(layout, layers, {"Entrypoint": ["/app/runtime"]}, "retained:1")
    engine.run("local", "image", "import", layout)
    assert json.loads(engine.run("local", "image", "list", "--json").stdout)["images"][0]["digest"] == digest
    root = next(engine.state.glob("images/*/root"))
    assert (root / "data/größe").exists() and (root / "data" / ("long/" * 30) / "name").exists()
    engine.start()
    engine.run("local", "export", tmp_path / "state.tar.zst")
    engine.run("local", "import", tmp_path / "state.tar.zst", "--yes")
    engine.stop()
    assert root.exists()
    engine.start()
    assert "retained:1" in engine.run("local", "image", "list").stdout
    engine.run("local", "image", "remove", "retained:1")
    assert "no images" in engine.run("local", "image", "list").stdout
    missing = engine.run("local", "image", "remove", "retained:1", check=False)
    assert missing.returncode == 4 and "retained:1" in missing.stderr


def test_import_reports_errors_of_an_archive(engine, layers, tmp_path):
    foreign = tmp_path / "foreign"
    write_layout(foreign, layers, {}, "foreign:1", architecture="s390x")
    failed = engine.run("local", "image", "import", foreign, check=False)
    assert failed.returncode == 1 and "it is for s390x" in failed.stderr and f"linux/{ARCHITECTURE}" in failed.stderr
    assert engine.run("local", "image", "import", tmp_path / "nothing.tar", check=False).returncode == 1


def test_engine_without_namespaces_rejects_images_with_reason(own_engine, layers, tmp_path):
    engine = own_engine("--sandbox", "off")
    write_docker_save(tmp_path / "image.tar", layers, {"Entrypoint": ["/app/runtime"]}, "plain:1")
    engine.run("local", "image", "import", tmp_path / "image.tar")
    functions = Functions(engine)
    create(functions, "image_plain", "plain:1")
    payload, response = functions.invoke("image_plain")
    assert response["FunctionError"] == "Unhandled" and "needs namespaces" in payload["errorMessage"]


@needs_namespaces
def test_deploy_creates_and_updates_image_functions(engine, functions, image, tmp_path, layers):
    functions.names.append("image_deployed")
    missing = engine.run("deploy", "image_deployed", "--image", "not-there:7", check=False)
    assert missing.returncode == 1 and "osbot local image import FILE --name not-there:7" in missing.stderr
    engine.run("deploy", "image_deployed", "--image", f"{ECR}/{image[0]}")
    assert json.loads(engine.run("invoke", "image_deployed").stdout)["file"] == "upper"


def published_with_snap_start(functions, name, image_name, **settings):
    """Publishes a version of an image function with SnapStart. Returns its configuration once it is Active or Failed."""
    create(functions, name, f"{ECR}/{image_name}", SnapStart={"ApplyOn": "PublishedVersions"}, **settings)
    functions.lambda_.publish_version(FunctionName=name)
    deadline = time.monotonic() + 30
    while (version := functions.lambda_.get_function_configuration(FunctionName=name, Qualifier="1"))["State"] == "Pending":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return version


@needs_namespaces
def test_image_that_coordinates_snapshots_has_snap_start(functions, image):
    version = published_with_snap_start(functions, "image_hooks", image[0], ImageConfig={"Command": ["hooks"]})
    assert (version["State"], version["SnapStart"]["OptimizationStatus"]) == ("Active", "On")
    payload, response = functions.invoke("image_hooks", Qualifier="1", LogType="Tail")
    assert payload["environment"]["AWS_LAMBDA_INITIALIZATION_TYPE"] == "snap-start"
    assert b"Restore Duration: " in base64.b64decode(response["LogResult"])


@needs_namespaces
def test_image_without_hooks_and_label_has_no_snap_start(engine, functions, image):
    """https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-custom.html"""
    version = published_with_snap_start(functions, "image_no_hooks", image[0])
    assert (version["State"], version["StateReasonCode"]) == ("Failed", "FunctionError.RuntimeInitError")
    assert version["StateReason"] == "An error occurred during function initialization."
    assert "com.amazonaws.lambda.feature.snapstart=Allow" in engine.run("logs", "image_no_hooks").stdout


@needs_namespaces
def test_label_permits_snap_start_without_hooks(engine, functions, layers, tmp_path):
    label = {"com.amazonaws.lambda.feature.snapstart": "Allow"}
    write_layout(tmp_path / "labelled", layers, {"Entrypoint": ["/app/runtime"], "Labels": label}, "labelled:1")
    engine.run("local", "image", "import", tmp_path / "labelled")
    assert published_with_snap_start(functions, "image_labelled", "labelled:1")["State"] == "Active"
    assert functions.invoke("image_labelled", Qualifier="1")[0]["environment"]["AWS_LAMBDA_INITIALIZATION_TYPE"] == "snap-start"
