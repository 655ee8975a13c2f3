"""The OpenAPI document: FastAPI's, corrected to what the server really does; built in the server process."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import RouteContext, iter_route_contexts
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.bodies import JsonBody
from app.errors import Errors

_REFERENCE = "#/components/schemas/{model}"
_FASTAPIS_OWN = {"HTTPValidationError", "ValidationError"}


def document(app: FastAPI) -> dict[str, Any]:
    """Refusals have our shape instead of FastAPI's, and the bodies that are read after authentication are in it."""
    if app.openapi_schema is None:
        openapi = get_openapi(
            title=app.title, version=app.version, summary=app.summary, description=app.description, routes=app.routes
        )
        bodies: dict[tuple[str, str], type[BaseModel]] = {
            (str(route.path_format), method): dependency.call.model
            for route in iter_route_contexts(app.routes)
            for method in route.methods or ()
            for dependency in _dependencies(route)
            if isinstance(dependency.call, JsonBody)
        }
        models: set[type[BaseModel]] = {Errors, *bodies.values()}
        _, ours = models_json_schema([(model, "validation") for model in models], ref_template=_REFERENCE)
        schemas = openapi["components"]["schemas"] | ours["$defs"]
        openapi["components"]["schemas"] = {name: schemas[name] for name in sorted(schemas.keys() - _FASTAPIS_OWN)}
        for path, operations in openapi["paths"].items():
            for method, operation in operations.items():
                _drop_fastapis_refusal(operation["responses"])
                model = bodies.get((path, method.upper()))
                if model:
                    content = {"schema": {"$ref": _REFERENCE.format(model=model.__name__)}}
                    operation["requestBody"] = {"required": True, "content": {"application/json": content}}
        app.openapi_schema = openapi
    return app.openapi_schema


def _dependencies(route: RouteContext) -> list[Any]:
    return route.dependant.dependencies if hasattr(route, "dependant") else []


def _drop_fastapis_refusal(responses: dict[str, Any]) -> None:
    """Declared by FastAPI for every operation with a parameter, even one that takes any text at all."""
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]
