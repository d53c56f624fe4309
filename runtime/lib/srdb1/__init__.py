"""Library srdb1: the database API with the names of the development guide (ch. 9)."""
