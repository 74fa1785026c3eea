"""Tests that a misspelt attribute of a public class is an error with the nearest name."""
import importlib
import inspect
import pkgutil

import pytest

import osbot_aws
from osbot_aws.aws.lambda_.Lambda import Lambda
from osbot_aws.core.Checked_Attributes import Checked_Attributes
from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda
from osbot_aws.helpers.Lambda_Package import Lambda_Package

# Test runners and other libraries add attributes to test cases and exceptions; the native Session has a fixed layout.
OTHERS = {"TestCase__Lambda__Deploy", "Aws_Exception", "Session", "Botocore_Errors"}


def handler(event, context):
    return event


def public_classes():
    modules = [importlib.import_module(module.name) for module in pkgutil.walk_packages(osbot_aws.__path__, "osbot_aws.")
               if not module.name.rpartition(".")[2].startswith("_")]
    return {cls for module in modules for name, cls in inspect.getmembers(module, inspect.isclass)
            if cls.__module__.startswith("osbot_aws.") and not name.startswith("_") and name not in OTHERS}


def test_all_public_classes_check_attributes():
    assert len(public_classes()) > 20
    assert [cls for cls in public_classes() if not issubclass(cls, Checked_Attributes)] == []


@pytest.mark.parametrize(("create", "wrong", "right"), [
    (lambda: Deploy_Lambda(handler), "timout", "timeout"),
    (lambda: Deploy_Lambda(handler), "memory_sizes", "memory_size"),
    (lambda: Lambda("orders"), "env_variable", "env_variables"),
    (lambda: Lambda("orders"), "layer", "layers"),
    (lambda: Deploy_Lambda(handler), "logs", "invoke_return_logs"),
], ids=["timeout", "memory_size", "env_variables", "layers", "part_of_a_name"])
def test_misspelt_attribute_is_an_error_with_the_nearest_name(create, wrong, right):
    subject = create()
    message = f"{type(subject).__name__} has no attribute '{wrong}': did you mean '{right}'?"
    with pytest.raises(AttributeError) as raised:
        setattr(subject, wrong, 7)
    assert str(raised.value) == message
    with pytest.raises(AttributeError) as raised:
        getattr(subject, wrong)
    assert str(raised.value) == message


def test_misspelt_keyword_argument_is_an_error_with_the_nearest_name():
    with pytest.raises(TypeError, match=r"Lambda\(\) has no keyword argument 'timout': did you mean 'timeout'\?"):
        Lambda("orders", timout=7)


def test_misspelt_keyword_argument_of_deploy_names_deploy():
    with pytest.raises(TypeError, match=r"^Deploy_Lambda\(\) has no keyword argument 'memmory': did you mean 'memory'\?$"):
        Deploy_Lambda(test_methods_of_subclasses_may_add_attributes, "orders", memmory=7)


def test_methods_of_subclasses_may_add_attributes():
    class Orders(Lambda):
        def __init__(self):
            super().__init__("orders")
            self.counter = 0

        def count(self):
            self.counter += 1
            self.last = self.counter
            return self

    orders = Orders().count()
    orders.counter = 5
    assert (orders.counter, orders.last) == (5, 1)
    with pytest.raises(AttributeError, match="did you mean 'counter'"):
        orders.countr = 6


def test_attribute_error_of_private_name_has_no_suggestion():
    assert not hasattr(Lambda("orders"), "_repr_html_")
    with pytest.raises(AttributeError, match="^Lambda has no attribute '_layer'$"):
        _ = Lambda("orders")._layer


# ---- the settings of Lambda, which are properties of the native class


def test_settings_have_docstrings_with_units():
    assert Lambda.memory.__doc__ == "The memory in MB, 128 to 10240."
    assert Deploy_Lambda.timeout.__doc__ == Lambda.timeout.__doc__ == "The timeout in seconds, 1 to 900."
    settings = {name for name, member in vars(Lambda.__mro__[1]).items() if isinstance(member, property)}
    assert {"layers", "env_variables", "zip_bytes"} < settings
    assert all(getattr(Lambda, name).__doc__ for name in settings)


def test_lists_and_dicts_can_be_changed_in_place():
    layers, variables = ["arn:1"], {"A": "1"}
    function = Lambda("orders", layers=layers, env_variables=variables)
    function.layers.append("arn:2")
    function.env_variables["B"] = "2"
    function.tags["owner"] = "me"
    request = function.create_kwargs()
    assert (request["Layers"], request["Tags"]) == (["arn:1", "arn:2"], {"owner": "me"})
    assert request["Environment"] == {"Variables": {"A": "1", "B": "2"}}
    assert (layers, variables) == (["arn:1"], {"A": "1"})  # the arguments are copied
    function.layers = variables.keys()
    function.env_variables = None
    assert (function.layers, function.env_variables) == (["A"], {})


@pytest.mark.parametrize(("setting", "value", "message"), [
    ("memory", "512", "memory must be an int, not str"), ("timeout", True, "timeout must be an int, not bool"),
    ("role", 7, "role must be str, not int"), ("zip_bytes", "text", "zip_bytes must be bytes, not str"),
    ("layers", "arn:1", "layers must be a list of str, not str"), ("tags", {"a": 1}, "tags['a'] must be str, not int"),
])
def test_value_of_wrong_type_is_rejected_when_it_is_set(setting, value, message):
    with pytest.raises(TypeError) as raised:
        setattr(Lambda("orders"), setting, value)
    assert str(raised.value) == message


@pytest.mark.parametrize("make", [lambda: Lambda("orders"), lambda: Deploy_Lambda(handler), lambda: Lambda_Package("orders")],
                         ids=["Lambda", "Deploy_Lambda", "Lambda_Package"])
@pytest.mark.parametrize(("variables", "message"), [
    ({"STAGE": "prod", "LIMIT": 1}, "env_variables['LIMIT'] must be str, not int"), ({"LIMIT": None}, "env_variables['LIMIT'] must be str, not NoneType"),
    ({7: "secret"}, "the key 7 of env_variables must be str, not int"),
])
def test_environment_variable_of_wrong_type_is_rejected(osbot_local, make, variables, message):
    target = make()
    with pytest.raises(TypeError) as raised:
        target.set_env_variables(variables)
    assert str(raised.value) == message
    key, value = list(variables.items())[-1]
    with pytest.raises(TypeError) as raised:
        target.set_env_variable(key, value)
    assert str(raised.value) == message
    function = getattr(target, "aws_lambda", target)
    assert (function.lambda_function() if isinstance(function, Deploy_Lambda) else function).env_variables == {}


def test_deploy_sends_memory_and_timeout(osbot_local):
    deploy = Deploy_Lambda(handler, timeout=30, memory=256)
    assert deploy.set_timeout(7).set_memory(384).set_handler("test_attributes.handler") is deploy
    assert deploy.deploy(), deploy.last_error
    configuration = deploy.info()["Configuration"]
    assert (configuration["Timeout"], configuration["MemorySize"]) == (7, 384)
