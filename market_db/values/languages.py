"""Language of short texts: script first, then tell-tale words and letters, the page's own statement, and statistics."""

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import langdetect
from langdetect.detector_factory import DetectorFactory
from langdetect.lang_detect_exception import LangDetectException

from market_db.reference import table
from market_db.values.text import fold
from market_db.values.word_languages import word_scores

LIMIT = 600
# Below this many letters statistics guess (langdetect calls "I love you" Slovak).
FEWEST_LETTERS = 25
FEWEST_CYRILLIC = 12
SURE_ENOUGH = 0.80
POINT = 3.0
"""Nats that one point of a tell-tale or of the market is worth beside the likelihood of the words."""
FEWEST_WORDS = 2
"""One word is no proof: sambal and sriracha are printed everywhere."""
MARGIN = 0.3
"""Nats by which the best language must lead, and more where it knows few words: those of two languages are often the same."""
FEW = 1.5
"""Nats more of lead that a language needs, shared by the words it knows."""
TOLD = 1.5, 0.9
"""Points of tell-tales, and their lead, that count where words do not contradict."""
SURE = 2.9, 1.4
"""Points of tell-tales that need no words: two words that only one language has, or one and its own letter."""
TWINS, TWIN = {"id", "ms"}, 0.5
"""Two languages of nearly the same words, and the nats more of lead they need."""
SECONDED = 0.3
"""Nats of lead that are enough where the statistics of letters, asked over all languages of the script, name the same one."""

Scores = defaultdict[str, float]

_BLOCKS = (
    ("Kana", "\u3041-\u30ff"),
    ("Hangul", "\u1100-\u11ff\uac00-\ud7a3"),
    ("Han", "\u3400-\u9fff"),
    ("Thai", "\u0e01-\u0e5b"),
    ("Lao", "\u0e81-\u0edf"),
    ("Khmer", "\u1780-\u17ff"),
    ("Myanmar", "\u1000-\u109f"),
    ("Hebrew", "\u05d0-\u05ea"),
    ("Greek", "\u0370-\u03ff\u1f00-\u1fff"),
    ("Arabic", "\u0620-\u06ff"),
    ("Cyrillic", "\u0400-\u052f"),
    ("Devanagari", "\u0900-\u097f"),
    ("Bengali", "\u0980-\u09ff"),
    ("Gujarati", "\u0a80-\u0aff"),
    ("Tamil", "\u0b80-\u0bff"),
    ("Telugu", "\u0c00-\u0c7f"),
    ("Sinhala", "\u0d80-\u0dff"),
    ("Georgian", "\u10a0-\u10ff"),
    ("Armenian", "\u0531-\u058f"),
    ("Latin", "a-zà-öø-ɏạ-ỹ"),
)
_SCRIPTS = tuple((name, re.compile(f"[{ranges}]")) for name, ranges in _BLOCKS)
_WORD = re.compile(r"(?<![.@])[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_ERROR_PAGE = re.compile(
    r"(?:http\s*)?(?:error\s*)?\b[45]\d\d\b(?:\s*[-:|]?\s*(?:error|not found|forbidden|bad gateway|page not found|.{0,12}unavailable))?\W*"
)


def read_language(text: str, *, declared: str | None = None, country: str | None = None) -> str | None:
    """ISO 639-1 or None; `declared` is the page's own statement ("pt-BR"), `country` the market (ISO2). Same input, same answer."""
    return _read(fold(text[: LIMIT * 2], LIMIT), normal_language(declared) if declared else None, country)


def normal_language(code: str) -> str | None:
    """ISO 639-1 of a declared tag ("pt-BR" -> pt, "no" -> nb, "in" -> id); None for what is no language we know."""
    tag = fold(code, 40).replace("_", "-").partition("-")[0].strip()
    tag = str(table("languages")["same"].get(tag, tag))
    return tag if tag in _known() else None


@cache
def _known() -> frozenset[str]:
    facts = table("languages")
    groups = [
        *facts["scripts"].values(),
        *facts["countries"].values(),
        ["ca", "gl", "eu", "is", "sq", "jv", "su", "az", "uz", "mn", "yi", "pa", "ml", "kn", "ga", "cy"],
    ]
    return frozenset(code for group in groups for code in group)


@lru_cache(maxsize=20_000)
def _read(shown: str, declared: str | None, country: str | None) -> str | None:
    if not shown or _ERROR_PAGE.fullmatch(shown):
        return None
    script = _script(shown)
    if script is None:
        return None
    options = table("languages")["scripts"][script]
    prior = _prior(options, declared, country)
    if len(options) == 1:
        return str(options[0])
    if script == "Han":
        facts = table("languages")["han"]
        japanese = any(char in shown for char in facts["ja"]) or any(word in shown for word in facts["ja_words"])
        return "ja" if japanese or prior[:1] == ["ja"] else "zh"
    return _among(shown, script, options, prior)


def _script(shown: str) -> str | None:
    """Script of the most letters; any kana makes Japanese, and a brand in Latin letters does not outweigh another script."""
    counts = {name: len(pattern.findall(shown)) for name, pattern in _SCRIPTS}
    if counts["Kana"] and counts["Kana"] + counts["Han"] >= counts["Hangul"]:
        return "Kana" if (counts["Kana"] + counts["Han"]) * 3 >= counts["Latin"] else "Latin"
    foreign = max((name for name in counts if name != "Latin"), key=lambda name: counts[name])
    best = foreign if counts[foreign] * 3 >= counts["Latin"] and counts[foreign] else "Latin"
    return best if counts[best] else None


def _prior(options: list[str], declared: str | None, country: str | None) -> list[str]:
    """Languages of the script that page and market speak for, strongest first."""
    spoken = table("languages")["countries"].get(country, []) if country else []
    return [code for code in dict.fromkeys([declared, *spoken]) if code in options]


def _among(shown: str, script: str, options: list[str], prior: list[str]) -> str | None:
    scores = _tell_tales(shown, options)
    told = [code for code, _ in _ranked(scores)]
    for weight, code in zip((1.3, 0.9, 0.6), prior, strict=False):
        scores[code] += weight
    _settle_malay(scores, prior)
    ranked = _ranked(scores)
    lead = ranked[0][1] - (ranked[1][1] if len(ranked) > 1 else 0.0) if ranked else 0.0
    enough = SURE if len(_WORD.findall(shown)) >= FEWEST_WORDS else TOLD
    if ranked and ranked[0][1] >= enough[0] and lead >= enough[1]:
        return ranked[0][0]
    usual = table("languages")["usual"].get(script, options)
    if len(usual) == 1:
        return ranked[0][0] if lead else str(usual[0])
    return _weighed(shown, script, prior, scores, told)


def _weighed(shown: str, script: str, prior: list[str], scores: Scores, told: list[str]) -> str | None:
    """By the words first, then by tell-tales that they do not contradict, then by statistics of letters; None where all are unsure."""
    options = table("languages")["scripts"][script]
    likely = _likely(shown, options, scores)
    if guess := _first_of(likely):
        return guess
    best, second = [*_ranked(scores), ("", 0.0), ("", 0.0)][:2]
    if best[1] >= TOLD[0] and best[1] - second[1] >= TOLD[1] and (not likely.known or likely.first == best[0]):
        return best[0]
    if sum(char.isalpha() for char in shown) >= (FEWEST_LETTERS if script == "Latin" else FEWEST_CYRILLIC):
        guess = _by_statistics(shown, _candidates(script, prior, told))
        if guess:
            return "ms" if guess == "id" and scores["ms"] > scores["id"] else guess
    if likely.known and likely.ahead >= SECONDED and not likely.twins and _by_statistics(shown, tuple(sorted(options))) == likely.first:
        return likely.first
    few = likely.known < FEWEST_WORDS and best[1] > second[1]
    return best[0] if few and (prior or best[1] >= 1.4) else None


def _candidates(script: str, prior: list[str], told: list[str]) -> tuple[str, ...]:
    """What statistics may answer: languages of page and market with English beside them, else the usual ones of the script."""
    english = ["en"] if script == "Latin" else []
    usual = table("languages")["usual"].get(script, table("languages")["scripts"][script])
    return tuple(sorted({*prior, *told, *english} if prior else {*usual, *told}))


@dataclass(frozen=True, slots=True)
class _Likely:
    """The likeliest language by the words of a text, with what tell-tales and market add."""

    first: str
    ahead: float
    """Nats by which it leads."""
    words: int
    """How many of the words it knows."""
    known: int
    """How many of the words the language that knows most knows."""
    twins: bool
    """Whether the second one has nearly the same words."""


def _likely(shown: str, options: list[str], scores: Scores) -> _Likely:
    likely, known = word_scores(shown, options, options)
    shares = table("languages")["shares"]
    total = {code: score + POINT * scores.get(code, 0.0) + shares.get(code, 0.0) for code, score in likely.items()}
    first, second = sorted(total, key=lambda code: (-total[code], options.index(code)))[:2]
    return _Likely(first, total[first] - total[second], known[first], max(known.values()), {first, second} == TWINS)


def _first_of(likely: _Likely) -> str | None:
    """The likeliest language; None where too few words are known or two languages are nearly as likely."""
    if likely.known < FEWEST_WORDS:
        return None
    needed = MARGIN + FEW / max(likely.words, 1) + (TWIN if likely.twins else 0.0)
    return likely.first if likely.ahead >= needed else None


def _ranked(scores: Scores) -> list[tuple[str, float]]:
    """The two strongest; of equals the one told first."""
    return sorted(((code, points) for code, points in scores.items() if points), key=lambda entry: -entry[1])[:2]


def _settle_malay(scores: Scores, prior: list[str]) -> None:
    """Indonesian and Malay share most words: what speaks for both goes to the one with more, and in a draw to the market's."""
    if not (scores["id"] and scores["ms"]) or not {"id", "ms"} & set(prior):
        return
    loser = "id" if (scores["ms"], "ms" in prior) > (scores["id"], "id" in prior) else "ms"
    del scores[loser]


def _tell_tales(shown: str, options: list[str]) -> Scores:
    """Points per language: 1.5 for a word only it has, less for shared ones; 2 for its own letter."""
    scores: Scores = defaultdict(float)
    for word in sorted(set(_WORD.findall(shown))):
        speakers = [code for code in _speakers().get(word, ()) if code in options]
        for code in speakers:
            scores[code] += 1.5 / len(speakers) ** 0.5
    for code, letters in table("languages")["letters"].items():
        if code in options:
            scores[code] += min(2.0, sum(_letter_weight(char) for char in letters if char in shown))
    return scores


@cache
def _speakers() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for code, vocabulary in table("languages")["words"].items():
        for word in vocabulary:
            found.setdefault(fold(word), []).append(code)
    return {word: tuple(codes) for word, codes in found.items()}


@cache
def _letter_weight(char: str) -> float:
    return 2.0 / sum(char in letters for letters in table("languages")["letters"].values())


def _by_statistics(shown: str, candidates: tuple[str, ...]) -> str | None:
    factory = _factory(candidates)
    if not factory.langlist:
        return None
    detector = factory.create()
    detector.append(shown)
    try:
        best = detector.get_probabilities()[0]
    except (LangDetectException, IndexError):
        return None
    code = str(table("languages")["same"].get(best.lang, best.lang))
    return code if best.prob >= SURE_ENOUGH else None


@cache
def _factory(candidates: tuple[str, ...]) -> DetectorFactory:
    """Detector over a few languages: faster than all 55, and it cannot call Dutch Afrikaans."""
    folder = Path(langdetect.__file__).parent / "profiles"
    names = [{"nb": "no", "zh": "zh-cn"}.get(code, code) for code in candidates]
    profiles = [(folder / name).read_text(encoding="utf-8") for name in names if (folder / name).is_file()]
    factory = DetectorFactory()
    DetectorFactory.seed = 0
    factory.seed = 0
    if len(profiles) > 1:
        factory.load_json_profile(profiles)
    return factory
