"""Drives a headless Chromium through its debugging pipe: pages as people see them, at the width of a desk or a phone."""

import base64
import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from itertools import count
from pathlib import Path

PROGRAM = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)


class Chromium:
    """One browser with one page."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_read, self.to_browser = os.pipe()
        self.from_browser, to_write = os.pipe()

        def wire():
            # first out of the way of 3 and 4: either pipe may already be one of them
            high = fcntl.fcntl(to_read, fcntl.F_DUPFD, 10), fcntl.fcntl(to_write, fcntl.F_DUPFD, 10)
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage", "--no-first-run"]
        flags += ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"]  # it asks nobody
        self.process = subprocess.Popen(
            [PROGRAM, *flags, "--remote-debugging-pipe", f"--user-data-dir={self.folder.name}", "about:blank"],
            preexec_fn=wire, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,  # noqa: PLW1509 - the only way to 3 and 4
        )  # fmt: skip
        os.close(to_read)
        os.close(to_write)
        self.numbers, self.left, self.session, self.said = count(1), b"", None, []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.to_browser)
        os.close(self.from_browser)
        self.folder.cleanup()

    def _next(self):
        while b"\0" not in self.left:
            part = os.read(self.from_browser, 1 << 20)
            if not part:
                raise RuntimeError("the browser ended")
            self.left += part
        message, self.left = self.left.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **params):
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": params, **({"sessionId": self.session} if self.session else {})}
        os.write(self.to_browser, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.said.append(answer)

    def _wait_for(self, method):
        while not any(one.get("method") == method for one in self.said):
            self.said.append(self._next())

    def size(self, width, height=900):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)

    def open(self, url):
        self.said = []
        self.call("Page.navigate", url=url)
        self._wait_for("Page.loadEventFired")

    def click(self, selector):
        """Click something that leads to another page, and wait for that."""
        self.said = []
        self.ask(f"document.querySelector({json.dumps(selector)}).click()")
        self._wait_for("Page.loadEventFired")

    def ask(self, expression):
        """Value of an expression; of a promise what it brings."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            raise RuntimeError(found["exceptionDetails"].get("exception", {}).get("description", "?"))
        return found["result"].get("value")

    def complaints(self):
        """What the console said since the page was asked for: blocked by the policy, not found, and the like."""
        return [one["params"]["entry"]["text"] for one in self.said if one.get("method") == "Log.entryAdded"]

    def received(self):
        """Bytes on the wire since the page was asked for."""
        self.ask("1")
        return sum(one["params"]["encodedDataLength"] for one in self.said if one.get("method") == "Network.loadingFinished")

    def shoot(self, path, *, whole=True):
        """A picture of the page, PNG or WebP by the ending."""
        kind = {"format": "webp", "quality": 70} if str(path).endswith(".webp") else {"format": "png"}
        data = self.call("Page.captureScreenshot", **kind, captureBeyondViewport=whole)["data"]
        Path(path).write_bytes(base64.b64decode(data))
