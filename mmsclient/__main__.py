"""``mmsclient`` and ``python -m mmsclient``: the command line, where its extra is installed."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        from mmsclient.cli.app import run  # noqa: PLC0415 - an extra, which may be missing
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in {"rich", "typer"}:
            raise
        sys.stderr.write("the command line is an extra: pip install 'mmsclient[cli]'\n")
        sys.exit(2)
    sys.exit(run())


if __name__ == "__main__":
    main()
