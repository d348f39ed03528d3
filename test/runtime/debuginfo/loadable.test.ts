import { describe, expect, it } from 'vitest';
import { openTarget } from '#tsprobe/cli/target.js';
import { compile } from '#tsprobe/dsl/compile.js';
import { SourceFile } from '#tsprobe/dsl/source/source.js';
import { loadableModule } from '#tsprobe/runtime/debuginfo/loadable.js';

describe('parts of the kernel that may be modules', () => {
  it.each([
    ['net/bridge/br_input.c', 'bridge'],
    ['drivers/net/veth.c', 'veth'],
    ['drivers/net/loopback.c', null],
    ['net/sched/sch_netem.c', 'sch_netem'],
    ['net/sched/sch_generic.c', null],
    ['net/ipv4/tcp_bbr.c', 'tcp_bbr'],
    ['net/ipv4/tcp_cubic.c', null],
    ['net/ipv4/ip_input.c', null],
  ])('%s', (file, module) => {
    expect(loadableModule(file)).toBe(module);
  });

  it('are found by the module, and without it', () => {
    const points = (point: string) =>
      compile(
        [new SourceFile('x.stp', `probe ${point} { println(1) }`)],
        {},
        openTarget(null).target,
      ).program?.probes.map((p) => p.point.replace(/:\d+"/, '"'));
    expect(points('module("v*").function("veth_xmit")')).toEqual([
      'module("veth").function("veth_xmit@drivers/net/veth.c")',
    ]);
    expect(points('kernel.function("veth_xmit")')).toEqual(['kernel.function("veth_xmit@drivers/net/veth.c")']);
    expect(points('module("veth").function("ip_rcv")')).toBeUndefined();
  });
});
