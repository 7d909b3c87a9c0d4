"""The engine's command line: ``python -m rock_glacier_mapper --help``."""

import os
import sys


def main() -> int:
    """Run the command line, or say which Python it needs; this file is read by older ones too."""
    if sys.version_info < (3, 10):  # noqa: UP036  (QGIS may bring an older one)
        running = ".".join(str(part) for part in sys.version_info[:2])
        sys.stderr.write(f"Rock Glacier Mapper's engine needs Python 3.10 or newer, but this is Python {running}.\n")
        return 2
    from rock_glacier_mapper.core.cli import main as command_line

    return command_line()


def leave(status: int) -> None:
    """End the process without taking its modules apart first, which takes a tenth of a second; all files are closed."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    leave(main())
