"""The target of calls. Most code needs no session: the environment selects the target, like for every AWS client."""
from osbot_aws._core import Session

__all__ = ["Session"]
