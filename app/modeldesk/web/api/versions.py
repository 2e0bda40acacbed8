"""REST for versions: which there are, which is served, and the names that people give to them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Self

from fastapi import APIRouter, Path, Request, Response
from pydantic import Field

from modeldesk.core.errors import InvalidInput, Problem
from modeldesk.core.identity import current_caller
from modeldesk.model_service.package.manifest import Manifest
from modeldesk.ports.version_labels import LabelChange, LabelKind
from modeldesk.services.app_context import AppContext
from modeldesk.services.versions import labels
from modeldesk.services.versions import manage as versions
from modeldesk.services.versions.manage import Versions
from modeldesk.web.api.bodies import LARGEST, RequestBody, VersionNumber, json_body, needed, schema_only, send
from modeldesk.web.api.calling import Answer, ModelName, PathText, answer
from modeldesk.web.api.models import Metrics
from modeldesk.web.api.thresholds import ThresholdDecision

_TAGS: list[Any] = ["Versions"]
Version = Annotated[int, Path(ge=1, le=LARGEST)]


class ReasonBody(RequestBody):
    """Why another version is to be served."""

    model_config = needed("reason")
    refusal: ClassVar[str] = "The reason has to be text."
    reason: Annotated[str, send("text"), schema_only(minLength=1, maxLength=versions.MAX_REASON)] = ""


class AliasBody(RequestBody):
    """The version that an alias is to stand for."""

    model_config = needed("version")
    version: VersionNumber = None


class VersionSummary(Answer):
    """One published version."""

    version: int
    served: bool
    created_at: datetime
    created_by: str
    estimator: str
    rows: int
    digest: str = Field(description="SHA-256 of the artifact.")
    python: str
    libraries: dict[str, str]
    evaluation: Metrics
    aliases: list[str]
    tags: list[str]


class Change(Answer):
    """One decision on the version that is served."""

    model: str
    version: int
    previous: int | None
    action: Literal["promote", "rollback"]
    who: str
    why: str
    at: datetime


class UnreadableVersion(Answer):
    """A version that is there and cannot be read."""

    version: int
    reason: str
    hint: str | None


class VersionList(Answer):
    """A model's versions, and the decisions on them and on its threshold, newest first."""

    model: str
    served: int | None
    decided: int | None = Field(description="The version last decided on, whether it can be served or not.")
    versions: list[VersionSummary]
    unreadable: list[UnreadableVersion]
    history: list[Change]
    thresholds: list[ThresholdDecision]

    @classmethod
    def of_versions(cls, result: Versions) -> Self:
        """What a service tells of a model's versions."""
        return cls(
            model=result.entry.name,
            served=result.entry.served,
            decided=result.entry.decided,
            versions=[_summary(result, manifest) for manifest in result.manifests],
            unreadable=[
                UnreadableVersion(version=item.version, reason=item.error.detail, hint=item.error.hint)
                for item in result.unreadable
            ],
            history=[Change.of(change) for change in result.history],
            thresholds=[ThresholdDecision.of(change) for change in result.thresholds],
        )


class VersionLabel(Answer):
    """One change of an alias or a tag."""

    model: str
    revision: int
    kind: LabelKind
    label: str
    version: int
    action: Literal["set", "remove"]
    who: str
    at: datetime


def add_versions(calls: APIRouter, context: AppContext) -> None:
    """Add the calls about versions."""

    @calls.get(
        "/models/{name}/versions",
        tags=_TAGS,
        summary="A model's versions and the decisions on them",
        response_model=VersionList,
    )
    async def list_versions(name: ModelName) -> Response:
        return await answer(lambda: VersionList.of_versions(versions.versions(context, current_caller(), name)))

    @calls.post(
        "/models/{name}/versions/{version}/promote",
        tags=_TAGS,
        summary="Serve a version from now on",
        response_model=Change,
        openapi_extra=json_body(ReasonBody),
    )
    async def promote(name: ModelName, version: Version, request: Request) -> Response:
        body = await request.body()
        return await answer(
            lambda: Change.of(versions.promote(context, current_caller(), name, version, ReasonBody.read(body).reason))
        )

    @calls.post(
        "/models/{name}/rollback",
        tags=_TAGS,
        summary="Serve the version that was served before",
        response_model=Change,
        openapi_extra=json_body(ReasonBody),
    )
    async def rollback(name: ModelName, request: Request) -> Response:
        body = await request.body()
        return await answer(
            lambda: Change.of(versions.rollback(context, current_caller(), name, ReasonBody.read(body).reason))
        )

    _add_labels(calls, context)


def _add_labels(calls: APIRouter, context: AppContext) -> None:
    async def changed(make: Callable[[], LabelChange]) -> Response:
        return await answer(lambda: VersionLabel.of(make()))

    options: dict[str, Any] = {"tags": _TAGS, "response_model": VersionLabel}
    alias_path, tag_path = "/models/{name}/aliases/{alias}", "/models/{name}/versions/{version}/tags/{tag}"

    @calls.put(alias_path, summary="Let an alias stand for a version", openapi_extra=json_body(AliasBody), **options)
    async def set_alias(name: ModelName, alias: PathText, request: Request) -> Response:
        body = await request.body()
        return await changed(lambda: labels.set_alias(context, current_caller(), name, alias, _aliased(body)))

    @calls.delete(alias_path, summary="Remove an alias", **options)
    async def remove_alias(name: ModelName, alias: PathText) -> Response:
        return await changed(lambda: labels.remove_alias(context, current_caller(), name, alias))

    @calls.put(tag_path, summary="Put a tag on a version", **options)
    async def add_tag(name: ModelName, version: int, tag: PathText) -> Response:
        return await changed(lambda: labels.add_tag(context, current_caller(), name, version, tag))

    @calls.delete(tag_path, summary="Take a tag off a version", **options)
    async def remove_tag(name: ModelName, version: int, tag: PathText) -> Response:
        return await changed(lambda: labels.remove_tag(context, current_caller(), name, version, tag))


def _aliased(body: bytes) -> int:
    version = AliasBody.read(body, optional=True).version
    if version is None:
        problem = Problem("version", "missing", "`version` is the number of a version, such as 2.")
        raise InvalidInput("An alias stands for a version, and none is named.", problems=[problem])
    return version


def _summary(result: Versions, manifest: Manifest) -> VersionSummary:
    return VersionSummary(
        version=manifest.version,
        served=manifest.version == result.entry.served,
        created_at=manifest.created_at,
        created_by=manifest.created_by,
        estimator=manifest.estimator,
        rows=manifest.rows,
        digest=manifest.digests[manifest.artifact],
        python=manifest.python,
        libraries=manifest.libraries,
        evaluation=Metrics.of_evaluation(manifest.evaluation),
        aliases=list(result.labels.aliases_of(manifest.version)),
        tags=list(result.labels.tags_of(manifest.version)),
    )
