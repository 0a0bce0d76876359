"""`python -m matcalc` is the command line."""

from __future__ import annotations

import sys

from matcalc.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
