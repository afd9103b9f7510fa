"""What all tests need of their process."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    """Let Ctrl-C interrupt, as in a terminal: a shell starts programs in the background with SIGINT ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
