// Windowed minimum or maximum of a series of samples, as min-RTT and bbr's bandwidth keep it: the best three samples
// of the window, of which the second and third take over as the window moves on.
// Read beside: include/linux/win_minmax.h, lib/win_minmax.c (Kathleen Nichols' algorithm).

import type { u32 } from './types.js';

export class minmax_sample {
  /** Time of the sample, in the caller's unit. */
  t: u32 = 0;
  /** The sample. */
  v: u32 = 0;
}

export class minmax {
  s: minmax_sample[] = [new minmax_sample(), new minmax_sample(), new minmax_sample()];
}

/** @notrace */
export function minmax_get(m: minmax): u32 {
  return m.s[0].v;
}

/** Forget the past: one sample thrice. @notrace */
export function minmax_reset(m: minmax, t: u32, meas: u32): u32 {
  for (const s of m.s) {
    s.t = t;
    s.v = meas;
  }
  return meas;
}

/** @notrace */
function minmax_set(m: minmax, i: number, t: u32, v: u32): void {
  m.s[i].t = t;
  m.s[i].v = v;
}

/** @notrace */
function minmax_subwin_update(m: minmax, win: u32, t: u32, v: u32): u32 {
  const dt = (t - m.s[0].t) >>> 0;
  if (dt > win) {
    // The best one has left the window: the others move up.
    minmax_set(m, 0, m.s[1].t, m.s[1].v);
    minmax_set(m, 1, m.s[2].t, m.s[2].v);
    minmax_set(m, 2, t, v);
    if ((t - m.s[0].t) >>> 0 > win) {
      minmax_set(m, 0, m.s[1].t, m.s[1].v);
      minmax_set(m, 1, m.s[2].t, m.s[2].v);
      minmax_set(m, 2, t, v);
    }
  } else if (m.s[1].t === m.s[0].t && dt > Math.floor(win / 4)) {
    minmax_set(m, 1, t, v);
    minmax_set(m, 2, t, v);
  } else if (m.s[2].t === m.s[1].t && dt > Math.floor(win / 2)) {
    minmax_set(m, 2, t, v);
  }
  return m.s[0].v;
}

/** Take in a sample; gives the maximum of the last win units. */
export function minmax_running_max(m: minmax, win: u32, t: u32, meas: u32): u32 {
  if (meas >= m.s[0].v || (t - m.s[2].t) >>> 0 > win) return minmax_reset(m, t, meas);
  if (meas >= m.s[1].v) {
    minmax_set(m, 1, t, meas);
    minmax_set(m, 2, t, meas);
  } else if (meas >= m.s[2].v) {
    minmax_set(m, 2, t, meas);
  }
  return minmax_subwin_update(m, win, t, meas);
}

/** Take in a sample; gives the minimum of the last win units. */
export function minmax_running_min(m: minmax, win: u32, t: u32, meas: u32): u32 {
  if (meas <= m.s[0].v || (t - m.s[2].t) >>> 0 > win) return minmax_reset(m, t, meas);
  if (meas <= m.s[1].v) {
    minmax_set(m, 1, t, meas);
    minmax_set(m, 2, t, meas);
  } else if (meas <= m.s[2].v) {
    minmax_set(m, 2, t, meas);
  }
  return minmax_subwin_update(m, win, t, meas);
}
