"""What calls raise, in AWS's words."""
from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Aws_Exception(Exception):
    """AWS refused, or could not be asked: `code` and `message` are AWS's own where it has them.

    What a service answered is a botocore ClientError too when botocore is loaded. What went wrong before or on the way
    (http_status 0) is the builtin exception of its kind instead, botocore or not: OSError, ModuleNotFoundError, ValueError ...
    """

    def __init__(self, code: str, message: str, http_status: int = 0) -> None:
        Exception.__init__(self, f"{code}: {message}")  # whatever else it is: those want arguments of their own
        self.code = code
        self.message = message
        self.http_status = http_status
        self.operation_name = ""
        self.response: dict[str, Any] = {"Error": {"Code": code, "Message": message},
                                         "ResponseMetadata": {"HTTPStatusCode": http_status}}

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

    def __reduce__(self) -> Any:
        return error_of, (self.code, self.message, self.http_status)


KINDS: dict[str, type[Exception]] = {
    "ArchitectureMismatch": ValueError,
    "BadElf": ValueError,
    "BadZip": ValueError,
    "CodeStorageExceeded": ValueError,
    "ConfigurationError": ValueError,
    "ConnectTimeoutError": ConnectionError,
    "ConnectionClosedError": ConnectionError,
    "EmptyFolder": ValueError,
    "EndpointConnectionError": ConnectionError,
    "FileError": OSError,
    "HandlerNotFound": ValueError,
    "InstallFailed": RuntimeError,
    "InstallerNotFound": FileNotFoundError,
    "InterpreterNotFound": FileNotFoundError,
    "InvalidArchitecture": ValueError,
    "InvalidName": ValueError,
    "InvalidRequirement": ValueError,
    "InvalidRuntime": ValueError,
    "ModuleNotFound": ModuleNotFoundError,
    "NoCode": ValueError,
    "NoSuchMember": KeyError,
    "NotAKey": TypeError,
    "NotExecutable": OSError,
    "NotFound": FileNotFoundError,
    "ParamValidationError": ValueError,
    "ReadTimeoutError": TimeoutError,
    "WheelNotFound": ValueError,
    "WrongPlatform": ValueError,
    "ZipTooLarge": ValueError,
}
_classes: dict[tuple[type, ...], type[Aws_Exception]] = {}


def error_of(code: str, message: str, http_status: int) -> Aws_Exception:
    """The exception for an error of the C++ core."""
    botocore = sys.modules.get("botocore.exceptions")
    bases: tuple[type, ...] = (Aws_Exception,)
    if http_status == 0 and code in KINDS:  # no service answered
        bases += (KINDS[code],)
    elif http_status >= 400 and botocore is not None:
        bases += (botocore.ClientError,)
    if bases not in _classes:
        _classes[bases] = type("Aws_Exception", bases, {"__module__": __name__}) if len(bases) > 1 else Aws_Exception
    return _classes[bases](code, message, http_status)
