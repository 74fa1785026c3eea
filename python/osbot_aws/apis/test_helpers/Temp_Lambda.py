"""A Lambda function for the length of a `with`."""
from __future__ import annotations

import inspect
import io
import os
import zipfile
from textwrap import dedent

from osbot_aws.aws.lambda_.Lambda__with_temp_role import Lambda__with_temp_role

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any

    from typing_extensions import Self

    from osbot_aws.aws.session.Session__Kwargs import Session_Like

DEFAULT_CODE = "def run(event, context):\n    return 'hello {0}'.format(event.get('name'))\n"


class Temp_Lambda:
    """with Temp_Lambda() as temp_lambda: temp_lambda.invoke({'name': 'world'})

    `lambda_code` is the source of a module with a function `run`, or a function of that name that uses nothing else. The
    function has a role, made when missing, and is deleted at the end, with its logs.
    """

    def __init__(self, lambda_name: str | None = None, lambda_code: str | Callable[..., Any] | None = None, *,
                 delete_on_exit: bool = True, with_layer: str | None = None, session_kwargs__lambda: Session_Like = None) -> None:
        self.lambda_name = lambda_name or f"temp_lambda_{os.urandom(4).hex()}"
        self.delete_on_exit = delete_on_exit
        self.create_log: dict[str, Any] | None = None
        source = inspect.getsource(lambda_code) if callable(lambda_code) else lambda_code or DEFAULT_CODE
        self.aws_lambda = Lambda__with_temp_role(self.lambda_name, session_kwargs__lambda, zip_bytes=zip_of_module(self.lambda_name, dedent(source)))
        self.with_layer = with_layer
        if with_layer:
            self.aws_lambda.add_layer(with_layer)

    def __enter__(self) -> Self:
        self.create()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.delete_on_exit:
            self.delete()

    def create(self) -> dict[str, Any]:
        """Raises AssertionError with the reason when the function can't be made."""
        self.create_log = self.aws_lambda.create()
        if self.create_log["status"] == "error":
            raise AssertionError(self.create_log["error"])
        self.aws_lambda.wait_for_state_active()
        return self.create_log

    def delete(self) -> bool:
        """Deletes the function and its log group. False: there was none."""
        return self.aws_lambda.delete()

    def arn(self) -> str:
        """The function's ARN. Raises Aws_Exception (ResourceNotFoundException) when there is no function."""
        return self.aws_lambda.function_arn()

    def exists(self) -> bool:
        """True: there is such a function."""
        return self.aws_lambda.exists()

    def info(self) -> dict[str, Any]:
        """{'Configuration', 'Code', 'Tags'}."""
        return self.aws_lambda.info()

    def invoke(self, params: Any = None) -> Any:
        """What the function returns; {'error': ...} when the call failed."""
        return self.aws_lambda.invoke(params)

    def invoke_raw(self, params: Any = None) -> dict[str, Any]:
        """{'status', 'name', 'data', 'response'}, and 'function_error' and 'error' when there are such."""
        return self.aws_lambda.invoke_raw(params)

    def invoke_return_logs(self, params: Any = None) -> dict[str, Any]:
        """{'status', 'name', 'return_value', 'execution_logs' (the last 4 KB), 'request_id'}."""
        return self.aws_lambda.invoke_return_logs(params)


def zip_of_module(name: str, source: str) -> bytes:
    """The bytes of a zip that has `<name>.py` with this source."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}.py", source)
    return packed.getvalue()
