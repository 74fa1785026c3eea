"""Runs commands inside a function whose handler has the decorator @lambda_shell. Each call is one invoke."""
from __future__ import annotations

import inspect
from textwrap import dedent

from osbot_aws import _core
from osbot_aws.core.Checked_Attributes import Checked_Attributes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from osbot_aws.aws.lambda_.Lambda import Lambda


class Shell_Client(Checked_Attributes):
    """Sends requests to the shell of a function.

    If the key is wrong, or the function has no key, the event goes to the handler and the handler's result is returned.
    Methods return {'error': ...} if the invoke failed. A result may be up to 6 MB. A program may run until the
    function's timeout.
    """

    def __init__(self, aws_lambda: Lambda, auth_key: str | None = None) -> None:
        self.aws_lambda = aws_lambda
        self.auth_key = auth_key  # None: use this process's LAMBDA_SHELL__AUTH_KEY

    def invoke(self, method_name: str, method_kwargs: dict[str, Any] | None = None) -> Any:
        """Runs a method of the function's shell (Shell_Server.METHODS) and returns its result.

        Returns {'error': ...} if the invoke failed, and None if the method does not exist.
        """
        return _core.lambda_shell(self.aws_lambda, self.auth_key, method_name, method_kwargs)

    def bash(self, command: str, cwd: str = ".") -> Any:
        """Runs a command line in bash; returns the same dict as process_run()."""
        return self.invoke("bash", {"command": command, "cwd": cwd})

    def process_run(self, executable: str, params: Iterable[str] = (), cwd: str = ".") -> Any:
        """Runs a program: {'status', 'exit_code', 'stdout', 'stderr', 'error', 'cwd', 'runParams', 'kwargs'}.

        'status' is 'ok' for any exit code. If the program could not be started, 'status' is 'error' and 'error' is the
        reason.
        """
        return self.invoke("process_run", {"executable": executable, "params": list(params), "cwd": cwd})

    def exec(self, executable: str, params: Iterable[str] = (), cwd: str = ".") -> str:
        """Runs a program and returns its standard output followed by its standard error.

        Leading and trailing whitespace is removed from both.

        Returns 'Error: <reason>' if the output is empty and the program could not be started or the invoke failed.
        Returns '' if the result does not come from the shell.
        """
        result = self.process_run(executable, params, cwd)
        if output := text_of(result, "stdout").strip() + text_of(result, "stderr").strip():
            return output
        reason = text_of(result, "errorMessage") or text_of(result, "error")
        return reason and f"Error: {reason}"

    def python_exec(self, code: str, return_logs: bool = False) -> Any:
        """Executes code inside the function and returns the value of its variable `result`; None if it sets none.

        Returns {'error': message of the exception} if the code raises. Text that the code prints is written to the
        function's log. With return_logs, returns the same dict as Lambda.invoke_return_logs().
        """
        if return_logs:
            return _core.lambda_shell_return_logs(self.aws_lambda, self.auth_key, code)
        return self.invoke("python_exec", {"code": code})

    def python_exec_function(self, function: Callable[[], Any], return_logs: bool = False) -> Any:
        """Executes a function of this program inside the Lambda function and returns its result.

        The function may use only names that it defines or imports itself. return_logs is as for python_exec().
        """
        return self.python_exec(f"{dedent(inspect.getsource(function))}\nresult = {function.__name__}()", return_logs)

    exec_function = python_exec_function

    def exec_function_return_logs(self, function: Callable[[], Any]) -> Any:
        """Executes a function like python_exec_function(); returns {'return_value', 'execution_logs', ...}.

        The dict is that of Lambda.invoke_return_logs().
        """
        return self.python_exec_function(function, return_logs=True)

    def reset(self) -> dict[str, Any]:
        """Sends the function's code again, so that the next invoke is a cold start.

        Raises Aws_Exception (InvalidParameterValueException) if the Lambda object has no code, as for functions of
        Deploy_Lambda.
        """
        return self.aws_lambda.update_lambda_code()

    def ls(self, path: str = "", cwd: str = ".") -> str:
        """Returns the output of `ls` for a folder, or for `cwd`; '' if it fails.

        `path` may also be one option, such as -la.
        """
        return text_of(self.process_run("ls", [path] if path else [], cwd), "stdout")

    def file_contents(self, path: str) -> Any:
        """Returns a file as text, with bytes that are not UTF-8 replaced; {'error': ...} if it cannot be read."""
        return self.invoke("file_contents", {"path": path})

    def list_files(self, path: str = ".") -> Any:
        """Lists the names in a folder, sorted; {'error': ...} if it cannot be read."""
        return self.invoke("list_files", {"path": path})

    def disk_space(self) -> Any:
        """Returns the output of `df -h`."""
        return self.invoke("disk_space")

    def list_processes(self) -> Any:
        """Returns the output of `ps -aux`."""
        return self.invoke("list_processes")

    def memory_usage(self) -> Any:
        """Returns the text of /proc/meminfo."""
        return self.invoke("memory_usage")

    def ping(self) -> Any:
        """Returns 'pong' if the function has the shell and the key is correct."""
        return self.invoke("ping")

    def pwd(self) -> Any:
        """Returns the function's working directory, followed by a newline."""
        return self.invoke("pwd")

    def ps(self) -> str:
        """Returns the output of `ps`."""
        return self.exec("ps")

    def whoami(self) -> str:
        """Returns the name of the user that runs the function."""
        return self.exec("whoami")


def text_of(result: Any, name: str) -> str:
    """Returns a member of the shell's result; '' if it is missing or not a str."""
    value = result.get(name) if isinstance(result, dict) else None
    return value if isinstance(value, str) else ""
