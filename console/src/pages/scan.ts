// Reading the account anew.

import { post } from '../api';
import { announce } from '../components/announce';
import type { Deed } from '../components/act';
import type { ScanReport } from '../shapes';
import { plural } from '../words';

export function scanDeed(after: () => void): Deed {
  return {
    label: 'Scan…',
    title: 'Scan now?',
    confirm: 'Scan',
    tone: 'plain',
    reason: 'none',
    reasonLabel: '',
    explain:
      'Every enabled control reads its resources anew. What the policy decides to fix by itself is fixed then.',
    done: '',
    act: async () => {
      const report = await post<ScanReport>('/scan', {});
      announce(
        `${plural(report.evaluated, 'evaluation')}: ${report.non_compliant} not compliant, ` +
          `${plural(report.findings_opened, 'new finding')}.`,
      );
      after();
    },
  };
}
