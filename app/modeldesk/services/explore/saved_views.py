"""Views of the Explore page under a name: kept by their owner, opened by whoever has the link and may see
the model."""

from __future__ import annotations

from collections.abc import Sequence

from modeldesk.core.errors import Conflict, InvalidInput, NotFound
from modeldesk.core.identity import Caller, Permission
from modeldesk.ports.saved_views import SavedView
from modeldesk.services.app_context import AppContext
from modeldesk.services.explore.view import MAX_TEXT

MAX_NAME, MAX_VIEWS = 80, 100


def save_view(context: AppContext, caller: Caller, model: str, name: str, query: str) -> SavedView:
    """Keep a view that is shown, as ``explore_view.written`` wrote it. Raises InvalidInput for a name that
    is empty or too long, Conflict beyond MAX_VIEWS, NotAllowed, NotFound."""
    caller.require(Permission.SEE_PERFORMANCE)
    context.entry(caller, model)
    name = " ".join(name.split())
    if not 1 <= len(name) <= MAX_NAME:
        raise InvalidInput(f"A view's name has 1 to {MAX_NAME} characters.", hint="Say what it shows.")
    if len(query) > 2 * MAX_TEXT:
        raise InvalidInput("The view has too many filters to be kept.", hint="Take some off.")
    if len(context.store.saved_views.own(model, caller.name, MAX_VIEWS)) >= MAX_VIEWS:
        raise Conflict(f"You keep {MAX_VIEWS} views of this model already.", hint="Delete one first.")
    view = SavedView(context.new_id(), model, name, query, caller.name, context.clock())
    context.store.saved_views.add(view)
    return view


def own_views(context: AppContext, caller: Caller, model: str) -> Sequence[SavedView]:
    """The caller's own views of a model, newest first."""
    caller.require(Permission.SEE_PERFORMANCE)
    context.entry(caller, model)
    return context.store.saved_views.own(model, caller.name, MAX_VIEWS)


def saved_view(context: AppContext, caller: Caller, model: str, view_id: str) -> SavedView:
    """A view by its link: anybody's who may see its model. Raises NotFound alike where there is none and
    where it is of another model."""
    caller.require(Permission.SEE_PERFORMANCE)
    context.entry(caller, model)
    result = context.store.saved_views.get(view_id)
    if result is None or result.model != model:
        raise NotFound("There is no such saved view.", hint="It may have been deleted. Ask for the link again.")
    return result


def delete_view(context: AppContext, caller: Caller, model: str, view_id: str) -> None:
    """Take back a view of the caller's own. Raises NotFound alike where there is none and where it is
    another's."""
    result = saved_view(context, caller, model, view_id)
    if result.owner != caller.name or not context.store.saved_views.delete(view_id, caller.name, context.clock()):
        raise NotFound("There is no such saved view of yours.", hint="Only their owners delete views.")
