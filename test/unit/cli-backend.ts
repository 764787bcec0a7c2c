import { examine } from '../../src/app/doctor/doctor.ts';
import { selfTest } from '../../src/app/self-test/self-test.ts';
import type { CliBackend } from '../../src/cli/backend.ts';
import type { Transport } from '../../src/sdk/transport.ts';
import { verifyAuditFile } from '../../src/tasks/audit-file.ts';

/** A backend whose daemon is stopped and whose data is behind this transport. */
export function backendWith(transport: Transport, data: string): CliBackend {
  return {
    dataDir: async () => data,
    serve: async () => 0,
    openOffline: async () => ({ transport, close: async () => undefined }),
    checkConfig: async () => ({ file: null }),
    verifyAuditFile,
    doctor: examine,
    selfTest: ({ data: place }) => ({ version: '0.0.0', checks: selfTest(place) }),
    showConfig: async () => ({ file: null, values: {} }),
  };
}
