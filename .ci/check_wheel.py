"""Check what a built wheel holds: the package, its type marker, its page, its licence, no more."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path


def faults(wheel: Path) -> list[str]:
    """Return what is missing from *wheel* or should not be in it."""
    names = set(zipfile.ZipFile(wheel).namelist())
    source = {path.as_posix() for path in Path("mmsclient").rglob("*.py")} | {"mmsclient/py.typed"}
    source |= {path.as_posix() for path in Path("mmsclient/simulator/page/assets").iterdir()}
    packed = {name for name in names if ".dist-info/" not in name}
    licence = any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    return [
        *(f"missing: {name}" for name in sorted(source - packed)),
        *(f"stray: {name}" for name in sorted(packed - source)),
        *([] if licence else ["missing: LICENSE"]),
    ]


def main() -> None:
    """Say what is wrong with the wheel named on the command line, and fail if anything is."""
    wheel = Path(sys.argv[1])
    found = faults(wheel)
    sys.stdout.write("\n".join(found or [f"{wheel.name}: complete"]) + "\n")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
