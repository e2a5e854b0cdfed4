"""The version of this code: what the API answers with, and what commits to the lake name; the same as the project's."""

from typing import Final

VERSION: Final = "0.1.0"
