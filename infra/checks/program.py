"""What the program can be told: the names of its settings, read from the table in its sources."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "edge/src/config/variables.rs"
ROW = re.compile(r'^    [A-Z_]+ = "([A-Z_]+)", "[a-z-]+",', re.MULTILINE)


def settings():
    """Every setting; a misspelled one would do nothing."""
    found = set(ROW.findall(TABLE.read_text()))
    assert len(found) > 20, f"{TABLE} is not read any more"
    return found
