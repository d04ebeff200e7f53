"""Says a port of loopback where nobody listens, and then a line for each connection that is tried.

The port is bound, so nobody else gets it, and not listened on, so all are refused. A raw socket hears
of each try (a SYN): only root, or a process with CAP_NET_RAW, may have one.
"""

import socket

held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
held.bind(("127.0.0.1", 0))
port = held.getsockname()[1]
heard = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
print(port, flush=True)
while True:
    packet = heard.recv(65535)
    header = packet[(packet[0] & 15) * 4 :]
    syn_without_ack = header[13] & 0x12 == 0x02
    if syn_without_ack and int.from_bytes(header[2:4], "big") == port:
        print("tried", flush=True)
