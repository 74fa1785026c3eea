"""What calls raise, in AWS's words."""
from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Aws_Exception(Exception):
    """AWS refused, or could not be asked: `code` and `message` are AWS's own where it has them.

    It is a botocore ClientError too when botocore is loaded, and the builtin exception of its kind where there is one
    (FileNotFoundError, ModuleNotFoundError, ValueError ...): handlers written for those go on to work.
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
    "AuthFailure": PermissionError,
    "BadZip": ValueError,
    "ConfigurationError": ValueError,
    "ConnectTimeoutError": ConnectionError,
    "ConnectionClosedError": ConnectionError,
    "DependencyNotFound": RuntimeError,
    "EndpointConnectionError": ConnectionError,
    "FileError": OSError,
    "HandlerNotFound": ValueError,
    "InvalidName": ValueError,
    "ModuleNotFound": ModuleNotFoundError,
    "NotFound": FileNotFoundError,
    "ReadTimeoutError": TimeoutError,
}
_classes: dict[tuple[type, ...], type[Aws_Exception]] = {}


def error_of(code: str, message: str, http_status: int) -> Aws_Exception:
    """The exception for an error of the C++ core."""
    botocore = sys.modules.get("botocore.exceptions")
    bases: tuple[type, ...] = (Aws_Exception,)
    if http_status >= 400 and botocore is not None:
        bases += (botocore.ClientError,)
    elif code in KINDS:
        bases += (KINDS[code],)
    if bases not in _classes:
        _classes[bases] = type("Aws_Exception", bases, {"__module__": __name__}) if len(bases) > 1 else Aws_Exception
    return _classes[bases](code, message, http_status)
