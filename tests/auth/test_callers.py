"""Who a request is made for."""

from __future__ import annotations

from typing import Any

import pytest

from app.auth.callers import Callers
from app.errors import NotSignedIn
from app.identity import LOCAL, Permission, Role
from app.settings import read_settings


def callers(**settings: Any) -> Callers:
    proxied = {"auth": "proxy", "proxy_trusted": "10.0.0.5, 192.168.0.0/24, fd00::/8", **settings}
    return Callers(read_settings(**proxied))


@pytest.mark.parametrize("auth", [None, "none"])
def test_without_sign_in_there_is_one_caller(auth: str | None) -> None:
    assert Callers(read_settings(auth=auth)).of("203.0.113.9", {"remote-user": "eve"}) is LOCAL


@pytest.mark.parametrize("address", ["10.0.0.5", "192.168.0.77", "fd00::1", "::ffff:10.0.0.5"])
def test_a_listed_proxy_names_the_caller(address: str) -> None:
    caller = callers().of(address, {"remote-user": " ann ", "remote-groups": "risk, ,staff"})
    assert (caller.name, caller.groups) == ("ann", frozenset({"risk", "staff"}))
    assert caller.roles == {Role.USER}
    assert caller.may(Permission.PREDICT) and not caller.may(Permission.PROMOTE)


@pytest.mark.parametrize("address", ["10.0.0.6", "127.0.0.1", None, "", "unix:", "testclient"])
def test_others_are_not_believed(address: str | None) -> None:
    with pytest.raises(NotSignedIn, match="MODELDESK_PROXY_TRUSTED"):
        callers().of(address, {"remote-user": "ann"})


@pytest.mark.parametrize("headers", [{}, {"remote-user": ""}, {"remote-user": "  "}, {"remote-user": "x" * 201}])
def test_a_proxy_has_to_name_somebody(headers: dict[str, str]) -> None:
    with pytest.raises(NotSignedIn, match="Remote-User"):
        callers().of("10.0.0.5", headers)


def test_groups_give_roles_and_headers_have_the_names_set() -> None:
    given = callers(
        proxy_user_header="X-User",
        proxy_groups_header="X-Groups",
        analyst_groups="data",
        manager_groups="leads",
        admin_groups="ops, root",
    )
    roles = given.of("10.0.0.5", {"x-user": "bo", "x-groups": "data,root,other", "remote-user": "eve"}).roles
    assert roles == {Role.USER, Role.ANALYST, Role.ADMIN}
