"""Cases that only `scripts/test.sh --full` runs: beside each, the case of the same test that runs in any case.

Test process of the selftests; conftest.py marks them. CONTRIBUTING.md says the same for tests marked where they stand.
"""

from __future__ import annotations

LONG_FORMS = {
    ("test_bad_input.py", "test_an_application_that_cannot_be_imported"): {
        "2-no module": "1-no module",
        "2-no attribute": "1-no attribute",
        "2-no application": "1-no application",
    },
    ("test_grace.py", "test_an_open_request_gets_its_grace"): {
        "3-1": "3-2",
        "30-1": "0-1",
        "120-1": "0-1",
        "120-2": "0-2",
    },
    ("test_installed.py", "test_a_new_project_is_measured_judged_and_covered"): {
        "venv-src": "venv-flat",
        "uv-flat": "uv-src",
    },
    ("test_merging.py", "test_worker_processes_change_nothing"): {"workers": "both", "xdist": "both"},
    ("test_plugin_beside.py", "test_a_measured_run_beside_all_the_others"): {"pytest9-alone": "pytest9-xdist"},
    ("test_plugin_beside.py", "test_a_measured_run_lets_no_pytest_cov_measure_a_second_time"): {
        "pytest9-alone": "pytest9-xdist"
    },
    ("test_plugin_plain.py", "test_however_a_plain_session_ends_its_server_ends_too"): {"2": "15"},
    ("test_preflight.py", "test_a_name_that_is_no_application_is_said_and_nothing_is_started"): {
        "a module-2": "a module-0",
        "a coroutine function-2": "a coroutine function-0",
        "no attribute-2": "no attribute-0",
        "no module-2": "no module-0",
    },
    ("test_reset_database.py", "test_a_changed_schema_is_undone_by_a_new_database_and_server"): {
        "index": "column",
        "function": "column",
        "dropped": "created",
    },
    ("test_runs_kept.py", "test_the_last_judged_run_stays"): {
        "a wrong option": "a wrong setting",
        "nothing to combine": "a wrong setting",
    },
    ("test_witness_runs.py", "test_each_line_has_the_tests_that_ran_it_as_contexts"): {"plain": "xdist and workers"},
}
"""By file and test: the long case, and the one that stands for it."""
