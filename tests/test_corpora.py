"""Text without a network is there, the shipped tables are what their README says, CoNLL-U is read right."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from course_utils import corpora
from course_utils.vocabulary import Vocabulary

DATASETS = Path(__file__).parent.parent / "datasets"


def test_library_source_is_this_pythons_own_program_text_and_always_the_same():
    text = corpora.library_source(300_000)
    assert len(text) == 300_000 and text.isascii() and "\r" not in text
    assert text == corpora.library_source(300_000) and corpora.library_source(1_000) == text[:1_000]
    assert "import " in text and len(Vocabulary.from_text(text)) <= 100
    assert len(corpora.library_source()) == 1_000_000


def test_library_source_is_read_from_a_zip_file_where_the_library_is_one(tmp_path, monkeypatch):
    files = {"os.py": "b = 2\n", "abc.py": "a = 1\r\n", "odd.py": "é = 3\n", "json/tool.py": "c = 4\n"}
    with zipfile.ZipFile(tmp_path / "library.zip", "w") as library:
        for name, text in files.items():
            library.writestr(name, text)
    monkeypatch.setattr(os, "__file__", str(tmp_path / "library.zip" / "os.py"))
    assert corpora.library_source(12) == "a = 1\nb = 2\n"
    with pytest.raises(corpora.DataMissing, match="has 12 characters"):
        corpora.library_source(13)


def test_more_source_than_there_is_is_refused():
    with pytest.raises(corpora.DataMissing, match="ask for fewer"):
        corpora.library_source(10**9)
    with pytest.raises(ValueError, match="n_chars"):
        corpora.library_source(0)


def test_library_documentation_is_prose_about_python():
    text = corpora.library_documentation()
    assert len(text) > 300_000 and text == corpora.library_documentation()
    assert text.index("assert") < text.index("while") and "generator" in text


def test_a_python_without_help_topics_gets_a_clear_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)
    with pytest.raises(corpora.DataMissing, match="library_source"):
        corpora.library_documentation()


def test_every_state_has_one_capital_and_a_continent():
    rows = corpora.capitals()
    assert len(rows) == len({row.country for row in rows}) == 195
    assert all(field and field == field.strip() for row in rows for field in row)
    counts = {continent: sum(row.continent == continent for row in rows) for continent in {r.continent for r in rows}}
    assert counts == {
        "Africa": 54, "Asia": 48, "Europe": 44, "North America": 23, "Oceania": 14, "South America": 12,
    }  # fmt: skip
    known = {
        "France": "Paris",
        "Kazakhstan": "Astana",
        "Australia": "Canberra",
        "Brazil": "Brasília",
        "Kenya": "Nairobi",
    }
    assert known.items() <= {row.country: row.capital for row in rows}.items()


def test_names_come_from_many_languages_each_pair_once():
    rows = corpora.names()
    assert len(rows) == len(set(rows)) > 600
    languages = {row.language for row in rows}
    assert len(languages) == 25 and all(sum(r.language == language for r in rows) >= 35 for language in languages)
    assert all(row.name[0].isupper() and row.name.isalpha() for row in rows)


def test_the_readme_of_datasets_tells_the_truth_about_bytes_and_sha256():
    table = re.findall(
        r"^\| `(\S+)` \| (\d+) \| ([\d,]+) \| `([0-9a-f]{64})` \|",
        (DATASETS / "README.md").read_text(encoding="utf-8"),
        re.M,
    )
    assert {name for name, *_ in table} == {path.name for path in DATASETS.iterdir()} - {"README.md"}
    for name, rows, size, sha256 in table:
        content = (DATASETS / name).read_bytes()
        assert len(content) == int(size.replace(",", "")), name
        assert hashlib.sha256(content).hexdigest() == sha256, name
        assert content.count(b"\n") - 1 == int(rows) and b"\r" not in content


def test_a_missing_shipped_file_is_named():
    assert corpora.dataset_path("names.csv").is_file()
    with pytest.raises(corpora.DataMissing, match=r"rivers\.csv is in none of"):
        corpora.dataset_path("rivers.csv")


def test_an_installed_package_reads_its_own_tables_beside_a_stranger_called_datasets(tmp_path):
    # A wheel holds the tables inside the package; another package of the name may lie next to it.
    shutil.copytree(
        Path(corpora.__file__).parent, tmp_path / "course_utils", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copytree(DATASETS, tmp_path / "course_utils" / "datasets")
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "names.csv").write_text("not,ours\n", encoding="utf-8")
    program = "from course_utils import corpora; print(corpora.dataset_path('names.csv'), len(corpora.names()))"
    run = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    path, count = run.stdout.split()
    assert Path(path) == (tmp_path / "course_utils" / "datasets" / "names.csv").resolve() and int(count) > 600


CONLLU = """\
# text = I don't know, she said and he left.
1\tI\tI\tPRON\t_\t_\t3\tnsubj\t_\t_
2-3\tdon't\t_\t_\t_\t_\t_\t_\t_\t_
2\tdo\tdo\tAUX\t_\t_\t4\taux\t_\t_
3\tn't\tnot\tPART\t_\t_\t4\tadvmod\t_\t_
3.1\tgone\tgo\tVERB\t_\t_\t_\t_\t_\t_

# the second ends without an empty line
1\tleft\tleave\tVERB\t_\t_\t0\troot\t_\t_
"""


def test_ranges_and_empty_nodes_are_left_out(tmp_path):
    (tmp_path / "a.conllu").write_text(CONLLU, encoding="utf-8")
    first, second = corpora.read_conllu(tmp_path / "a.conllu")
    assert first == (("I", "do", "n't"), ("PRON", "AUX", "PART"))
    assert second == (("left",), ("VERB",))


def test_a_line_that_is_not_conllu_is_named_by_number(tmp_path):
    (tmp_path / "b.conllu").write_text("1\tI\tI\tPRON\n")
    with pytest.raises(corpora.DataError, match=r"b\.conllu, line 1: expected 10 columns"):
        corpora.read_conllu(tmp_path / "b.conllu")
