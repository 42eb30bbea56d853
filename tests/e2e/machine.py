"""A machine of its own for a worker, as its network sees it: a network namespace that cables join to ours. Needs root."""

import os
import subprocess


class Machine:
    """Cables by name, each between an address here and one there; cut(name) pulls the plug, heal(name) puts it back.

    Nothing of it reaches a real network, and nothing is left of it when it is closed.
    """

    def __init__(self, *cables):
        self.holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "ip link set lo up && echo there && exec sleep infinity"],
                                       stdout=subprocess.PIPE, text=True)
        if self.holder.stdout.readline() != "there\n":
            raise AssertionError("no network namespace can be made here")
        self.way_in = ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net"]
        self.hosts = {}
        for number, cable in enumerate(cables):
            self._lay(cable, f"10.198.{number}.")

    def _lay(self, cable, network):
        here = self._end(cable)
        self._ip("link", "add", here, "type", "veth", "peer", "name", cable, "netns", str(self.holder.pid))
        self.hosts[cable] = network + "1"
        self._ip("address", "add", network + "1/30", "dev", here)
        self._ip("link", "set", here, "up")
        for words in (["address", "add", network + "2/30", "dev", cable], ["link", "set", cable, "up"]):
            subprocess.run([*self.way_in, "ip", *words], check=True)

    def _end(self, cable):
        return f"{cable[:2]}{os.getpid()}"  # fifteen letters at most

    @staticmethod
    def _ip(*words):
        subprocess.run(["ip", *words], check=True)

    def host(self, cable):
        """Our address on this cable: what listens there is reached from the machine."""
        return self.hosts[cable]

    def cut(self, cable):
        self._ip("link", "set", self._end(cable), "down")

    def heal(self, cable):
        self._ip("link", "set", self._end(cable), "up")

    def close(self):
        self.holder.kill()
        self.holder.wait()
        self.holder.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
