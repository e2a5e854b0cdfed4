"""ISO 20022: payment messages as typed values, in the envelopes of RTP and FedNow, and bare."""
