"""The exception that calls raise, with AWS's code and message."""
from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class Aws_Exception(Exception):
    """Reports an error response of AWS, or an error before or during the request.

    `code` and `message` are AWS's where AWS defines them. If a service responded with an error and botocore is loaded,
    the exception is also a botocore ClientError. Errors without a response have http_status 0; they are also the
    matching built-in exception, such as OSError, ModuleNotFoundError or ValueError, whether botocore is loaded or not.
    """

    def __init__(self, code: str, message: str, http_status: int = 0) -> None:
        Exception.__init__(self, f"{code}: {message}")  # not super(): the other base classes need their own arguments
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
    "PackageNotFound": ValueError,
    "ParamValidationError": ValueError,
    "ReadTimeoutError": TimeoutError,
    "WheelNotFound": ValueError,
    "WrongPlatform": ValueError,
    "ZipTooLarge": ValueError,
}
_classes: dict[tuple[type, ...], type[Aws_Exception]] = {}


def error_of(code: str, message: str, http_status: int) -> Aws_Exception:
    """Creates the exception for an error of the C++ core."""
    botocore = sys.modules.get("botocore.exceptions")
    bases: tuple[type, ...] = (Aws_Exception,)
    if http_status == 0 and code in KINDS:  # an error without a response
        bases += (KINDS[code],)
    elif http_status >= 400 and botocore is not None:
        bases += (botocore.ClientError,)
    if bases not in _classes:
        _classes[bases] = type("Aws_Exception", bases, {"__module__": __name__}) if len(bases) > 1 else Aws_Exception
    return _classes[bases](code, message, http_status)


def error_of_result(result: Mapping[str, Any]) -> Aws_Exception:
    """Creates the exception for a result of this package whose 'error' is "CODE: message"."""
    code, _, message = result["error"].partition(": ")
    return error_of(code, message, 400)


def aws_exception_of(error: BaseException) -> Aws_Exception | None:
    """Converts an exception of botocore; returns None for others, and for an Aws_Exception."""
    botocore = sys.modules.get("botocore.exceptions")
    if botocore is None or isinstance(error, Aws_Exception):
        return None
    if isinstance(error, botocore.ClientError):
        of_service: Any = error
        details = of_service.response.get("Error", {})
        status = of_service.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
        converted = error_of(str(details.get("Code", "Unknown")), str(details.get("Message", "")), status)
        converted.operation_name, converted.response = of_service.operation_name, of_service.response
        return converted
    return error_of(type(error).__name__, str(error), 0) if isinstance(error, botocore.BotoCoreError) else None
