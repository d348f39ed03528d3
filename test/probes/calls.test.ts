// System calls, tasks and signals as the tapset tells of them.
import { describe, expect, it } from 'vitest';
import { run } from '#tsprobe/index.js';

const lines = async (script: string, ...scenario: string[]): Promise<string[]> =>
  (await run({ script, scenario, clock: 'virtual' })).output.split('\n').slice(0, -1);

describe('system calls', () => {
  it('read as strace prints them', async () => {
    const script = `
      global asked
      probe nd_syscall.* { asked[tid()] = argstr }
      probe nd_syscall.*.return { if (execname() == "tcp-client") printf("%s(%s) = %s\\n", name, asked[tid()], retstr) }
      probe syscall.exit_group { printf("%s(%s)\\n", name, argstr) exit() }`;
    const text = (await lines(script, 'tcp-echo')).map((l) => l.replace(/0x\w{16}/g, 'ADDRESS'));
    expect(text).toEqual([
      'socket(PF_INET, SOCK_STREAM, IPPROTO_IP) = 3',
      'connect(3, {AF_INET, 192.168.30.2, 7777}, 16) = 0',
      'sendto(3, ADDRESS, 64, 0x0, NULL, 0) = 64',
      'read(3, ADDRESS, 64) = 64',
      'nanosleep([0.600000000], 0x0) = 0',
      'sendto(3, ADDRESS, 20000, 0x0, NULL, 0) = 20000',
      'nanosleep([0.600000000], 0x0) = 0',
      'close(3) = 0',
      'exit_group(0)',
    ]);
  });

  it('have the values of the manual, with names for numbers', async () => {
    const script = `
      probe syscall.connect { printf("%d %d %s %s %s\\n", sockfd, addrlen, uaddr_af, uaddr_ip, uaddr_ip_port) }
      probe syscall.setsockopt { printf("%d %s %s %d\\n", fd, level_str, optname_str, optlen) }
      probe syscall.accept4 { printf("%d %d %s\\n", sockfd, addr_uaddr, flags_str) }
      probe syscall.sendto { printf("%d %d %s %d %s\\n", s, len, flags_str, tolen, user_buffer_quoted(buf_uaddr, 4)) }`;
    expect((await lines(script, 'tcp-handshake')).slice(0, 4)).toEqual([
      '3 SOL_SOCKET SO_REUSEADDR 4',
      '3 0 0x0',
      '3 16 AF_INET 192.168.30.2 7777',
      expect.stringMatching(/^3 64 0x0 0 "/),
    ]);
  });

  it('are all met by syscall_any and by the tracepoints of calls', async () => {
    const script = `
      global any, traced, named
      probe syscall_any { any[name] <<< syscall_nr }
      probe syscall_any.return { if (retval < 0) println(name, " ", retval) }
      probe kernel.trace("raw_syscalls:sys_enter") { traced[syscall_name($id)] <<< 1 }
      probe syscall.* { named[name] <<< 1 }
      probe end {
        foreach (n in any) if (@count(any[n]) != @count(traced[n]) || @count(any[n]) != @count(named[n])) println(n)
        println(@avg(any["connect"]), " ", @avg(any["nanosleep"]), " ", @count(any["sendto"]))
      }`;
    expect(await lines(script, 'tcp-echo')).toEqual(['42 35 3']);
  });

  it('of a socket read as a file are the socket layer’s, too', async () => {
    const script = `
      global read, got
      probe socket.read_iter.return { read[execname()] <<< size }
      probe socket.receive { got[execname()] <<< size }
      probe end { foreach (e in read) println(e, " ", @sum(read[e]), " ", @sum(got[e])) }`;
    expect(await lines(script, 'tcp-echo')).toEqual(['tcp-echo-server 20064 20064', 'tcp-client 64 64']);
  });

  it('of a socket read as a file are vfs calls', async () => {
    const script = `
      global got
      probe vfs.read.return { got[execname(), devname] <<< bytes_read }
      probe end { foreach ([e, d] in got) println(e, " ", d, " ", @sum(got[e, d])) }`;
    expect(await lines(script, 'tcp-echo')).toEqual(['tcp-echo-server N/A 20064', 'tcp-client N/A 64']);
  });
});

describe('tasks', () => {
  it('have numbers of their own on every host', async () => {
    const script = `probe process.begin { println(hostname(), " ", execname(), " ", pid()) }`;
    expect(await lines(script, 'tcp-echo')).toEqual(['B tcp-echo-server 2006', 'A tcp-client 6']);
  });

  it('are known by address, with their forebears', async () => {
    const script = `
      probe kprocess.exec {
        if (execname() != "ftpd" || ppid() == 0) next
        t = task_current()
        println(task_execname(t), task_pid(t) - pid(), " ", task_state(t), " ", task_prio(t), " ", task_nice(t), " ", task_cpu(t))
        println(task_ancestry(t, 0), " ", pexecname(), " ", pid2execname(ppid()), " ", pid2task(pid()) == t, pid2task(77))
        println(@task(t)->tgid == pid(), " ", argstr, " ", target_set_pid(pid()))
        exit()
      }`;
    expect(await lines(script, 'ftp')).toEqual([
      'ftpd0 0 20 0 0',
      'swapper/0=>ftpd=>ftpd ftpd ftpd 10',
      expect.stringMatching(/^1 ftpd .*0$/),
    ]);
  });

  it('get the processor and leave it', async () => {
    const script = `
      probe scheduler.ctxswitch { printf("%s -> %s %d\\n", prev_task_name, next_task_name, prevtsk_state) }
      probe scheduler.cpu_on { printf("on %s idle=%d\\n", execname(), idle) }
      probe scheduler.wakeup_new { printf("new %s\\n", task_execname(task)) }
      probe timer.ms(1) { exit() }`;
    expect((await lines(script, 'tcp-echo')).slice(0, 6)).toEqual([
      'swapper/0 -> tcp-echo-server 0',
      'on tcp-echo-server idle=0',
      'tcp-echo-server -> swapper/0 1',
      'swapper/0 -> tcp-client 0',
      'on tcp-client idle=0',
      'tcp-client -> swapper/0 1',
    ]);
  });

  it('run softirqs whose actions have names', async () => {
    const script = `
      global served
      probe softirq.entry { served[symname(action)] <<< vec_nr }
      probe end { foreach (s+ in served) println(s, " ", @avg(served[s])) }`;
    expect(await lines(script, 'tcp-echo')).toEqual(expect.arrayContaining(['net_rx_action 3', 'run_timer_softirq 1']));
  });
});

describe('structures', () => {
  it('have offsets and sizes without an object', async () => {
    const script = `probe begin {
      println(&@cast(0, "struct iphdr", "kernel")->daddr, " ", &@cast(0, "struct tcphdr", "kernel")[1])
    }`;
    expect(await lines(script, 'ping')).toEqual(['16 20']);
  });

  it('are found from a timer that lies in them', async () => {
    const script = `probe kernel.function("tcp_write_timer") {
      sk = &@container_of($t, "struct inet_connection_sock", icsk_retransmit_timer)
      println(inet_get_ip_source(sk), " ", inet_get_local_port(sk))
      exit()
    }`;
    expect(await lines(script, 'tcp-loss')).toEqual(['192.168.10.2 7777']);
  });
});

describe('programs', () => {
  it('are named as they run', async () => {
    const script = `
      probe process("curl").function("*").call, process("/usr/sbin/httpd").function("httpd").call { println(pp(), " ", execname()) }
      probe process("curl").begin, process("httpd").begin { println(pp()) }
      probe process("curl").syscall { println(syscall_name($syscall), " ", $arg1) exit() }`;
    const text = (await lines(script, 'http')).map((l) => l.replace(/:\d+"/, ':LINE"'));
    expect(text).toEqual([
      'process("httpd").begin',
      'process("httpd").function("httpd@http.c:LINE").call httpd',
      'process("curl").begin',
      'process("curl").function("curl@http.c:LINE").call curl',
      'socket 2',
    ]);
  });

  it('may be those that process probes know by name', async () => {
    const { programNames: known } = await import('#tsprobe/lab/shell/names.js');
    const { programNames } = await import('#tsprobe/lab/shell/path.js');
    expect(programNames()).toEqual([...known]);
  });

  it('have a call stack where the kernel’s ends', async () => {
    const script = `probe kernel.function("tcp_sendmsg") {
      print_ubacktrace()
      println(usymname(ustack(0)), " ", umodname(uaddr()), " ", caller() =~ "sendto", " ", stack(99), " ", callers(1) == ucallers(1))
      print_ubacktrace_brief()
      exit()
    }
    probe end { print_ubacktrace() println(uaddr(), usymname(77)) }`;
    const text = (await lines(script, 'http')).map((l) =>
      l.replace(/0x[0-9a-f]{12}\b/, 'ADDRESS').replace(/\+0x\w+\/0x\w+/, '+AT'),
    );
    expect(text).toEqual([
      ' ADDRESS : write_all+AT [tcp]',
      ' ADDRESS : curl+AT [http]',
      'write_all tcp 0 0 0',
      ' write_all+AT',
      ' curl+AT',
      '<no user backtrace at end>',
      '00x4d',
    ]);
  });
});

describe('what the kernel cannot have', () => {
  it.each([
    ['probe vm.pagefault { }', 'probe point vm.pagefault: there is no virtual memory in this kernel'],
    ['probe ioblock.request { }', 'probe point ioblock.request: there are no block devices in the lab'],
    ['probe syscall.futex { }', "probe point syscall.futex: the lab's programs make no call of this name"],
    ['probe nd_syscall.open.return { }', "probe point nd_syscall.open.return: the lab's programs make no call"],
    ['probe kernel.trace("irq_handler_entry") { }', 'tracepoint irq_handler_entry: devices of the lab raise no'],
    ['probe begin { println(proc_mem_size()) }', 'function proc_mem_size: there is no virtual memory in this kernel'],
    ['probe begin { println(d_path(0)) }', 'function d_path: files of the lab lie in memory beside the kernel'],
  ])('%s', async (script, reason) => {
    const { status, messages } = await run({ script, scenario: ['ping'] });
    expect(status).toBe(1);
    expect(messages).toContain(`semantic error: ${reason}`);
  });

  it('is still what a script makes of it', async () => {
    const script = `probe vm.pagefault = begin { name = "mine" } probe vm.pagefault { println(name) exit() }
      function proc_mem_size() { return 5 } probe end { println(proc_mem_size()) }`;
    expect(await lines(script, 'ping')).toEqual(['mine', '5']);
  });

  it('leaves names that nobody has as they were', async () => {
    const { messages } = await run({ script: 'probe syscall.opne { }', scenario: ['ping'] });
    expect(messages).toContain('semantic error: probe point mismatch');
  });
});
