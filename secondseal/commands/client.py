"""`secondseal client ...`: programs that call by a key: what they may do, to what, and their keys."""

import argparse
import re
import sys
from datetime import datetime, timedelta

from sqlalchemy import Engine

from api import clients
from office import OfficeInvalid
from secondseal.institution import institution
from secondseal.papers import office_papers
from secondseal.settings import Settings, load_settings
from secondseal.wiring import now, open_existing
from stamping import EVERYTHING, Reach
from store import VIETNAM, migrate
from templates import FolderInvalid


class _NoSuchLimit(ValueError):
    """A paper, seal or organisation that this office does not have."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """list, add, limit, rotate, revoke."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    listed = verbs.add_parser(
        "list", help="each program, its scopes, limits and keys", epilog="Example: secondseal client list"
    )
    listed.set_defaults(act=_list)
    add = verbs.add_parser(
        "add",
        help="a program; prints its key once. No program can ever confirm a seal",
        epilog="Example: secondseal client add motcua --scope documents:write --organisation H05.X1",
    )
    add.add_argument("name", metavar="NAME", help="as histories show the program")
    add.add_argument("--scope", action="append", required=True, choices=clients.SCOPES)
    _limits(add)
    add.set_defaults(act=_add)
    limit = verbs.add_parser(
        "limit",
        help="limit a program to papers, seals and organisations, in place of its limits before",
        epilog="Example: secondseal client limit motcua --paper dang-ky-ho-kinh-doanh --seal x1-2",
    )
    limit.add_argument("name", metavar="NAME", help="name or id of the program")
    _limits(limit)
    limit.add_argument("--everything", action="store_true", help="take its limits away")
    limit.set_defaults(act=_limit)
    rotate = verbs.add_parser(
        "rotate",
        help="a new key, printed once; the keys before work on until the overlap ends",
        epilog="Example: secondseal client rotate motcua --overlap 7d",
    )
    rotate.add_argument("name", metavar="NAME", help="name or id of the program")
    rotate.add_argument(
        "--overlap", type=_duration, default=timedelta(days=7), metavar="TIME", help="such as 7d or 12h; default: 7d"
    )
    rotate.set_defaults(act=_rotate)
    revoke = verbs.add_parser(
        "revoke",
        help="refuse a program from now on, for good; with --key only that key of it",
        epilog="Example: secondseal client revoke motcua --key 0123456789abcdef",
    )
    revoke.add_argument("name", metavar="NAME", help="name or id of the program")
    revoke.add_argument("--key", metavar="ID", help="the key's id, as `list` shows it")
    revoke.set_defaults(act=_revoke)


def run(options: argparse.Namespace) -> int:
    """Exit status 1 where there is no such program, or it cannot be limited so."""
    settings = load_settings()
    engine = open_existing(settings.database)
    if options.verb != "list":
        migrate(engine)
    try:
        return int(options.act(options, settings, engine))
    except (OfficeInvalid, FolderInvalid) as error:
        print(f"{error.text_vi}\n{error.text_en}", file=sys.stderr)
    except OSError as error:
        print(f"{error.filename}: không đọc được tệp · cannot be read ({error.strerror})", file=sys.stderr)
    except (clients.ClientUnknown, clients.KeyRefused, _NoSuchLimit) as error:
        print(f"secondseal client: {error}", file=sys.stderr)
    return 1


def _list(_options: argparse.Namespace, _settings: Settings, engine: Engine) -> int:
    for client, active in clients.listed(engine):
        print(f"{client.id} {client.name}{'' if active else ' (đã thu hồi · revoked)'}")
        print(f"  {' '.join(sorted(client.scopes)) or '-'}; {_told(client)}")
        for key in clients.keys_of(engine, client.id):
            used, ends = _when(key.used_at, "chưa dùng · unused"), _when(key.ends_at, "-")
            print(f"  khoá · key {key.id}: tạo · made {_when(key.created_at)}; dùng · used {used}; hết · ends {ends}")
    return 0


def _add(options: argparse.Namespace, settings: Settings, engine: Engine) -> int:
    reach = _reach(options, settings)
    client, token = clients.create(engine, name=options.name, scopes=options.scope, now=now(), reach=reach)
    print(f"{client.id} {client.name}\n{token}")
    return 0


def _limit(options: argparse.Namespace, settings: Settings, engine: Engine) -> int:
    reach = _reach(options, settings)
    if options.everything != reach.everything:
        raise _NoSuchLimit("name at least one --paper, --seal or --organisation, or --everything alone")
    client = clients.named(engine, options.name)
    clients.limit(engine, client.id, reach)
    print(f"{client.id} {client.name}: {_told(clients.named(engine, client.id))}")
    return 0


def _rotate(options: argparse.Namespace, _settings: Settings, engine: Engine) -> int:
    client = clients.named(engine, options.name)
    token = clients.rotate(engine, client.id, overlap=options.overlap, now=now())
    print(f"{client.id} {client.name}\n{token}")
    return 0


def _revoke(options: argparse.Namespace, _settings: Settings, engine: Engine) -> int:
    client = clients.named(engine, options.name)
    if options.key is not None:
        if options.key not in {key.id for key in clients.keys_of(engine, client.id)}:
            raise clients.KeyRefused(f"{client.name!r} has no key {options.key!r}")
        clients.end_key(engine, options.key, now())
        print(f"{client.id} {client.name}: khoá · key {options.key} đã thu hồi · revoked")
        return 0
    clients.revoke(engine, client.id)
    print(f"{client.id} {client.name}: đã thu hồi · revoked")
    return 0


def _duration(text: str) -> timedelta:
    number, unit = text[:-1], text[-1:]
    if not re.fullmatch("[0-9]{1,4}", number, re.ASCII) or unit not in {"d", "h"}:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 7d or 12h")
    return timedelta(days=int(number)) if unit == "d" else timedelta(hours=int(number))


def _when(moment: datetime | None, never: str = "") -> str:
    return f"{moment.astimezone(VIETNAM):%Y-%m-%d %H:%M}" if moment else never


def _limits(parser: argparse.ArgumentParser) -> None:
    for name, what in (("paper", "a paper of the catalogue"), ("seal", "id of a seal"), ("organisation", "its code")):
        parser.add_argument(f"--{name}", action="append", metavar="NAME", help=f"only this: {what}; several times")


def _reach(options: argparse.Namespace, settings: Settings) -> Reach:
    """The limits that were typed, each of them of this office. Raises `_NoSuchLimit`, `OfficeInvalid`,
    `FolderInvalid`, `OSError`."""
    asked = {f"{name}s": frozenset(getattr(options, name) or ()) for name in ("paper", "seal", "organisation")}
    if not any(asked.values()):
        return EVERYTHING
    office = institution(settings)
    known = {
        "papers": {one.name for one in office_papers(settings).papers},
        "seals": {one.id for one in office.seals},
        "organisations": {one.code for one in office.organisations},
    }
    for kind, names in asked.items():
        for name in sorted(names - known[kind]):
            raise _NoSuchLimit(f"no {kind[:-1]} {name!r}; there are: {', '.join(sorted(known[kind]))}")
    return Reach(**{kind: names or None for kind, names in asked.items()})


def _told(client: clients.Client) -> str:
    if client.reach.everything:
        return "mọi văn bản · every document"
    limits = (
        ("mẫu giấy · papers", client.reach.papers),
        ("con dấu · seals", client.reach.seals),
        ("cơ quan · organisations", client.reach.organisations),
    )
    return "; ".join(f"{words}: {', '.join(sorted(names))}" for words, names in limits if names is not None)
