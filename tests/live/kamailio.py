"""Kamailio (Debian's 5.6) as an outer proxy between phones and the switch.

It forwards and keeps nothing: REGISTER with Path (RFC 3327), calls with Record-Route, what is
inside a dialog by loose routing alone. So it is strict: a request of the switch that does not
follow its route set (RFC 3261 12.2.1.1, 16.4) gets 404 and nobody is reached.

    phones ── UDP, TCP ── Kamailio ── UDP or TCP ── switch
"""

import socket
from pathlib import Path

from tests.live.ports import free_port
from tests.live.process import Process, until

HOST = "127.0.0.1"
# What tells a Route made of our Path from one that a phone puts on for its outbound proxy.
_PATH_USER = "to-phone"

_CONFIG = """\
#!KAMAILIO
debug=2
log_stderror=yes
children=1
tcp_children=1
auto_aliases=no
disable_tcp=no
tcp_accept_no_cl=no
listen=udp:{host}:{port}
listen=tcp:{host}:{port}

loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "path.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "xlog.so"
loadmodule "corex.so"

modparam("rr", "enable_double_rr", 1)
modparam("path", "use_received", 1)
modparam("tm", "fr_timer", 10000)

request_route {{
    xlog("L_WARN", "PASS $rm $ru from $proto:$si:$sp route=$hdr(Route)\\n");
    if (!mf_process_maxfwd_header("20")) {{
        sl_send_reply("483", "Too Many Hops");
        exit;
    }}
    if (is_method("CANCEL")) {{
        if (t_check_trans()) t_relay();
        exit;
    }}
    if (!is_method("ACK")) t_check_trans();
    if (has_totag()) {{
        if (loose_route()) {{
            # A refusal's ACK ends here (some phones write our Route into its Request-URI).
            if (is_method("ACK") && uri == myself && t_check_trans()) exit;
            # What is still ours after our Routes are gone was not addressed to the far side.
            if (uri == myself) {{
                xlog("L_WARN", "ASTRAY $rm $ru\\n");
                sl_send_reply("404", "No remote target");
                exit;
            }}
            t_relay();
            exit;
        }}
        if (is_method("ACK")) {{
            if (t_check_trans()) t_relay();
            exit;
        }}
        xlog("L_WARN", "ASTRAY $rm $ru\\n");
        sl_send_reply("404", "Not by the route set");
        exit;
    }}
    if ($hdr(Route) =~ "{path_user}@") {{
        # By our Path, so it comes from the switch.
        $var(how) = loose_route();  # -1: no Route of ours; -3: ours, put on by the sender
        if ($var(how) == -1 || uri == myself) {{
            xlog("L_WARN", "ASTRAY $rm $ru\\n");
            sl_send_reply("404", "Not by the Path");
            exit;
        }}
        record_route();
{forks}        t_relay();
        exit;
    }}
    if ($sp == {switch_udp}) {{
        xlog("L_WARN", "ASTRAY $rm $ru\\n");
        sl_send_reply("404", "The switch forgot the Path");
        exit;
    }}
    # From a phone; the Route to its outbound proxy is us.
    if (is_present_hf("Route")) loose_route();
    if (is_method("REGISTER")) {{
        add_path_received("{path_user}");
    }} else {{
        record_route();
    }}
    $du = "sip:{switch_host}:{switch};transport={transport}";
    t_relay();
}}
"""
# Without the first phone's way, which the new branch would take too.
_FORK = """\
        if (is_method("INVITE")) {{
            $du = $null;
            append_branch("{uri}");
        }}
"""


class Kamailio:
    """One proxy before one switch. `restart` keeps its ports."""

    def __init__(
        self,
        folder: Path,
        *,
        switch_udp: int,
        switch_tcp: int | None = None,
        fork_to: str | None = None,
        host: str = HOST,
    ) -> None:
        """With `switch_tcp` it speaks TCP with the switch; `fork_to`: a second branch of calls."""
        self.folder, self._host, self.port = folder / "kamailio", host, free_port(host)
        self.folder.mkdir(parents=True)
        self._config = self.folder / "kamailio.cfg"
        self._config.write_text(
            _CONFIG.format(
                host=host,
                port=self.port,
                path_user=_PATH_USER,
                switch_udp=switch_udp,
                switch_host=HOST,
                switch=switch_tcp or switch_udp,
                transport="tcp" if switch_tcp else "udp",
                forks=_FORK.format(uri=fork_to) if fork_to else "",
            )
        )
        self.process = self._start()

    def __enter__(self) -> "Kamailio":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def address(self) -> tuple[str, int]:
        return self._host, self.port

    @property
    def log(self) -> str:
        """What passed, one line a request, and its complaints."""
        return (self.folder / "log").read_text(errors="replace")

    @property
    def astray(self) -> list[str]:
        """Requests that did not follow their route."""
        return [line for line in self.log.splitlines() if "ASTRAY" in line]

    def passed(self, method: str) -> int:
        """How many requests of a method came to it, repeats included."""
        return self.log.count(f"PASS {method} ")

    def restart(self) -> None:
        """Stopped and started again; it remembers nothing."""
        self.close()
        self.process = self._start()

    def close(self) -> None:
        self.process.end_all()

    def _start(self) -> Process:
        argv = ["kamailio", "-f", str(self._config), "-DD", "-E", "-m", "64", "-M", "4"]
        argv += ["-Y", str(self.folder), "-w", str(self.folder)]
        argv += ["-P", str(self.folder / "pid")]
        process = Process(argv, self.folder / "log", cwd=self.folder)
        try:
            until(lambda: self._listens(process), f"kamailio starts\n{self.log[-3000:]}")
        except BaseException:
            process.kill()
            raise
        return process

    def _listens(self, process: Process) -> bool:
        assert process.is_alive, self.log[-3000:]
        try:
            socket.create_connection(self.address, 1.0).close()
        except OSError:
            return False
        return True
