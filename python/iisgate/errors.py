"""Owns the package's exceptions.

Does not own what the app raises: that is the app's.
"""


class IisgateError(Exception):
    """The base class of everything raised here on purpose."""


class LoadError(IisgateError):
    """The app cannot be loaded: a sentence why, and a hint what to do."""

    def __init__(self, title: str, hint: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.hint = hint


class UsageError(IisgateError):
    """The command line asks for something that makes no sense."""
