"""What a markup cannot do: reach Python, files, other templates, the clock, or go on for ever."""

from pathlib import Path

import pytest

from templates import FolderInvalid, MarkupInvalid, PaperError
from tests.templates.examples import issue
from tests.templates.folders import BODY, SAMPLE, paper

ESCAPES = [
    "{{ ''.__class__ }}",
    "{{ data.__class__.__mro__ }}",
    "{{ data['__class__'] }}",
    "{{ data.name.format }}",
    "{{ '{0.__class__}'.format(data) }}",
    "{{ data | attr('__class__') }}",
    "{{ data.items() }}",
    "{{ data.name | map(attribute='__class__') | list }}",
    "{{ loop }}",
    "{{ self.__init__ }}",
    "{{ cycler.__init__ }}",
    "{{ lipsum() }}",
    "{{ range(10) | list }}",
    "{{ namespace() }}",
    "{{ dict(a=1) }}",
    "{% include 'manifest.toml' %}",
    "{% import 'os' as os %}",
    "{% extends 'x' %}",
    "{% set x = data.name %}{{ x.encode() }}",
    "{% for a in data.lines %}{{ loop.__class__ }}{% else %}{{ loop }}{% endfor %}",
    "{% macro m() %}{{ caller.__globals__ }}{% endmacro %}{{ m() }}",
    "{% macro m() %}x{% endmacro %}{{ m.__call__ }}",
    "{{ data.name | tojson }}",
    "{{ data | pprint }}",
    "{% autoescape false %}{{ data.name }}{% endautoescape %}",
    "{{ data.name | safe }}",
]


@pytest.mark.parametrize("escape", ESCAPES)
def test_nothing_but_the_data_is_in_reach(tmp_path: Path, escape: str) -> None:
    with pytest.raises(PaperError) as caught:
        paper(tmp_path, body=BODY.replace("{{ data.name }}", escape)).compose(SAMPLE, issue())
    assert isinstance(caught.value, MarkupInvalid | FolderInvalid)


@pytest.mark.parametrize(
    "endless",
    [
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% for a in [1] * 99999 %}{% for b in [1] * 99999 %}x{% endfor %}{% endfor %}",
        "{{ 'x' * 10 ** 9 }}",
        "{{ 10 ** 10 ** 10 }}",
    ],
)
def test_nothing_goes_on_for_ever(tmp_path: Path, endless: str) -> None:
    with pytest.raises(PaperError):
        paper(tmp_path, body=BODY.replace("{{ data.name }}", endless)).compose(SAMPLE, issue())
