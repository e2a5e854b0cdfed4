"""The arrays that columns are held in: whole numbers, and yes or no."""

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
