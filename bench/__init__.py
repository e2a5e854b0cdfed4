"""The benchmarks: each prints its figures beside a reference that is taken in the same run."""
