"""Runs over the invented questions of ``cases.py``, answered by an assistant with fixed answers."""

from assistant.model import Answer
from evals.questions import Question, QuestionSet
from evals.results import Facts, Run
from evals.run import run_set, summarise
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
