"""Answers and requests as GitHub publishes them, by githubkit's pydantic models."""
import datetime, types, typing

import pydantic
from githubkit_schemas.latest import models


def example(model, **members):
    """The smallest answer of that model, with `members` put in; checked."""
    return check(model, {**blank(model), **members})


def blank(model):
    made = {}
    for name, field in model.model_fields.items():
        if field.is_required():
            made[field.alias or name] = value(field.annotation, name)
    return made


def value(kind, name):
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return value(inner[0], name)
    if origin in (typing.Union, types.UnionType):
        return None if type(None) in inner else value(inner[0], name)
    if origin is typing.Literal:
        return inner[0]
    if origin is list:
        return []
    if origin is dict:
        return {}
    if isinstance(kind, type) and issubclass(kind, pydantic.BaseModel):
        return blank(kind)
    if kind is datetime.datetime:
        return "2026-01-01T00:00:00Z"
    if kind is str and "email" in name:
        return "a@example.org"
    return {str: "x", int: 1, float: 1.0, bool: False}.get(kind)


def check(model, answer):
    model.model_validate(answer)
    return answer


def check_request(model, body):
    """As `check`, and no member may be unknown: a misspelt one would be ignored by the real thing."""
    check(model, body)
    known = {field.alias or name for name, field in model.model_fields.items()}
    unknown = set(body) - known
    if unknown:
        raise ValueError(f"unknown members: {', '.join(sorted(unknown))}")
