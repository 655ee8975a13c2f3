"""What a project's Python and its coverage.py make of its settings, and a canary under them. A process of its own.

    python look.py '{"into": "ANSWER", "scratch": "FOLDER", "canary": "NAME", ...}'

The answer is a file: whatever is printed at the start of that Python is not ours.
"""

import json
import os
import subprocess
import sys
import traceback
import types
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))
OPTIONS = ("branch", "concurrency", "core", "data_file", "dynamic_context", "include", "omit", "parallel", "patch")
OPTIONS += ("plugins", "relative_files", "sigterm", "source", "source_dirs", "source_pkgs", "timid")
CHILD = "import sys; c = sys.modules.get('coverage'); sys.exit(10 if c and c.Coverage.current() else 20)"
MEASURED = 10
PATIENCE = 8.0


def main(asked):
    """Write the answer, and leave at once: an engine of an old SQLAlchemy would keep this process."""
    answer = {}
    try:
        look(asked, answer)
    except Exception as error:
        answer["failed"] = "{}: {}".format(type(error).__name__, error)
        traceback.print_exc()
    draft = asked["into"] + ".tmp"
    with open(draft, "w", encoding="utf-8") as file:
        json.dump(answer, file)
    os.replace(draft, asked["into"])
    os._exit(0)


def look(asked, answer):
    """Fill the answer, part by part."""
    answer["python"] = list(sys.version_info[:3])
    answer["implementation"] = sys.implementation.name
    answer["versions"] = versions = _versions(asked["names"])
    answer["sitecustomize"] = getattr(sys.modules.get("sitecustomize"), "__file__", None) or ""
    sys.path[0] = asked["root"]  # ours is no project's
    sys.path += asked["path"]  # plugins of coverage.py that lie in the project
    try:
        import coverage
    except ImportError:
        return
    answer["coverage"] = list(coverage.version_info[:3])
    child = _start_child(asked["scratch"])
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            _measure(asked, answer, coverage, versions)
        answer["warnings"] = [str(each.message) for each in caught if "Coverage" in each.category.__name__]
    finally:
        try:
            answer["child"] = child.wait(PATIENCE) == MEASURED
        except subprocess.TimeoutExpired:  # a machine that is busy: nothing is known
            child.kill()


def _measure(asked, answer, coverage, versions):
    """The settings as coverage.py reads them, the tracer that it takes, and what it records of the canary."""
    branch = {"branch": True} if asked["branch"] else {}
    try:
        cov = coverage.Coverage(config_file=asked["rcfile"] or True, **branch)
        cov.get_exclude_list()  # plugins configure now
    except BaseException as error:
        answer["refused"] = "{}".format(error) or type(error).__name__
        answer["refused_by"] = type(error).__name__
        return
    answer["config_file"] = getattr(cov.config, "config_file", None) or ""
    answer["options"] = {name: _option(cov, name) for name in OPTIONS}
    answer["paths"] = {str(key): [str(each) for each in value] for key, value in (cov.config.paths or {}).items()}
    answer["found"] = {name: _place(name) for name in _tops(answer["options"])}
    # What follows is ours: it must leave nothing where the project's own data lie, and no file among its packages.
    cov.set_option("run:data_file", os.path.join(asked["scratch"], ".coverage"))
    if answer["options"]["patch"]:
        cov.set_option("run:patch", [])
    canary = _unmeasured()
    try:
        cov.start()
    except BaseException as error:
        answer["refused"] = "{}".format(error) or type(error).__name__
        answer["refused_by"] = type(error).__name__
        return
    functions = {}
    try:
        functions = _functions(cov, canary, asked["canary"], _folders(answer["options"], asked))
        if functions:
            answer["ran"], answer["crossed"] = canary["crossing"](functions, versions)
    except Exception as error:
        answer["canary_failed"] = "{}: {}".format(type(error).__name__, error)
        traceback.print_exc()
    finally:
        cov.stop()
    known = dict(cov.sys_info())
    answer["tracer"] = str(known.get("core") or known.get("tracer") or "")
    _recorded(cov.get_data(), functions, canary, asked["canary"], answer)


def _recorded(data, functions, canary, name, answer):
    recorded, arcs = set(), set()
    for each in data.measured_files():
        if os.path.basename(each) == name:
            recorded.update(data.lines(each) or ())
            arcs.update(data.arcs(each) or ())
    answer["recorded"] = sorted(recorded)
    if functions and recorded and data.has_arcs():
        answer["false_branch"] = canary["untaken"](functions) in arcs


def _functions(cov, canary, name, folders):
    """The measured part under a name that coverage.py measures here; nothing where it leaves out all that are tried."""
    with open(os.path.join(HERE, "measured.py"), encoding="utf-8") as file:
        source = file.read()
    for folder in folders:
        filename = os.path.join(folder, name)
        parts = [each for each in folder.split(os.sep) if each]
        for first in range(len(parts), -1, -1):
            module = ".".join([*parts[first:], name[: -len(".py")]])
            names = {"__name__": module, "__file__": filename}
            if cov._should_trace(filename, types.SimpleNamespace(f_globals=names)).trace:
                return canary["measured_as"](source, filename, module)
    return {}


def _folders(options, asked):
    """Where measured files may lie, the likeliest first."""
    named = [*(options["source"] or ()), *(options["source_dirs"] or ()), *(options["source_pkgs"] or ())]
    found = []
    for each in named:
        for top in [asked["root"], *asked["path"]]:
            found += [os.path.join(top, each), os.path.join(top, *each.split("."))]
    found = [os.path.realpath(each) for each in found if os.path.isdir(each)]
    return list(dict.fromkeys([*found, *asked["folders"]]))


def _unmeasured():
    with open(os.path.join(HERE, "canary.py"), encoding="utf-8") as file:
        names = {"__name__": "afterawait_canary", "__builtins__": __builtins__}
        exec(compile(file.read(), "<afterawait>", "exec"), names)
    return names


def _start_child(scratch):
    """A Python that is asked to measure itself, as a server that tests start is."""
    settings = os.path.join(scratch, "child.cfg")
    with open(settings, "w", encoding="utf-8") as file:
        file.write("[run]\nparallel = true\n")
    env = dict(os.environ, COVERAGE_PROCESS_START=settings, COVERAGE_FILE=os.path.join(scratch, ".coverage"))
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([sys.executable, "-c", CHILD], env=env, **quiet)


def _versions(names):
    from importlib import metadata

    found = {}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except Exception:  # absent, or damaged
            continue
    return found


def _tops(options):
    """The first part of each name in `source` that may be a module's."""
    named = [*(options["source"] or ()), *(options["source_pkgs"] or ())]
    return sorted({each.split(".")[0] for each in named if each.split(".")[0].isidentifier()})


def _place(name):
    """Where the top-level package or module of that name would be imported from; it is not imported."""
    from importlib.util import find_spec

    try:
        spec = find_spec(name)
    except Exception:
        return ""
    if spec is None:
        return ""
    return spec.origin or next(iter(spec.submodule_search_locations or ()), "")


def _option(cov, name):
    try:
        value = cov.get_option("run:" + name)
    except Exception:  # older than that option
        return None
    return list(value) if isinstance(value, (list, tuple)) else value


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
