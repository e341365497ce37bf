"""Owns the package's exceptions.

Does not own what the app raises: that is the app's.
"""


class IisgateError(Exception):
    """The base class of everything raised here on purpose."""


class LoadError(IisgateError):
    """The app cannot be loaded: a stable code, a sentence why and where, and what mends it.

    What the codes mean stands in ``crates/gate/src/codes``; ``iisgate explain CODE`` prints it.
    """

    def __init__(self, title: str, hint: str = "", *, code: str = "IG001", place: str = "", command: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.hint = hint
        self.code = code
        self.place = place
        self.command = command


class UsageError(IisgateError):
    """The command line asks for something that makes no sense."""
