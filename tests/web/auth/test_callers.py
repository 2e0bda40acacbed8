"""Who a request is made for."""

from __future__ import annotations

from typing import Any

import pytest
from modeldesk.core.errors import NotSignedIn
from modeldesk.core.identity import LOCAL, Permission, Role
from modeldesk.core.settings import read_settings
from modeldesk.web.auth.callers import Callers


def callers(**settings: Any) -> Callers:
    proxied = {"auth": "proxy", "proxy_trusted": "10.0.0.5, 192.168.0.0/24, fd00::/8", **settings}
    return Callers(read_settings(**proxied))


@pytest.mark.parametrize("auth", [None, "none"])
def test_without_sign_in_there_is_one_caller(auth: str | None) -> None:
    assert Callers(read_settings(auth=auth)).of("203.0.113.9", {"remote-user": b"eve"}) is LOCAL


@pytest.mark.parametrize("address", ["10.0.0.5", "192.168.0.77", "fd00::1", "::ffff:10.0.0.5"])
def test_a_listed_proxy_names_the_caller(address: str) -> None:
    caller = callers().of(address, {"remote-user": b" ann ", "remote-groups": b"risk, ,staff"})
    assert (caller.name, caller.groups) == ("ann", frozenset({"risk", "staff"}))
    assert caller.roles == {Role.USER}
    assert caller.may(Permission.PREDICT) and not caller.may(Permission.PROMOTE)


@pytest.mark.parametrize("address", ["10.0.0.6", "127.0.0.1", None, "", "unix:", "testclient"])
def test_others_are_not_believed(address: str | None) -> None:
    with pytest.raises(NotSignedIn, match="MODELDESK_PROXY_TRUSTED"):
        callers().of(address, {"remote-user": b"ann"})


@pytest.mark.parametrize("headers", [{}, {"remote-user": b""}, {"remote-user": b"  "}, {"remote-user": b"x" * 201}])
def test_a_proxy_has_to_name_somebody(headers: dict[str, bytes]) -> None:
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
    roles = given.of("10.0.0.5", {"x-user": b"bo", "x-groups": b"data,root,other", "remote-user": b"eve"}).roles
    assert roles == {Role.USER, Role.ANALYST, Role.ADMIN}


def test_names_are_utf_8_and_nothing_but_blanks_is_taken_off() -> None:
    known = callers(manager_groups="Führung")
    names = ["marà", "marÅ", "mar", "mar\N{NO-BREAK SPACE}", "李雷", "Ann\N{COMBINING ACUTE ACCENT}"]
    found = [known.of("10.0.0.5", {"remote-user": f"\t{name} ".encode()}).name for name in names]
    assert found == names
    of_group = known.of("10.0.0.5", {"remote-user": b"bo", "remote-groups": "x , Führung".encode()})
    assert Role.MANAGER in of_group.roles and of_group.groups == {"x", "Führung"}


@pytest.mark.parametrize(
    "raw", [b"mar\xe0", b"\xff\xfe", b"ann\x00", b"ann\x1b[31m", "ann\x85".encode(), b"\xed\xa0\x80"]
)
@pytest.mark.parametrize("name", ["remote-user", "remote-groups"])
def test_what_is_no_text_is_refused(name: str, raw: bytes) -> None:
    with pytest.raises(NotSignedIn, match="UTF-8"):
        callers().of("10.0.0.5", {"remote-user": b"ann", name: raw})


@pytest.mark.parametrize("listed", ["::ffff:10.0.0.5", "::ffff:a00:0/104", "::ffff:10.0.0.0/120"])
@pytest.mark.parametrize("address", ["10.0.0.5", "::ffff:10.0.0.5"])
def test_a_trusted_address_may_be_written_as_either_kind(listed: str, address: str) -> None:
    found = callers(proxy_trusted=listed)
    assert found.trusts(address)
    assert not found.trusts("11.0.0.5") and not found.trusts("::ffff:11.0.0.5") and not found.trusts("::1")


def test_all_of_ipv6_is_not_all_of_ipv4() -> None:
    assert not callers(proxy_trusted="::/0").trusts("10.0.0.5")


def test_a_probe_is_told_more_where_its_caller_may_know() -> None:
    known = callers(admin_groups="ops", monitor_trusted="10.9.0.0/16, 10.0.0.5")
    admin = {"remote-user": b"ann", "remote-groups": b"ops"}
    of = [
        known.of_probe("10.0.0.5", admin),
        known.of_probe("10.9.1.1", {}),
        known.of_probe("10.0.0.5", {"remote-user": b"bo"}),
        known.of_probe("10.0.0.5", {}),
        known.of_probe("10.8.1.1", admin),
    ]
    assert [found is not None and found.may(Permission.SEE_SERVER) for found in of] == [True, True, False, False, False]
    assert not of[1].may(Permission.PREDICT)  # type: ignore[union-attr]
