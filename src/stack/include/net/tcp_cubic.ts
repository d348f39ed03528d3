// The parameters of the module tcp_cubic, which a host's kernel keeps (net/ipv4/tcp_cubic.c).

/** Parameters of the module, /sys/module/tcp_cubic/parameters. */
export class cubic_parameters {
  fast_convergence = 1;
  /** Multiplicative decrease, in 1024ths. */
  beta = 717;
  initial_ssthresh = 0;
  bic_scale = 41;
  tcp_friendliness = 1;
  hystart = 1;
  /** 1: by trains of ACKs, 2: by delay, 3: both. */
  hystart_detect = 3;
  hystart_low_window = 16;
  hystart_ack_delta_us = 2000;
}
