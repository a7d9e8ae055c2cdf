"""Every exception of the product, drawn once.

    AssistantError                    anything that a user can mend; its text is one line with the remedy
    ├── PlanUnreadable                a plan file cannot be read (empty, binary, scanned, too large, unknown format)
    ├── PlanInvalid                   a plan or plan.toml breaks an invariant
    ├── CorrectionsInvalid            a file of corrections cannot be used
    ├── KnowledgeInvalid              units.toml (shipped or the user's own) cannot be used
    ├── SettingsInvalid               the settings file has an unknown key or a wrong value
    ├── QuestionInvalid               a question is empty or too long
    ├── IndexMissing                  no index in the data folder          (index/errors.py)
    ├── IndexStale                    an index of other plans or settings  (index/errors.py)
    ├── IndexDamaged                  a file of the index is truncated     (index/errors.py)
    ├── IndexBusy                     another build is at work             (index/errors.py)
    ├── IndexUnwritable               the data folder cannot be written    (index/errors.py)
    ├── EmbedderUnusable              the embedding model cannot be loaded (index/errors.py)
    ├── NoSuchPlan                    a plan or version that is not there  (index/errors.py)
    ├── PlanThere                     a plan that is there already         (index/errors.py)
    ├── NoSuchStaging                 an upload that is not there any more (index/errors.py)
    ├── StagingFull                   an upload larger than may wait       (index/errors.py)
    ├── SetInvalid                    an eval set has a faulty line        (evals/errors.py)
    ├── RunInvalid                    a run's folder cannot be read        (evals/errors.py)
    ├── CaseInvalid                   feedback cannot become a question    (evals/cases.py)
    ├── FeedbackUnwritable            feedback cannot be read or kept      (assistant/feedback_file.py)
    ├── AccessUnusable                tokens and limits cannot be read     (assistant/access/store.py)
    ├── AccessInvalid                 a token or limit that cannot be made (assistant/access/store.py)
    ├── NoSuchPage                    an address that leads to nothing   (assistant/web/frame.py)
    ├── LoginFailed                   somebody was not logged in         (assistant/access/oidc.py)
    ├── SessionsUnusable              log-ins cannot be read or kept     (assistant/access/login_sessions.py)
    ├── NotReady                      index and model are still loading    (assistant/holder.py)
    └── Refused                       the server cannot start              (app.py)

The command line and the server catch the root and nothing wider:

    try:
        plan = read_plan(path)
    except AssistantError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2)

Not finding an answer is a value (``status``), never an exception.
"""


class AssistantError(Exception):
    """Anything that a user can mend. ``str(error)`` is one line: what, where, and the remedy."""


class PlanUnreadable(AssistantError):
    """A plan file cannot be read as text."""


class PlanInvalid(AssistantError):
    """A plan or its plan.toml breaks an invariant."""


class CorrectionsInvalid(AssistantError):
    """The corrections of a plan cannot be read or used."""


class KnowledgeInvalid(AssistantError):
    """The table of units and regions cannot be used."""


class SettingsInvalid(AssistantError):
    """The settings file has an unknown key or a value out of bounds."""


class QuestionInvalid(AssistantError):
    """A question cannot be taken: empty, or longer than the limit.

    ``reason`` names the case ("empty", "too_long", "unknown_plan") and ``values`` its figures, so that a page can
    say it in the reader's language; ``str(error)`` is the line for the command and the log.
    """

    def __init__(self, message: str, reason: str = "", **values: object) -> None:
        super().__init__(message)
        self.reason = reason
        self.values = values
