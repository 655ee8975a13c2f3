"""The founding case's database: on SQLite all 19 operations work; runs in the test process."""

from collections.abc import Callable

import httpx
import pytest

from e2e.conduit.actors import Actor
from e2e.conduit.refusals import refusal
from e2e.conduit.servers import StartServer
from e2e.tests import (
    test_article_changes,
    test_article_lists,
    test_articles,
    test_atom,
    test_comments,
    test_current_user,
    test_export,
    test_favorites,
    test_feed,
    test_home,
    test_import,
    test_login,
    test_notifications,
    test_profiles,
    test_registration,
    test_tags,
)

SCENARIOS: list[Callable[..., None]] = [
    test_home.test_home_says_ok_once_the_database_has_answered,
    test_registration.test_registering_answers_201_with_the_user_and_a_token_that_works,
    test_registration.test_of_twenty_racing_for_one_username_exactly_one_gets_it,
    test_login.test_logging_in_answers_the_user_with_a_token_that_works,
    test_login.test_unknown_address_and_wrong_password_get_the_same_answer,
    test_current_user.test_every_field_can_be_changed_at_once_and_persists,
    test_profiles.test_following_shows_to_the_follower_alone,
    test_articles.test_publishing_answers_201_with_the_whole_article,
    test_article_changes.test_a_new_title_gives_a_new_slug,
    test_article_changes.test_a_new_body_leaves_the_rest_as_it_was,
    test_article_changes.test_an_article_with_comments_tags_favourites_and_notices_can_be_deleted,
    test_article_lists.test_filters_together_must_all_match,
    test_article_lists.test_the_newest_article_comes_first,
    test_feed.test_the_feed_holds_the_followed_users_articles_newest_first,
    test_favorites.test_a_favourite_counts_for_all_and_shows_to_its_owner,
    test_favorites.test_ten_favourites_of_one_reader_at_once_count_once,
    test_comments.test_comments_are_listed_newest_first_for_everybody,
    test_comments.test_a_comment_is_deleted_by_whoever_wrote_it,
    test_tags.test_every_tag_in_use_is_listed_once_and_by_name,
    test_atom.test_an_unchanged_feed_is_not_sent_again,
    test_export.test_an_export_holds_all_that_the_user_wrote_and_says_where_it_ends,
    test_import.test_a_bad_row_among_good_ones_is_reported_by_its_line_and_leaves_the_others,
    test_notifications.test_every_follower_is_told_of_a_new_article_once,
]


@pytest.fixture(scope="module")
def sqlite_url(start_server_module: StartServer) -> str:
    """A server on SQLite, for the whole module."""
    return start_server_module(database="sqlite").url


@pytest.fixture
def http(http: httpx.Client, sqlite_url: str) -> httpx.Client:
    """The client of the other modules, aimed at SQLite."""
    http.base_url = httpx.URL(sqlite_url)
    return http


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__.removeprefix("test_"))
def test_sqlite_serves(request: pytest.FixtureRequest, scenario: Callable[..., None]) -> None:
    """What is true on PostgreSQL is true on SQLite."""
    people = [name for name in scenario.__annotations__ if name != "return"]

    scenario(**{name: request.getfixturevalue(name) for name in people})


def test_what_needs_postgresql_says_so(author: Actor) -> None:
    """501 in the one error shape, rather than half a feature."""
    response = author.send("GET", "/api/articles/stream")

    assert refusal(response).status == 501
