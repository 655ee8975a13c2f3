"""What only `scripts/test.sh --full` runs, as GitHub's jobs do: beside each, what runs in any case.

Test process of the selftests; conftest.py marks them. CONTRIBUTING.md says the same for tests marked where they stand.
"""

from __future__ import annotations

LONG_FORMS = {
    ("test_bad_input.py", "test_settings_that_are_wrong"): {
        f"{module}-{table}": f"{module}-no app"
        for module in ("serve", "explore")
        for table in ("no source", "no folder", "no attribute", "grace", "unknown key", "no table", "no TOML")
    },
    ("test_canary.py", "test_the_canary_is_measured_wherever_the_application_is"): {
        "folders": "patterns",
        "a package": "a package in src",
        "everything": "patterns",
        "relative names": "patterns",
    },
    ("test_clients.py", "test_neither_order_nor_workers_change_who_is_credited"): {"loadscope": "worksteal"},
    ("test_coverage_config_kept.py", "test_a_run_of_a_project_that_uses_covdefaults"): {"fast": "default"},
    ("test_coverage_config_sources.py", "test_a_single_module_is_measured_alone"): {"fast": "default"},
    ("test_databases_none.py", "test_a_project_that_asks_for_no_database_gets_none"): {"xdist": "plain"},
    ("test_doctor.py", "test_a_sound_project_is_left_alone"): {
        "nothing at all": "plain functions",
        "greenlets in an example alone": "plain functions",
        "threads by default": "greenlets with both",
        "machines of one kind": "packages of a workspace",
        "broken, and not read": "packages of a workspace",
    },
    ("test_doctor.py", "test_what_is_read_from_the_code_is_found"): {
        "gunicorn": "granian",
        "workers of pytest": "an environment of its own",
        "several systems": "no such source",
    },
    ("test_doctor.py", "test_settings_that_coverage_refuses_are_one_sentence"): {"the end": "line and column"},
    ("test_doctor_losses.py", "test_what_is_called_lost_is_lost_and_with_the_lines_given_it_is_not"): {
        "no settings": "await",
        "SIGTERM": "server",
        "fork": "pool",
    },
    ("test_gate.py", "test_a_selected_run_reports_and_never_gates"): {
        "deselect": "path",
        "keyword": "path",
        "shard": "path",
    },
    ("test_grace.py", "test_an_open_request_gets_its_grace"): {
        "3-1": "3-2",
        "30-1": "3-2",
        "30-2": "3-2",
        "120-1": "3-2",
        "120-2": "3-2",
        "0-2": "0-1",
    },
    ("test_installed.py", "test_a_new_project_is_measured_judged_and_covered"): {
        "venv-src": "venv-flat",
        "uv-flat": "uv-src",
    },
    ("test_plugin_beside.py", "test_a_measured_run_beside_all_the_others"): {"pytest9-alone": "pytest9-xdist"},
    ("test_plugin_beside.py", "test_a_measured_run_lets_no_pytest_cov_measure_a_second_time"): {
        "pytest9-alone": "pytest9-xdist"
    },
    ("test_plugin_plain.py", "test_however_a_plain_session_ends_its_server_ends_too"): {"2": "15"},
    ("test_plugin.py", "test_somebody_elses_server_is_driven_and_not_measured"): {"xdist": "plain"},
    ("test_preflight.py", "test_an_import_that_needs_the_runs_database_is_sound"): {
        "its refusal ends the process": "a connection"
    },
    ("test_preflight.py", "test_imports_that_do_something_are_sound"): {
        "prints": "all of it",
        "starts a thread": "all of it",
        "starts a process": "all of it",
        "needs env": "all of it",
        "needs the loop": "all of it",
    },
    ("test_preflight.py", "test_a_name_that_is_no_application_is_said_and_nothing_is_started"): {
        "a module-2": "a module-0",
        "a coroutine function-2": "a coroutine function-0",
        "no attribute-2": "no attribute-0",
        "no module-2": "no module-0",
    },
    ("test_postgres_ending.py", "test_a_reaper_that_is_told_to_stop_takes_postgresql_along"): {"1": "15", "2": "15"},
    ("test_postgres_ending.py", "test_nothing_outlives_a_test_process_that_is_killed"): {"1": "15"},
    ("test_process_records.py", "test_an_unreadable_record_is_said_beside_failed_tests"): {
        "all passed": "a test failed"
    },
    ("test_proof.py", "test_lines_are_credited_exactly_under_concurrent_requests"): {"default": "fast"},
    ("test_reset_database.py", "test_a_changed_schema_is_undone_by_a_new_database_and_server"): {
        "index": "column",
        "function": "column",
        "dropped": "created",
    },
    ("test_runs_kept.py", "test_the_last_judged_run_stays"): {
        "a wrong option": "a wrong setting",
        "nothing to combine": "a wrong setting",
    },
    ("test_server_start.py", "test_an_application_without_a_lifespan_serves"): {"ignored": "refused"},
    ("test_verdict.py", "test_a_server_that_coverage_never_started_in_is_named"): {"unset": "missing"},
    ("test_witness_runs.py", "test_each_line_has_the_tests_that_ran_it_as_contexts"): {
        "plain": "xdist and workers",
        "fast": "xdist and workers",  # and test_fast_measures_lines_alone_and_says_so
    },
}
"""By file and test: the long case, and the one that stands for it."""

LONG_TESTS = {
    ("test_bench.py", "test_a_small_benchmark_of_the_server_tells_every_figure"): "what is written from kept figures",
    ("test_bench.py", "test_a_start_tells_what_it_costs_and_how_long_help_takes"): "what is written from kept figures",
    ("test_explore.py", "test_demo_data_are_made_on_request"): "the demo of app/, in e2e/tests/test_demo.py",
    ("test_explore.py", "test_demo_data_that_cannot_be_made"): "a setup command that fails",
    ("test_explore_browser.py", "test_a_change_of_the_source_is_shown"): "test_explore.py: reload keeps what ran",
    ("test_explore_browser.py", "test_a_test_driven_against_it_lights_lines_up_as_a_test"): "test_explore.py: by name",
    ("test_explore_browser.py", "test_files_are_searched_and_sorted"): "the others of that file",
    ("test_explore_looks.py", "test_sixty_thousand_lines_stay_usable"): "the board's own tests",
    ("test_leftovers.py", "test_kill_9_of_the_whole_run_leaves_none_of_them"): "kill -9 of pytest, and the next run",
    (
        "test_merging.py",
        "test_worker_processes_change_nothing",
    ): "test_witness_runs.py: the contexts of a run with xdist and workers, and its arcs",
    ("test_proof_lost.py", "test_only_the_settings_of_this_project_see_all"): "scripts/proof.sh --quick, in .ci/run",
    (
        "test_proof_lost.py",
        "test_the_application_of_the_question_is_measured_as_it_was_asked",
    ): "scripts/proof.sh --quick",
    ("test_witness_deaths.py", "test_a_server_that_dies_of_every_test_is_given_up"): "a killed server is replaced",
    ("test_witness_deaths.py", "test_the_next_good_run_shows_no_killed_lines"): "killed.json lies in its run's folder",
}
"""By file and test: what stands for all its cases."""

LONG_FILES = {
    "test_environment.py": "scripts/check.sh, in .ci/run, makes an environment",
    "test_installed.py": "scripts/package.sh, in .ci/run, and test_installed_wheel.py",
    "test_plugin_beside.py": "test_plugin.py and test_plugin_plain.py, without other plugins",
}
"""By file: those that make environments with packages of their own."""
