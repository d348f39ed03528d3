// ip route: routes shown, added, replaced, deleted, and asked for.

import { in_ntoa } from '../../../stack/include/linux/in_addr.js';
import { htonl } from '../../../stack/include/linux/byteorder.js';
import {
  DST_FEATURE_ECN_CA,
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  RTAX_ADVMSS,
  RTAX_CC_ALGO,
  RTAX_CWND,
  RTAX_FASTOPEN_NO_COOKIE,
  RTAX_FEATURES,
  RTAX_FEATURE_ECN,
  RTAX_FEATURE_TCP_USEC_TS,
  RTAX_HOPLIMIT,
  RTAX_INITCWND,
  RTAX_INITRWND,
  RTAX_LOCK,
  RTAX_MAX,
  RTAX_MTU,
  RTAX_QUICKACK,
  RTAX_REORDERING,
  RTAX_RTO_MIN,
  RTAX_RTT,
  RTAX_RTTVAR,
  RTAX_SSTHRESH,
  RTAX_WINDOW,
  RTN_BLACKHOLE,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_MULTICAST,
  RTN_PROHIBIT,
  RTN_THROW,
  RTN_UNICAST,
  RTN_UNREACHABLE,
  RTPROT_BOOT,
  RTPROT_KERNEL,
  RTPROT_REDIRECT,
  RTPROT_STATIC,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
  RTNH_F_ONLINK,
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_DEFAULT,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
} from '../../../stack/include/linux/rtnetlink.js';
import { fib_config, type fib_alias, type fib_nh } from '../../../stack/include/net/ip_fib.js';
import { ip_route_output, ip_rt_put } from '../../../stack/include/net/route.js';
import { fib_get_table, inet_rtm_delroute, inet_rtm_newroute } from '../../../stack/net/ipv4/fib_frontend.js';
import { fib_table_dump } from '../../../stack/net/ipv4/fib_trie.js';
import { tcp_ca_get_key_by_name, tcp_ca_get_name_by_key } from '../../../stack/net/ipv4/tcp_cong.js';
import type { Kernel } from '../../../stack/kernel/kernel.js';
import type { Process } from '../../process.js';
import { IpUsageError, type IpOptions } from '../ip.js';
import { address, answer, argument, device, number, prefix } from './words.js';

const TYPES: Readonly<Record<string, number>> = {
  unicast: RTN_UNICAST,
  local: RTN_LOCAL,
  broadcast: RTN_BROADCAST,
  multicast: RTN_MULTICAST,
  blackhole: RTN_BLACKHOLE,
  unreachable: RTN_UNREACHABLE,
  prohibit: RTN_PROHIBIT,
  throw: RTN_THROW,
};
const SCOPES: Readonly<Record<string, number>> = {
  global: RT_SCOPE_UNIVERSE,
  link: RT_SCOPE_LINK,
  host: RT_SCOPE_HOST,
  nowhere: RT_SCOPE_NOWHERE,
};
const PROTOCOLS: Readonly<Record<string, number>> = {
  redirect: RTPROT_REDIRECT,
  kernel: RTPROT_KERNEL,
  boot: RTPROT_BOOT,
  static: RTPROT_STATIC,
};
const TABLES: Readonly<Record<string, number>> = {
  main: RT_TABLE_MAIN,
  local: RT_TABLE_LOCAL,
  default: RT_TABLE_DEFAULT,
};
const METRICS: Readonly<Record<string, number>> = {
  mtu: RTAX_MTU,
  advmss: RTAX_ADVMSS,
  window: RTAX_WINDOW,
  rtt: RTAX_RTT,
  rttvar: RTAX_RTTVAR,
  ssthresh: RTAX_SSTHRESH,
  cwnd: RTAX_CWND,
  initcwnd: RTAX_INITCWND,
  initrwnd: RTAX_INITRWND,
  hoplimit: RTAX_HOPLIMIT,
  reordering: RTAX_REORDERING,
  quickack: RTAX_QUICKACK,
  fastopen_no_cookie: RTAX_FASTOPEN_NO_COOKIE,
  rto_min: RTAX_RTO_MIN,
};

/** Bits of the metric `features`. */
const FEATURES: Readonly<Record<string, number>> = { ecn: RTAX_FEATURE_ECN, tcp_usec_ts: RTAX_FEATURE_TCP_USEC_TS };

function nameOf(table: Readonly<Record<string, number>>, value: number): string {
  return Object.keys(table).find((name) => table[name] === value) ?? String(value);
}

export function ipRoute(process: Process, words: string[], _options: IpOptions): number {
  const command = words.shift() ?? 'show';
  if ('show'.startsWith(command) || 'list'.startsWith(command)) return show(process, words);
  if ('get'.startsWith(command)) return get(process, words);
  const flags: Readonly<Record<string, number>> = {
    add: NLM_F_CREATE | NLM_F_EXCL,
    append: NLM_F_CREATE | NLM_F_APPEND,
    prepend: NLM_F_CREATE,
    change: NLM_F_REPLACE,
    replace: NLM_F_CREATE | NLM_F_REPLACE,
  };
  const net = process.host.kernel.init_net;
  if (command in flags) {
    const cfg = parseRoute(process, words);
    cfg.fc_nlflags = flags[command];
    return answer(process, inet_rtm_newroute(net, cfg));
  }
  if ('delete'.startsWith(command)) {
    const cfg = parseRoute(process, words);
    if (!words.includes('scope')) cfg.fc_scope = RT_SCOPE_NOWHERE;
    cfg.fc_protocol = 0;
    return answer(process, inet_rtm_delroute(net, cfg));
  }
  if ('flush'.startsWith(command)) return flush(process, words);
  throw new IpUsageError(`Command "${command}" is unknown, try "ip route help".`);
}

function metric(process: Process, name: string, word: string): number {
  // The kernel keeps rtt in eighths and rttvar in quarters of a millisecond.
  const match = /^(\d+)(ms|s)?$/.exec(word);
  if (match === null) throw new IpUsageError(`Error: argument "${word}" is wrong: "${name}" value is invalid`);
  const value = Number(match[1]) * (match[2] === 's' ? 1000 : 1);
  return name === 'rtt' ? value * 8 : name === 'rttvar' ? value * 4 : value;
}

function metricsOf(cfg: fib_config): number[] {
  return (cfg.fc_mx ??= new Array<number>(RTAX_MAX).fill(0));
}

function lock(cfg: fib_config, index: number): void {
  cfg.fc_mx_lock |= 1 << index;
  metricsOf(cfg)[RTAX_LOCK - 1] |= 1 << index;
}

/** Reads what stands behind add, del and the like. */
export function parseRoute(process: Process, words: string[]): fib_config {
  const cfg = new fib_config();
  cfg.fc_table = RT_TABLE_MAIN;
  cfg.fc_protocol = RTPROT_BOOT;
  cfg.fc_type = RTN_UNICAST;
  let scope: number | null = null;
  let destination = false;
  while (words.length > 0) {
    let word = argument(words);
    if (word === 'dev' || word === 'oif') cfg.fc_oif = device(process, argument(words)).ifindex;
    else if (word === 'via') {
      if (words[0] === 'inet') words.shift();
      cfg.fc_gw4 = address(argument(words));
      cfg.fc_gw_family = 2;
    } else if (word === 'src') cfg.fc_prefsrc = address(argument(words));
    else if (word === 'metric' || word === 'priority' || word === 'preference')
      cfg.fc_priority = number(argument(words), 'metric');
    else if (word === 'table') {
      const table = argument(words);
      cfg.fc_table = TABLES[table] ?? number(table, 'table');
    } else if (word === 'proto' || word === 'protocol') {
      const protocol = argument(words);
      cfg.fc_protocol = PROTOCOLS[protocol] ?? number(protocol, 'protocol');
    } else if (word === 'scope') {
      const name = argument(words);
      scope = SCOPES[name] ?? number(name, 'scope');
    } else if (word === 'tos' || word === 'dsfield') cfg.fc_dscp = number(argument(words), 'tos');
    else if (word === 'onlink') cfg.fc_flags |= RTNH_F_ONLINK;
    else if (word === 'features') {
      const metrics = metricsOf(cfg);
      do {
        const name = argument(words);
        if (!Object.hasOwn(FEATURES, name))
          throw new IpUsageError(`Error: argument "${name}" is wrong: "features" value not valid`);
        metrics[RTAX_FEATURES - 1] = (metrics[RTAX_FEATURES - 1] | FEATURES[name]) >>> 0;
      } while (words.length > 0 && Object.hasOwn(FEATURES, words[0]));
    } else if (word === 'congctl') {
      const metrics = metricsOf(cfg);
      let name = argument(words);
      if (name === 'lock') {
        lock(cfg, RTAX_CC_ALGO);
        name = argument(words);
      }
      const ecn_ca = { value: false };
      metrics[RTAX_CC_ALGO - 1] = tcp_ca_get_key_by_name(process.host.kernel, name, ecn_ca) || -1;
      if (ecn_ca.value) metrics[RTAX_FEATURES - 1] = (metrics[RTAX_FEATURES - 1] | DST_FEATURE_ECN_CA) >>> 0;
    } else if (word in METRICS) {
      const metrics = metricsOf(cfg);
      let value = argument(words);
      if (value === 'lock') {
        lock(cfg, METRICS[word]);
        value = argument(words);
      }
      metrics[METRICS[word] - 1] = metric(process, word, value);
    } else if (word in TYPES && !destination) cfg.fc_type = TYPES[word];
    else {
      if (word === 'to') word = argument(words);
      if (destination) throw new IpUsageError(`Error: either "to" is duplicate, or "${word}" is a garbage.`);
      const to = prefix(word);
      cfg.fc_dst = to.address;
      cfg.fc_dst_len = to.length;
      destination = true;
    }
  }
  if (cfg.fc_type === RTN_LOCAL) scope ??= RT_SCOPE_HOST;
  else if (cfg.fc_type === RTN_BROADCAST || cfg.fc_type === RTN_MULTICAST) scope ??= RT_SCOPE_LINK;
  else if (cfg.fc_type === RTN_UNICAST && cfg.fc_gw_family === 0) scope ??= RT_SCOPE_LINK;
  cfg.fc_scope = scope ?? RT_SCOPE_UNIVERSE;
  return cfg;
}

function nextHop(nh: fib_nh): string {
  const via = nh.nhc_gw_family !== 0 ? ` via ${in_ntoa(nh.nhc_gw4)}` : '';
  return `${via}${nh.nhc_dev === null ? '' : ` dev ${nh.nhc_dev.name}`}`;
}

/** One route as iproute2 prints it. @param dst in host byte order */
export function routeLine(kernel: Kernel, dst: number, fa: fib_alias): string {
  const fi = fa.fa_info;
  const length = 32 - fa.fa_slen;
  const to = length === 0 ? 'default' : `${in_ntoa(htonl(dst))}${length === 32 ? '' : `/${length}`}`;
  let line = (fa.fa_type === RTN_UNICAST ? '' : `${nameOf(TYPES, fa.fa_type)} `) + to;
  if (fi.fib_nhs === 1) line += nextHop(fi.fib_nh[0]);
  if (fi.fib_protocol !== RTPROT_BOOT) line += ` proto ${nameOf(PROTOCOLS, fi.fib_protocol)}`;
  if (fi.fib_scope !== RT_SCOPE_UNIVERSE) line += ` scope ${nameOf(SCOPES, fi.fib_scope)}`;
  if (fi.fib_prefsrc !== 0) line += ` src ${in_ntoa(fi.fib_prefsrc)}`;
  if (fi.fib_priority !== 0) line += ` metric ${fi.fib_priority}`;
  const metrics = fi.fib_metrics;
  if (metrics !== null) {
    for (const [name, index] of Object.entries(METRICS)) {
      if (metrics[index - 1] !== 0) line += ` ${name} ${metrics[index - 1]}`;
    }
    const features = Object.keys(FEATURES).filter((name) => (metrics[RTAX_FEATURES - 1] & FEATURES[name]) !== 0);
    if (features.length > 0) line += ` features ${features.join(' ')}`;
    const congctl = tcp_ca_get_name_by_key(kernel, metrics[RTAX_CC_ALGO - 1]);
    if (congctl !== '') line += ` congctl ${congctl}`;
  }
  if (fi.fib_nhs > 1) for (const nh of fi.fib_nh) line += `\n\tnexthop${nextHop(nh)} weight ${nh.nhc_weight}`;
  const flags = fi.fib_nh[0]?.nhc_flags ?? 0;
  if ((flags & RTNH_F_DEAD) !== 0) line += ' dead';
  if ((flags & RTNH_F_LINKDOWN) !== 0) line += ' linkdown';
  if ((flags & RTNH_F_ONLINK) !== 0) line += ' onlink';
  return `${line} \n`;
}

function show(process: Process, words: string[]): number {
  const at = words.indexOf('table');
  const name = at >= 0 ? words[at + 1] : 'main';
  const id = TABLES[name] ?? number(name, 'table');
  const dev = words.includes('dev') ? device(process, words[words.indexOf('dev') + 1] ?? '') : null;
  const table = fib_get_table(process.host.kernel.init_net, id);
  if (table === null) return 0;
  for (const { dst, fa } of fib_table_dump(table)) {
    if (fa.tb_id !== id || (dev !== null && fa.fa_info.fib_nh[0]?.nhc_dev !== dev)) continue;
    process.stdout(routeLine(process.host.kernel, dst, fa));
  }
  return 0;
}

function flush(process: Process, words: string[]): number {
  if (words.length === 0) throw new IpUsageError('"ip route flush" requires arguments.');
  if (words[0] === 'cache') return 0;
  const net = process.host.kernel.init_net;
  const table = fib_get_table(net, RT_TABLE_MAIN);
  if (table === null) return 0;
  for (const { dst, fa } of fib_table_dump(table)) {
    if (fa.tb_id !== RT_TABLE_MAIN) continue;
    const cfg = new fib_config();
    cfg.fc_table = RT_TABLE_MAIN;
    cfg.fc_dst = htonl(dst);
    cfg.fc_dst_len = 32 - fa.fa_slen;
    cfg.fc_scope = RT_SCOPE_NOWHERE;
    inet_rtm_delroute(net, cfg);
  }
  return 0;
}

function get(process: Process, words: string[]): number {
  const destination = address(argument(words));
  let source = 0;
  let oif = 0;
  while (words.length > 0) {
    const word = argument(words);
    if (word === 'from') source = address(argument(words));
    else if (word === 'oif' || word === 'dev') oif = device(process, argument(words)).ifindex;
    else throw new IpUsageError(`Error: either "to" is duplicate, or "${word}" is a garbage.`);
  }
  const rt = ip_route_output(process.host.kernel.init_net, destination, source, 0, oif, RT_SCOPE_UNIVERSE);
  if (typeof rt === 'number') return answer(process, rt);
  const type = rt.rt_type === RTN_UNICAST ? '' : `${nameOf(TYPES, rt.rt_type)} `;
  const via = rt.rt_gw_family !== 0 ? ` via ${in_ntoa(rt.rt_gw4)}` : '';
  process.stdout(`${type}${in_ntoa(destination)}${via} dev ${rt.dev?.name ?? '?'} \n    cache \n`);
  ip_rt_put(rt);
  return 0;
}
