"""The package of a Deploy_Lambda under the original's names: deploy.package."""
from __future__ import annotations

import os
import tempfile

from osbot_aws.helpers.Lambda_Package import Lambda_Package

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Self

    from osbot_aws.deploy.Deploy_Lambda import Deploy_Lambda


class Deploy_Package(Lambda_Package):
    """Collects files in tmp_folder; the deploy adds them to the handler's code.

    aws_lambda has the settings of the function. create() and update() deploy the function.
    """

    def __init__(self, deploy: Deploy_Lambda) -> None:
        self._deploy = deploy
        self.lambda_name = deploy.lambda_name()
        self.aws_lambda = deploy.lambda_function()
        self.s3_bucket = deploy.aws_config.lambda_s3_bucket()
        self.s3_key = f"{deploy.aws_config.lambda_s3_folder_lambdas()}/{self.lambda_name}.zip"
        self.role_arn = deploy.role_arn
        self._folder = tempfile.TemporaryDirectory(prefix="tmp_lambda_")
        self.tmp_folder = self._folder.name

    def add_module(self, module_name: str) -> Self:
        """Adds a module, like Deploy_Lambda.add_module()."""
        self._deploy.add_module(module_name)
        return self

    def add_osbot_aws(self) -> Self:
        """Adds the part of this package that functions use, like Deploy_Lambda.add_osbot_aws()."""
        self._deploy.add_osbot_aws()
        return self

    def get_files(self) -> list[str]:
        """Lists the paths in the package, like Deploy_Lambda.files()."""
        return self._deploy.files()

    def remove_files(self, pattern: str) -> None:
        """Removes the files of tmp_folder whose path contains `pattern`; the handler's own code is not removed."""
        for path in super().get_files():
            if pattern in path:
                os.remove(self.tmp_folder + path)

    def create(self) -> dict[str, Any]:
        """Deploys the function, like update()."""
        return self.update()

    def update(self) -> dict[str, Any]:
        """Deploys the function; returns the dict of Deploy_Lambda.update(wait_for_update=False)."""
        result = self._deploy.update(wait_for_update=False)
        assert isinstance(result, dict)
        return result
