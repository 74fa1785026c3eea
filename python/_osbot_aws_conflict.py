"""Reports that OSBot-AWS and this package are installed in the same site-packages folder.

Both are imported as osbot_aws, and the one installed last has overwritten files of the other. Python loads this module
at startup, through osbot_aws_cpp.pth.
"""
import importlib.abc
import os
import sys


def has_both(package: str) -> bool:
    """Returns whether the folder of osbot_aws contains the file `version`, which only the original package has."""
    return os.path.isfile(os.path.join(package, "version"))


def conflict_error(package: str) -> ImportError:
    """Returns the error to raise when osbot_aws is imported."""
    return ImportError(f"osbot-aws and osbot-aws-cpp are both installed in {package}, and each has overwritten files of the other: "
                       "run `pip uninstall --yes osbot-aws osbot-aws-cpp`, then install one of them")


class _Conflict_Finder(importlib.abc.MetaPathFinder):
    """Raises an error before another finder finds the mixed package. Never returns a module itself."""

    def __init__(self, folder: str) -> None:
        self.package = os.path.join(folder, "osbot_aws")

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == "osbot_aws" and has_both(self.package):  # checked again: one of the packages may have been uninstalled
            raise conflict_error(self.package)


def watch(folder: str) -> None:
    """Makes `import osbot_aws` fail as long as `folder`, a site-packages folder, contains both packages."""
    sys.meta_path.insert(0, _Conflict_Finder(folder))
