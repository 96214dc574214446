"""Kamailio (Debian's 5.6) as a telephone provider: a registrar with passwords, calls both ways.

    SIPp, a client ──INVITE number──► Kamailio ──► the contact that the switch registered
    the switch ──INVITE, 407, again──► Kamailio ──► SIPp, whoever is called

Its registrations lie in memory: started again, it knows nobody. Who calls from the port `client`
is the world; everybody else proves who he is, for each INVITE and each BYE.
"""

import socket
from functools import partial
from pathlib import Path

from tests.live.certificates import Certificates
from tests.live.namespace import Namespace
from tests.live.ports import free_port
from tests.live.process import Process, until

HOST = "127.0.0.2"
USER, PASSWORD = "48221234567", "haslo-operatora"

_CONFIG = """\
#!KAMAILIO
debug=2
log_stderror=yes
children=1
tcp_children=1
auto_aliases=no
tcp_accept_no_cl=no
listen=udp:{host}:{port}
{listen}

loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "xlog.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
loadmodule "nathelper.so"

modparam("usrloc", "db_mode", 0)
modparam("registrar|nathelper", "received_avp", "$avp(received)")
modparam("registrar", "max_expires", {expires})
modparam("registrar", "min_expires", 10)
modparam("auth", "nonce_expire", 20)
modparam("auth", "algorithm", "{algorithm}")
modparam("tm", "fr_timer", 10000)

request_route {{
    xlog("L_WARN", "PASS $rm $ru from $si:$sp seq=$cs auth=$au expires=$hdr(Expires)\\n");
    if (!mf_process_maxfwd_header("20")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
    if (is_method("CANCEL")) {{
        if (t_check_trans()) t_relay();
        exit;
    }}
    if (!is_method("ACK")) t_check_trans();
    # Where packets come from counts, and not where somebody behind a router believes to be.
    force_rport();
    if (is_method("REGISTER")) fix_nated_register();
    else add_contact_alias();
    if (is_method("OPTIONS") && uri == myself && !has_totag()) {{
        sl_send_reply("200", "OK");
        exit;
    }}
    if (has_totag()) {{
        if (is_method("BYE") && $sp != {client}) route(PROXY_AUTH);
        if (loose_route()) {{
            handle_ruri_alias();
            t_relay();
        }}
        else if (is_method("ACK")) {{ if (t_check_trans()) t_relay(); }}
        else sl_send_reply("404", "Not by the route set");
        exit;
    }}
    if (is_method("REGISTER")) {{
        if ($au != "{user}" || !pv_www_authenticate("$td", "{password}", "0")) {{
            www_challenge("$td", "1");
            exit;
        }}
        if (!save("location")) sl_reply_error();
        xlog("L_WARN", "SAVED $ct\\n");
        exit;
    }}
    record_route();
    if ($sp == {client}) {{
        # A call from the world: to whom the account is registered; the number stays in To.
        $ru = "sip:{user}@{host}";
        if (!lookup("location")) {{
            sl_send_reply("480", "Not registered");
            exit;
        }}
        t_relay();
        exit;
    }}
    route(PROXY_AUTH);
    if ($tU =~ "22123457[0-9]$") {{
        # A number of the account: back to where it is registered.
        $ru = "sip:{user}@{host}";
        if (lookup("location")) t_relay();
        else sl_send_reply("480", "Not registered");
        exit;
    }}
    $du = "sip:{host}:{far}";
    t_relay();
}}

onreply_route {{
    add_contact_alias();
}}

route[PROXY_AUTH] {{
    if ($au != "{user}" || !pv_proxy_authenticate("$fd", "{password}", "0")) {{
        proxy_challenge("$fd", "1");
        exit;
    }}
    consume_credentials();
}}
"""


_TLS = """\
enable_tls=yes
listen=tls:{host}:{port}
loadmodule "tls.so"
modparam("tls", "tls_method", "TLSv1.2+")
modparam("tls", "certificate", "{chain}")
modparam("tls", "private_key", "{key}")"""


class Provider:
    """One provider. `client`: the port from which the world calls in; `far`: where calls out go."""

    def __init__(
        self,
        folder: Path,
        expires: int = 60,
        algorithm: str = "MD5",
        tls: Certificates | None = None,
        host: str = HOST,
        network: Namespace | None = None,
    ) -> None:
        """`tls`: speaks it on its TCP port, and nothing else there. `network`: where it runs."""
        self.folder, self.port = folder / "provider", free_port(HOST)
        self.host, self.network = host, network
        listen = f"listen=tcp:{host}:{self.port}"
        if tls is not None:
            listen = _TLS.format(host=host, port=self.port, chain=tls.chain, key=tls.key)
        self.client, self.far = free_port(HOST), free_port(HOST)
        self.folder.mkdir(parents=True)
        self._config = self.folder / "kamailio.cfg"
        self._config.write_text(
            _CONFIG.format(
                host=host, port=self.port, client=self.client, far=self.far, expires=expires,
                algorithm=algorithm, user=USER, password=PASSWORD, listen=listen,
            )
        )  # fmt: skip
        self.process = self._start()

    def __enter__(self) -> "Provider":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def address(self) -> tuple[str, int]:
        return self.host, self.port

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def passed(self, method: str) -> list[str]:
        """A line for each request of a method that came, repeats included."""
        return [line for line in self.log.splitlines() if f"PASS {method} " in line]

    def restart(self) -> None:
        """On the same port, without any memory."""
        self.close()
        self.process = self._start()

    def close(self) -> None:
        self.process.end_all()
        until(lambda: not self._is_taken(), "kamailio's port is free")

    def _start(self) -> Process:
        argv = ["kamailio", "-f", str(self._config), "-DD", "-E", "-m", "16", "-M", "4"]
        argv += ["-Y", str(self.folder), "-w", str(self.folder)]
        argv += ["-P", str(self.folder / "pid")]
        argv = argv if self.network is None else self.network.argv(argv)
        process = Process(argv, self.folder / "log", cwd=self.folder)
        try:
            until(lambda: self._listens(process), f"kamailio starts\n{self.log[-3000:]}")
        except BaseException:
            process.kill()
            raise
        return process

    def _listens(self, process: Process) -> bool:
        assert process.is_alive, self.log[-3000:]
        return self._is_taken()

    def _is_taken(self) -> bool:
        """Its UDP port; connections of TCP linger in the kernel for a minute."""
        make = partial(socket.socket, socket.AF_INET, socket.SOCK_DGRAM)
        with make() if self.network is None else self.network.inside(make) as probe:
            try:
                probe.bind(self.address)
            except OSError:
                return True
        return False
