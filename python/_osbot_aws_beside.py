"""Says it when OSBot-AWS and this package are installed in one place: both are imported as osbot_aws, and the one that
was installed last has overwritten files of the other. osbot_aws_cpp.pth asks for this at the start of Python there."""
import importlib.abc
import os
import sys


def is_mixed(package: str) -> bool:
    """Whether the folder of osbot_aws has the file `version`, which the original has and this package has not."""
    return os.path.isfile(os.path.join(package, "version"))


def refusal(package: str) -> ImportError:
    return ImportError(f"osbot-aws and osbot-aws-cpp are both installed in {package}, and each has overwritten files of the other: "
                       "`pip uninstall --yes osbot-aws osbot-aws-cpp`, then install the one that you want")


class _Refusing(importlib.abc.MetaPathFinder):
    """Finds nothing; stands before what would find the mixture."""

    def __init__(self, folder: str) -> None:
        self.package = os.path.join(folder, "osbot_aws")

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == "osbot_aws" and is_mixed(self.package):  # not any more, when one was uninstalled meanwhile
            raise refusal(self.package)


def watch(folder: str) -> None:
    """Refuses to import osbot_aws while `folder`, of site-packages, holds a mixture."""
    sys.meta_path.insert(0, _Refusing(folder))
