"""Windows that move with the clock: what is within the limit, how long until it is again, and what is remembered."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assistant.guard.forwarded import counted_as
from assistant.guard.rates import SECONDS, Window


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_beyond_the_limit_it_says_how_long_to_wait() -> None:
    clock = Clock()
    window = Window(2, clock)
    assert window.count("a") == 0
    clock.now += 20
    assert (window.wait("a"), window.count("a")) == (0, 0)
    assert window.wait("a") == window.count("a") == 40  # and a try that is refused does not count
    assert window.count("b") == 0
    clock.now += 39.5
    assert window.count("a") == 1
    clock.now += 0.5
    assert window.count("a") == 0
    assert window.count("a") == 20


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 40), st.booleans()), max_size=60), st.integers(1, 4))
def test_never_more_than_the_limit_in_any_minute(steps: list[tuple[str, float, bool]], most: int) -> None:
    """Held against every moment that was counted, looked through one by one."""
    clock = Clock()
    window = Window(most, clock)
    counted: dict[str, list[float]] = {name: [] for name in "abc"}
    for who, later, counts in steps:
        clock.now += later
        lately = [moment for moment in counted[who] if moment > clock.now - SECONDS]
        said = window.count(who) if counts else window.wait(who)
        assert bool(said) == (len(lately) >= most)
        if said:
            assert lately[0] + SECONDS <= clock.now + said < lately[0] + SECONDS + 1.001 or said == 1
        elif counts:
            counted[who].append(clock.now)
    remembered = {who for who, moments in counted.items() if moments and moments[-1] > clock.now - SECONDS}
    assert len(window) >= len(remembered)


def test_who_was_not_there_for_a_minute_is_forgotten() -> None:
    """However many addresses somebody has, no more are kept than came in the last minute."""
    clock = Clock()
    window = Window(3, clock)
    for n in range(50_000):
        window.count(f"address:{n}")
        clock.now += 0.01
        assert len(window) <= 6_001
    clock.now += SECONDS
    window.count("last")
    assert len(window) == 1


def test_all_addresses_that_one_client_can_take_count_as_one() -> None:
    def of(address: str) -> str:
        return counted_as({"type": "http", "client": (address, 1)})

    assert of("fd00:1:2:3::1") == of("fd00:1:2:3:ffff::9") != of("fd00:1:2:4::1")
    assert of("10.0.0.1") == of("::ffff:10.0.0.1") != of("10.0.0.2")
    assert of("") == "" and of("testclient") == "testclient"
