"""Where Celery's jobs wait: files."""

from pathlib import Path

from celery import Celery

for folder in ("jobs", "control"):
    Path(folder).mkdir(exist_ok=True)
celery = Celery("jobs", broker="filesystem://")
celery.conf.broker_transport_options = {
    "data_folder_in": "jobs",
    "data_folder_out": "jobs",
    "control_folder": "control",
}
