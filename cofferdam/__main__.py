"""The entry of `python -m cofferdam`, which takes no module from the working folder."""

import sys

if not sys.flags.safe_path:
    sys.path.pop(0)  # the launcher's -I never puts it there; whoever calls Python by hand forgets it

from cofferdam.cli import main  # only now is it certain whose modules these are

if __name__ == "__main__":
    main()
