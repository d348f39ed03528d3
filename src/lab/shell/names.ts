// The names of the programs that every host has (path.ts), by themselves: what process("…") may name can be told
// without loading the programs.

export const programNames: readonly string[] = `
  [ arp awk brctl cat chmod curl cut dd dmesg echo egrep ethtool expr false fgrep ftp ftpd grep head hostname
  httpd ifconfig ip iperf mkdir modprobe nc netstat nstat ping printf rm route sed seq sh sleep sort ss sync
  sysctl tail tc tcp-client tcp-echo-server tcpdump test touch tr traceroute true udp-client udp-echo-server
  uniq usleep wc
`
  .trim()
  .split(/\s+/);
