"""A wire between a program and what it talks to, that can be cut: a proxy, on loopback where nothing else is said."""

import contextlib
import selectors
import socket
import threading
import time

CHUNK_BYTES = 1 << 16
LOOK_SECONDS = 0.05


class Wire:
    """Listens on a port of its own and passes on what comes, to a port or a Unix socket.

    cut(): nothing is passed on, and nobody is told, as when a cable is out; what was sent waits in the wire. heal(): all of it goes on.
    reset(): every connection ends at once, both ways, and new ones are refused until heal().
    slow(seconds): so long until each piece is passed on.
    """

    def __init__(self, to, host="127.0.0.1"):
        self.to = to
        self.listener = socket.create_server((host, 0))
        self.port = self.listener.getsockname()[1]
        self.passes = threading.Event()
        self.passes.set()
        self.refuses, self.delay, self.ends = False, 0, False
        self.lock, self.pairs = threading.Lock(), set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        self.passes.clear()

    def heal(self):
        self.refuses = False
        self.passes.set()

    def slow(self, seconds):
        self.delay = seconds

    def reset(self):
        self.refuses = True
        with self.lock:
            pairs, self.pairs = self.pairs, set()
        for pair in pairs:
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.ends = True
        self.heal()
        self.reset()
        self.listener.close()

    def _connect(self):
        if isinstance(self.to, int):
            return socket.create_connection(("127.0.0.1", self.to))
        end = socket.socket(socket.AF_UNIX)
        end.connect(str(self.to))
        return end

    def _accept(self):
        while not self.ends:
            try:
                near = self.listener.accept()[0]
            except OSError:
                return
            if self.refuses:
                near.close()
                continue
            try:
                pair = (near, self._connect())
            except OSError:
                near.close()
                continue
            with self.lock:
                self.pairs.add(pair)
            threading.Thread(target=self._carry, args=(pair,), daemon=True).start()

    def _carry(self, pair):
        near, far = pair
        with near, far, selectors.DefaultSelector() as ready, contextlib.suppress(OSError):
            ready.register(near, selectors.EVENT_READ, far)
            ready.register(far, selectors.EVENT_READ, near)
            while not self.ends:
                for key, _ in ready.select(LOOK_SECONDS):
                    piece = key.fileobj.recv(CHUNK_BYTES)
                    self.passes.wait()
                    time.sleep(self.delay)
                    if not piece:
                        return
                    key.data.sendall(piece)
        with self.lock:
            self.pairs.discard(pair)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
