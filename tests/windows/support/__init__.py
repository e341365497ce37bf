"""What the Windows tests share: where things are, starting Windows programs, looking after them.

The tests themselves may run on Windows or, with Wine, on Linux: a path is then this system's, and only what a
Windows program is told is written as Windows writes it.
"""

from pathlib import Path

# What both suites can use (waiting, records) lies in tests/support and goes by the same name here.
__path__.append(str(Path(__file__).resolve().parents[2] / "support"))
