"""Transports: the ways to a destination (folder, object store, SFTP), each whole or not at all."""
