"""From a function to a running Lambda: packs it, makes what is missing (role, bucket), creates or updates the function,
and waits until it can be invoked. What is unchanged is not sent."""
from __future__ import annotations

import os

from osbot_aws import _core
from osbot_aws.aws.lambda_.Lambda import Lambda
from osbot_aws.aws.session.Session__Kwargs import session_of
from osbot_aws.deploy.Handler_Source import handler_source
from osbot_aws.deploy.Module_Files import find_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType
    from typing import Any

    from typing_extensions import Self

    from osbot_aws.apis.shell.Shell_Client import Shell_Client
    from osbot_aws.aws.lambda_.Lambda_Layer import Lambda_Layer
    from osbot_aws.aws.session.Session__Kwargs import Session_Like

    Path = str | os.PathLike[str]

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# The part of this package that functions use; it needs no native module.
INSIDE_LAMBDA = ("__init__.py", "aws/__init__.py", "aws/lambda_/__init__.py", "aws/lambda_/boto3__lambda.py",
                 "aws/lambda_/dependencies/__init__.py", "aws/lambda_/dependencies/Lambda__Dependencies.py",
                 "aws/lambda_/dependencies/Lambda__Dependency__Inside_Lambda.py", "apis/__init__.py", "apis/shell/__init__.py",
                 "apis/shell/Lambda_Shell.py", "apis/shell/Shell_Server.py")


class _Options:
    def __init__(self, lambda_name: str | None, stage: str | None, handler: str | None, runtime: str | None,
                 architecture: str) -> None:
        self.lambda_name = lambda_name
        self.stage = stage
        self.handler = handler
        self.runtime = runtime
        self.architecture = architecture


class Deploy_Lambda:
    """Deploy_Lambda(handler=my_handler).deploy()

    `handler` is a function, the path of a Python file, folder, zip or program, or the name of a function whose code is
    an image. deploy() may be repeated, and interrupted at any point: the next one goes on from what is there.

    The handler of a Python file is the first of handler, lambda_handler, run and main, else its only public function of
    two parameters. A package of 50,000,000 bytes and less goes with the request, unless OSBOT_LAMBDA_S3_BUCKET names a
    bucket; a larger one by S3. Raises ValueError for a function that Lambda could not find, saying what to do instead, and
    Aws_Exception: NotFound (no such file), HandlerNotFound (lists the candidates), ModuleNotFound, InvalidName (over 64
    characters). https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    """

    def __init__(self, handler: Callable[..., Any] | Path, lambda_name: str | None = None, *, stage: str | None = None,
                 ephemeral_storage: int = 512, memory_size: int = 512, runtime: str | None = None,
                 architecture: str = "x86_64", session_kwargs__lambda: Session_Like = None) -> None:
        self.handler = handler
        self.stage = stage
        sessions = session_of(session_kwargs__lambda)
        options = _Options(lambda_name, stage, None, runtime, architecture)
        if isinstance(handler, (str, os.PathLike)):
            self._deploy = _core.Deploy.of_path(sessions, handler, options)
        else:
            path, files = handler_source(handler)
            self._deploy = _core.Deploy.of_function(sessions, path, files, options)
        self._lambda = Lambda(self._deploy.name, sessions, handler=self._deploy.handler, memory_size=memory_size,
                              runtime=self._deploy.runtime, architecture=architecture, s3_bucket=self._deploy.s3_bucket,
                              ephemeral_storage=ephemeral_storage)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        pass  # what was deployed stays

    def __repr__(self) -> str:
        return f"Deploy_Lambda({self._deploy.name!r})"

    @property
    def memory_size(self) -> int:
        """MB, 128 to 10240."""
        return self._lambda.memory_size

    @memory_size.setter
    def memory_size(self, mb: int) -> None:
        self._lambda.memory_size = mb

    @property
    def ephemeral_storage(self) -> int:
        """MB of /tmp, 512 to 10240."""
        return self._lambda.ephemeral_storage

    @ephemeral_storage.setter
    def ephemeral_storage(self, mb: int) -> None:
        self._lambda.ephemeral_storage = mb

    # ---- what goes into the package

    def add_function_source_code(self) -> Self:
        """The handler's own code, which deploy() adds anyway."""
        self._deploy.add_function_source_code(self._lambda)
        return self

    def add_module(self, module_name: str) -> Self:
        """A module as this Python finds it: a package with its data files, a namespace package, or a single file.

        What it imports is not added with it. Raises ModuleNotFoundError, and Aws_Exception (WrongPlatform) when it has
        native parts that can't run on the target.
        """
        self._deploy.add_module(self._lambda, find_module(module_name))
        return self

    def add_modules(self, modules_names: Iterable[str]) -> Self:
        """add_module() of each."""
        for module_name in modules_names:
            self.add_module(module_name)
        return self

    def add_osbot_utils(self) -> Self:
        """The package osbot_utils, as this Python has it. Raises ModuleNotFoundError when it has none."""
        return self.add_module("osbot_utils")

    def add_osbot_aws(self) -> Self:
        """What functions use of this package (dependencies from S3, the shell), and osbot_utils."""
        for file in INSIDE_LAMBDA:
            self.add_file(os.path.join(PACKAGE, file), os.path.join("osbot_aws", os.path.dirname(file)))
        return self.add_osbot_utils()

    def add_file__boto3__lambda(self) -> Self:
        """The one file that load_dependency() needs inside the function."""
        return self.add_file(os.path.join(PACKAGE, "aws/lambda_/boto3__lambda.py"), "osbot_aws/aws/lambda_")

    def add_file(self, path: Path, folder: str | None = None) -> Self:
        """Into `folder` of the package, or its root, under its own name. Raises Aws_Exception (FileError, an OSError) when it
        can't be read."""
        self._deploy.add_file(self._lambda, path, folder)
        return self

    def add_folder(self, source: Path, ignore: Iterable[str] | None = None) -> Self:
        """The folder under its own name; `ignore` are globs of names and of paths in it. `__pycache__` never goes along. Raises
        as add_file()."""
        self._deploy.add_folder(self._lambda, source, list(ignore or ()))
        return self

    # ---- settings

    def add_layer(self, layer_arn: str) -> Self:
        """A layer version's ARN, beside those set before, 5 at most; adding one twice keeps one."""
        self._lambda.add_layer(layer_arn)
        return self

    def add_layers(self, layers: Iterable[str]) -> Self:
        """add_layer() of each, in this order."""
        self._lambda.add_layers(layers)
        return self

    def set_layers(self, layers: Iterable[str]) -> Self:
        """Instead of those set before; later ones lie over earlier ones."""
        self._lambda.set_layers(layers)
        return self

    def set_packages_using_layer(self, packages: Iterable[str], skip_layer_creation_if_exists: bool = True) -> Lambda_Layer:
        """Adds the layer `layer_for__<name>` with these packages of PyPI, published unless its latest version has just them.

        Raises Aws_Exception: LayerFailed, with what Lambda_Layer.create_from_pip() says, e.g. "WheelNotFound: ...".
        """
        from osbot_aws.aws.lambda_.Lambda_Layer import Lambda_Layer

        made = self._deploy.set_packages_using_layer(self._lambda, list(packages), skip_layer_creation_if_exists)
        self.add_layer(made["arn"])
        return Lambda_Layer(made["layer_name"], [self._lambda.runtime], architecture=self._lambda.architecture,
                            session_kwargs__lambda=self._lambda._sessions)

    def set_container_image(self, image_uri: str) -> Self:
        """The URI of an image of ECR, which is the code then: nothing is packed."""
        self._lambda.image_uri = image_uri
        return self

    def uses_container_image(self) -> bool:
        """True: set_container_image() was called."""
        return bool(self._lambda.image_uri)

    def set_handler(self, handler: str) -> Self:
        """`module.function`, when it is not the one that was found."""
        self._lambda.set_handler(handler)
        return self

    def set_env_variable(self, key: str, value: str) -> Self:
        """Seen by the function, beside those set before; up to 4 KB in all, as JSON.

        A key has two characters or more: a letter, then letters, digits and `_`.
        """
        self._lambda.set_env_variable(key, value)
        return self

    def set_env_variables(self, env_variables: Mapping[str, str]) -> Self:
        """Beside those set before."""
        self._lambda.env_variables.update(env_variables)
        return self

    def print_progress(self) -> Self:
        """What deploy() does, as lines on stderr."""
        self._deploy.print_progress()
        return self

    # ---- deploy

    def deploy(self) -> bool:
        """True: the function is there, active, and has this code and configuration. False: last_error says why.

        Waits for the service, up to a minute for each of code and configuration, and up to 30 seconds for a role that was
        just made.
        """
        return bool(self._deploy.update(self._lambda)["status"] == "ok")

    def update(self, wait_for_update: bool = True) -> str | dict[str, Any]:
        """The same: 'Successful', or {'status': 'error', 'name', 'data', 'error': "CODE: why", 'message'}. It always waits:
        wait_for_update=False answers the dict also when all is well, with the function's configuration as 'data'.

        Codes: AWS's, of creating as of changing; DeployFailed (why the function is not active); RoleFailed (what IAM said);
        NoCode; CodeStorageExceeded (over 262,144,000 bytes unpacked; names the five largest files); FileError.
        """
        result = self._deploy.update(self._lambda)
        return "Successful" if wait_for_update and result["status"] == "ok" else result

    @property
    def last_error(self) -> str | None:
        """"CODE: why" the last deploy() or update() failed; None: it succeeded, or there was none yet."""
        return self._deploy.last_error

    @property
    def unchanged(self) -> bool:
        """The last deploy() found nothing to send."""
        return self._deploy.unchanged

    def invoke(self, params: Any = None) -> Any:
        """What the function returns; {'error': ...} when the call failed, as Lambda.invoke()."""
        return self._lambda.invoke(params)

    lambda_invoke = invoke

    def invoke_async(self, params: Any = None) -> dict[str, Any]:
        """{'StatusCode': 202, 'RequestId'} when the event is queued, as Lambda.invoke_async(). Raises Aws_Exception else."""
        return self._lambda.invoke_async(params)

    def invoke_return_logs(self, params: Any = None) -> dict[str, Any]:
        """{'status', 'name', 'return_value', 'execution_logs' (the last 4 KB), 'request_id'}, and 'error' when there is one."""
        return self._lambda.invoke_return_logs(params)

    def exists(self) -> bool:
        """True: there is such a function."""
        return self._lambda.exists()

    def info(self) -> dict[str, Any]:
        """{'Configuration', 'Code', 'Tags'}, as Lambda.info(). Raises Aws_Exception (ResourceNotFoundException) before deploy()."""
        return self._lambda.info()

    def delete(self) -> bool:
        """Deletes the function and its log group. False: there was none."""
        return self._lambda.delete()

    def function_url(self) -> str | None:
        """https://...; None: there is none."""
        return self._lambda.function_url()

    def files(self) -> list[str]:
        """In the package, each with a `/` before it, in order; the handler's own code is added for it."""
        return self._deploy.files(self._lambda)

    def lambda_name(self) -> str:
        """Of the function, with its stage."""
        return self._lambda.name

    def lambda_function(self) -> Lambda:
        """Everything else one may do with it; its attributes are what deploy() sends."""
        return self._lambda

    def lambda_shell(self) -> Shell_Client:
        """A shell into the function, whose handler has the decorator @lambda_shell."""
        return self._lambda.shell()
