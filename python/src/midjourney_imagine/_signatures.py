"""Signatures and docstrings with every option written out where the code says `**options`, for `help()` and Jupyter."""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any

from . import _options

if TYPE_CHECKING:
    from collections.abc import Iterable
    from inspect import Signature

ROWS = {row.partition(":")[0]: row for row in _options.MEANINGS.split("\n\n")}
"""What each option means, as a row of a docstring's `Args`."""


def write_out(functions: Iterable[object]) -> None:
    """Write the options out of those functions that take any."""
    for function in functions:
        annotation: str = getattr(function, "__annotations__", {}).get("options", "")
        if isinstance(function, FunctionType) and annotation.startswith("Unpack["):
            options: dict[str, Any] = getattr(_options, annotation[len("Unpack[") : -1]).__annotations__
            vars(function)["__signature__"] = WrittenOut(function, options)
            # Python leaves docstrings out when it is asked to (-OO).
            if function.__doc__:
                function.__doc__ = _docstring(function.__doc__, [ROWS[name] for name in options])


def _docstring(text: str, rows: list[str]) -> str:
    """Put the rows where the docstring has one for `options`, else at its end."""
    if "options: " not in text:
        text += "\n\nArgs:\n    options: \n"
    before, _, after = text.partition("options: ")
    margin = before.rpartition("\n")[2]
    return before + "\n".join(rows).replace("\n", f"\n{margin}") + after[after.index("\n") :]


class WrittenOut:
    """An `inspect.Signature` that is made when it is read: `inspect` takes longer to import than this package."""

    def __init__(self, function: FunctionType, options: dict[str, Any]) -> None:
        """Remember what to make it from."""
        self._function = function
        self._options = options

    # `inspect` takes nothing else for a signature.
    @property  # type: ignore[misc]
    def __class__(self) -> type[Signature]:  # type: ignore[override]
        """The class that it stands for."""
        from inspect import Signature

        return Signature

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the signature's
        """Read the signature."""
        return getattr(self._made(), name)

    def __str__(self) -> str:
        """Show the signature."""
        return str(self._made())

    def _made(self) -> Signature:
        from inspect import Parameter, signature

        # The function itself would answer with this object.
        plain = FunctionType(self._function.__code__, {}, argdefs=self._function.__defaults__)
        plain.__annotations__ = self._function.__annotations__
        bare = signature(plain)
        options = [
            Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=annotation.__forward_arg__)
            for name, annotation in self._options.items()
        ]
        return bare.replace(parameters=[*list(bare.parameters.values())[:-1], *options])
