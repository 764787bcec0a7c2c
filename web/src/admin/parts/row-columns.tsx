import type { Column } from '../../kit/data-table.tsx';
import { Moment } from '../../kit/moment.tsx';
import { Clip } from './clip.tsx';
import { NameCell } from './name-filter.tsx';

interface Titles {
  readonly when: string;
  readonly who: string;
  readonly where: string;
}

interface Row {
  readonly user: string;
  readonly asset: string;
  readonly account: string;
}

/** When, who and where: how the lists of what happened begin. `byAccount`: the list can be narrowed to an account, too. */
export function rowColumns<T extends Row>(t: Titles, at: (row: T) => string, byAccount = false): Column<T>[] {
  return [
    { key: 'when', title: t.when, from: 'sm', width: 130, render: (row) => <Moment at={at(row)} /> },
    { key: 'who', title: t.who, render: (row) => <NameCell kind="user" name={row.user} max={130} /> },
    {
      key: 'where',
      title: t.where,
      from: 'sm',
      render: (row) => (
        <>
          <NameCell kind="asset" name={row.asset} max={150} />
          {byAccount ? (
            <NameCell kind="account" name={row.account} max={150} quiet />
          ) : (
            <Clip size="xs" c="dimmed" lh={1.4} text={row.account} max={150} />
          )}
        </>
      ),
    },
  ];
}
