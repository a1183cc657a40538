"""Runs the command line: `assertcheck`, or `python -m assertcheck`."""

from __future__ import annotations

import gc


def main() -> None:
    """Run the command named on the command line, and exit with its code."""
    # A run lasts a tenth of a second and is mostly imports, which make no garbage worth
    # collecting. Looking for it, then and again at the end, takes a sixth of the time.
    gc.disable()
    from assertcheck.cli import app

    try:
        app()
    finally:
        gc.freeze()


if __name__ == "__main__":
    main()
