"""Tests that docs/reference/python_names.md lists the names of OSBot-AWS 2.39.10 that this package has and lacks."""
import importlib
import json
import pathlib
import re
import textwrap

import pytest

import osbot_aws
from osbot_aws.aws.lambda_.Lambda import Lambda
from osbot_aws.core.Original_Names import NOT_AVAILABLE

HERE = pathlib.Path(__file__).parent
PAGE = HERE.parent.parent / "docs/reference/python_names.md"
ORIGINAL = json.loads((HERE / "data/original_names.json").read_text())
ARGUMENTS = {"Lambda__Dependencies": (), "OSBot_Setup": (), "S3": (), "IAM": (), "AWS_Config": (), "Temp_Aws_Roles": (), "Temp_IAM_User": (), "Lambda_Shell": (),
             "Shell_Client": (Lambda("named"),), "Deploy_Lambda": (textwrap.dedent,)}


def has_module(name):
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        return False
    return True


def subject_of(dotted):
    """Returns a module, or an instance of a class, which also has the attributes that the constructor sets."""
    if has_module(dotted):
        return importlib.import_module(dotted)
    module, _, name = dotted.rpartition(".")
    cls = getattr(importlib.import_module(module), name)
    return cls(package_name="named") if name.endswith("Inside_Lambda") else cls(*ARGUMENTS.get(name, ("named",)))


def listed(section, label):
    """Lists the names in backticks in the paragraph `Available: ...` or `Not available: ...` of a section."""
    paragraph = re.search(rf"^{label}: (.+?)\n(?:\n|\Z)", section, re.M | re.S)
    return re.findall(r"`(\w+)`", paragraph[1]) if paragraph else []


def sections():
    """Returns {class or module in the heading: text of the section}."""
    parts = re.split(r"^### `([\w.]+)`\n", PAGE.read_text(), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_page_has_a_section_for_every_original_name():
    assert sorted(sections()) == sorted(ORIGINAL["names"])


@pytest.mark.parametrize("dotted", ORIGINAL["names"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_page_lists_supported_and_missing_names(dotted, osbot_local):
    subject = subject_of(dotted)
    supported = [name for name in ORIGINAL["names"][dotted] if hasattr(type(subject), name) or name in vars(subject)]
    assert listed(sections()[dotted], "Available") == supported
    assert listed(sections()[dotted], "Not available") == [name for name in ORIGINAL["names"][dotted] if name not in supported]


def test_errors_for_missing_names_contain_the_replacement(osbot_local):
    for dotted, names in ORIGINAL["names"].items():
        missing = {} if has_module(dotted) else NOT_AVAILABLE.get(dotted.rpartition(".")[2], {})
        for name in set(names) & set(missing):
            with pytest.raises(AttributeError) as raised:
                getattr(subject_of(dotted), name)
            assert str(raised.value).endswith(f"Instead: {missing[name]} (docs/reference/python_names.md)")


def test_not_available_lists_exactly_the_missing_names():
    for dotted, text in sections().items():
        if not has_module(dotted):
            assert sorted(NOT_AVAILABLE.get(dotted.rpartition(".")[2], {})) == listed(text, "Not available"), dotted


def test_page_lists_missing_modules():
    listed_modules = re.findall(r"`(osbot_aws[\w.]+)`", PAGE.read_text().partition("## Modules that are not available")[2])
    missing = [module for module in ORIGINAL["modules"] if not has_module(module)]
    submodules = [module for module in missing if any(module.startswith(f"{other}.") for other in missing)]
    assert listed_modules == [module for module in missing if module not in submodules]


@pytest.mark.parametrize("statement", ["import osbot_aws.aws.ec2", "from osbot_aws.aws.ec2.EC2 import EC2", "from osbot_aws.aws import ec2"])
def test_import_of_missing_module_names_the_fix(statement):
    with pytest.raises(ModuleNotFoundError) as raised:
        exec(statement, {})
    assert str(raised.value).startswith("osbot-aws-cpp has no module osbot_aws.aws.ec2: ")
    assert "docs/reference/python_names.md" in str(raised.value)
    assert "`pip uninstall osbot-aws-cpp`, then `pip install osbot-aws`" in str(raised.value)


@pytest.mark.parametrize(("name", "nearest"), [
    ("apis.Lambda", "aws.lambda_.Lambda"), ("apis.Lamda", "aws.lambda_.Lambda"), ("aws.S3", "aws.s3.S3")])
def test_import_of_misplaced_module_names_the_nearest(name, nearest):
    with pytest.raises(ModuleNotFoundError) as raised:
        importlib.import_module(f"osbot_aws.{name}")
    assert str(raised.value).startswith(f"osbot-aws-cpp has no module osbot_aws.{name} (did you mean osbot_aws.{nearest}?): ")


@pytest.mark.parametrize("module", [module for module in ORIGINAL["modules"] if not has_module(module)])
def test_missing_module_of_the_original_has_no_nearest(module):
    with pytest.raises(ModuleNotFoundError) as raised:
        importlib.import_module(module)
    assert "did you mean" not in str(raised.value)


def test_import_of_private_name_raises_the_standard_error():
    with pytest.raises(ImportError, match="cannot import name '_missing'"):
        exec("from osbot_aws import _missing", {})
    assert PAGE.is_file() and osbot_aws.path
