// Built-in functions and the tapset's functions that need no kernel, each called by a script.
import { describe, expect, it } from 'vitest';
import { run } from '#tsprobe/index.js';

/** What a begin probe prints; messages follow where there are any. */
async function prints(body: string, declarations = ''): Promise<string> {
  const { output, messages } = await run({
    script: `${declarations} probe begin { ${body} exit() }`,
    clock: 'virtual',
  });
  return output + messages;
}

/** The values of expressions, one a line. */
const values = async (...expressions: string[]): Promise<string[]> =>
  (await prints(expressions.map((e) => `println(${e})`).join(' '))).split('\n').slice(0, -1);

describe('strings', () => {
  it.each([
    ['substr("abcdef", 2, 3)', 'cde'],
    ['substr("abcdef", 4, 10)', 'ef'],
    ['substr("abc", -1, 2) . "."', '.'],
    ['substr("abc", 3, 1) . "."', '.'],
    ['stringat("a", 0)', '97'],
    ['isdigit("5x") . ""', null],
    ['isdigit("5x")', '1'],
    ['isdigit("x5")', '0'],
    ['strtol("-0x1F", 16)', '-31'],
    ['strtol("777", 0)', '777'],
    ['strtol("0777", 0)', '511'],
    ['str_replace("banana", "an", "AN")', 'bANANa'],
    ['text_str("\\001\\t\\"é")', '\\001\\t\\"\\303\\251'],
    ['string_quoted("a\\nb")', '"a\\nb"'],
    ['text_strn("abcdefghij", 8, 1)', '"abc"...'],
    ['text_strn("\\t\\t\\t\\t", 8, 1)', '"\\t"...'],
  ])('%s', async (expression, want) => {
    if (want === null) expect(await prints(`println(${expression})`)).toMatch(/type mismatch/);
    else expect(await values(expression)).toEqual([want]);
  });

  it('tokenize goes through a text, matched gives the parts of a match', async () => {
    expect(await prints('for (t = tokenize("a:b::c", ":"); t != ""; t = tokenize("", ":")) print(t, ";")')).toBe(
      'a;b;c;',
    );
    expect(await prints('if ("key=value" =~ "([a-z]+)=([a-z]+)") println(matched(2), matched(1), ngroups())')).toBe(
      'valuekey3\n',
    );
  });
});

describe('network', () => {
  it.each([
    ['ntohs(0x1234)', String(0x3412)],
    ['htonl(0x01020304)', String(0x04030201)],
    ['ntohll(1)', '72057594037927936'],
    ['ip_ntop(0x0a01a8c0)', '192.168.1.10'],
    ['ip_ntop(htonl(0xff000001))', '255.0.0.1'],
    ['format_ipaddr(0x0100007f, 2)', '127.0.0.1'],
    ['errno_str(111)', 'ECONNREFUSED'],
    ['errno_p(-111)', '1'],
    ['errno_p(111)', '0'],
    ['return_str(1, -2)', '-2 (ENOENT)'],
    ['return_str(2, 255)', '0xff'],
    ['syscall_name(42)', 'connect'],
    ['syscall_num("accept4")', '288'],
    ['msg_flags_num2str(0x4040)', 'DONTWAIT|NOSIGNAL'],
    ['sock_fam_num2str(2)', 'INET'],
    ['sock_prot_str2num("UDP")', '17'],
    ['sock_type_num2str(1)', 'STREAM'],
    ['tcp_sockstate_str(4)', 'TCP_FIN_WAIT1'],
  ])('%s is %s', async (expression, want) => expect(await values(expression)).toEqual([want]));
});

describe('time', () => {
  it('reads the virtual clock in every unit', async () => {
    // The machine was started a minute before the script.
    const script = `probe timer.ms(1500) { println(ktime_get_ns(), " ", local_clock_ms(), " ", gettimeofday_s(), " ",
      gettimeofday_us(), " ", jiffies() / HZ(), " ", ctime(gettimeofday_s())) exit() }`;
    const { output } = await run({ script, clock: 'virtual' });
    expect(output).toBe('61500000000 61500 1767225601 1767225601500000 4294728 Thu Jan  1 00:00:01 2026\n');
  });

  it('stopwatches run, stop and are read', async () => {
    const script = `
      probe begin { start_stopwatch("a") start_stopwatch("b") }
      probe timer.ms(10) { stop_stopwatch("a") }
      probe timer.ms(35) {
        println(read_stopwatch_ms("a"), " ", read_stopwatch_us("b"), " ", read_stopwatch_s("none"))
        delete_stopwatch("a") println(read_stopwatch_ns("a"))
        exit()
      }`;
    const { output } = await run({ script, clock: 'virtual' });
    expect(output).toBe('10 35000 0\n0\n');
  });

  it.each([
    ['ctime(0)', 'Thu Jan  1 00:00:00 1970'],
    ['tz_ctime(1000000000)', 'Sun Sep  9 01:46:40 2001 UTC'],
    ['msecs_to_string(3723004)', '1h02m03.004s'],
    ['usecs_to_string(1500000)', '1.500s'],
    ['bytes_to_string(1536)', '1.50K'],
    ['MKDEV(8, 1)', '8388609'],
    ['MAJOR(8388609)', '8'],
  ])('%s is %s', async (expression, want) => expect(await values(expression)).toEqual([want]));
});

describe('floating point', () => {
  it.each([
    ['fp_to_string(fp_div(long_to_fp(1), long_to_fp(8)), 3)', '0.125'],
    ['fp_to_string(fp_add(string_to_fp("1.5"), string_to_fp("2.25")), 2)', '3.75'],
    ['fp_to_long(string_to_fp("-2.5"), 0, 0)', '-2'],
    ['fp_to_long(string_to_fp("3.5"), 0, 0)', '4'],
    ['fp_to_long(string_to_fp("-2.5"), 1, 0)', '-2'],
    ['fp_to_long(string_to_fp("-2.5"), 2, 0)', '-3'],
    ['fp_to_long(fp_sqrt(long_to_fp(144)), 0, 0)', '12'],
    ['fp_lt(long_to_fp(1), long_to_fp(2))', '1'],
    ['fp_to_string(fp_rem(long_to_fp(5), long_to_fp(3)), 1)', '-1.0'],
    ['fp_to_string(fp32_to_fp64(0x3fc00000), 1)', '1.5'],
  ])('%s is %s', async (expression, want) => expect(await values(expression)).toEqual([want]));
});

describe('output and indentation', () => {
  it('indents levels by the depth of the calls', async () => {
    expect(
      await prints('println(indent(1), "a") println(indent(1), "b") println(indent(-1), "b") println(indent(-1), "a")'),
    ).toBe('     0 :a\n     0 : b\n     0 : b\n     0 :a\n');
    expect(await prints('println(thread_indent(1), "x")')).toMatch(/^ {5}0 \S+\(\d+\):x\n$/);
    expect(await prints('println(indent_depth(1), indent_depth(1), indent_depth(-1), indent_depth(-1))')).toBe(
      '1221\n',
    );
  });

  it('keeps speculative output until it is committed or discarded', async () => {
    const script = `
      global keep, drop
      probe begin { keep = speculation() drop = speculation() }
      probe begin(1) { speculate(keep) println("kept") }
      probe begin(2) { speculate(drop) println("dropped") }
      probe begin(3) { println("now") }
      probe begin(4) { commit(keep) discard(drop) println("after") exit() }`;
    expect((await run({ script })).output).toBe('now\nkept\nafter\n');
  });

  it('assert, error and abort end the handler', async () => {
    expect(await prints('try { assert(0) } catch (e) { println(e) } try { error("x") } catch (e) { println(e) }')).toBe(
      'assertion failed\nx\n',
    );
    const { output, status } = await run({
      script: 'probe begin { try { abort() } catch { println("no") } } probe end { println("end") }',
    });
    expect([output, status]).toEqual(['end\n', 0]);
  });

  it('speaks ANSI', async () => {
    expect(
      await prints('ansi_cursor_move(3, 4) ansi_set_color(31) ansi_set_color3(31, 40, 1) ansi_reset_color()'),
    ).toBe('\x1b[4;3H\x1b[31m\x1b[40;31;1m\x1b[0;0m');
  });
});

describe('context', () => {
  it('names the probe', async () => {
    const script =
      'probe init, begin(3) { println(pp(), " ", pn(), " ", probe_type(), " ", is_return()) } probe begin(4) { exit() }';
    expect((await run({ script })).output).toBe(
      'begin(-9223372036854775808) init begin 0\nbegin(3) begin(3) begin 0\n',
    );
  });

  it('prints the probe point where there is no kernel stack', async () => {
    expect(await prints('print_backtrace() println(sprint_ubacktrace(), callers(3), symname(0x1234))')).toBe(
      'Systemtap probe: begin\n0x1234\n',
    );
  });

  it('gives the arguments of the script', async () => {
    const { output } = await run({
      script: 'probe begin { println(argc, argv[1], argv[2]) exit() }',
      args: ['a', 'b c'],
    });
    expect(output).toBe('2ab c\n');
  });

  it('raises a fault where no memory is', async () => {
    expect(
      await prints(
        'try { kernel_string(16) } catch (e) { println(e) } println(kernel_string(16, "none"), user_string_quoted(16))',
      ),
    ).toBe('kernel string copy fault at 0x0000000000000010 [man error::fault]\nnone0x10\n');
  });
});

describe('statistics of queues', () => {
  it('measures lengths, waits and services', async () => {
    const script = `
      probe begin { qsq_start("q") }
      probe timer.ms(10) { if (!n++) qs_wait("q") }
      probe timer.ms(20) { if (!m++) qs_run("q") }
      probe timer.ms(35) { if (!k++) qs_done("q") }
      probe timer.ms(100) {
        println(qsq_wait_time("q", 1), " ", qsq_service_time("q", 1), " ", qsq_utilization("q", 100), " ", qsq_blocked("q", 100))
        qsq_print("q")
        exit()
      }
      global n, m, k`;
    const { output } = await run({ script, clock: 'virtual' });
    expect(output).toBe(
      '25000 15000 15 10\nq: 10.000 ops/s, 0.100 qlen, 25000 await, 15000 svctm, 10% wait, 15% util\n',
    );
  });
});

describe('metrics', () => {
  it('are valid JSON, arrays as objects with an id', async () => {
    const text = await prints(`
      print(__json_start(), __json_value("up", "1"), __json_array_value("net", "eth0", "sent", "2"),
            __json_array_value("net", "eth0", "name", "\\"a\\""), __json_array_value("net", "eth1", "sent", "3"),
            __json_value("down", "4"), __json_end())`);
    expect(JSON.parse(text)).toEqual({
      up: 1,
      net: [
        { __id: 'eth0', sent: 2, name: 'a' },
        { __id: 'eth1', sent: 3 },
      ],
      down: 4,
    });
  });
});
