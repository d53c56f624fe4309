"""Many small pieces of script, each run by Kamailio and by us, one boot for all of them."""
