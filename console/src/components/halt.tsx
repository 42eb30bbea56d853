// The switch that stops every write.

import { post } from '../api';
import type { Deed } from './act';

export function haltDeed(halted: boolean, again: () => void): Deed {
  return {
    label: halted ? 'Resume…' : 'Halt…',
    title: halted ? 'Let changes go on?' : 'Stop every change now?',
    confirm: halted ? 'Resume' : 'Halt',
    tone: halted ? 'good' : 'bad',
    reason: 'required',
    reasonLabel: 'Reason',
    done: halted
      ? 'Changes may go on.'
      : 'Halted. No write leaves aright until somebody resumes it.',
    explain: halted ? (
      <p>
        What waits goes on where it stopped. Plans whose resource moved meanwhile are made anew.
      </p>
    ) : (
      <p>
        No write reaches the cloud from now on, not even of remediations in flight. Reads, findings
        and approvals go on.
      </p>
    ),
    act: async (reason) => {
      await post('/halt', { on: !halted, reason });
      again();
    },
  };
}
