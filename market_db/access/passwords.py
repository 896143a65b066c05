"""Passwords: Argon2id with the parameters OWASP asks for, and which ones are too easy.

Parameters: OWASP Password Storage Cheat Sheet, "Argon2id with a minimum configuration of 19 MiB of memory, an iteration count of 2, and 1
degree of parallelism". Length instead of composition: NIST SP 800-63B, 5.1.1.2.
"""

import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST, MOST = 10, 200
"""Characters."""
FEWEST_DIFFERENT = 5
AT_ONCE = threading.BoundedSemaphore(2)
"""Each hash takes 19 MiB and a core for some 30 ms: many at once would starve the pages."""
PATIENCE = 5.0
"""Seconds that a login waits for its turn."""
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look alike on paper."""


class TooBusy(Exception):
    """Too many people log in at this moment."""


def trouble_with(password: str, name: str = "") -> str | None:
    """Why a password is too easy, as a key of the words: password_short, password_long, password_easy; None = good."""
    plain = _plain(password)
    if len(plain) < LEAST:
        return "password_short"
    if len(plain) > MOST:
        return "password_long"
    folded = plain.casefold()
    with_name = len(name) >= 3 and name in folded and len(folded.replace(name, "")) < LEAST - 2
    if len(set(folded)) < FEWEST_DIFFERENT or with_name or _is_run(folded) or _is_known(folded):
        return "password_easy"
    return None


def _is_run(text: str) -> bool:
    """1234567890, abcdefghij, and the like downwards."""
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return steps <= {1} or steps <= {-1} or text in "1234567890" * 20 or text in "0987654321" * 20


WORN = ("password", "katasandi", "rahasia", "tembus", "qwertyuiop", "indonesia", "administrator", "sambal", "passw0rd")


def _is_known(text: str) -> bool:
    """One of the words that everybody tries first, with some digits or signs around it."""
    bare = "".join(char for char in text if char.isalpha())
    return any(bare in (word, word * 2) for word in (*WORN, "passwrd"))


def made_up() -> str:
    """A password for somebody to type once from paper: 4 groups of 4 of 31 signs, some 79 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def hashed(password: str) -> str:
    """Argon2id of a password in PHC form. Raises TooBusy."""
    with _turn():
        return _hasher.hash(_plain(password))


def fits(stored: str | None, password: str) -> bool:
    """Whether it is the password; without a stored one as much work is done, and the answer is no. Raises TooBusy."""
    known = stored or _nobody()
    with _turn():
        try:
            return _hasher.verify(known, _plain(password[: MOST * 2])) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def is_weaker(stored: str) -> bool:
    """Whether it was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_hex(16))


@contextmanager
def _turn() -> Iterator[None]:
    if not AT_ONCE.acquire(timeout=PATIENCE):
        raise TooBusy
    try:
        yield
    finally:
        AT_ONCE.release()


def _plain(password: str) -> str:
    """The same password from every keyboard: NFKC; half a character as the one that was lost."""
    return unicodedata.normalize("NFKC", password.encode("utf-8", "replace").decode("utf-8"))
