"""Shortens values for error messages."""
from __future__ import annotations

TEXT_MAX = 80


def short_repr(value: object) -> str:
    """Returns repr(value) in at most 80 characters, without creating the text of a large collection."""
    import reprlib  # only errors need it

    shortened = reprlib.Repr()
    shortened.maxlevel = 2
    shortened.maxstring = shortened.maxother = shortened.maxlong = TEXT_MAX
    if isinstance(value, (bytes, bytearray)):
        value = value[:TEXT_MAX]
    text = shortened.repr(value)
    return text if len(text) <= TEXT_MAX else text[:TEXT_MAX - 3] + "..."
