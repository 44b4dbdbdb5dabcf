"""Signs that a response may not come from a neighbour. A reason to look, never a verdict: nothing is dropped.

The two signs need no address, fingerprint or time of day: how many began at one place within the hour,
counted under a keyed hash that lives as long (core/limits.py), and whether a layer was finished faster
than anybody reads.
"""

LEAST_QUESTIONS = 3
"""The pace of one or two taps says nothing."""


def is_too_fast(*, seconds: float, questions: int, least: float) -> bool:
    """Whether `questions` were passed in less than `least` seconds each.

    Random tapping takes about a second per page, reading takes several (our own estimate; a setting).
    """
    return questions >= LEAST_QUESTIONS and seconds < least * questions
