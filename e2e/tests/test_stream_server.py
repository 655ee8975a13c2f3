"""The stream of articles on a server of its own: heartbeat, lost connection, stop; runs in the test process."""

import httpx
import pytest

from e2e.conduit.actors import join
from e2e.conduit.client import Conduit
from e2e.conduit.servers import StartServer
from e2e.conduit.streams import listening
from e2e.tests.outside import outsider


@pytest.mark.usefixtures("postgresql")
def test_a_stream_beats_survives_its_database_connection_and_ends_with_the_server(
    http: httpx.Client, start_server: StartServer
) -> None:
    """Comments keep it open, a lost LISTEN is taken up again without loss, a stop ends it cleanly."""
    server = start_server(env={"CONDUIT_STREAM_HEARTBEAT": "0.1"})
    http.base_url = httpx.URL(server.url)
    author = join(http)
    with listening(Conduit(http)) as listener:
        blocks = listener.blocks()
        heartbeats = [next(blocks), next(blocks)]

        assert all(line.startswith(":") for block in heartbeats for line in block)

        first = author.wrote()["slug"]
        assert listener.next_by(author.username).article["slug"] == first

        with outsider(server) as trouble:
            assert trouble.terminate("query ILIKE '%LISTEN%'")
        second = author.wrote()["slug"]
        assert listener.next_by(author.username).article["slug"] == second

        assert server.stop() == 0
        assert not list(listener.events())
