"""SIP server location (RFC 3263)."""
