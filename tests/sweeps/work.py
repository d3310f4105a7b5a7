"""What workers of the tests do; a module that takes no time to import, as each process does."""

import os
import signal
import time


def slow(item):
    time.sleep(0.02)
    return os.getpid()


def failing(item):
    raise ValueError(f"item {item}")


def dying(item):
    os.kill(os.getpid(), signal.SIGKILL)
