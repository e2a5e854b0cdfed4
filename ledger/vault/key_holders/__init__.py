"""Key holders: services that wrap and unwrap a home's vault key, which is then in no file in clear."""
