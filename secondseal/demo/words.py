"""What `make serve` says when it starts."""

from secondseal.demo.office import ROLES, DemoOffice


def introduction(office: DemoOffice, port: int) -> str:
    """Where the pages are, who may sign in, how the officer's agent is started."""
    base = f"http://127.0.0.1:{port}"
    people = "\n".join(
        f"  {name:12} {password:14} {' · '.join(ROLES[role])}" for role, (name, password) in office.people.items()
    )
    return (
        f"Second Seal (cơ quan mẫu · demo office): {base}\n"
        f"  người dân · citizens    {base}/verify\n"
        f"  bàn làm việc · desks    {base}/sign-in\n"
        f"Tài khoản · accounts:\n{people}\n"
        "Chương trình ký của cán bộ, ở cửa sổ khác · the officer's signing program, in another terminal:\n"
        f"  SOFTHSM2_CONF={office.officer_conf} .venv/bin/secondseal-agent serve --service {base} \\\n"
        f"    --module {office.module} --state {office.home / 'agent'}\n"
        f"  PIN: {office.officer_pin}\n"
        "Dừng: Ctrl-C · stop with Ctrl-C"
    )
