"""The kernel in which notebooks are run: it reads no settings or start-up files of a user's, and records what is used."""

import os
from tempfile import TemporaryDirectory

from ipykernel.kernelapp import IPKernelApp
from IPython.core.history import HistoryManager

from analysis.report import used


class SealedKernel(IPKernelApp):
    """A kernel that is what its arguments say, whatever lies in the folders where IPython looks for settings."""

    def load_config_file(self, *_: object, **__: object) -> None:
        """Read none."""


def main() -> None:
    """Start the kernel, with a folder for IPython that is empty and its own."""
    with TemporaryDirectory() as folder:
        os.environ["IPYTHONDIR"] = folder
        HistoryManager.enabled = False
        kernel = SealedKernel.instance(exec_PYTHONSTARTUP=False)
        kernel.initialize()
        used.watch()
        kernel.start()


if __name__ == "__main__":
    main()
