"""Pure extractors: bytes in, records out, no request."""
