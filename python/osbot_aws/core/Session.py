"""Where calls go. Most code needs no session: the environment says it, as for every AWS client."""
from osbot_aws._core import Session

__all__ = ["Session"]
