"""What the generated errors inherit: how they are read, shown and pickled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from typing_extensions import Self

    from ._record import JSONObject


class Failure(Exception):  # noqa: N818 - the public names are in `errors`
    """An error with facts, which are its attributes."""

    @classmethod
    def from_payload(cls, payload: JSONObject) -> Self:
        """Make the error that a payload of the native library describes, of the class that its kind names."""
        facts = cast("dict[str, Any]", dict(payload))
        kind = facts.pop("kind", None)
        classes = {vars(each).get("kind"): each for each in cls.__subclasses__()}
        return classes.get(kind, cls)(facts.pop("message"), **facts)

    def __str__(self) -> str:
        """Say the message, and the identifiers that are known."""
        facts = vars(self)
        known = [
            f"{name} {facts[attribute]}"
            for name, attribute in (
                ("status", "status"),
                ("code", "code"),
                ("task", "task_id"),
                ("trace", "trace_id"),
            )
            if facts.get(attribute) is not None
        ]
        return f"{self.args[0]} ({', '.join(known)})" if known else str(self.args[0])
