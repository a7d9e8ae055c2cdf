"""The chat's choice of plans. Gradio only."""

from __future__ import annotations

from abc import ABCMeta
from typing import Any

import gradio as gr
from gradio.component_meta import ComponentMeta


def _chosen(self: gr.Dropdown, payload: Any) -> list[str]:
    """The ids that a browser sends, as they are: a plan that is not there is refused by the one who is asked.

    Gradio would compare them with the choices that this page was once given, and say in its error which those were,
    also those that are hidden by now.
    """
    if payload is not None and not (isinstance(payload, list) and all(isinstance(one, str) for one in payload)):
        raise gr.Error("plans are chosen by their ids")
    return payload or []


# A class statement would run Gradio's own step for new components, which writes a file beside the source.
PlanChoice: type[gr.Dropdown] = ABCMeta.__new__(
    ComponentMeta, "PlanChoice", (gr.Dropdown,), {"preprocess": _chosen, "is_template": True}
)
