"""One line of a shortlist, ready for people: what the workbook, the CSV and the JSON export write, with no SQL behind it."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadRow:
    """A lead with its company, its best contacts, its newest evidence and where an advisor stands with it. None = unknown."""

    rank: int
    """Place in the list, from 1."""
    lead_id: str
    """Key under which the filled workbook finds its lead again."""
    company_id: str
    company: str
    """Name as printed by the best source."""
    country: str | None
    """ISO 3166-1 alpha-2."""
    city: str | None
    role: str | None
    """Key of `reference/roles.toml`."""
    score: float
    """0..100."""
    grade: str
    """A, B or C."""
    why_id: str
    """Reasons of the score in Indonesian, joined."""
    why_en: str
    """The same in English."""
    products: tuple[str, ...]
    """What it sells, sought or imported, as printed, best first."""
    product: str
    """Key of the product type."""
    website: str | None
    """http(s) address."""
    email: str | None
    """Role mailbox."""
    phone: str | None
    """E.164."""
    evidence_url: str | None
    """Page that shows the newest evidence."""
    evidence_title: str | None
    """What that page is, in words."""
    sources: tuple[str, ...]
    """Titles of the sources that show the company."""
    n_sources: int
    """Number of independent sources."""
    last_seen: date | None
    """Day of the newest evidence, in the home's zone."""
    first_seen: date | None
    """Day of the oldest."""
    new: bool
    """First listed by the latest refresh."""
    status: str | None = None
    """See `entered.FollowUp.status`; None = nobody touched it."""
    contacted_on: date | None = None
    owner: str | None = None
    """Who follows it up."""
    note: str | None = None
    """Free text of the advisors."""
    licences: tuple[str, ...] = ()
    """Licences of the sources, each once."""
    attributions: tuple[str, ...] = ()
    """Lines the licences ask to carry along."""

    def why(self, language: str) -> str:
        """Reasons of the score in `id` or `en`."""
        return self.why_id if language == "id" else self.why_en
