"""Uploads: looked at, corrected, renamed, saved or discarded, and never in the index before they are saved."""

from __future__ import annotations

import io
import threading
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from corpus.corrections import correction_of
from corpus.corrections_file import read_corrections
from corpus.errors import AssistantError, PlanUnreadable
from corpus.model import plan_to_json
from index.config import IndexSettings, LibrarySettings
from index.errors import NoSuchPlan, NoSuchStaging, PlanThere, StagingFull
from index.labels import clean_label, id_of
from index.library import Library
from index.search import SearchIndex
from index.staging import Staged, Staging

HASHED = IndexSettings(embedder="hash")
POND = """湖西市2033年池塘治理方案
湖西政发〔2033〕8号

一、主要任务
1.清理池塘淤泥。(市水利局牵头,市财政局配合)
2.设置警示牌。
"""


@pytest.fixture
def staging(built: Path) -> Staging:
    return Staging(Library(built, HASHED))


def put(staging: Staging, text: str = POND, name: str = "pond.txt") -> Staged:
    plans = list(SearchIndex.open(data_of(staging), HASHED).plans.values())
    (staged,) = staging.put(text.encode(), name, plans)
    return staged


def listed(staging: Staging) -> list[str]:
    """The tokens of all uploads that wait, the newest first."""
    return [one.token for one in staging.waiting()]


def data_of(staging: Staging) -> Path:
    return staging._library.data


def opened(staging: Staging) -> SearchIndex:
    return SearchIndex.open(data_of(staging), HASHED)


def test_an_upload_is_read_and_waits(staging: Staging) -> None:
    staged = put(staging)
    assert (staged.label, staged.plan_id, staged.plan.id) == ("pond.txt", "pond", "pond")
    assert staged.plan.meta.title == "湖西市2033年池塘治理方案"
    assert [a.lead for a in staged.plan.assignments] == [("市水利局",)]
    assert (staged.there, staged.same_file, staged.kin) == (False, "", ())
    assert set(opened(staging).plans) == {"lake", "river"}
    assert listed(staging) == [staged.token]
    assert staging.get(staged.token) == staged


def test_saved_it_joins_the_library(staging: Staging) -> None:
    staged = put(staging)
    report = staging.save(staged.token)
    assert report.published
    assert opened(staging).plans["pond"] == staged.plan
    assert (data_of(staging) / "library/pond/pond.txt").read_text(encoding="utf-8") == POND
    assert listed(staging) == []
    with pytest.raises(NoSuchStaging):
        staging.save(staged.token)


def test_corrections_made_before_saving_are_kept_with_the_plan(staging: Staging) -> None:
    staged = put(staging)
    clause = staged.plan.clause("一/2")
    assert clause is not None
    made = correction_of(staged.plan, clause, lead=["市城管局"])
    staged = staging.correct(staged.token, made)
    assert staged.plan.assignment(clause).lead == ("市城管局",)  # type: ignore[union-attr]
    assert staging.withdraw(staged.token, made).corrections == ()
    staging.correct(staged.token, correction_of(staged.plan, clause, lead=["市农业农村局"]))
    staging.correct(staged.token, made)  # in the place of the one before
    staging.save(staged.token)
    assert read_corrections(data_of(staging), "pond") == (made,)
    assert opened(staging).plans["pond"].assignment(clause).lead == ("市城管局",)  # type: ignore[union-attr]


def test_an_upload_of_a_plan_that_is_there_shows_its_corrections_and_replaces_it(staging: Staging) -> None:
    library = Library(data_of(staging), HASHED)
    lake = opened(staging).plans["lake"]
    second = lake.clause("一/2")
    assert second is not None
    library.correct("lake", [correction_of(lake, second, lead=["市审计局"])])
    newer = lake.text.replace("社区食堂", "村镇食堂")
    staged = put(staging, newer, "lake.txt")
    assert staged.there
    assert [clause.path for _, clause in staged.corrected.applied] == ["一/2"]
    with pytest.raises(PlanThere, match="lake: a plan with this id is there already") as caught:
        staging.save(staged.token)
    assert (caught.value.plan, caught.value.reason) == ("lake", "id")
    assert listed(staging) == [staged.token]  # nothing is lost
    staging.save(staged.token, replace=True)
    found = opened(staging).plans["lake"]
    assert "村镇食堂" in found.text
    assert found.assignment(second).lead == ("市审计局",)  # type: ignore[union-attr]
    assert [v.number for e in library.listing() if e.id == "lake" for v in e.versions] == [1]


def test_only_what_is_there_is_replaced(staging: Staging) -> None:
    staged = put(staging)
    with pytest.raises(NoSuchPlan, match="pond: there is no such plan"):
        staging.save(staged.token, replace=True)


def test_the_very_file_is_named_and_not_saved(staging: Staging) -> None:
    content = (data_of(staging) / "library/lake/lake.txt").read_text(encoding="utf-8")
    staged = put(staging, content, "other.txt")
    assert (staged.same_file, staged.there) == ("lake", False)
    with pytest.raises(PlanThere, match="as the plan lake") as caught:
        staging.save(staged.token)
    assert (caught.value.plan, caught.value.reason) == ("lake", "file")
    assert set(opened(staging).plans) == {"lake", "river"}


def test_a_new_version_is_recognised_by_its_number_or_title(staging: Staging) -> None:
    staging.save(put(staging).token)
    for text, why in (
        (POND.replace("2033年池塘治理方案", "2033年坑塘治理方案"), "number"),
        (POND.replace("〔2033〕8号", "〔2033〕9号").replace("治理方案", "治理方案(修订稿)"), "title"),
    ):
        staged = put(staging, text, "池塘.txt")
        assert [(kin.plan, kin.why) for kin in staged.kin] == [("pond", why)], staged.plan.meta
    assert put(staging, POND.replace("8号", "9号").replace("湖西市", "河东市"), "池塘.txt").kin == ()


def test_another_id_can_be_chosen(staging: Staging) -> None:
    staged = staging.rename(put(staging).token, "池塘-2033")
    assert (staged.plan_id, staged.plan.id, staged.label) == ("池塘-2033", "池塘-2033", "pond.txt")
    assert {clause.plan for clause in staged.plan.clauses} == {"池塘-2033"}
    assert staging.rename(staged.token, "lake").there
    staging.rename(staged.token, "池塘-2033")
    staging.save(staged.token)
    assert opened(staging).plans["池塘-2033"].clauses[0].plan == "池塘-2033"


@pytest.mark.parametrize("name", ["", "a/b", "..", ".x", "a\\b", "a\nb", "名" * 81, "名" * 60])
def test_an_id_that_cannot_name_a_folder_is_refused(staging: Staging, name: str) -> None:
    staged = put(staging)
    with pytest.raises(AssistantError) as caught:
        staging.rename(staged.token, name)
    assert "\n" not in str(caught.value)
    assert staging.get(staged.token).plan_id == "pond"


@pytest.mark.parametrize("name", ["plan.toml", "version.json"])
def test_a_file_named_as_our_own_beside_it_is_refused(staging: Staging, tmp_path: Path, name: str) -> None:
    page = f"<html><body><p>{'</p><p>'.join(POND.splitlines())}</p></body></html>"  # what it is, its content decides
    with pytest.raises(PlanUnreadable, match="its name cannot be a plan's id; rename the file"):
        put(staging, page, name)
    (tmp_path / name).write_text(page, encoding="utf-8")
    with pytest.raises(PlanUnreadable, match="its name cannot be a plan's id; rename the file"):
        Library(data_of(staging), HASHED).add([tmp_path / name])
    with pytest.raises(PlanUnreadable, match="its name cannot be a plan's id; rename the file"):
        Library(data_of(staging), HASHED).replace("lake", tmp_path / name)
    assert listed(staging) == []
    assert put(staging, page, "pond.html").plan.assignments


def test_discarded_it_is_gone(staging: Staging) -> None:
    staged = put(staging)
    staging.discard(staged.token)
    assert listed(staging) == []
    assert list((data_of(staging) / "staging").iterdir()) == []
    for use in (staging.get, staging.discard, staging.save):
        with pytest.raises(NoSuchStaging):
            use(staged.token)


@pytest.mark.parametrize(
    "token", ["", ".", "..", "../index", "x" * 32, "A" * 32, "0" * 31, "0" * 33, "0" * 32, "../" * 8]
)
def test_a_token_is_never_a_path(staging: Staging, token: str) -> None:
    put(staging)
    for use in (staging.get, staging.discard, staging.save):
        with pytest.raises(NoSuchStaging):
            use(token)
    assert set(opened(staging).plans) == {"lake", "river"}


# -- what browsers call files ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("方案.docx", "方案.docx"), ("C:\\Users\\王\\方案.docx", "方案.docx"), ("../../etc/passwd", "passwd"),
        ("/", "plan"), ("", "plan"), ("...", "plan"), (".htaccess", "htaccess"), ("a\x00b\n.txt", "ab.txt"),
        ("报告\u202excod.txt", "报告xcod.txt"), ("<img src=x>.txt", "img src=x.txt"), (" 方案 .txt ", "方案.txt"),
        ("方" * 300 + ".txt", "方" * 50 + ".txt"), ("a.tar.gz", "a.tar.gz"), ("无后缀", "无后缀"),
        ("方案.这不是一个后缀吧", "方案.这不是一个后缀吧"), ("\ud800.txt", "txt"),
    ],
)  # fmt: skip
def test_a_name_is_cleaned(name: str, label: str) -> None:
    assert clean_label(name) == label
    assert clean_label(label) == label


def test_an_id_is_made_of_the_label() -> None:
    assert id_of("关于 印发方案.docx") == "关于 印发方案"
    assert id_of("无后缀") == "无后缀"
    assert len(id_of("x" * 200 + ".txt")) == 60


def test_names_that_are_not_ours_reach_no_folder(staging: Staging) -> None:
    staged = put(staging, name="../../../library/lake/lake.txt")
    assert staged.label == "lake.txt"
    assert [p.name for p in data_of(staging).glob("staging/*")] == [staged.token]


# -- archives -------------------------------------------------------------------------------------------------


def packed(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def test_each_plan_of_an_archive_waits_for_itself(staging: Staging) -> None:
    told: list[str] = []
    content = packed({"2033/池塘.txt": POND, "河/河.txt": POND.replace("池塘", "河道"), "图.png": "x"})
    pond, river = staging.put(content, "方案.zip", (), told.append)
    assert [(one.label, one.plan_id) for one in (pond, river)] == [("池塘.txt", "池塘"), ("河.txt", "河")]
    assert told == ["方案.zip: left out, as no plans: 图.png"]
    staging.discard(river.token)
    staging.save(pond.token)
    assert set(opened(staging).plans) == {"lake", "river", "池塘"}


@pytest.mark.slow
def test_of_an_archive_all_plans_wait_or_none(staging: Staging) -> None:
    for files, said in (
        ({"池塘.txt": POND, "坏.docx": "PK\x03\x04"}, "方案.zip: 坏.docx: is "),
        ({"池塘.txt": POND, "空.txt": ""}, "方案.zip: 空.txt: is empty"),
        ({"池塘.txt": POND, "短.txt": "没有编号的一句话"}, "方案.zip: 短.txt: has no numbered clause"),
        ({"a/池塘.txt": POND, "b/池塘.txt": POND + "\n"}, "方案.zip: has several plans of one name"),
        ({"图.png": "x"}, "方案.zip: has no plan in it"),
        ({f"{n}.txt": f"{POND}{n}" for n in range(21)}, "方案.zip: has 21 plans in it"),
    ):
        with pytest.raises(AssistantError) as caught:
            staging.put(packed(files), "方案.zip")
        assert str(caught.value).startswith(said)
        assert "staging" not in str(caught.value)
        assert list((data_of(staging) / "staging").iterdir()) == []


# -- bad input, and bounds ------------------------------------------------------------------------------------


def test_what_cannot_be_read_leaves_nothing_and_names_the_label(staging: Staging) -> None:
    words = "没有编号的一句话".encode()
    for content, name in ((b"", "空.txt"), (b"\x89PNG\r\n", "图.docx"), (b"%PDF-1.7 x", "坏.pdf"), (words, "短.txt")):
        with pytest.raises(PlanUnreadable) as caught:
            staging.put(content, name)
        assert str(caught.value).startswith(f"{name}: ")
        assert "staging" not in str(caught.value)
    assert listed(staging) == []
    assert list((data_of(staging) / "staging").iterdir()) == []


def test_more_than_fits_is_refused(built: Path) -> None:
    staging = Staging(Library(built, HASHED, LibrarySettings(staged_mb=1)))
    with pytest.raises(StagingFull, match="1 MB"):
        staging.put(b"x" * (1 << 20) + b"x", "large.txt")
    assert listed(staging) == []


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2033, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def test_old_ones_and_too_many_are_cleared_away(built: Path) -> None:
    clock = Clock()
    staging = Staging(Library(built, HASHED, LibrarySettings(staged=3, staged_hours=2)), clock)
    tokens = [put(staging, POND + "\n" * n).token for n in range(4)]
    assert listed(staging) == tokens[:0:-1]  # the newest first, the oldest gone
    clock.now += timedelta(hours=3)
    last = put(staging)
    assert listed(staging) == [last.token]


@pytest.mark.slow
def test_the_oldest_make_room(built: Path) -> None:
    staging = Staging(Library(built, HASHED, LibrarySettings(staged_mb=1)), Clock())
    long = POND + "3.清理池塘。" + "清理。" * 80_000 + "\n"
    first = put(staging, long)
    second = put(staging, long + "\n")
    assert listed(staging) == [second.token] != [first.token]


@pytest.mark.parametrize(
    "limit", [{"staged": 3}, pytest.param({"staged_mb": 1}, marks=pytest.mark.slow)], ids=["number", "size"]
)
def test_room_is_made_at_nobody_elses_cost(built: Path, limit: dict[str, int]) -> None:
    clock = Clock()
    staging = Staging(Library(built, HASHED, LibrarySettings(staged_hours=2, **limit)), clock)
    text = POND if "staged" in limit else POND + "3.清理池塘。" + "清理。" * 20_000 + "\n"  # three find room

    def sent(by: str, number: int) -> str:
        (staged,) = staging.put((text + "\n" * number).encode(), "pond.txt", by=by)
        return staged.token

    hers = [sent("李娜", 1), sent("李娜", 2)]
    first, second = sent("王强", 3), sent("王强", 4)
    assert set(listed(staging)) == {*hers, second} != {*hers, first}
    with pytest.raises(StagingFull, match=r"^pond\.txt: there is no room .* others .* try again later$"):
        sent("赵敏", 5)
    with pytest.raises(StagingFull, match="others"):  # nor do his own go in vain
        staging.put(packed({f"{n}.txt": text + "\n" * n for n in (6, 7)}), "方案.zip", by="王强")
    assert set(listed(staging)) == {*hers, second}
    clock.now += timedelta(hours=3)
    last = sent("赵敏", 8)
    assert listed(staging) == [last]  # what nobody saved in time goes, whoever sent it


def test_what_cannot_be_read_takes_the_place_of_no_upload(built: Path) -> None:
    staging = Staging(Library(built, HASHED, LibrarySettings(staged=2)), Clock())
    waiting = [put(staging, POND + "\n" * n).token for n in range(2)]
    for content, name in ((b"%PDF-1.7 x", "坏.pdf"), (packed({"池塘.txt": POND, "空.txt": ""}), "方案.zip")):
        with pytest.raises(PlanUnreadable):
            staging.put(content, name)
    assert listed(staging) == waiting[::-1]


def test_while_one_is_saved_others_are_corrected_and_nothing_else_is_done_with_it(
    staging: Staging, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved, other = put(staging), put(staging, POND.replace("池塘", "湖泊"), "shore.txt")
    clause = other.plan.clause("一/2")
    assert clause is not None
    building, go_on = threading.Event(), threading.Event()
    library = staging._library
    whole = library.put

    def slow(*given: object, **named: object) -> object:
        building.set()
        assert go_on.wait(60)
        return whole(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(library, "put", slow)
    refused: list[NoSuchStaging] = []

    def discard() -> None:
        try:
            staging.discard(saved.token)
        except NoSuchStaging as error:
            refused.append(error)

    saving = threading.Thread(target=staging.save, args=(saved.token,))
    leaving = threading.Thread(target=discard)
    saving.start()
    assert building.wait(60)
    leaving.start()
    made = correction_of(other.plan, clause, lead=["市城管局"])
    fixed = threading.Thread(target=staging.correct, args=(other.token, made))
    fixed.start()
    fixed.join(30)
    held = fixed.is_alive()
    leaving.join(0.2)
    waits = leaving.is_alive()
    go_on.set()
    for thread in (fixed, leaving, saving):
        thread.join(60)
    assert not held
    assert waits
    assert refused  # it was saved
    assert staging.get(other.token).corrections == (made,)
    assert "pond" in opened(staging).plans


@pytest.mark.parametrize("changed", [False, True])
def test_what_was_read_by_other_tables_is_read_again(staging: Staging, changed: bool) -> None:
    staged = put(staging)
    kept = data_of(staging) / "staging" / staged.token / "plan.json"
    kept.write_bytes(plan_to_json(replace(staged.plan, assignments=())))  # as if other tables had read it
    if changed:
        (data_of(staging) / "units.toml").write_text('[[body]]\nnames = ["池塘之家"]\n', encoding="utf-8")
    staging.save(staged.token)
    assert bool(opened(staging).plans["pond"].assignments) is changed


def test_several_at_once(staging: Staging) -> None:
    done: list[Staged] = []

    def one(n: int) -> None:
        (staged,) = staging.put((POND + "\n" * n).encode(), f"pond{n}.txt")
        done.append(staged)

    threads = [threading.Thread(target=one, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(listed(staging)) == len({staged.token for staged in done}) == 4
