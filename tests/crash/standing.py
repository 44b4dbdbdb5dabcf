"""Runs a command that stands still at a named point, as a machine does that is about to lose its power.

`python -m tests.crash.standing module:function:calls:file command ...`: at that call of the function the file is made
and nothing goes on any more in this thread. Nothing of this is in the software itself.
"""

import importlib
import os
import runpy
import sys
import threading
from pathlib import Path
from typing import Any


def stand_at(module: str, name: str, calls: int, file: Path) -> None:
    """The function may be `Class.method`. Threads that come later stand there too."""
    *path, last = name.split(".")
    owner: Any = importlib.import_module(module)
    for part in path:
        owner = getattr(owner, part)
    goes_on, left, lock = getattr(owner, last), [calls], threading.Lock()

    def stand(*args: Any, **kwargs: Any) -> Any:
        with lock:
            left[0] -= 1
            here = left[0] < 0
        if not here:
            return goes_on(*args, **kwargs)
        file.touch()
        while True:
            threading.Event().wait(60)

    setattr(owner, last, stand)


def main() -> None:
    where, *command = sys.argv[1:]
    module, name, calls, file = where.split(":")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    sys.path.insert(0, str(Path.cwd()))
    import django

    django.setup()
    stand_at(module, name, int(calls), Path(file))
    if command[0] == "-m":
        sys.argv = command[1:]
        runpy.run_module(command[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = command
        runpy.run_path(command[0], run_name="__main__")


if __name__ == "__main__":
    main()
