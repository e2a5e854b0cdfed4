"""What partners reach over HTTP: one GraphQL endpoint, its explorer, and the health of the installation."""
