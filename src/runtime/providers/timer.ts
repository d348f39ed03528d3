// timer.s, .ms, .us, .ns, .hz, .jiffies, .profile: periodic probes in virtual time.
// Read beside it: stapprobes(3stap), "TIMERS".
import type { DerivedProbe } from '../../dsl/abi.js';
import type { AttachContext, Provider, Timer } from '../environment.js';
import { seededRandom } from '../random.js';

export class TimerProvider implements Provider {
  readonly handles = ['timer'] as const;
  private readonly timers = new Map<DerivedProbe, Timer>();

  attach(probes: readonly DerivedProbe[], context: AttachContext): void {
    for (const probe of probes) this.start(probe, context);
  }

  private start(probe: DerivedProbe, { environment, handlers }: AttachContext): void {
    if (probe.detail.provider !== 'timer') return;
    const { interval, randomize } = probe.detail;
    const handler = handlers[probe.handler];
    const random = seededRandom(probe.index + 1);
    const wait = (): number =>
      randomize === 0 ? interval : Math.max(1, interval - randomize + (random() % (2 * randomize + 1)));
    const next = (): void => {
      this.timers.set(
        probe,
        environment.after(wait(), () => {
          next();
          handler(probe.index);
        }),
      );
    };
    next();
  }

  detach(probes: readonly DerivedProbe[]): void {
    for (const probe of probes) {
      this.timers.get(probe)?.cancel();
      this.timers.delete(probe);
    }
  }
}
