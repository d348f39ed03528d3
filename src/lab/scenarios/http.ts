// A web page from one host to the other.

import { bytes } from '../libc.js';
import { pair } from '../topologies/pair.js';
import { numberOption, takeOptions, type Scenario } from './scenario.js';

const PAGE = '<!doctype html>\n<title>B</title>\n<p>This page came across the model.</p>\n';

export const http: Scenario = {
  name: 'http',
  summary: 'A 192.168.10.2 gets a page of the web server B 192.168.10.1',
  options: '[--path PATH] [--size BYTES] [--netem OPTIONS]',
  start(lab, args) {
    const { options } = takeOptions(args, ['path=', 'size=', 'netem=']);
    const size = options.get('size');
    const netem = options.get('netem') ?? 'delay 5ms';
    const [A, B] = pair(
      lab,
      { name: 'A', address: '192.168.10.2/24' },
      { name: 'B', address: '192.168.10.1/24' },
      netem,
    );
    const page = size === undefined ? PAGE : `${'a'.repeat(numberOption('size', size, 0, 10_000_000))}\n`;
    B.kernel.fs.write('/var/www/html/index.html', bytes(page));
    B.spawn('httpd');
    lab.lingerFor(1_000_000_000);
    lab.awaitProcess(A.spawn('curl', ['-i', `http://192.168.10.1${options.get('path') ?? '/'}`]));
  },
};
