"""HTTP as uvicorn speaks it, but what cannot be read at all is answered in the languages of the people here, too."""

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

UNREADABLE = (
    b"Permintaan ini tidak dapat dibaca: alamat, kuki, atau kepalanya rusak atau terlalu panjang. Hapus kuki situs ini, lalu coba lagi.\n"
    b"This request cannot be read: its address, cookies or headers are damaged or too long. Delete this site's cookies, then try again.\n"
)


class Protocol(H11Protocol):
    """One connection."""

    def send_400_response(self, _msg: str) -> None:
        """Whatever h11 could not parse; of the language nothing is known."""
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"x-content-type-options", b"nosniff"), (b"connection", b"close")]
        for event in (h11.Response(status_code=400, headers=headers, reason=b"Bad Request"), h11.Data(data=UNREADABLE), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
