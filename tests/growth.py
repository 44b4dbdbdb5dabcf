"""How the work for a text grows with its length: a bound in seconds would be about the machine."""

import time
from collections.abc import Callable

TIMES = 8
"""So much longer is the long text. Work in step takes about that many times as long, each with each its square."""


def grows_in_step(work: Callable[[str], object], text_of: Callable[[int], str], longest: int) -> bool:
    """Whether a text of `longest` takes no more than its share. Counts this thread's processor time alone."""
    short, long = (
        min(_spent(work, text_of(size)) for _try in range(3)) for size in (longest // TIMES, longest)
    )
    return long < 3 * TIMES * short


def _spent(work: Callable[[str], object], text: str) -> float:
    began = time.thread_time()
    work(text)
    return time.thread_time() - began
