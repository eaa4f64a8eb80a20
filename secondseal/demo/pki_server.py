"""HTTP on 127.0.0.1 for the loopback PKI."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from secondseal.demo.pki_folder import PkiFolder
from secondseal.demo.pki_services import Answer, PkiServices, ServiceDown

MAX_REQUEST_BYTES = 64 * 1024


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, folder: PkiFolder, services: PkiServices) -> None:
        self.services = services
        super().__init__(("127.0.0.1", folder.state().port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one packet per answer
    timeout = 30

    def do_GET(self) -> None:
        self._reply(b"")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MAX_REQUEST_BYTES:
            self._send(Answer(body=b"", media_type="text/plain", status=413))
            return
        self._reply(self.rfile.read(int(length)))

    def _reply(self, body: bytes) -> None:
        try:
            answer = self.server.services.answer(self.path, body)
        except ServiceDown:
            self.close_connection = True
            return
        except (ValueError, TypeError):
            # What certomancer's parsers raise for a request that is not DER.
            answer = Answer(body=b"", media_type="text/plain", status=400)
        self._send(answer)

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.media_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet: a demonstration asks often."""


class Answering:
    """A server answering from a thread of its own until `close`."""

    def __init__(self, folder: PkiFolder, services: PkiServices | None = None) -> None:
        """Bind the folder's port. Raises OSError if it is taken."""
        self._server = _Server(folder, services or PkiServices(folder))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="pki", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
