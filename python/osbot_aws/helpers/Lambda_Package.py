"""A folder of files that becomes a function's code. Deploy_Lambda does all of it in one call."""
from __future__ import annotations

import os
import shutil
import site
import tempfile
from pathlib import Path

from osbot_aws.apis.test_helpers.Temp_Aws_Roles import Temp_Aws_Roles
from osbot_aws.AWS_Config import aws_config
from osbot_aws.aws.lambda_.Lambda import Lambda
from osbot_aws.aws.lambda_.Lambda_Layer import IGNORED, Lambda_Layer
from osbot_aws.deploy.Module_Files import find_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from typing_extensions import Self

    Source = str | os.PathLike[str]


class Lambda_Package:
    """What the add_* methods bring is copied to `tmp_folder`, which goes with the object; create() and update() send it."""

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
        """Raises ValueError for a folder outside of the package, FileNotFoundError for a missing file."""
        root = Path(self.tmp_folder).resolve()
        target = (root / (folder or "")).resolve()
        if not target.is_relative_to(root):
            raise ValueError(f"{folder} is outside of the package")
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
        return self

    def add_folder(self, source: Source, ignore: str | Iterable[str] | None = None) -> Self:
        """Below its own name; `ignore` are names with * and ?."""
        patterns = [ignore] if isinstance(ignore, str) else list(ignore or ())
        shutil.copytree(source, Path(self.tmp_folder) / Path(source).name, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("__pycache__", *patterns))
        return self

    def add_module(self, module_name: str) -> Self:
        """A package, a namespace package or a single file. Raises ImportError when there is none of that name."""
        files = find_module(module_name)
        for folder in files.folders:
            self.add_folder(folder)
        return self.add_file(files.file) if files.file else self

    def add_modules(self, modules_names: Iterable[str]) -> Self:
        """add_module() of each."""
        for module_name in modules_names:
            self.add_module(module_name)
        return self

    def add_osbot_aws(self) -> Self:
        """This whole package, and osbot_utils. Raises ImportError when one is missing."""
        return self.add_osbot_utils().add_module("osbot_aws")

    def add_osbot_utils(self) -> Self:
        """The package osbot_utils, as this Python has it. Raises ImportError when it has none."""
        return self.add_module("osbot_utils")

    def get_files(self) -> list[str]:
        """Paths in the package, each with a / before it."""
        root = Path(self.tmp_folder)
        return sorted(f"/{path.relative_to(root)}" for path in root.rglob("*") if path.is_file())

    def remove_files(self, pattern: str) -> None:
        """Those whose path has `pattern` in it."""
        for path in self.get_files():
            if pattern in path:
                os.remove(self.tmp_folder + path)

    # ---- layers, each answers the ARN of the version that it publishes

    def create_layer(self, target_folder: Source, ignore_pattern: Iterable[str] = IGNORED) -> str:
        """Of the folder, as a package of its name."""
        folder = Path(target_folder).resolve()
        with tempfile.TemporaryDirectory(prefix="layer_") as packages:
            shutil.copytree(folder, Path(packages) / folder.name, ignore=shutil.ignore_patterns(*ignore_pattern))
            return Lambda_Layer(folder.name).create_from_folder_via_s3(packages)

    def create_layer_from_packages(self, layer_name: str, packages: Iterable[str]) -> str:
        """Of packages of PyPI, for Lambda's system. Raises RuntimeError with pip's words."""
        made = Lambda_Layer(layer_name).create_from_pip(packages)
        if made.get("status") == "error":
            raise RuntimeError(made["error"])
        arn: str = made["LayerVersionArn"]
        return arn

    def create_layer_from_site_packages(self, target_name: str, ignore_pattern: Iterable[str] = IGNORED) -> str:
        """`site_packages__<target_name>`, of all that this Python has installed."""
        return Lambda_Layer(f"site_packages__{target_name}").create_from_folder_via_s3(site.getsitepackages()[0], ignore_pattern)

    # ---- settings

    def add_layer(self, layer_arn: str) -> Self:
        """A layer version's ARN; adding one twice keeps one."""
        self.aws_lambda.add_layer(layer_arn)
        return self

    def add_layers(self, layers_arn: Iterable[str]) -> Self:
        """add_layer() of each, in this order."""
        self.aws_lambda.add_layers(layers_arn)
        return self

    def set_layers(self, layers: Iterable[str]) -> Self:
        """Replaces all; later ones lie over earlier ones."""
        self.aws_lambda.set_layers(layers)
        return self

    def set_handler(self, handler: str) -> Self:
        """`module.function`; `<lambda_name>.run` unless set."""
        self.aws_lambda.set_handler(handler)
        return self

    def set_env_variable(self, key: str, value: str) -> Self:
        """Beside those set before."""
        self.aws_lambda.set_env_variable(key, value)
        return self

    def set_env_variables(self, env_variables: Mapping[str, str]) -> Self:
        """Replaces all."""
        self.aws_lambda.set_env_variables(env_variables)
        return self

    def set_image_uri(self, image_uri: str) -> Self:
        """A container image of ECR, which is the code then."""
        self.aws_lambda.image_uri = image_uri
        return self

    def uses_image_uri(self) -> bool:
        """True: set_image_uri() was called."""
        return self.aws_lambda.image_uri is not None

    # ---- the function

    def arn(self) -> str:
        """The function's ARN. Raises Aws_Exception (ResourceNotFoundException) when there is no function."""
        return self.aws_lambda.function_arn()

    def create(self) -> dict[str, Any]:
        """As Lambda.create(), with the code sent before."""
        self._make_role()
        self.aws_lambda.upload()
        return self.aws_lambda.create()

    def update(self) -> dict[str, Any]:
        """As Lambda.update(), which creates the function when there is none."""
        self._make_role()
        return self.aws_lambda.update()

    def delete(self) -> bool:
        """Deletes the function and its log group. False: there was none."""
        return self.aws_lambda.delete()

    def invoke(self, params: Any = None) -> Any:
        """What the function returns; {'error': ...} when the call failed."""
        return self.aws_lambda.invoke(params)

    def reset(self) -> dict[str, Any]:
        """Sends the code again: the next invoke is a cold start."""
        return self.aws_lambda.update_lambda_code()

    def _make_role(self) -> None:
        if self.aws_lambda.role == self.role_arn:
            Temp_Aws_Roles().for_lambda_invocation__create()
