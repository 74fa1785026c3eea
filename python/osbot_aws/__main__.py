"""python -m osbot_aws: the command `osbot`."""
import os
import sys
import sysconfig


def command() -> str:
    """The path of the program `osbot` that was installed with this package. Ends Python, saying what to do, when there is none."""
    for scheme in (sysconfig.get_default_scheme(), sysconfig.get_preferred_scheme("user")):
        path = os.path.join(sysconfig.get_path("scripts", scheme), "osbot")
        if os.access(path, os.X_OK):
            return path
    sys.exit("the command osbot is not installed beside this package: pip install --force-reinstall osbot-aws-cpp")


if __name__ == "__main__":
    os.execv(command(), ["osbot", *sys.argv[1:]])
