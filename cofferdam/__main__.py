"""The entry of `python -m cofferdam`."""

from cofferdam.cli import main

if __name__ == "__main__":
    main()
