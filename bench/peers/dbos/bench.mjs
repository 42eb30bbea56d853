// The same as fleet_bench, by DBOS: workflows of three durable steps, and as many at once.
//   node bench.mjs POSTGRES_URL CONCURRENCY SECONDS

import {DBOS} from '@dbos-inc/dbos-sdk';

const [url, concurrency, seconds] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];

async function caller() {
  return {Account: '111122223333'};
}
const workflow = DBOS.registerWorkflow(async () => {
  for (let step = 0; step < 3; ++step) await DBOS.runStep(caller, {name: `Step${step}`});
}, {name: 'Call'});

DBOS.setConfig({name: 'bench', systemDatabaseUrl: url, logLevel: 'error'});
await DBOS.launch();
const took = [];
const cpu = process.cpuUsage(), start = performance.now();
await Promise.all(Array.from({length: concurrency}, async () => {
  while (performance.now() - start < seconds * 1000) {
    const begun = performance.now();
    const handle = await DBOS.startWorkflow(workflow)();
    await handle.getResult();
    took.push(performance.now() - begun);
  }
}));
const elapsed = (performance.now() - start) / 1000, used = process.cpuUsage(cpu);
took.sort((a, b) => a - b);
const at = share => took[Math.floor(share * (took.length - 1))];
console.log(JSON.stringify({
  workflows_per_second: took.length / elapsed, p50_ms: at(0.5), p99_ms: at(0.99),
  cpu_ms_per_workflow: (used.user + used.system) / 1000 / took.length, workflows: took.length,
}));
await DBOS.shutdown();
process.exit(0);
