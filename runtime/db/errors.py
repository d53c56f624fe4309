"""What goes wrong with databases."""


class DbError(Exception):
    """A database refused, is absent, or was asked for something it cannot do."""


class DbUnavailable(DbError):
    """The database cannot be reached just now: the caller keeps its data and tries again."""


class DbDuplicate(DbError):
    """A unique index refused the row."""
