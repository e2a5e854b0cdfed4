"""The entry point of `python -m cofferdam`, which imports no module from the working folder."""

import sys

if not sys.flags.safe_path:
    sys.path.pop(0)  # the working folder, unless Python was started with -I as our launcher does

from cofferdam.cli import main  # only after the working folder is removed

if __name__ == "__main__":
    main()
