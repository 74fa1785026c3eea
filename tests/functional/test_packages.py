"""Tests how the zip of a function or of a layer is unpacked, on both kinds of sandbox."""

import io
import sys
import warnings
import zipfile

import pytest

from conftest import zip_of
from test_boto3_lambda import error_of

PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
LISTS_FILES = """
import os
def handler(event, context):
    root = os.environ["LAMBDA_TASK_ROOT"]
    names = sorted(name for name in os.listdir(root) if name != "__pycache__")
    return {name: os.readlink(path) if os.path.islink(path) else open(path).read() if name != "app.py" else ""
            for name in names for path in [os.path.join(root, name)]}
"""


@pytest.fixture
def functions(functions_in_each_mode):
    return functions_in_each_mode


def raw_zip(entries, compression=zipfile.ZIP_DEFLATED):
    """Returns a zip of (name, content) pairs. A content that is a tuple is the target of a link."""
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", compression) as archive:
        warnings.simplefilter("ignore")  # about duplicate names
        for name, content in entries:
            info = zipfile.ZipInfo("x")
            info.filename = name  # the constructor would change a backslash on Windows
            info.compress_type = compression
            info.external_attr = (0o120777 if isinstance(content, tuple) else 0o100644) << 16
            archive.writestr(info, content[0] if isinstance(content, tuple) else content)
    return buffer.getvalue()


def files_of(functions, name, entries):
    functions.create(name, raw_zip([("app.py", LISTS_FILES), *entries]), PYTHON, "app.handler")
    result, _ = functions.invoke(name)
    result.pop("app.py")
    return result


def test_last_of_several_files_with_one_name_counts(functions):
    entries = [("data", "first"), ("data", "second"), ("link", ("data",)), ("link", ("other",)), ("was-link", ("data",)), ("was-link", "a file")]
    assert files_of(functions, "duplicates", entries) == {"data": "second", "link": "other", "was-link": "a file"}


def test_names_keep_their_backslashes(functions):
    assert files_of(functions, "backslashes", [("static\\app.css", "css"), ("..\\up", "x")]) == {"static\\app.css": "css", "..\\up": "x"}


def test_links_keep_their_targets(functions):
    entries = [("absolute", ("/opt/lib/libx.so",)), ("outside", ("../../etc/passwd",)), ("loop", ("loop",))]
    assert files_of(functions, "links", entries) == {name: target for name, (target,) in entries}


def test_link_to_a_folder_does_not_lead_a_later_layer_out(functions, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    layers = [raw_zip([("python", (str(outside),))]), zip_of({"python/shared.py": "x = 2\n"})]
    arns = [functions.lambda_.publish_layer_version(LayerName=f"linked-{number}", Content={"ZipFile": content})["LayerVersionArn"]
            for number, content in enumerate(layers)]
    functions.python("linked", "import shared\ndef handler(event, context):\n    return shared.x\n", Layers=arns)
    assert functions.invoke("linked")[0] == 2
    assert list(outside.iterdir()) == []


def test_zip64_is_unpacked(functions, monkeypatch):
    for limit in ("ZIP64_LIMIT", "ZIP_FILECOUNT_LIMIT"):
        monkeypatch.setattr(zipfile, limit, 0)
    code = raw_zip([("data", "text")])
    assert b"PK\x06\x06" in code
    assert files_of(functions, "zip64", [("data", "text")]) == {"data": "text"}


@pytest.mark.parametrize("method, name", [(zipfile.ZIP_BZIP2, "bzip2"), (zipfile.ZIP_LZMA, "LZMA")])
def test_other_compression_is_refused_with_the_reason(functions, method, name):
    code, message, _ = error_of(lambda: functions.create("compressed", raw_zip([("app.py", LISTS_FILES)], method), PYTHON, "app.handler"))
    assert code == "InvalidParameterValueException"
    assert message.startswith("Could not unzip uploaded file. Please check your file, then try to upload again. (app.py: it is compressed with " + name)
