"""Personal data: sealing it, recorded access to it, legal holds, erasure and retention."""
