"""What the programs import beside their database. Part of a measured program."""

import asyncio
import os
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI, Query, WebSocket
from fastapi.responses import JSONResponse, StreamingResponse
