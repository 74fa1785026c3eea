"""What a shell into a function can do; imports nothing but the standard library."""
from __future__ import annotations

import os
import subprocess

TYPE_CHECKING = False  # typing costs a cold start 5 ms
if TYPE_CHECKING:
    from typing import Any

METHODS = ("ping", "pwd", "bash", "process_run", "python_exec", "file_contents", "list_files", "disk_space",
           "memory_usage", "list_processes")


class Shell_Server:
    """Runs the methods in METHODS; asks for no key, which Lambda_Shell has done."""

    def invoke(self, data: dict[str, Any]) -> dict[str, Any] | None:
        """{'method_invoked', 'method_name', 'method_kwargs', 'return_value'}, or None for a method that isn't one."""
        name, arguments = data.get("method_name"), data.get("method_kwargs")
        if name not in METHODS:
            return None
        method = getattr(Shell_Server, name)
        value = method(**arguments) if isinstance(arguments, dict) else method()
        return {"method_invoked": True, "method_name": name, "method_kwargs": arguments, "return_value": value}

    @staticmethod
    def ping() -> str:
        """'pong'."""
        return "pong"

    @staticmethod
    def process_run(executable: str, params: str | list[str] | None = None, cwd: str | None = ".") -> dict[str, Any]:
        """How a program ended. status is 'ok' when it ran, whatever its exit_code."""
        if isinstance(params, str):
            params = [params]
        run_params = [executable] + list(params or [])
        cwd = cwd or "."
        result: dict[str, Any] = {"cwd": cwd, "error": None, "kwargs": {"cwd": cwd, "stdout": -1, "stderr": -1, "timeout": None},
                  "runParams": run_params, "status": "ok", "stdout": "", "stderr": "", "exit_code": None}
        try:
            ended = subprocess.run(run_params, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, check=False)
        except Exception as error:
            result.update(status="error", error=str(error))
        else:
            result.update(stdout=ended.stdout.decode(errors="replace"), stderr=ended.stderr.decode(errors="replace"),
                          exit_code=ended.returncode)
        return result

    @staticmethod
    def bash(command: str, cwd: str | None = None) -> dict[str, Any]:
        """Runs a command line in bash; answers as process_run()."""
        return Shell_Server.process_run("bash", ["-c", command], cwd)

    @staticmethod
    def python_exec(code: str) -> Any:
        """What the code names `result`; what it prints goes to the function's log."""
        scope: dict[str, Any] = {}
        try:
            exec(code, scope)
        except Exception as error:
            return {"error": f"{error}"}
        return scope.get("result")

    @staticmethod
    def pwd() -> str:
        """The working directory, with a newline after it."""
        return os.getcwd() + "\n"

    @staticmethod
    def file_contents(path: str) -> str | dict[str, str]:
        """The text, bytes that are not UTF-8 replaced; {'error': ...} when the file can't be read."""
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                return file.read()
        except OSError as error:
            return {"error": str(error)}

    @staticmethod
    def list_files(path: str = ".") -> list[str] | dict[str, str]:
        """Names in a folder, sorted; {'error': ...} when it can't be read."""
        try:
            return sorted(os.listdir(path))
        except OSError as error:
            return {"error": str(error)}

    @staticmethod
    def memory_usage() -> str | dict[str, str]:
        """The text of /proc/meminfo."""
        return Shell_Server.file_contents("/proc/meminfo")

    @staticmethod
    def disk_space() -> str:
        """What `df -h` prints."""
        return str(Shell_Server.bash("df -h")["stdout"]).strip()

    @staticmethod
    def list_processes() -> str:
        """What `ps -aux` prints."""
        return str(Shell_Server.bash("ps -aux")["stdout"]).strip()
