"""The previews of a running generation, fetched to be shown on its bar: one class for each half of the client.

A preview that cannot be had is not worth the generation, so that its errors are suppressed.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from midjourney_imagine.errors import MidjourneyError

if TYPE_CHECKING:
    import asyncio

    from midjourney_imagine._update import Update
    from midjourney_imagine.aio import AsyncImage

    from .progress import Bar

SECONDS = 5.0
"""How long a preview may take."""


class Previews:
    """Fetches each preview while the blocking call pauses for it."""

    def __init__(self, bar: Bar) -> None:
        """Show on this bar."""
        self._bar = bar

    def show(self, update: Update) -> None:
        """Show an update with its preview."""
        picture = None
        if self._bar.wants_pictures and update.image:
            with suppress(MidjourneyError):
                picture = update.image.bytes(preview=True, deadline=SECONDS)
        self._bar.show(update.progress, picture)

    def last(self) -> None:
        """Do nothing: no preview is on its way."""


class AsyncPreviews:
    """Fetches each preview beside the call, unless a newer one comes first."""

    def __init__(self, bar: Bar) -> None:
        """Show on this bar."""
        self._bar = bar
        self._fetching: asyncio.Task[None] | None = None

    def show(self, update: Update[AsyncImage]) -> None:
        """Show an update, and its preview once it has arrived."""
        import asyncio

        self._bar.show(update.progress, None)
        if self._bar.wants_pictures and update.image:
            if self._fetching:
                self._fetching.cancel()
            self._fetching = asyncio.ensure_future(self._fetch(update.progress, update.image))

    async def last(self) -> None:
        """Wait for the newest preview."""
        if self._fetching:
            await self._fetching

    async def _fetch(self, progress: int, image: AsyncImage) -> None:
        with suppress(MidjourneyError):
            self._bar.show(progress, await image.bytes(preview=True, deadline=SECONDS))
