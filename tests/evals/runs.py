"""Runs over the invented questions of ``cases.py``, answered by an assistant with fixed answers."""

from assistant.model import Answer
from evals.questions import Question, QuestionSet
from evals.results import Facts, Run
from evals.run import run_set, summarise
from index.build import build
from index.config import IndexSettings
from tests.assistant.invented import HEALTH
from tests.evals.cases import RIGHT, changed


class Fixed:
    """Answers each question by its last turn; an exception in place of an answer is raised."""

    def __init__(self, answers, plans=()):
        self.answers = answers
        self.plans = {plan.id: plan for plan in plans}
        self.asked = []

    fingerprint = "f1"

    def warm(self):
        pass

    def ask(self, turns, plans=None):
        self.asked.append((turns, plans))
        answer = self.answers[turns[-1]]
        if isinstance(answer, BaseException):
            raise answer
        return answer


def questions_and_answers(**spoilt):
    """Every case of ``cases.RIGHT`` as one set; ``spoilt`` names a change for some, or an exception."""
    questions, answers = [], {}
    for name in RIGHT:
        change = spoilt.get(name)
        gold, given_answer = changed(name, [(change, 0)] if isinstance(change, str) else [])
        questions.append(Question.model_validate(gold | {"id": name, "turns": ["先问", name]}))
        answers[name] = change if isinstance(change, BaseException) else Answer.model_validate(given_answer)
    return questions, answers


def as_set(questions, name="set.jsonl"):
    """Questions as a set that was read from a file."""
    places = tuple(f"{name}, line {number}" for number in range(1, len(questions) + 1))
    return QuestionSet(name, tuple(questions), places)


def facts(**more):
    """What a run was made of; ``more`` replaces some of it."""
    plain = {"set": "set.jsonl", "set_sha256": "0", "questions": len(RIGHT), "index": "f1", "code": "unknown"}
    return Facts(**plain | {"settings": {"assistant": {"limit": 5}}} | more)


def run_of(**spoilt):
    """A finished run in memory."""
    questions, answers = questions_and_answers(**spoilt)
    rows = list(run_set(Fixed(answers), questions))
    return Run(summary=summarise(rows, facts()), rows=rows)


def set_file(folder, questions):
    """The questions as a file."""
    path = folder / "set.jsonl"
    path.write_text("".join(f"{question.model_dump_json()}\n" for question in questions), encoding="utf-8")
    return path


# The third gold is wrong: the plan says 省卫生健康委.
HEALTH_SET = [
    {
        "id": "h1",
        "category": "task_owner",
        "turns": ["澜河省家庭医生签约服务由谁牵头?"],
        "plans": ["health"],
        "evidence": ["开展家庭医生签约服务"],
        "lead": ["省卫生健康委"],
        "support": ["省医保局"],
    },
    {
        "id": "h2",
        "category": "unit_tasks",
        "turns": ["省林草局有哪些任务?"],
        "plans": ["health"],
        "tasks": ["规范中药材种植"],
        "count": 1,
        "lead": ["省林草局"],
        "support": ["各市(州)人民政府"],
    },
    {
        "id": "h3",
        "category": "task_owner",
        "turns": ["培训乡村医生由谁负责?"],
        "plans": ["health"],
        "evidence": ["培训乡村医生"],
        "responsible": ["省医保局"],  # the plan says 省卫生健康委: a gold that is wrong
    },
    {"id": "h4", "category": "unanswerable", "turns": ["四川省乡村医生谁培训?"], "answerable": False},
]


def small_library(folder):
    """A folder with ``data``, an index of one invented plan, ``settings.toml`` for it, and ``set.jsonl``."""
    (folder / "health.txt").write_text(HEALTH, encoding="utf-8")
    build(folder / "data", IndexSettings(embedder="hash"), [folder / "health.txt"], progress=False)
    (folder / "settings.toml").write_text('[index]\nembedder = "hash"\n', encoding="utf-8")
    set_file(folder, [Question.model_validate(gold) for gold in HEALTH_SET])
    return folder
