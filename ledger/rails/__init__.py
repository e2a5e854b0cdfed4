"""Rails: the networks that move money, each with its formats, codes, hours and deadlines."""
