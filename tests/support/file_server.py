"""Serves files on the loopback address and misbehaves as the first part of a path says.

    file_server.py FOLDER [CERTIFICATE KEY]

FOLDER/files holds what is served; FOLDER/port gets the port once it listens, FOLDER/log a line of
JSON for each request: path, range, if_range, status, sent (bytes of the body).

    /plain/F          F with ETag, Last-Modified and ranges
    /date/F           without an ETag
    /weak/F           with a weak ETag, which If-Range must not use
    /whole/F          knows no ranges
    /shifted/F        answers a range with another one
    /cut-N/F          closes the connection after N bytes of every reply
    /once-N/F         closes it after N bytes of the first reply
    /short-N/F        sends N bytes without saying how many there will be
    /long/F           sends more than F has, without saying how many
    /larger/F         says that F is longer, and sends so much
    /wrong/F          as many other bytes
    /stall-N/F        sends N bytes in its first reply, then nothing
    /drip-N/F         sends N bytes, then a byte every 10 ms
    /status-S/F       replies with status S
    /busy-N/F         replies with 503 N times, then sends F
    /to-plain/F       leads to /plain/F; /to-self/F to itself; /to-file/F to file:///etc/passwd
    /to-URL-P/F       leads to http://127.0.0.1:P/plain/F
"""

import http.server
import json
import pathlib
import re
import ssl
import sys
import threading
import time

folder = pathlib.Path(sys.argv[1])
lock = threading.Lock()
asked = {}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        _, way, name = self.path.split("/", 2)
        word, _, number = way.rpartition("-") if re.search(r"-\d+$", way) else (way, "", "0")
        with lock:
            asked[self.path] = asked.get(self.path, 0) + 1
            self.times = asked[self.path]
        self.sent = 0
        self.status = 0
        self.close_connection = True
        try:
            self.reply(word, int(number), name)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            pass
        finally:
            line = {"path": self.path, "range": self.headers.get("Range", ""),
                    "if_range": self.headers.get("If-Range", ""),
                    "status": self.status, "sent": self.sent}
            with lock, open(folder / "log", "a") as log:
                log.write(json.dumps(line) + "\n")

    def head(self, status, **fields):
        self.status = status
        self.send_response(status)
        for key, value in fields.items():
            self.send_header(key.replace("_", "-"), value)
        self.send_header("Connection", "close")
        self.end_headers()

    def body(self, data):
        for at in range(0, len(data), 65536):
            self.wfile.write(data[at:at + 65536])
            self.sent += len(data[at:at + 65536])

    def lead_to(self, address):
        self.head(302, Location=address, Content_Length="0")

    def reply(self, word, number, name):
        if word == "to-URL":
            return self.lead_to(f"http://127.0.0.1:{number}/plain/{name}")
        if word.startswith("to-"):
            return self.lead_to({"to-plain": f"/plain/{name}", "to-self": self.path,
                                 "to-file": "file:///etc/passwd"}[word])
        if word == "status" or (word == "busy" and self.times <= number):
            text = b"<html>" + b"no " * 100000 + b"</html>"
            self.head(number if word == "status" else 503, Content_Length=str(len(text)))
            return self.body(text)
        return self.send_file(word, number, (folder / "files" / name).read_bytes())

    def send_file(self, word, number, data):
        etag = '"1"'
        fields = {"Last_Modified": "Thu, 31 Aug 2017 10:50:27 GMT"}
        if word != "date":
            fields["ETag"] = ("W/" if word == "weak" else "") + etag
        if word == "wrong":
            data = bytes(255 - byte for byte in data)
        if word == "larger":
            data += b"more"
        if word in ("short", "long"):  # without a length: the end of the connection is the end
            self.head(200, **fields)
            return self.body(data[:number] if word == "short" else data * 3)
        start = 0 if word == "whole" else self.first_byte(etag, fields)
        if start and start >= len(data):
            return self.head(416, Content_Length="0")
        if start:
            shown = start + (1 if word == "shifted" else 0)
            fields["Content_Range"] = f"bytes {shown}-{len(data) - 1}/{len(data)}"
        rest = data[start:]
        self.head(206 if start else 200, Content_Length=str(len(rest)), **fields)
        if word == "cut" or (word == "once" and self.times == 1):
            return self.body(rest[:number])
        if word == "drip" or (word == "stall" and self.times == 1):
            self.body(rest[:number])
            for at in range(number, len(rest)):
                time.sleep(60 if word == "stall" else 0.01)
                self.body(rest[at:at + 1])
            return None
        return self.body(rest)

    def first_byte(self, etag, fields):
        """Where the reply begins; 0 where the whole file is to be sent."""
        match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        condition = self.headers.get("If-Range")
        if not match or (condition and condition not in (etag, fields["Last_Modified"])):
            return 0
        return int(match.group(1))


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    server.socket = context.wrap_socket(server.socket, server_side=True)
(folder / "port.new").write_text(str(server.server_port))
(folder / "port.new").rename(folder / "port")
server.serve_forever()
