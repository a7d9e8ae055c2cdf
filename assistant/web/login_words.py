"""What the pages of the log-in say, in Chinese and in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.language import chosen
from assistant.web.words import COMMON_EN, COMMON_ZH, Common, shared


@dataclass(frozen=True, slots=True)
class LoginWords(Common):
    """The words of the log-in in one language."""

    failed: Mapping[str, str]  # one sentence for each reason
    failed_title: str
    again: str
    ended: str
    logged_out_title: str
    logged_out: str
    also_there: str
    end_there: str
    no_role_title: str
    no_role: str
    ask_for_role: str


LOGIN_ZH = LoginWords(
    **shared(COMMON_ZH),
    failed={
        "denied": "统一身份认证没有同意这次登录，或您已取消登录。",
        "expired": "这次登录已过期、已用过，或不是在这个浏览器里开始的，请重新登录。",
        "refused": "统一身份认证返回的结果未通过核验，没有登录；请重试，仍不行请告知管理员。",
        "unreachable": "暂时联系不上统一身份认证，请稍后再试。",
        "nameless": "统一身份认证没有给出可用的用户名，请告知管理员。",
        "unkept": "登录状态暂时无法保存，请稍后再试，或告知管理员。",
        "too_many": "登录失败次数过多，请在{seconds}秒后再试。",
        "no_role": "您的账号（{user}）还没有使用本系统的权限，请向管理员申请。",
        "none": "本系统没有启用统一身份认证登录。",
        "foreign": "这个请求不是从本系统的页面发出的，没有执行。",
    },
    failed_title="未能登录",
    again="重新登录",
    ended="您的登录已结束，请刷新页面重新登录。",
    logged_out_title="已退出",
    logged_out="您已退出本系统。",
    also_there="统一身份认证可能仍记得您：在公用电脑上，请同时退出统一身份认证，或关闭浏览器。",
    end_there="同时退出统一身份认证",
    no_role_title="已登录，但尚无权限",
    no_role="您已用账号“{user}”登录，但这个账号在本系统中还没有角色，因此什么也打不开。",
    ask_for_role="请向本系统的管理员申请：把您的账号加入可以使用本系统的组。加入后重新登录即可。",
)

LOGIN_EN = LoginWords(
    **shared(COMMON_EN),
    failed={
        "denied": "The identity provider did not agree to this log-in, or you cancelled it.",
        "expired": "This log-in has expired, was used already, or was not begun in this browser; please log in again.",
        "refused": "What the identity provider sent did not hold, so you are not logged in; try again, or tell the "
        "administrator.",
        "unreachable": "The identity provider cannot be reached at the moment; please try again later.",
        "nameless": "The identity provider gave no user name that can be used; please tell the administrator.",
        "unkept": "The log-in cannot be kept at the moment; try again later, or tell the administrator.",
        "too_many": "Too many failed log-ins; please try again in {seconds} seconds.",
        "no_role": "Your account ({user}) has no right to use this system yet; please ask the administrator for it.",
        "none": "Logging in with an identity provider is not set up here.",
        "foreign": "This request was not sent by a page of this system, so nothing was done.",
    },
    failed_title="Not logged in",
    again="Log in again",
    ended="Your log-in has ended; reload the page to log in again.",
    logged_out_title="Logged out",
    logged_out="You are logged out of this system.",
    also_there="The identity provider may still remember you: at a shared computer, log out there too, or close the "
    "browser.",
    end_there="Log out of the identity provider too",
    no_role_title="Logged in, with no rights yet",
    no_role="You are logged in as {user}, but this account has no role here, so nothing is open to it.",
    ask_for_role="Please ask the administrator of this system to add your account to a group that may use it; then log "
    "in again.",
)


def login_words(lang: str) -> LoginWords:
    """The words in a language."""
    return chosen(lang, LOGIN_ZH, LOGIN_EN)
