"""A folder of files that becomes a function's code. Deploy_Lambda performs all these steps in one call."""
from __future__ import annotations

import io
import os
import shutil
import site
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from osbot_aws.apis.test_helpers.Temp_Aws_Roles import Temp_Aws_Roles
from osbot_aws.AWS_Config import aws_config
from osbot_aws.aws.lambda_.Lambda import Lambda
from osbot_aws.aws.lambda_.Lambda_Layer import IGNORED, Lambda_Layer
from osbot_aws.core.Checked_Attributes import Checked_Attributes
from osbot_aws.core.Error import error_of_result
from osbot_aws.deploy.Module_Files import find_module
from osbot_aws.utils.Zip import zip_folder_to_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from typing_extensions import Self

    Source = str | os.PathLike[str]


def _left_out(source: Source, patterns: Iterable[str]) -> Callable[[str, list[str]], list[str]]:
    """Returns an `ignore` of shutil.copytree() that selects the same files as the zip of a folder.

    copytree() copies the target of a link, so that names alone would not exclude a link to a secret.
    """
    root = os.fspath(source)
    with zipfile.ZipFile(io.BytesIO(zip_folder_to_bytes(root, patterns))) as zipped:
        files = {PurePosixPath(name) for name in zipped.namelist()}
    folders = {parent for file in files for parent in file.parents}

    def left_out(folder: str, names: list[str]) -> list[str]:
        relative = PurePosixPath(Path(folder).relative_to(root))
        if files.intersection([relative, *relative.parents]):
            return []  # below a link to a folder, which is one entry of the zip
        return [name for name in names if relative / name not in files and relative / name not in folders]

    return left_out


class Lambda_Package(Checked_Attributes):
    """Collects files in tmp_folder and deploys them as a function.

    The add_* methods copy files to tmp_folder, which is deleted with the object; create() and update() send it.
    """

    def __init__(self, lambda_name: str) -> None:
        self.lambda_name = lambda_name
        self.s3_bucket = aws_config.lambda_s3_bucket()
        self.s3_key = f"{aws_config.lambda_s3_folder_lambdas()}/{lambda_name}.zip"
        self.role_arn = Temp_Aws_Roles().for_lambda_invocation__role_arn()
        self._folder = tempfile.TemporaryDirectory(prefix="tmp_lambda_")
        self.tmp_folder = self._folder.name
        self.aws_lambda = Lambda(lambda_name, s3_bucket=self.s3_bucket, s3_key=self.s3_key, role=self.role_arn,
                                 folder_code=self.tmp_folder)

    # ---- files

    def add_file(self, source: Source, folder: str | None = None) -> Self:
        """Adds a file to `folder` of the package, by default its root.

        Raises ValueError for a folder outside the package, and FileNotFoundError for a missing file.
        """
        root = Path(self.tmp_folder).resolve()
        target = (root / (folder or "")).resolve()
        if not target.is_relative_to(root):
            raise ValueError(f"{folder} is outside the package")
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
        return self

    def add_folder(self, source: Source, ignore: str | Iterable[str] | None = None) -> Self:
        """Adds a folder under its own name, except secrets (`.env*`), caches and what its .osbotignore excludes.

        `ignore` has more patterns, with the syntax of .gitignore. Links to excluded files are excluded.
        """
        patterns = [ignore] if isinstance(ignore, str) else list(ignore or ())
        shutil.copytree(source, Path(self.tmp_folder) / Path(source).name, dirs_exist_ok=True, ignore=_left_out(source, patterns))
        return self

    def add_module(self, module_name: str) -> Self:
        """Adds a package, a namespace package or a single-file module. Raises ImportError if it is not found."""
        files = find_module(module_name)
        for folder in files.folders:
            self.add_folder(folder)
        return self.add_file(files.file) if files.file else self

    def add_modules(self, modules_names: Iterable[str]) -> Self:
        """Calls add_module() for each name."""
        for module_name in modules_names:
            self.add_module(module_name)
        return self

    def add_osbot_aws(self) -> Self:
        """Adds this whole package and osbot_utils. Raises ImportError if one is missing."""
        return self.add_osbot_utils().add_module("osbot_aws")

    def add_osbot_browser(self) -> Self:
        """Adds the installed package osbot_browser. Raises ModuleNotFoundError if it is not installed."""
        return self.add_module("osbot_browser")

    def add_osbot_elastic(self) -> Self:
        """Adds the installed package osbot_elastic. Raises ModuleNotFoundError if it is not installed."""
        return self.add_module("osbot_elastic")

    def add_osbot_utils(self) -> Self:
        """Adds the installed package osbot_utils. Raises ImportError if it is not installed."""
        return self.add_module("osbot_utils")

    @staticmethod
    def get_root_folder() -> str:
        """Returns the folder of the package osbot_aws."""
        return str(Path(__file__).resolve().parents[1])

    def add_root_folder(self) -> Self:
        """Adds the package osbot_aws, without osbot_utils."""
        return self.add_folder(self.get_root_folder())

    def use_lambda_file(self, lambda_file: str) -> dict[str, str]:
        """Adds a file of the package osbot_aws as `<lambda_name>.py`, which the default handler expects.

        Returns {'status': 'ok', 'file_path', 'target_file'}, or {'status': 'error', 'data'} if the package does not
        contain the file. Example: use_lambda_file('lambdas/dev/hello_world.py').
        """
        root = Path(self.get_root_folder())
        source = (root / lambda_file).resolve()
        if not source.is_file() or not source.is_relative_to(root):
            return {"status": "error", "data": f"could not find lambda file `{lambda_file}` in root folder `{root}`"}
        target = Path(self.tmp_folder) / f"{self.lambda_name}.py"
        shutil.copy(source, target)
        return {"status": "ok", "file_path": str(source), "target_file": str(target)}

    def get_files(self) -> list[str]:
        """Lists the paths in the package, sorted, each starting with `/`."""
        root = Path(self.tmp_folder)
        return sorted(f"/{path.relative_to(root)}" for path in root.rglob("*") if path.is_file())

    def remove_files(self, pattern: str) -> None:
        """Removes the files whose path contains `pattern`."""
        for path in self.get_files():
            if pattern in path:
                os.remove(self.tmp_folder + path)

    # ---- layers

    def create_layer(self, target_folder: Source, ignore_pattern: Iterable[str] = IGNORED) -> str:
        """Publishes a folder as a layer that contains it as a Python package, and returns the version's ARN."""
        folder = Path(target_folder).resolve()
        with tempfile.TemporaryDirectory(prefix="layer_") as packages:
            shutil.copytree(folder, Path(packages) / folder.name, ignore=_left_out(folder, ignore_pattern))
            return Lambda_Layer(folder.name).create_from_folder_via_s3(packages)

    def create_layer_from_packages(self, layer_name: str, packages: Iterable[str]) -> str:
        """Publishes PyPI packages, installed for Lambda's platform, as a layer and returns the version's ARN.

        Raises RuntimeError with the installer's error.
        """
        layer = Lambda_Layer(layer_name).create_from_pip(packages)
        if layer.get("status") == "error":
            raise RuntimeError(layer["error"])
        arn: str = layer["LayerVersionArn"]
        return arn

    def create_layer_from_site_packages(self, target_name: str, ignore_pattern: Iterable[str] = IGNORED) -> str:
        """Publishes this Python's site-packages as the layer `site_packages__<target_name>`; returns its ARN."""
        return Lambda_Layer(f"site_packages__{target_name}").create_from_folder_via_s3(site.getsitepackages()[0], ignore_pattern)

    # ---- settings

    @property
    def layers(self) -> list[str]:
        """The ARNs of the function's layer versions."""
        return self.aws_lambda.layers

    @property
    def env_variables(self) -> dict[str, str]:
        """The environment variables of the function."""
        return self.aws_lambda.env_variables

    def add_layer(self, layer_arn: str) -> Self:
        """Adds a layer version by its ARN, unless it was already added."""
        self.aws_lambda.add_layer(layer_arn)
        return self

    def add_layers(self, layers_arn: Iterable[str]) -> Self:
        """Calls add_layer() for each ARN, in this order."""
        self.aws_lambda.add_layers(layers_arn)
        return self

    def set_layers(self, layers: Iterable[str]) -> Self:
        """Replaces all layers. Files of later layers overwrite files of earlier ones."""
        self.aws_lambda.set_layers(layers)
        return self

    def set_handler(self, handler: str) -> Self:
        """Sets the handler as `module.function`; the default is `<lambda_name>.run`."""
        self.aws_lambda.set_handler(handler)
        return self

    def set_env_variable(self, key: str, value: str) -> Self:
        """Adds or replaces one environment variable of the function."""
        self.aws_lambda.set_env_variable(key, value)
        return self

    def set_env_variables(self, env_variables: Mapping[str, str]) -> Self:
        """Adds or replaces environment variables of the function; others are retained."""
        self.aws_lambda.set_env_variables(env_variables)
        return self

    def set_image_uri(self, image_uri: str) -> Self:
        """Sets the URI of a container image in ECR, which replaces the code."""
        self.aws_lambda.image_uri = image_uri
        return self

    def uses_image_uri(self) -> bool:
        """Returns whether set_image_uri() was called."""
        return self.aws_lambda.image_uri is not None

    # ---- the function

    def arn(self) -> str:
        """Returns the function's ARN.

        Raises Aws_Exception (ResourceNotFoundException) if the function does not exist.
        """
        return self.aws_lambda.function_arn()

    def create(self) -> dict[str, Any]:
        """Uploads the code and creates the function; returns the same dict as Lambda.create()."""
        self._create_default_role()
        self.aws_lambda.upload()
        return self.aws_lambda.create()

    def update(self) -> dict[str, Any]:
        """Updates the function, like Lambda.update(), or creates it if it does not exist."""
        self._create_default_role()
        return self.aws_lambda.update()

    def update_code(self) -> Self:
        """Adds the top-level module of lambda_name, osbot_aws and osbot_utils, and calls update()."""
        self.add_module(self.lambda_name.partition(".")[0])
        return self.update_with_root_folder()

    def update_with_root_folder(self, delete_before: bool = False) -> Self:
        """Adds osbot_aws and osbot_utils, and calls update(). With delete_before, deletes the function first.

        Raises Aws_Exception with the error of update().
        """
        if delete_before:
            self.delete()
        result = self.add_root_folder().add_osbot_utils().update()
        if result["status"] == "error":
            raise error_of_result(result)
        return self

    def delete(self) -> bool:
        """Deletes the function and its log group. Returns False if it did not exist."""
        return self.aws_lambda.delete()

    def invoke(self, params: Any = None) -> Any:
        """Invokes the function and returns its result, like Lambda.invoke(); {'error': ...} if the call failed."""
        return self.aws_lambda.invoke(params)

    def reset(self) -> dict[str, Any]:
        """Sends the code again, so that the next invoke is a cold start."""
        return self.aws_lambda.update_lambda_code()

    def _create_default_role(self) -> None:
        if self.aws_lambda.role == self.role_arn:
            Temp_Aws_Roles().for_lambda_invocation__create()
