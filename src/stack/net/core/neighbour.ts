// Neighbours (net/core/neighbour.c), whose functions stand by their subject in neighbour/.

export * from './neighbour/output.js';
export * from './neighbour/proxy.js';
export * from './neighbour/state.js';
export * from './neighbour/sysctl.js';
export * from './neighbour/table.js';
export * from './neighbour/update.js';
