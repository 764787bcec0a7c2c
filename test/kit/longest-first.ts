import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest, so that none of it is what all others have to be waited for at the end. */
const LONG = [
  'flow/guard-mutations',
  'flow/admin-same',
  'flow/commands-corpus',
  'browser/admin-a',
  'browser/luna',
  'browser/sign-in',
  'flow/hostile-signatures',
  'flow/access-matrix',
  'flow/hostile-targets',
  'flow/clients-failures',
].map((name) => `/test/${name}.test.ts`);

/** The long ones first, the others as Vitest would: by how long they took, or how large they are. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONG.findIndex((name) => moduleId.endsWith(name));
      return at < 0 ? LONG.length : at;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
