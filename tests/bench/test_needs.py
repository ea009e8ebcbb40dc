"""What a service's container is given, and that no value of it is ever shown."""

import pytest

from loadtests.bench.needs import NOTHING, Needs
from loadtests.errors import QuestionError


def test_names_and_a_file_add_up_and_a_name_goes_first(tmp_path):
    file = tmp_path / "service.env"
    file.write_text("# of the service\nPASSWORD=hunter22\nLEVEL=info\n\nURL=a=b\n")
    needs = Needs.of({"LEVEL": "debug"}, file)
    assert needs.environment == {"PASSWORD": "hunter22", "LEVEL": "debug", "URL": "a=b"}
    assert needs.names == ("LEVEL", "PASSWORD", "URL")


def test_no_value_is_shown():
    needs = Needs.of({"PASSWORD": "hunter22", "SHORT": "on", "URL": "db://hunter22@db"})
    assert "hunter22" not in repr(needs)
    said = needs.hidden("cannot log in to db://hunter22@db as hunter22, which is on")
    assert said == "cannot log in to <URL> as <PASSWORD>, which is on"


def test_no_line_of_a_key_of_several_lines_is_shown():
    needs = Needs.of({"KEY": "-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----"})
    said = needs.hidden("cannot read\nMIIEvQIBADANBg\n-----END KEY-----")
    assert said == "cannot read\n<KEY>\n<KEY>"


def test_other_values_have_another_digest_and_none_has_none():
    digests = {Needs.of({"A": value}).digest for value in ("1", "2", "3", "4")}
    assert len(digests) == 4
    assert all(len(digest) == 4 for digest in digests)
    assert NOTHING.digest == ""
    assert Needs.of({"A": "1", "B": "2"}).digest == Needs.of({"B": "2", "A": "1"}).digest


def test_a_command_is_split_as_a_shell_would():
    assert Needs.of({}, command="serve --title 'a b'").command == ("serve", "--title", "a b")
    with pytest.raises(QuestionError, match="a quote in it has no end"):
        Needs.of({}, command="serve 'a")


@pytest.mark.parametrize(
    ("text", "said"),
    [("secret\n", "has a line that is not NAME=value"), ("A B=1\n", "'A B', which is no name")],
)
def test_a_file_that_is_none_is_refused_without_its_lines(tmp_path, text, said):
    file = tmp_path / "service.env"
    file.write_text(text)
    with pytest.raises(QuestionError, match=said) as refused:
        Needs.of({}, file)
    assert "secret" not in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(QuestionError, match="cannot be read"):
        Needs.of({}, tmp_path / "nowhere.env")
