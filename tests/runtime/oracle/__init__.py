"""The same packets to Kamailio and to our server; the transcripts must be equal."""
