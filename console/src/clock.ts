// What time it is for the engine. Its clock may be another than the reader's: the sandbox's runs faster. Each overview
// tells the engine's time; between two of them it is reckoned at the speed seen so far.

const speed_needs_ms = 2_000; // of watching, before a speed is believed
const speed_max = 10_000;
const jump_ms = 1_000; // a correction that is worth drawing anew for

interface Sample {
  engine: number;
  own: number;
}

export class EngineClock {
  private first: Sample | undefined;
  private last: Sample | undefined;
  private speed = 1;
  private readonly jumps = new Set<() => void>();

  constructor(private readonly own: () => number = Date.now) {}

  now(): number {
    const own = this.own();
    return this.last ? this.last.engine + (own - this.last.own) * this.speed : own;
  }

  observe(iso: string | undefined): void {
    const engine = Date.parse(iso ?? '');
    if (Number.isNaN(engine)) return;
    const reckoned = this.now();
    const sample = { engine, own: this.own() };
    // Backwards is another engine, or the same one after a restart.
    if (!this.first || !this.last || engine < this.last.engine) this.first = sample;
    this.last = sample;
    const watched = sample.own - this.first.own;
    if (watched >= speed_needs_ms)
      this.speed = Math.min((engine - this.first.engine) / watched, speed_max);
    if (Math.abs(engine - reckoned) > jump_ms) this.jumps.forEach((tell) => tell());
  }

  onJump(listener: () => void): () => void {
    this.jumps.add(listener);
    return () => void this.jumps.delete(listener);
  }
}

export const engineClock = new EngineClock();
