// What waits for a person, soonest to expire first.

import { ApprovalCard, waitingText } from '../components/approval';
import { Shown } from '../components/basic';
import { useLoaded } from '../resource';
import type { Approval } from '../shapes';

export function ApprovalsPage() {
  const loaded = useLoaded<{ approvals: Approval[] }>('/approvals');
  return (
    <Shown loaded={loaded}>
      {({ approvals }) => {
        const sorted = [...approvals].sort((a, b) => a.expires_at.localeCompare(b.expires_at));
        return (
          <>
            <p class="hint" role="status">
              {waitingText(sorted.length)}
            </p>
            {sorted.length === 0 ? (
              <div class="card calm">
                <p>All decided.</p>
                <p class="hint">New requests appear here by themselves.</p>
              </div>
            ) : (
              <div class="approvals">
                {sorted.map((one) => (
                  <ApprovalCard key={`${one.remediation}${one.step ?? ''}`} of={one} />
                ))}
              </div>
            )}
          </>
        );
      }}
    </Shown>
  );
}
