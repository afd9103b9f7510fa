"""What the generated data types inherit: one JSON object, read through properties and never changed."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from typing_extensions import Self

    JSON: TypeAlias = Mapping[str, "JSON"] | list["JSON"] | str | int | float | bool | None
    JSONObject: TypeAlias = Mapping[str, JSON]

T = TypeVar("T")


class Record:
    """One JSON object of the wire.

    Two records of one class are equal when their data are.
    """

    __slots__ = ("_data",)

    def __init__(self, data: JSONObject) -> None:
        """Hold the object, which must not be changed from now on."""
        self._data = data

    def to_dict(self) -> dict[str, JSON]:
        """Give the data under their wire names, as a new dictionary that is the caller's own."""
        return cast("dict[str, JSON]", _copy(self._data))

    def to_json(self) -> str:
        """Give the data as JSON text, as `Client.image` reads it."""
        import json

        return json.dumps(self._data, ensure_ascii=False)

    def __eq__(self, other: object) -> bool:
        """Compare classes and data."""
        return self._data == other._data if isinstance(other, type(self)) else NotImplemented

    def __hash__(self) -> int:
        """Agree with equality: over the values that have a hash, in no order."""
        scalars = ((name, value) for name, value in self._data.items() if isinstance(value, str | int | float))
        return hash(frozenset(scalars))

    def __repr__(self) -> str:
        """Show no more than ids: URLs are signed, prompts are private."""
        shown = ", ".join(
            f"{name}={self._data[name]!r}"
            for name in ("image_id", "task_id", "state", "progress", "done")
            if self._data.get(name) is not None
        )
        return f"{type(self).__name__}({shown})"

    def __copy__(self) -> Self:
        """Give the record itself, which cannot change."""
        return self

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle as data."""
        return type(self), (self._data,)


def _copy(value: JSON) -> JSON:
    """Copy what could be changed."""
    if isinstance(value, list):
        return [_copy(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return {name: _copy(item) for name, item in value.items()}


def texts(value: JSON) -> tuple[str, ...] | None:
    """Read a list of strings."""
    return tuple(str(item) for item in value) if isinstance(value, list) else None


def frozen(value: JSON) -> JSONObject:
    """Read an object, empty where there is none."""
    return MappingProxyType(value if isinstance(value, dict) else {})


def optional(build: Callable[[JSONObject], T], value: JSON) -> T | None:
    """Read an object as something else, where there is one."""
    return build(value) if isinstance(value, dict) else None
