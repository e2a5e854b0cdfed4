"""The version of this code, in answers of the API and in commits to the lake; the same as the project's."""

from typing import Final

VERSION: Final = "0.1.0"
