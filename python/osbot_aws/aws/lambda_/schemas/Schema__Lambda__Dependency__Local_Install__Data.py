"""The result of Lambda__Dependency__Local.install()."""
from __future__ import annotations

from osbot_aws.core.Checked_Attributes import Checked_Attributes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any


class Schema__Lambda__Dependency__Local_Install__Data(Checked_Attributes):
    """Describes an installation.

    target_path is its folder, installed_files are paths below it, time_stamp is in ms since 1970 and duration in
    seconds. install_data is always empty: an installation that fails raises an exception with the installer's output.
    """

    def __init__(self, package_name: str | None = None, target_path: str | None = None, installed_files: Iterable[str] = (),
                 time_stamp: int | None = None, duration: float | None = None, install_data: Mapping[str, Any] | None = None) -> None:
        self.package_name = package_name
        self.target_path = target_path
        self.install_data = dict(install_data or {})
        self.installed_files = list(installed_files)
        self.time_stamp = time_stamp
        self.duration = duration

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.package_name!r}, {self.target_path!r}, {len(self.installed_files)} files)"

    def json(self) -> dict[str, Any]:
        """Returns the attributes as a dict that JSON can represent."""
        return dict(vars(self))

    @classmethod
    def from_json(cls, json_data: Mapping[str, Any]) -> Schema__Lambda__Dependency__Local_Install__Data:
        """Creates the object from the dict of json()."""
        return cls(**json_data)
