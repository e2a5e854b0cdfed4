"""The sandbox: test partners with customers and accounts, and the traffic between them."""
