"""What can go wrong with an archive, one class per thing a person would do differently about it."""


class ArchiveError(Exception):
    """Anything about the archive; the message says what to do."""


class ArchiveFull(ArchiveError):
    """No room to write: the disk, a quota or a file-size limit. The run must stop: answers without proof are not kept."""


class ArchiveBroken(ArchiveError):
    """The archive cannot be written for another reason (rights, a vanished folder, a failing disk). The run must stop."""


class ArchiveBusy(ArchiveError):
    """A run is still writing into a file that was to be purged or rewritten."""


class ArchiveMissing(ArchiveError):
    """The file, or the earlier record that a revisit points to, is not here (any more)."""


class ArchiveTombstone(ArchiveError):
    """The answer was erased on request."""


class ArchiveCorrupt(ArchiveError):
    """There are bytes at that place, and they are no whole record."""


class NotAWarc(ArchiveError):
    """The file is not a WARC file, or holds no whole record."""
