"""Names of bodies: lists taken apart, inherited prefixes restored, variants of one office recognised.

Two different things are kept apart. *Reading* a list (``split_units``) gives names as the plan means them:
自治州科技局、工信局 → 自治州科技局, 自治州工信局. *Recognising* (``UnitTable.key``) says which names are one office,
for look-up; it never changes what is shown. All knowledge is in units.toml.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from corpus.errors import KnowledgeInvalid
from corpus.phrases import BY
from corpus.unit_lists import GROUP, OPEN_TAIL, Mention, split_units

SHIPPED = Path(__file__).with_name("units.toml")
_ENDINGS = ("委员会", "办公室", "管理局", "局", "厅", "委", "办", "部", "处", "中心", "队", "支队", "总队")
# What no name holds; 各责任单位 and 各牵头单位 are groups.
_SAYS_MORE = re.compile(
    rf"^[均都]|(?<!各)(?<!相关)(?<!有关)(?:牵头|负责|配合|会同)|[为是](?:牵头|责任|配合)|{BY.pattern}|^\d+[.)、]|^列[第在于首]|第一位"
)
_LIKE_NAME = re.compile(r"各[\u4e00-\u9fff]{1,10}|[\u4e00-\u9fffA-Za-z0-9·]{4,20}")
# How a name does not begin, or go on: 加强统筹, 热心市民.
LIKE_VERB = re.compile(
    "建设|加强|推进|推动|建立|健全|完善|开展|组织|落实|实施|出台|制定|做好|抓好|确保|提升|优化|强化|按|对|在|将|为|以|与|和|及|或|于|向|从|共同|分别|具体"
    "|.{0,19}(?:[的了等们]|同志|市民|群众|居民|人员|书记|主任|局长|市长|校长|处长|科长|经理|主席|领导|负责人|和|及|与)"
)
_REGION = "省|市|自治区|自治州|自治县|地区|州|盟|县|区|旗"
# Where 厅 stands in a province, 局 stands in a city: the ending does not tell offices apart, but 委 and 办 do.
_ENDING_CLASS = {"委员会": "委", "办公室": "办", "局": "局", "厅": "局", "管理局": "局", "支队": "队", "总队": "队"}


@dataclass(frozen=True, slots=True)
class UnitKey:
    """What two names must share to be one office: level word (or place) and office."""

    place: str  # "省", "自治州", "天水", "" where the name has none
    office: str  # canonical: "市场监管局"


class UnitTable:
    """Knowledge of offices and regions, from units.toml and a user's own."""

    def __init__(self, tables: Sequence[dict[str, object]]) -> None:
        def words(key: str) -> list[str]:
            found: list[str] = []
            for table in tables:
                value = table.get(key, [])
                if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
                    raise KnowledgeInvalid(f"units.toml: {key} must be a list of strings; correct that line")
                found += value
            return sorted(dict.fromkeys(found), key=len, reverse=True)

        def rows(key: str, field: str) -> list[list[str]]:
            found: list[list[str]] = []
            for table in tables:
                entries = table.get(key, [])
                if not isinstance(entries, list):
                    raise KnowledgeInvalid(f"units.toml: [[{key}]] must be a table; correct that entry")
                for entry in entries:
                    value = entry.get(field) if isinstance(entry, dict) else None
                    if not isinstance(value, list) or not value:
                        raise KnowledgeInvalid(f'units.toml: each [[{key}]] needs {field} = ["…"]; correct that entry')
                    found.append([str(v) for v in value])
            return found

        self.levels = words("levels")
        self.small_levels = words("small_levels")
        self.small_offices = tuple(words("small_offices"))
        self.no_bodies = tuple(words("no_bodies"))
        self.divisions = tuple(words("divisions"))
        self.confusable = frozenset(frozenset(pair) for pair in words("confusable"))
        self.places: tuple[str, ...] = ()
        self.party_organs = frozenset(words("party_organs"))
        self.spoken_alone = frozenset(words("spoken_alone"))
        self.standing_alone = tuple(words("standing_alone"))
        self.opening_alone = tuple(words("opening_alone"))
        self.body_endings = tuple(words("body_endings"))
        self.office_endings = tuple(words("office_endings"))
        self.post_endings = tuple(words("post_endings"))
        self.offices = rows("office", "stems")
        self.bodies = rows("body", "names")
        self.regions: dict[str, tuple[str, ...]] = {}
        for table in tables:
            entries = table.get("region", [])
            for entry in entries if isinstance(entries, list) else []:
                if not isinstance(entry, dict) or "name" not in entry:
                    raise KnowledgeInvalid('units.toml: each [[region]] needs name = "…"; correct that entry')
                self.regions[str(entry["name"])] = tuple(map(str, entry.get("aliases", ())))

    def at(self, region: str) -> UnitTable:
        """The same table for a plan of ``region``: a name that opens with its place, 临江海事处, takes no prefix."""
        table = copy(self)
        found = re.findall(rf"([\u4e00-\u9fff]{{2,12}}?)(?:{_REGION})", region)
        table.places = tuple(place for place in found if len(place) >= 2)
        return table

    @cached_property
    def _stem_of(self) -> dict[str, str]:
        return {stem: stems[0] for stems in self.offices for stem in stems}

    @cached_property
    def _body_of(self) -> dict[str, str]:
        return {name: names[0] for names in self.bodies for name in names}

    @cached_property
    def _office(self) -> re.Pattern[str]:
        stems = sorted(self._stem_of, key=len, reverse=True)
        return re.compile(rf"({'|'.join(map(re.escape, stems))})({'|'.join(_ENDINGS)})$")

    @cached_property
    def _level(self) -> re.Pattern[str]:
        return re.compile("|".join(map(re.escape, self.levels)))

    @cached_property
    def _small(self) -> re.Pattern[str]:
        levels = "|".join(map(re.escape, self.small_levels))
        offices = "|".join(map(re.escape, self.small_offices))
        parts = "|".join(map(re.escape, self.divisions))
        return re.compile(
            rf"({levels})(?![镇村])(?:[^省市州县区]|城市|市[场政容]|社区|区域){{0,10}}(?:{offices})|(集团)[^省市州县区]{{1,10}}(?:{parts})"
        )

    @cached_property
    def _ends(self) -> re.Pattern[str]:
        return re.compile(f"(?:{'|'.join(map(re.escape, self.body_endings))})$")

    @cached_property
    def _alone(self) -> re.Pattern[str]:
        endings = "|".join(map(re.escape, self.standing_alone))
        openings = "|".join(map(re.escape, self.opening_alone))
        # Divisions of the office itself have no level: 科技信息处, 综合科; 办公室 and 秘书处 may have one.
        divisions = "(?<!秘书)处|科|股|(?<!办公)(?<!研究)室"
        return re.compile(f"(?:{endings}|{divisions})$" + (f"|^(?:{openings})" if openings else ""))

    # -- what is a body ------------------------------------------------------------------------

    def office(self, name: str) -> str | None:
        """The canonical office of a bare name (``市监局`` → ``市场监管局``), None where it is not in the table."""
        if name in self._body_of:
            return self._body_of[name]
        match = self._office.fullmatch(name)
        if match is None:
            return None
        return self._stem_of[match[1]] + _ENDING_CLASS.get(match[2], match[2])

    def is_body(self, name: str) -> bool:
        """Whether a name can be a body: it is known, a group (各…), or ends as bodies end."""
        if len(name) > 48:
            return False
        bare = OPEN_TAIL.sub("", name)
        if GROUP.match(bare):
            bare = re.sub(r"(?<=.)\([^()]*\)$", "", bare)
        if (
            not 2 <= len(bare) <= 40
            or re.search(r"[,。;:!?“”《》〈〉|]|\d{2}", bare)
            or bare.count("(") != bare.count(")")
            or bare.endswith(self.no_bodies)
            or _SAYS_MORE.search(bare)
        ):
            return False
        return self.office(bare) is not None or self._ends.search(bare) is not None

    def is_office(self, name: str) -> bool:
        """Whether a name ends as offices do: a body that cannot also be a place, a school or a thing."""
        group = name.startswith("各") and name.endswith((")", "县", "区", "市", "州", "镇", "乡", "街道"))
        return self.is_body(name) and (group or name.endswith(self.office_endings))

    def is_post(self, name: str) -> bool:
        """Whether a name ends as offices do, also those inside an organisation or below the county: 医务科, 派出所."""
        return self.is_office(name) or (self.is_body(name) and name.endswith(self.post_endings))

    def is_named_office(self, name: str) -> bool:
        """Whether a name by itself says that an office is meant: 省科技厅, 市委, 各县人民政府; not 市民中心, 研发部."""
        if GROUP.match(name):
            return self.is_body(name) and re.search(r"(?:政府|部门|单位|管委会|党委)(?:\([^()]*\))?$", name) is not None
        rest = name[len(self.prefix(name)) :]
        if rest == name or not self.is_office(name):
            return False
        return self.office(rest) is not None or re.search(r"(?:中心|部|处|单位|部门|公司|集团)$", rest) is None

    def is_division(self, name: str) -> bool:
        """Whether a name is that of a department inside an organisation: 生产运营部, 教务处, 医务科."""
        return (
            re.fullmatch(r"[\u4e00-\u9fff]{2,12}(?:\([\u4e00-\u9fff]{2,10}\))?", name) is not None
            and self.is_post(name)
            and re.sub(r"\(.*", "", name).endswith(self.divisions)
            and GROUP.match(name) is None
        )

    def may_be_body(self, name: str) -> bool:
        """Whether a name that stands where a body stands may be one, whatever it ends with: 澜水国有林场, 各专业基地.

        For lists whose other words say that bodies are meant; 张三 and 加强统筹 are none.
        """
        if self.is_body(name):
            return True
        plain = re.sub(r"\([^()]{1,10}\)", "", name)
        return (
            _LIKE_NAME.fullmatch(plain) is not None
            and not plain.endswith(self.no_bodies)
            and not _SAYS_MORE.search(plain)
            and not LIKE_VERB.match(plain)
        )

    def prefix(self, name: str) -> str:
        """The place or level that a name opens with (``省`` of 省科技厅, ``天水市`` of 天水市财政局), "" if none."""
        if self.office(name) is not None:  # 市场监管局 opens with 市, but it is no level
            return ""
        level = self._level.match(name)
        if level:
            return level[0]
        small = self._small.fullmatch(name)
        if small:
            return str(small[1] or small[2])
        # A named place is believed only where a known office follows: 临川市|财政局.
        for end in range(3, min(len(name), 14)):
            if name[:end].endswith(("省", "市", "自治州", "自治区", "自治县", "州", "县", "区", "盟", "旗")):
                rest = name[end:]
                if self.office(rest) is not None or re.match(r"委|党委|政府|人民政府|人大|政协", rest):
                    return name[:end]
        return ""

    # -- which names are one ----------------------------------------------------------------------

    def key(self, name: str) -> UnitKey:
        """What the name shares with all other ways to write the same body."""
        bare = re.sub(r"^(中共|中华人民共和国|国家税务总局|中国(?=人民银行|银保监))", "", name)
        bare = re.sub(r"\(.{0,80}?\)", "", bare)
        known = self.office(bare)
        if known is not None:
            return UnitKey("", known)
        prefix = self.prefix(bare)
        rest = bare[len(prefix) :]
        party = ""
        if prefix.endswith("党委"):
            prefix, party = prefix[:-2], "委"
        while rest and self.office(rest) is None:
            inner = self.prefix(rest)  # 甘肃省|省委…, 天水市|市委
            match = re.match(r"党委|委(?=.)|人民政府(?=.)|政府(?=.)", rest)
            if match and self.office(rest) is None:
                party, rest = "", rest[match.end() :]
                if rest in ("办公室", "办公厅"):  # the committee's and the government's are two
                    party = "委" if match[0].endswith("委") else "政府"
            elif inner:
                prefix, rest = inner, rest[len(inner) :]
            else:
                break
        return UnitKey(prefix, self.office(rest) or party + rest)

    def region_names(self, region: str) -> tuple[str, ...]:
        """Every way to name a region: the full name, the rule's short form, and the table's aliases."""
        short = re.sub(r"(省|市|自治州|自治区|地区|盟|县|区)$", "", region)
        names = [region, *self.regions.get(region, ()), *([short] if len(short) >= 2 else [])]
        return tuple(dict.fromkeys(names))

    # -- lists ------------------------------------------------------------------------------------

    def split_units(self, text: str) -> list[Mention]:
        """The bodies that a list names, each with its inherited prefix (``corpus.unit_lists.split_units``)."""
        return split_units(text, self)

    def stands_alone(self, name: str) -> bool:
        """Whether a name takes no prefix from the list that it stands in: 临江海关, 国网…公司, 综合科."""
        # 国家安全厅 is an office like others.
        return self._alone.search(name) is not None and not self._office.fullmatch(name)


def load_units(own: Path | None = None) -> UnitTable:
    """The shipped table, with a user's own units.toml laid over it as it is now. Raises ``KnowledgeInvalid``."""
    try:
        found = own.stat() if own else None
    except OSError:
        found = None
    return _load(own, (found.st_mtime_ns, found.st_size, found.st_ino) if found else None)


@lru_cache(maxsize=8)
def _load(own: Path | None, state: tuple[int, int, int] | None) -> UnitTable:
    """``state`` is what tells that the file has changed: a server builds an index of the table as it is then."""
    tables: list[dict[str, object]] = []
    for path in (SHIPPED, own):
        if path is None or not path.exists():
            continue
        try:
            tables.append(tomllib.loads(path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise KnowledgeInvalid(f"{path}: not valid TOML: {error}; correct that line") from None
    return UnitTable(tables)
