// The flow of a runbook, as aright draws it: an image by itself, in which no script runs.

import { useEffect, useState } from 'preact/hooks';

import { useLoaded } from '../resource';
import { Section, Shown } from './basic';

function Picture({ of, called }: { of: string; called: string }) {
  const [address, setAddress] = useState('');
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([of], { type: 'image/svg+xml' }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [of]);
  return address === '' ? null : <img class="flow" src={address} alt={`The flow of ${called}`} />;
}

export function Flow({ execution }: { execution: string }) {
  const loaded = useLoaded<{ document: string; svg: string }>(
    `/executions/${encodeURIComponent(execution)}/flow`,
  );
  return (
    <Section title="Flow">
      <Shown loaded={loaded}>
        {(flow) => <Picture of={flow.svg} called={flow.document} />}
      </Shown>
    </Section>
  );
}
