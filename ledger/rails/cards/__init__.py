"""Card networks: messages of ISO 8583 as typed values, whose card numbers are never shown."""
