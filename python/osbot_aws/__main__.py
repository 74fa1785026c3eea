"""Runs the osbot command: python -m osbot_aws."""
import os
import sys
import sysconfig


def command() -> str:
    """Returns the path of the osbot executable that was installed with this package.

    Exits with an error if it is missing.
    """
    for scheme in (sysconfig.get_default_scheme(), sysconfig.get_preferred_scheme("user")):
        path = os.path.join(sysconfig.get_path("scripts", scheme), "osbot")
        if os.access(path, os.X_OK):
            return path
    sys.exit("the osbot command of this package is not installed: run `pip install --force-reinstall osbot-aws-cpp`")


if __name__ == "__main__":
    os.execv(command(), ["osbot", *sys.argv[1:]])
