"""GET /: the database answers; runs in the test process."""

from e2e.conduit.client import Conduit


def test_home_says_ok_once_the_database_has_answered(anyone: Conduit) -> None:
    """The path on which this project began: SELECT 1 through the session, then a message."""
    response = anyone.home()

    assert response.status_code == 200
    assert response.json() == {"message": "OK"}
