"""put|get|exec|shell over paramiko: paramiko-client.py JSON. The outcome is the exit code; errors go to stderr."""
import json, os, stat, sys
import paramiko

a = json.loads(sys.argv[1])
key = paramiko.Ed25519Key.from_private_key_file(a["key"])


def login(host, port, user, sock=None):
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect(host, port, user, pkey=key, sock=sock, allow_agent=False, look_for_keys=False, timeout=30)
    return client


def connect():
    jump = a.get("jump")
    if not jump:
        return login(a["host"], a["port"], a["user"]), None
    outer = login("127.0.0.1", jump["port"], jump["user"])
    channel = outer.get_transport().open_channel("direct-tcpip", (a["host"], a["port"]), ("127.0.0.1", 0))
    return login(a["host"], a["port"], a["user"], sock=channel), outer


def put(sftp, local, remote):
    st = os.lstat(local)
    if stat.S_ISLNK(st.st_mode):
        sftp.symlink(os.readlink(local), remote)
    elif stat.S_ISDIR(st.st_mode):
        sftp.mkdir(remote)
        for name in os.listdir(local):
            put(sftp, local + b"/" + name, remote + b"/" + name)
        sftp.utime(remote, (st.st_mtime, st.st_mtime))
    else:
        sftp.put(local, remote)
        sftp.utime(remote, (st.st_mtime, st.st_mtime))
        sftp.chmod(remote, stat.S_IMODE(st.st_mode))


def get(sftp, remote, local):
    st = sftp.lstat(remote)
    if stat.S_ISLNK(st.st_mode):
        os.symlink(sftp.readlink(remote), local)
    elif stat.S_ISDIR(st.st_mode):
        os.mkdir(local)
        for name in sftp.listdir(remote):
            name = name.encode("utf-8") if isinstance(name, str) else name
            get(sftp, remote + b"/" + name, local + b"/" + name)
        os.utime(local, (st.st_mtime, st.st_mtime))
    else:
        sftp.get(remote, local)
        os.utime(local, (st.st_mtime, st.st_mtime))
        os.chmod(local, stat.S_IMODE(st.st_mode))


client, outer = connect()
do = a["do"]
if do in ("put", "get"):
    sftp = client.open_sftp()
    source, target = a["from"].encode(), a["to"].encode()
    (put if do == "put" else get)(sftp, source, target)
    sftp.close()
elif do == "exec":
    stdin, stdout, stderr = client.exec_command(a["command"])
    stdin.write(a.get("stdin", ""))
    stdin.channel.shutdown_write()
    sys.stdout.write(stdout.read().decode())
    sys.stderr.write(stderr.read().decode())
    code = stdout.channel.recv_exit_status()
    client.close()
    sys.exit(code)
elif do == "shell":
    channel = client.invoke_shell(term="xterm", width=100, height=30)
    channel.sendall(a["command"] + "\nexit 7\n")
    data = b""
    while True:
        piece = channel.recv(65536)
        if not piece:
            break
        data += piece
    sys.stdout.write(data.decode())
    code = channel.recv_exit_status()
    client.close()
    sys.exit(code)
client.close()
