"""The side of a dependency on this machine."""
from __future__ import annotations

from osbot_aws import _core
from osbot_aws.aws.lambda_.dependencies.Package_For_Lambda import Package_For_Lambda

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Self


class Lambda__Dependency__Local(Package_For_Lambda):
    """The package as functions will have it, installed once on this machine."""

    def setup(self) -> Self:
        """Does nothing: install() makes the folder."""
        return self

    def install(self) -> dict[str, Any]:
        """Installs wheels for the target, in 15 minutes at most, unless exists(): then what the first install answered.

        Uses uv, else pip, else pip in a virtual environment that the first call makes in the user's cache folder.
        {'package_name', 'target_path', 'installed_files' (paths below it), 'time_stamp' (ms since 1970), 'duration' (s)}.
        Nothing is left behind when it fails. Raises Aws_Exception: WheelNotFound (names the newest version that has one),
        InstallerNotFound, InstallFailed (the installer's words), InvalidRequirement, InvalidRuntime, InvalidArchitecture.
        """
        return _core.dependency_install(self)

    def exists(self) -> bool:
        """True: an install is there, and is whole."""
        return _core.dependency_local_exists(self)

    def files(self) -> list[str]:
        """Paths below path(), in order; [] before install()."""
        return _core.dependency_local_files(self)

    def files__zipped(self) -> bytes:
        """A zip of them, the same bytes each time. Raises Aws_Exception: NotInstalled before install(), CodeStorageExceeded over
        262,144,000 bytes unpacked."""
        return _core.dependency_local_zip(self)

    def delete(self) -> bool:
        """False: there was none."""
        return _core.dependency_local_delete(self)

    def path(self) -> str:
        """The folder, below the system's temporary one; one for each runtime and architecture."""
        return _core.dependency_local_path(self)
