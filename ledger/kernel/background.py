"""Background threads: a loop that runs beside its process until it is closed."""

import threading
from abc import ABC, abstractmethod
from typing import Final


class BackgroundThread(ABC):
    """A thread of that name which runs `_run`; the loop ends when `_ended` is set."""

    def __init__(self, name: str) -> None:
        self._ended: Final = threading.Event()
        self._thread: Final = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """End the loop after its current step, and wait for the thread."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    @abstractmethod
    def _run(self) -> None:
        """Repeat the step until `_ended` is set."""
