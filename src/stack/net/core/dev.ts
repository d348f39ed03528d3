// Network devices (net/core/dev.c), whose functions stand by their subject in dev/. Left out: RPS and XPS, XDP,
// traffic control at ingress, threaded NAPI, moving devices between namespaces.

export * from './dev/features.js';
export * from './dev/flags.js';
export * from './dev/notifier.js';
export * from './dev/receive.js';
export * from './dev/register.js';
export * from './dev/softirq.js';
export * from './dev/taps.js';
export * from './dev/transmit.js';
export { netif_carrier_ok } from '../../include/linux/netdevice.js';
