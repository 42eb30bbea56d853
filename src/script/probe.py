"""Looks for ways out of the jail; whatever it finds means that scripts are not run on this machine."""
import errno
import os
import resource
import socket


def writable(path):
    try:
        with open(path, "w"):
            return True
    except OSError:
        return False


def can_connect():
    try:
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("169.254.169.254", 80))
        return True
    except OSError:
        return False


def fork_is_bounded():
    """More processes than the limit must not come to life."""
    wish = resource.getrlimit(resource.RLIMIT_NPROC)[0] + 1
    born = []
    waiting, go = os.pipe()
    refused = False
    for _ in range(wish):
        try:
            child = os.fork()
        except OSError as error:
            refused = error.errno == errno.EAGAIN
            break
        if child == 0:
            os.close(go)
            os.read(waiting, 1)
            os._exit(0)
        born.append(child)
    os.close(waiting)
    os.close(go)
    for child in born:
        os.waitpid(child, 0)
    return refused


def ways_out(event, context):
    ways = {
        "it is root": os.geteuid() == 0 or os.getegid() == 0,
        "it has more groups": any(group not in (os.getgid(), 65534) for group in os.getgroups()),
        "it sees the host's files": any(map(os.path.exists, ("/etc/passwd", "/proc/1", "/root", "/home", "/sys"))),
        "it can write outside": any(map(writable, ("/probe", "/usr/lib/probe", "/dev/probe"))),
        "it has a network": can_connect(),
        "it sees other processes": os.getppid() > 2,
        "its processes are not bounded": not fork_is_bounded(),
    }
    return [way for way, found in ways.items() if found]
