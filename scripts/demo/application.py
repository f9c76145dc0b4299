#!/usr/bin/env python3
"""The application of scripts/demo.sh: reads its password from a file at start, and again when it is told to.

It also notes when the file is another one, which an application need not do.

  application.py PORT FILE LOG

  POST /-/reload   reads the file again
  GET /status      the status file beside it
  POST /-/quit     ends
"""

import http.server
import os
import sys
import threading
import time

port, file, log = sys.argv[1:]
started = time.monotonic()


def note(text):
    with open(log, "a", encoding="utf-8") as output:
        print(f"application, second {time.monotonic() - started:4.1f}: {text}", file=output)


def read_password():
    with open(file, encoding="utf-8") as content:
        note(f"reads {file}: {content.read()}")


def watch():
    generation = os.readlink("..data")
    while True:
        time.sleep(0.02)
        if (now := os.readlink("..data")) != generation:
            note(f"{file} is in another generation: {generation} -> {now}")
            generation = now


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        if self.path == "/-/reload":
            note(f"is told to reload by {self.headers.get('User-Agent', 'somebody')}")
            read_password()
        self.answer(b"")
        if self.path == "/-/quit":
            threading.Thread(target=server.shutdown).start()

    def do_GET(self):
        with open("..status.json", "rb") as content:
            self.answer(content.read())

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Handler)
read_password()
threading.Thread(target=watch, daemon=True).start()
server.serve_forever()
