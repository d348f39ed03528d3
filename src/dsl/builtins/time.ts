/** Records of clocks, stopwatches and time formats. Read beside it: Tapset Reference, "Timestamp", "Time utility"; runtime/builtins/time.ts. */
import { builtinGroup } from './builtin.js';

const b = builtinGroup('time');
const clock = { pure: false };

export const time = [
  b('gettimeofday_ns', '', 'long', 'Number of nanoseconds since the UNIX epoch.'),
  b('gettimeofday_us', '', 'long', 'Number of microseconds since the UNIX epoch.'),
  b('gettimeofday_ms', '', 'long', 'Number of milliseconds since the UNIX epoch.'),
  b('gettimeofday_s', '', 'long', 'Number of seconds since the UNIX epoch.'),
  b('ktime_get_ns', '', 'long', 'Number of nanoseconds since boot.'),
  b('ktime_get_real_ns', '', 'long', 'Number of nanoseconds since the UNIX epoch.'),
  b('get_cycles', '', 'long', 'Processor cycle count.'),
  b('local_clock_ns', '', 'long', "Number of nanoseconds on the local cpu's clock."),
  b('local_clock_us', '', 'long', "Number of microseconds on the local cpu's clock."),
  b('local_clock_ms', '', 'long', "Number of milliseconds on the local cpu's clock."),
  b('local_clock_s', '', 'long', "Number of seconds on the local cpu's clock."),
  b('cpu_clock_ns', 'cpu:long', 'long', "Number of nanoseconds on the given cpu's clock."),
  b('cpu_clock_us', 'cpu:long', 'long', "Number of microseconds on the given cpu's clock."),
  b('cpu_clock_ms', 'cpu:long', 'long', "Number of milliseconds on the given cpu's clock."),
  b('cpu_clock_s', 'cpu:long', 'long', "Number of seconds on the given cpu's clock."),
  b('jiffies', '', 'long', 'Kernel jiffies count.'),
  b('HZ', '', 'long', 'Kernel HZ: jiffies a second.'),
  b('ctime', 'epochsecs:long', 'string', 'Converts seconds since the epoch to a date and time (UTC).'),
  b('ctime', '', 'string', 'Converts the current time to a date and time (UTC).', { implementation: 'ctime0' }),
  b('tz_ctime', 'epochsecs:long', 'string', 'Converts seconds since the epoch to a date and time with the timezone.'),
  b('tz_gmtoff', '', 'long', 'Returns the local timezone offset, in seconds west of UTC.'),
  b('tz_name', '', 'string', 'Returns the local timezone name.'),
  b('cputime_to_usecs', 'cputime:long', 'long', 'Translates the given cputime into microseconds.'),
  b('cputime_to_msecs', 'cputime:long', 'long', 'Translates the given cputime into milliseconds.'),
  b('cputime_to_string', 'cputime:long', 'string', 'Human readable string for the given cputime.'),
  b('nsecs_to_string', 'nsecs:long', 'string', 'Human readable string for the given nanoseconds.'),
  b('usecs_to_string', 'usecs:long', 'string', 'Human readable string for the given microseconds.'),
  b('msecs_to_string', 'msecs:long', 'string', 'Human readable string for the given milliseconds.'),
  b('start_stopwatch', 'name:string', 'unknown', 'Starts a stopwatch, making it if there is none of that name.'),
  b('stop_stopwatch', 'name:string', 'unknown', 'Stops a stopwatch, making it if there is none of that name.'),
  b('delete_stopwatch', 'name:string', 'unknown', 'Removes a stopwatch.'),
  b('read_stopwatch_ns', 'name:string', 'long', 'Reads the time in nanoseconds for a stopwatch.', clock),
  b('read_stopwatch_us', 'name:string', 'long', 'Reads the time in microseconds for a stopwatch.', clock),
  b('read_stopwatch_ms', 'name:string', 'long', 'Reads the time in milliseconds for a stopwatch.', clock),
  b('read_stopwatch_s', 'name:string', 'long', 'Reads the time in seconds for a stopwatch.', clock),
];
