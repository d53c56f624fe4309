import pytest

from runtime.db.errors import DbError
from runtime.db.url import DbUrl


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("sqlite:////var/lib/k.db", DbUrl("sqlite", "/var/lib/k.db")),
        ("sqlite:///k.db", DbUrl("sqlite", "k.db")),
        ("mysql://u:p@h/db", DbUrl("mysql", "db", "u", "p", "h")),
        ("postgres://u:p@[::1]:5432/db?x=1", DbUrl("postgres", "db", "u", "p", "::1", 5432)),
        ("mysql://u:p@ss/w@h:3306/db", DbUrl("mysql", "db", "u", "p@ss/w", "h", 3306)),
        ("mysql://h/db", DbUrl("mysql", "db", None, None, "h")),
    ],
)
def test_forms(text: str, wanted: DbUrl) -> None:
    assert DbUrl.parse(text) == wanted


@pytest.mark.parametrize(
    "text",
    ["", "mysql", "mysql://h", "mysql://h/", "mysql://h:99999/db", "m://[::1/db", "sqlite:///"],
)
def test_refused(text: str) -> None:
    with pytest.raises(DbError):
        DbUrl.parse(text)


def test_a_password_is_never_shown() -> None:
    assert "secret" not in repr(DbUrl.parse("mysql://u:secret@h/db"))
    with pytest.raises(DbError) as error:
        DbUrl.parse("mysql://u:secret@h:x/db")
    assert "secret" not in str(error.value)
