// What stands in the database between two steps: rows with their versions, who holds which lock, who waits.
import type { State, Table, Value } from '../model/types';

const text = (value: Value) => (value === null ? 'null' : String(value));

function Rows({ rows }: { rows: NonNullable<State['rows']> }) {
  return (
    <table class="rows">
      <thead>
        <tr>
          <th scope="col">row</th>
          <th scope="col">value</th>
          <th scope="col">version</th>
          <th scope="col">locked by</th>
          <th scope="col">waits</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.row}>
            <th scope="row">{row.row}</th>
            <td>
              <b>{row.value === null ? 'none yet' : row.value}</b>
              {row.in_flight === null ? null : (
                <span class="pending"> → {row.in_flight}, not committed</span>
              )}
            </td>
            <td>{row.version}</td>
            <td>{row.holder ?? 'nobody'}</td>
            <td>{row.queue.length > 0 ? row.queue.join(', ') : 'nobody'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const ROWS_MAX = 4;

function change({ task, before, after }: Table['changes'][number]): string {
  const row = (values: Value[]) => `(${values.map(text).join(', ')})`;
  if (!before) return `${task} + ${row(after ?? [])}`;
  if (!after) return `${task} − ${row(before)}`;
  return `${task} ${row(before)} → ${row(after)}`;
}

function Contents({ table }: { table: Table }) {
  return (
    <div>
      <table class="rows">
        <caption>{table.table}</caption>
        <thead>
          <tr>
            {table.columns.map((column) => (
              <th scope="col" key={column}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.slice(0, ROWS_MAX).map((row, i) => (
            <tr key={i}>
              {row.map((value, column) => (
                <td key={table.columns[column]}>{text(value)}</td>
              ))}
            </tr>
          ))}
          {table.rows.length === 0 ? (
            <tr>
              <td colSpan={table.columns.length}>empty</td>
            </tr>
          ) : null}
        </tbody>
      </table>
      {table.rows.length > ROWS_MAX ? <p>and {table.rows.length - ROWS_MAX} more</p> : null}
      {table.changes.map((one) => (
        <p class="pending" key={change(one)}>
          {change(one)}, not committed
        </p>
      ))}
    </div>
  );
}

export function Database({ state }: { state: State }) {
  if (state.rows) return <Rows rows={state.rows} />;
  return (
    <div class="tables">
      {(state.tables ?? []).map((table) => (
        <Contents table={table} key={table.table} />
      ))}
      {(state.locks ?? []).map((lock) => (
        <p class="lock" key={lock.what}>
          <b>{lock.what}</b> is locked by {lock.holders.join(', ') || 'nobody'}
          {lock.waiters.length > 0
            ? `; ${lock.waiters.join(', ')} ${lock.waiters.length === 1 ? 'waits' : 'wait'}`
            : ''}
          {lock.any_of_them_next && lock.waiters.length > 1 ? ', any of them may go on' : ''}
        </p>
      ))}
    </div>
  );
}
