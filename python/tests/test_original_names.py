"""Which names of OSBot-AWS 2.39.10 this package has: docs/reference/python_names.md says it, and is right."""
import importlib
import json
import pathlib
import re
import textwrap

import pytest

import osbot_aws
from osbot_aws.aws.lambda_.Lambda import Lambda

HERE = pathlib.Path(__file__).parent
PAGE = HERE.parent.parent / "docs/reference/python_names.md"
ORIGINAL = json.loads((HERE / "data/original_names.json").read_text())
ARGUMENTS = {"Lambda__Dependencies": (), "OSBot_Setup": (), "S3": (), "AWS_Config": (), "Temp_Aws_Roles": (), "Lambda_Shell": (),
             "Shell_Client": (Lambda("named"),), "Deploy_Lambda": (textwrap.dedent,)}


def has_module(name):
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        return False
    return True


def thing_of(dotted):
    """A module, or an object of a class, which has its attributes as well."""
    if has_module(dotted):
        return importlib.import_module(dotted)
    module, _, name = dotted.rpartition(".")
    made = getattr(importlib.import_module(module), name)
    return made(package_name="named") if name.endswith("Inside_Lambda") else made(*ARGUMENTS.get(name, ("named",)))


def listed(section, which):
    """The names in backticks in the paragraph `Available: ...` or `Not available: ...` of a section."""
    paragraph = re.search(rf"^{which}: (.+?)\n(?:\n|\Z)", section, re.M | re.S)
    return re.findall(r"`(\w+)`", paragraph[1]) if paragraph else []


def sections():
    """{what a heading names: the text below it}."""
    parts = re.split(r"^### `([\w.]+)`\n", PAGE.read_text(), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_class_and_function_of_the_original_s_modules_that_are_here_has_a_section():
    assert sorted(sections()) == sorted(ORIGINAL["names"])


@pytest.mark.parametrize("dotted", ORIGINAL["names"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_is_kept_and_what_is_not(dotted, osbot_local):
    thing = thing_of(dotted)
    kept = [name for name in ORIGINAL["names"][dotted] if hasattr(type(thing), name) or name in vars(thing)]
    assert listed(sections()[dotted], "Available") == kept
    assert listed(sections()[dotted], "Not available") == [name for name in ORIGINAL["names"][dotted] if name not in kept]


def test_the_original_s_other_modules_are_listed():
    named = re.findall(r"`(osbot_aws[\w.]+)`", PAGE.read_text().partition("## Modules that are not available")[2])
    missing = [module for module in ORIGINAL["modules"] if not has_module(module)]
    below = [module for module in missing if any(module.startswith(f"{other}.") for other in missing)]
    assert named == [module for module in missing if module not in below]


@pytest.mark.parametrize("statement", ["import osbot_aws.aws.ec2", "from osbot_aws.aws.ec2.EC2 import EC2", "from osbot_aws.aws import ec2"])
def test_importing_one_says_what_to_do(statement):
    with pytest.raises(ModuleNotFoundError) as raised:
        exec(statement, {})
    assert str(raised.value).startswith("osbot-aws-cpp has no module osbot_aws.aws.ec2: ")
    assert "docs/reference/python_names.md" in str(raised.value)
    assert "`pip uninstall osbot-aws-cpp`, then `pip install osbot-aws`" in str(raised.value)


def test_a_private_module_that_is_missing_is_python_s_to_name():
    with pytest.raises(ImportError, match="cannot import name '_missing'"):
        exec("from osbot_aws import _missing", {})
    assert PAGE.is_file() and osbot_aws.path
