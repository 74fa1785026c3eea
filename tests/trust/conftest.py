"""The fixtures and helpers of the functional tests, for the pytest files in this folder and for support.py."""

import importlib.util
import pathlib

FUNCTIONAL = pathlib.Path(__file__).resolve().parent.parent / "functional" / "conftest.py"
specification = importlib.util.spec_from_file_location("functional_conftest", FUNCTIONAL)
functional = importlib.util.module_from_spec(specification)
specification.loader.exec_module(functional)
globals().update({name: value for name, value in vars(functional).items() if not name.startswith("__")})


def pytest_addoption(parser):
    functional.pytest_addoption(parser)
    parser.addoption("--full", action="store_true", help="run the tests of the full campaign, whose names start with test_full, too")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--full"):
        return
    full = [item for item in items if item.name.startswith("test_full")]
    config.hook.pytest_deselected(items=full)
    items[:] = [item for item in items if item not in full]
