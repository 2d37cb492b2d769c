"""Tries the real nginx with its real configuration in front of edges that are played here.

The edges, and the name server that tells where they are, listen on loopback; only ports, the
certificate and the address of the name server are other than in production. Told: the program of
nginx. Plays no chat: what is tried is what the proxy alone decides.
"""

import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

CONFIGURATION = Path(__file__).resolve().parents[2] / "infra/nginx"
WAIT_SECONDS = 20


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Edge:
    """An edge at an address of its own: says what it heard, echoes sockets, or is about to stop."""

    def __init__(self, address, port):
        self.address, self.draining, self.asked, self.heard = address, False, 0, ""
        self.listener = socket.create_server((address, port), backlog=64)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.answer, args=(client,), daemon=True).start()

    def answer(self, client):
        head = b""
        while b"\r\n\r\n" not in head:
            piece = client.recv(4096)
            if not piece:
                return
            head += piece
        self.asked += 1
        self.heard = head.decode()
        if self.draining:
            client.sendall(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        elif re.search(r"^upgrade: websocket\r", self.heard, re.I | re.M):
            client.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
            while piece := client.recv(4096):
                client.sendall(piece)
        else:
            body = self.address.encode()
            client.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        client.close()


class Names:
    """A name server that knows one name, and says of it what it is told to."""

    def __init__(self, port):
        self.addresses = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", port))
        threading.Thread(target=self.answer, daemon=True).start()

    def answer(self):
        while True:
            question, asker = self.socket.recvfrom(512)
            end = question.index(b"\0", 12) + 5
            count = len(self.addresses).to_bytes(2, "big")
            answer = question[:2] + b"\x81\x80\x00\x01" + count + b"\0\0\0\0" + question[12:end]
            for address in self.addresses:
                # A pointer to the name, A, IN, an hour (which must not be believed), four bytes.
                answer += b"\xc0\x0c\0\x01\0\x01\0\0\x0e\x10\0\x04" + socket.inet_aton(address)
            self.socket.sendto(answer, asker)


class Proxy:
    """nginx with the configuration of this repository."""

    def __init__(self, program, folder, tls, edges_port, names_port):
        self.port, self.plain = free_port(), free_port()
        shutil.copytree(CONFIGURATION, folder)
        shutil.copy(folder / f"tls-{tls}.conf", folder / "tls.conf")
        make_certificate(folder / "certs")
        conf = (folder / "nginx.conf").read_text()
        conf = re.sub(r" *listen \[::\].*\n", "", conf)
        conf = conf.replace("listen 443 ", f"listen 127.0.0.1:{self.port} ")
        conf = conf.replace("listen 80;", f"listen 127.0.0.1:{self.plain};")
        conf = conf.replace("edge:8080", f"edge:{edges_port}").replace("/tmp/", f"{folder}/")
        (folder / "nginx.conf").write_text(conf)
        resolver = (folder / "resolver.conf").read_text()
        (folder / "resolver.conf").write_text(resolver.replace("127.0.0.11", f"127.0.0.1:{names_port}"))
        self.command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;", "-e", "stderr"]
        subprocess.run([*self.command, "-t", "-q"], check=True)
        self.process = subprocess.Popen(self.command)
        wait("nginx listens", lambda: socket.create_connection(("127.0.0.1", self.port), 1).close() is None)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)

    def connect(self, highest=ssl.TLSVersion.TLSv1_3, offers=("http/1.1",)):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.maximum_version = highest
        context.set_alpn_protocols(list(offers))
        plain = socket.create_connection(("127.0.0.1", self.port), WAIT_SECONDS)
        return context.wrap_socket(plain, server_hostname="chat.example.org")

    def ask(self, path, more=""):
        with self.connect() as line:
            line.sendall(f"GET {path} HTTP/1.1\r\nHost: chat.example.org\r\n{more}Connection: close\r\n\r\n".encode())
            answer = b""
            while piece := line.recv(4096):
                answer += piece
        head, _, body = answer.decode().partition("\r\n\r\n")
        return int(head.split()[1]), body

    def open_socket(self):
        line = self.connect()
        line.sendall(b"GET /ws/ HTTP/1.1\r\nHost: chat.example.org\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        return line, line.recv(4096).decode().split("\r\n")[0]


def make_certificate(folder):
    folder.mkdir(exist_ok=True)
    names = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30"]
    subprocess.run(["openssl", "req", "-x509", *kind, "-subj", "/CN=chat.example.org", *names], check=True, capture_output=True)


def wait(what, done):
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        try:
            if done():
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"in vain for {WAIT_SECONDS} s: {what}")


def try_sockets(proxy, first, second):
    first.draining = True
    asked = first.asked
    for n in range(12):
        line, status = proxy.open_socket()
        assert status == "HTTP/1.1 101 Switching Protocols", f"refused by one edge, it got {status}"
        line.sendall(b"word %d" % n)
        assert line.recv(64) == b"word %d" % n, "a word waits in the proxy"
        line.close()
    assert first.asked > asked, "the edge that refuses was never asked: nothing was tried"
    second.draining = True
    assert proxy.open_socket()[1].split()[1] == "503", "both refuse, so the browser is told"
    first.draining = second.draining = False


def try_addresses(proxy, edges):
    status, _ = proxy.ask("/", "X-Forwarded-For: 203.0.113.9\r\nForwarded: for=203.0.113.9\r\nX-Real-IP: 203.0.113.9\r\n")
    heard = "".join(edge.heard for edge in edges)
    assert status == 200 and "203.0.113.9" not in heard, f"a client's word was believed:\n{heard}"
    assert re.search(r"^X-Forwarded-For: 127\.0\.0\.1\r", heard, re.M), heard
    assert proxy.ask("/health/ready")[0] == 404


def try_replicas(proxy, names, third):
    # Each worker of nginx has asked by itself and remembers by itself.
    answers = {proxy.ask("/")[1] for _ in range(24)}
    assert third.address not in answers
    names.addresses = [third.address]
    began = time.monotonic()
    wait("all find the new edge", lambda: all(proxy.ask("/")[1] == third.address for _ in range(12)))
    assert time.monotonic() - began < 15, "an address is believed longer than 5 s"


def try_limits(proxy):
    # One after the other on one line: new lines would come slower than the limit allows.
    one = "GET /api/auth/login HTTP/1.1\r\nHost: chat.example.org\r\n"
    with proxy.connect() as line:
        line.sendall((f"{one}\r\n" * 99 + f"{one}Connection: close\r\n\r\n").encode())
        heard = b""
        while piece := line.recv(65536):
            heard += piece
    answers = re.findall(r"HTTP/1\.1 (\d+)", heard.decode())
    assert answers[:40] == ["200"] * 40 and "429" in answers, answers
    assert proxy.ask("/")[0] == 200, "only accounts are meant"


def try_tls(modern, older):
    with modern.connect(offers=("h2", "http/1.1")) as line:
        assert (line.version(), line.selected_alpn_protocol()) == ("TLSv1.3", "h2")
    try:
        modern.connect(ssl.TLSVersion.TLSv1_2).close()
    except (ssl.SSLError, ConnectionError):
        pass
    else:
        raise AssertionError("TLS 1.2 was taken")
    with older.connect(ssl.TLSVersion.TLSv1_2) as line:
        assert line.version() == "TLSv1.2"
    with socket.create_connection(("127.0.0.1", modern.plain), WAIT_SECONDS) as line:
        line.sendall(b"GET /a?b HTTP/1.1\r\nHost: chat.example.org\r\n\r\n")
        answer = line.recv(4096).decode()
    assert answer.startswith("HTTP/1.1 308") and "https://chat.example.org/a?b" in answer, answer


def main(program):
    edges_port, names_port = free_port(), free_port(socket.SOCK_DGRAM)
    first, second, third = (Edge(f"127.0.0.{n}", edges_port) for n in (2, 3, 4))
    names = Names(names_port)
    names.addresses = [first.address, second.address]
    with tempfile.TemporaryDirectory() as folder:
        proxies = [Proxy(program, Path(folder) / tls, tls, edges_port, names_port) for tls in ("1.3", "1.2")]
        try:
            try_tls(*proxies)
            try_sockets(proxies[0], first, second)
            try_addresses(proxies[0], [first, second])
            try_replicas(proxies[0], names, third)
            try_limits(proxies[0])
        finally:
            for proxy in proxies:
                proxy.stop()


if __name__ == "__main__":
    main(sys.argv[1])
