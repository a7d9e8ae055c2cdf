"""Every word that the pages of the evals show of their own, in Chinese and in English."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.language import chosen
from assistant.web.words import COMMON_EN, COMMON_ZH, Common, shared


@dataclass(frozen=True, slots=True)
class Words(Common):
    """The pages in one language."""

    title: str
    intro: str
    run_a_set: str
    choose_set: str
    n_questions: str
    uploaded: str
    start: str
    upload_set: str
    upload_file: str
    upload: str
    upload_note: str
    templates: str
    past_runs: str
    no_runs: str
    run: str
    set: str
    state: str
    finished: str
    running: str
    interrupted: str
    unreadable: str
    progress: str
    kept: str
    stop: str
    resume: str
    compare: str
    compare_two: str
    compare_with: str
    choose_two: str
    report: str
    download_report: str
    all_questions: str
    report_title: str
    report_saved: str
    strictly_right: str
    right_of: str
    interval_note: str
    crashed: str
    by_category: str
    by_plan: str
    category: str
    plan: str
    all_measures: str
    measure: str
    value: str
    interval: str
    counted: str
    confusion: str
    confusion_note: str
    gold: str
    answered: str
    plan_text: str
    plot_categories: str
    plot_moved: str
    plot_refusal: str
    plot_refusal_note: str
    plot_times: str
    precision: str
    recall: str
    threshold_scale: str
    milliseconds: str
    share_of_questions: str
    gained: str
    lost: str
    against: str
    baseline: str
    verdict_better: str
    verdict_worse: str
    verdict_cannot_tell: str
    net: str
    changed: str
    left_out: str
    difference: str
    before: str
    after: str
    wrong_answers: str
    no_wrong_answers: str
    not_all_shown: str
    asked: str
    provenance: str
    sweep_title: str
    sweep_note: str
    sweep_plot: str
    sweep_retrieval: str
    sweep_refusing: str
    verdict: str
    variant: str
    against_first: str
    better: str
    worse: str
    cannot_tell: str
    failed: str


ZH = Words(
    **shared(COMMON_ZH),
    title="评测",
    all_questions="全部",
    report_title="评测报告：{set}",
    report_saved="本页自成一体，不访问网络；逐题的完整结果在同一文件夹的 rows.jsonl。",
    strictly_right="严格正确",
    right_of="{right}/{questions} 题",
    interval_note="括号内为95%自助法（bootstrap）置信区间；各题全对或全错时用精确二项区间。",
    crashed="{n}题运行出错，计为答错",
    by_category="按类别",
    by_plan="按方案",
    category="类别",
    plan="方案",
    all_measures="全部指标",
    measure="指标",
    value="数值",
    interval="95%区间",
    counted="计入题数",
    confusion="职责混淆",
    confusion_note="行为标准答案中的职责，列为回答中的职责；对角线以外是读错的。",
    gold="标准答案",
    answered="回答",
    plan_text="方案原文",
    plot_categories="各类别严格正确率及区间",
    plot_moved="与对照相比新答对、新答错的题数",
    plot_refusal="拒答曲线：阈值变化时拒答的查准率与查全率",
    plot_refusal_note="只含须由检索决定答或不答的题；横轴1为现用阈值。",
    plot_times="每题用时",
    precision="查准率",
    recall="查全率",
    threshold_scale="阈值的倍数",
    milliseconds="毫秒",
    share_of_questions="题数占比",
    gained="新答对",
    lost="新答错",
    against="与 {other} 对照",
    baseline="基线",
    verdict_better="变好：增减不太可能出于偶然。",
    verdict_worse="变差：增减不太可能出于偶然。",
    verdict_cannot_tell="看不出差别：增减可能只是偶然。",
    net="净增 {net} 题（共同题 {questions} 道），McNemar 精确检验 p = {p}",
    changed="两次运行的不同之处",
    left_out="{n}题只在一次运行中有，或标准答案不同，未比较",
    difference="差",
    before="前",
    after="后",
    wrong_answers="答错的题",
    no_wrong_answers="没有答错的题。",
    not_all_shown="只列出前{n}题，其余见 rows.jsonl。",
    asked="提问",
    provenance="这次运行",
    sweep_title="设置对比：{set}",
    sweep_note="共{n}题；各种设置与第一种逐题比较，p 为该对的 McNemar 精确检验；比较多了，总有几对偶然小于 0.05。",
    sweep_plot="各设置的严格正确率及区间",
    sweep_retrieval="检索",
    sweep_refusing="拒答与用时",
    verdict="结论",
    variant="设置",
    against_first="与第一种比",
    better="变好",
    worse="变差",
    cannot_tell="看不出差别",
    failed="未能运行",
    intro="用一组问题及标准答案衡量回答是否正确：逐题评分，列出每个错误，可与以往比较。",
    run_a_set="运行评测",
    choose_set="题集",
    n_questions="{n}题",
    uploaded="上传于",
    start="开始",
    upload_set="上传题集",
    upload_file="题集文件（xlsx、csv 或 jsonl）",
    upload="上传",
    upload_note="最多 {most} 题，读入时逐行检查。",
    templates="模板：",
    past_runs="以往的运行",
    no_runs="还没有运行过评测。",
    run="运行",
    set="题集",
    state="状态",
    finished="完成",
    running="正在运行",
    interrupted="已中断",
    unreadable="无法读取",
    progress="已答 {done}/{questions} 题，其中 {right} 题严格正确",
    kept="已答的 {done} 题（共 {questions} 题）都已保存",
    stop="停止",
    resume="继续运行",
    compare="比较",
    compare_two="比较勾选的两次运行",
    compare_with="与另一次比较",
    choose_two="请勾选两次已完成的运行，再比较。",
    report="查看报告",
    download_report="下载报告",
)

EN = Words(
    **shared(COMMON_EN),
    title="Evaluation",
    all_questions="all",
    report_title="Report: {set}",
    report_saved="This page needs nothing else and loads nothing; rows.jsonl beside it has every answer in full.",
    strictly_right="Strictly right",
    right_of="{right} of {questions} questions",
    interval_note="In brackets the 95 % bootstrap interval; where all are right, or all wrong, the exact binomial one.",
    crashed="{n} questions crashed and count as wrong",
    by_category="By category",
    by_plan="By plan",
    category="Category",
    plan="Plan",
    all_measures="All measures",
    measure="Measure",
    value="Value",
    interval="95 % interval",
    counted="Questions",
    confusion="Roles confused",
    confusion_note="Rows are the gold role, columns the role asserted; off the diagonal they are confused.",
    gold="Gold",
    answered="Answer",
    plan_text="Plan text",
    plot_categories="Strictly right by category, with intervals",
    plot_moved="Questions gained and lost against the other run, by category",
    plot_refusal="Refusing: precision and recall as the thresholds move",
    plot_refusal_note="Only questions where search decides whether to answer; 1 is the threshold in force.",
    plot_times="Time of a question",
    precision="precision",
    recall="recall",
    threshold_scale="multiple of the thresholds in force",
    milliseconds="milliseconds",
    share_of_questions="share of questions",
    gained="gained",
    lost="lost",
    against="Against {other}",
    baseline="the baseline",
    verdict_better="Better: this is unlikely to be luck.",
    verdict_worse="Worse: this is unlikely to be luck.",
    verdict_cannot_tell="Cannot tell: the difference may be luck.",
    net="net {net} of {questions} questions, McNemar exact p = {p}",
    changed="What differs between the runs",
    left_out="{n} questions are in one run only, or have another gold, and are left out",
    difference="Difference",
    before="First",
    after="Second",
    wrong_answers="Wrong answers",
    no_wrong_answers="No wrong answer.",
    not_all_shown="Only the first {n} are shown; rows.jsonl has the rest.",
    asked="Asked",
    provenance="This run",
    sweep_title="Settings compared: {set}",
    sweep_note="{n} questions. Each variant is held against the first one, question by question; p is McNemar's exact "
    "test of that pair alone, so of many pairs some fall below 0.05 by luck.",
    sweep_plot="Strictly right by variant, with intervals",
    sweep_retrieval="Retrieval",
    sweep_refusing="Refusing and time",
    verdict="Verdict",
    variant="Variant",
    against_first="Against the first",
    better="better",
    worse="worse",
    cannot_tell="cannot tell",
    failed="failed",
    intro="Holds the answers against questions with known answers: each one scored, every error shown, runs compared.",
    run_a_set="Run a set",
    choose_set="Question set",
    n_questions="{n} questions",
    uploaded="uploaded",
    start="Start",
    upload_set="Upload a set",
    upload_file="File with questions (xlsx, csv or jsonl)",
    upload="Upload",
    upload_note="At most {most} questions; each line is checked when it is read.",
    templates="Templates:",
    past_runs="Past runs",
    no_runs="Nothing has been run yet.",
    run="Run",
    set="Set",
    state="State",
    finished="finished",
    running="running",
    interrupted="interrupted",
    unreadable="cannot be read",
    progress="{done} of {questions} answered, {right} strictly right",
    kept="{done} of {questions} answers are kept",
    stop="Stop",
    resume="Go on",
    compare="Compare",
    compare_two="Compare the two chosen",
    compare_with="Compare with",
    choose_two="Choose two finished runs to compare.",
    report="Show the report",
    download_report="Download the report",
)


def words(lang: str | None) -> Words:
    """The pages in a language; Chinese for anything that is not English."""
    return chosen(lang, ZH, EN)
