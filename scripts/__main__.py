"""`python -m scripts` is `tembus`."""

import sys

from scripts.cli import main

if __name__ == "__main__":
    sys.exit(main())
