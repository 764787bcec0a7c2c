export interface UnitOptions {
  /** Absolute path of the executable. */
  readonly program: string;
  readonly user: string;
  /** The configuration listens on a port below 1024. */
  readonly lowPorts: boolean;
  /** Whether the master key lies in systemd's store of credentials. */
  readonly credential: CredentialKind;
  /** `session.shutdown_grace`, in milliseconds. */
  readonly shutdownGraceMs: number;
}

/** Where systemd keeps a credential for us, as it is or encrypted to the machine. */
export const CREDENTIAL = '/etc/credstore/bastion.master.key';
export const ENCRYPTED_CREDENTIAL = '/etc/credstore.encrypted/bastion.master.key';
export type CredentialKind = 'none' | 'plain' | 'encrypted';
const CREDENTIAL_LINES: Readonly<Record<CredentialKind, string>> = {
  none: '#LoadCredential=',
  plain: `LoadCredential=master.key:${CREDENTIAL}`,
  encrypted: `LoadCredentialEncrypted=master.key:${ENCRYPTED_CREDENTIAL}`,
};

/** What closing everything may take beyond the grace of the sessions: recordings are finished, the database is closed. */
const CLOSING_SECONDS = 30;
export const CONFIG_FILE = '/etc/bastion/config.yml';
export const STATE_DIR = '/var/lib/bastion';

/**
 * The service. It is started when the daemon answers, which `health` waits for: sd_notify needs a kind of socket that
 * Node has not. MemoryDenyWriteExecute= cannot be used, because V8 writes machine code as it runs.
 */
export function serviceUnit({ program, user, lowPorts, credential, shutdownGraceMs }: UnitOptions): string {
  const capability = lowPorts ? 'CAP_NET_BIND_SERVICE' : '';
  return `# Made by "bastion install", which writes it anew. What you change belongs into: systemctl edit bastion
[Unit]
Description=Bastion, a jump server that records every session
Documentation=man:bastion(1)
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=120
StartLimitBurst=10

[Service]
Type=exec
ExecStart=${program} serve --config ${CONFIG_FILE}
# started is what answers; a migration of much data takes its time
ExecStartPost=${program} health --wait 1h --pid $MAINPID --config ${CONFIG_FILE}
TimeoutStartSec=1h
Restart=on-failure
RestartSec=2
# sessions have session.shutdown_grace to end, then recordings are finished
TimeoutStopSec=${Math.ceil(shutdownGraceMs / 1000) + CLOSING_SECONDS}
KillMode=mixed
LimitNOFILE=65536
LimitCORE=0

User=${user}
StateDirectory=bastion
StateDirectoryMode=0700
WorkingDirectory=${STATE_DIR}
UnsetEnvironment=NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS
# the master key; in ${STATE_DIR}, unless "bastion install" found ${CREDENTIAL} or an encrypted one
${CREDENTIAL_LINES[credential]}

NoNewPrivileges=yes
# low ports alone need a privilege; "bastion install" gives it when the configuration has one
CapabilityBoundingSet=${capability}
AmbientCapabilities=${capability}
ProtectSystem=strict
ProtectHome=yes
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateUsers=${lowPorts ? 'no' : 'yes'}
RemoveIPC=yes
LockPersonality=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
SystemCallFilter=@system-service @pkey
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`;
}

/** The user of the service, for systemd-sysusers. */
export function sysusers(user: string): string {
  return `# Made by "bastion install".\nu ${user} - "Bastion jump server" ${STATE_DIR}\n`;
}
