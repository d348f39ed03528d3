// Windowed minimum or maximum of a series of samples, as min-RTT and bbr's bandwidth keep it: the best three samples
// of the window, of which the second and third take over as the window moves on.
// Read beside: include/linux/win_minmax.h, lib/win_minmax.c (Kathleen Nichols' algorithm).

import type { u32 } from './types.js';

export class minmax_sample {
  /** Time of the sample, in the caller's unit. */
  t: u32;
  /** The sample. */
  v: u32;

  constructor(t: u32, v: u32) {
    this.t = t;
    this.v = v;
  }
}

/** @packed */
export class minmax {
  /** @hidden */
  s0_t: u32 = 0;
  /** @hidden */
  s0_v: u32 = 0;
  /** @hidden */
  s1_t: u32 = 0;
  /** @hidden */
  s1_v: u32 = 0;
  /** @hidden */
  s2_t: u32 = 0;
  /** @hidden */
  s2_v: u32 = 0;

  /** The samples as they are now. */
  get s(): minmax_sample[] {
    return [
      new minmax_sample(this.s0_t, this.s0_v),
      new minmax_sample(this.s1_t, this.s1_v),
      new minmax_sample(this.s2_t, this.s2_v),
    ];
  }
}

/** @notrace */
export function minmax_get(m: minmax): u32 {
  return m.s0_v;
}

/** Forget the past: one sample thrice. @notrace */
export function minmax_reset(m: minmax, t: u32, meas: u32): u32 {
  minmax_set(m, 0, t, meas);
  minmax_set(m, 1, t, meas);
  minmax_set(m, 2, t, meas);
  return meas;
}

/** @notrace */
function minmax_set(m: minmax, i: number, t: u32, v: u32): void {
  if (i === 0) {
    m.s0_t = t;
    m.s0_v = v;
  } else if (i === 1) {
    m.s1_t = t;
    m.s1_v = v;
  } else {
    m.s2_t = t;
    m.s2_v = v;
  }
}

/** @notrace */
function minmax_subwin_update(m: minmax, win: u32, t: u32, v: u32): u32 {
  const dt = (t - m.s0_t) >>> 0;
  if (dt > win) {
    // The best one has left the window: the others move up.
    minmax_set(m, 0, m.s1_t, m.s1_v);
    minmax_set(m, 1, m.s2_t, m.s2_v);
    minmax_set(m, 2, t, v);
    if ((t - m.s0_t) >>> 0 > win) {
      minmax_set(m, 0, m.s1_t, m.s1_v);
      minmax_set(m, 1, m.s2_t, m.s2_v);
      minmax_set(m, 2, t, v);
    }
  } else if (m.s1_t === m.s0_t && dt > Math.floor(win / 4)) {
    minmax_set(m, 1, t, v);
    minmax_set(m, 2, t, v);
  } else if (m.s2_t === m.s1_t && dt > Math.floor(win / 2)) {
    minmax_set(m, 2, t, v);
  }
  return m.s0_v;
}

/** Take in a sample; gives the maximum of the last win units. */
export function minmax_running_max(m: minmax, win: u32, t: u32, meas: u32): u32 {
  if (meas >= m.s0_v || (t - m.s2_t) >>> 0 > win) return minmax_reset(m, t, meas);
  if (meas >= m.s1_v) {
    minmax_set(m, 1, t, meas);
    minmax_set(m, 2, t, meas);
  } else if (meas >= m.s2_v) {
    minmax_set(m, 2, t, meas);
  }
  return minmax_subwin_update(m, win, t, meas);
}

/** Take in a sample; gives the minimum of the last win units. */
export function minmax_running_min(m: minmax, win: u32, t: u32, meas: u32): u32 {
  if (meas <= m.s0_v || (t - m.s2_t) >>> 0 > win) return minmax_reset(m, t, meas);
  if (meas <= m.s1_v) {
    minmax_set(m, 1, t, meas);
    minmax_set(m, 2, t, meas);
  } else if (meas <= m.s2_v) {
    minmax_set(m, 2, t, meas);
  }
  return minmax_subwin_update(m, win, t, meas);
}
