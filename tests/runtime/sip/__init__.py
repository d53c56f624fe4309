"""The native SIP core: parser, URIs, lumps, building, Record-Route; compared with Kamailio."""
