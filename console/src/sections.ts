// The pages that the frame leads to, in its order, and the letters that go there.

export interface SectionOf {
  id: string; // the first part of its path
  path: string[];
  label: string;
  key: string;
  group: '' | 'Work' | 'Rules' | 'Record';
}

const one = (id: string, label: string, key: string, group: SectionOf['group']): SectionOf => ({
  id,
  path: id ? [id] : [],
  label,
  key,
  group,
});

export const sections: SectionOf[] = [
  one('', 'Overview', 'o', ''),
  one('approvals', 'Approvals', 'a', ''),
  one('escalations', 'Escalations', 'u', ''),
  one('findings', 'Findings', 'f', 'Work'),
  one('remediations', 'Remediations', 'r', 'Work'),
  one('executions', 'Executions', 'e', 'Work'),
  one('controls', 'Controls', 'c', 'Rules'),
  one('exceptions', 'Exceptions', 'x', 'Rules'),
  one('brakes', 'Brakes', 'b', 'Rules'),
  one('report', 'Report', 't', 'Record'),
  one('ledger', 'Ledger', 'l', 'Record'),
  one('settings', 'Settings', 's', 'Record'),
];
