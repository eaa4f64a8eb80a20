"""What the custodian and a program are told while the seal's key is away."""

import html

from stamping import passage
from tests.api.serving import Running
from tests.api.test_seals import approved, shown, step_up
from tests.stamping.switched_key import GONE, Switched
from tests.web.test_public_pages import nothing_inline


def test_the_page_says_since_when_and_that_it_goes_on_by_itself(service: Running) -> None:
    place = service.place
    custodian = service.signed_in("custodian")
    body = shown(custodian, approved(service, 2))
    assert step_up(custodian, body["list_sha256"]).status_code == 201
    made = custodian.post("/api/v1/seals", json=body)
    key = Switched(place.seal_key, asked=GONE)
    passage.serve_one(place.worker, key)

    told = custodian.get(made.headers["location"]).json()
    assert told["finished"] is False
    assert [one["state"] for one in told["documents"]] == ["queued", "queued"]
    assert told["waits"]["problem"]["type"] == "urn:secondseal:problem:token-missing"
    assert told["waits"]["since"] < told["waits"]["until"]

    address = f"/desk/seals/{told['id']}"
    page = custodian.get(address)
    nothing_inline(page)
    assert "Khóa của con dấu không trả lời từ" in html.unescape(page.text)
    assert GONE.problem.text_vi in html.unescape(page.text)
    english = custodian.get(f"{address}/progress", headers={"accept-language": "en"})
    assert "goes on by itself as soon as the key answers" in html.unescape(english.text)
    assert GONE.problem.text_en in html.unescape(english.text)

    with service.worker():
        done = custodian.get(made.headers["location"], headers={"prefer": "wait=20"}).json()
    assert [one["state"] for one in done["documents"]] == ["sealed", "sealed"]
    assert done["waits"] is None
    assert "không trả lời" not in html.unescape(custodian.get(address).text)
