"""A test that starts both commands, and asks that they measure themselves; one in another folder."""

import os
import subprocess
import sys
import tempfile

ROOT = os.getcwd()
os.environ["COVERAGE_PROCESS_START"] = os.path.join(ROOT, "setup.cfg")
os.environ["PYTHONPATH"] = os.pathsep.join([ROOT, os.environ.get("PYTHONPATH", "")])
with tempfile.TemporaryDirectory() as folder:
    subprocess.run([sys.executable, "-m", "shop.sale"], check=True, cwd=folder, capture_output=True)
subprocess.run([sys.executable, "-m", "shop.stock"], check=True, capture_output=True)
