// Node's own http module across the model: a server on B, a client on A, each over the sockets of its host.
//
// Run: tsprobe -e 'probe kernel.function("tcp_v4_connect"), kernel.function("tcp_v4_do_rcv") {
//        printf("%s %s %s\n", hostname(), execname(), ppfunc()) }' -- examples/http.mjs

import http from 'node:http';
import { nodeNet } from 'tsprobe';

export const scenario = {
  name: 'node-http',
  summary: "a page from B to A by Node's http module",
  options: '',
  start(lab) {
    const [A, B] = ['A', 'B'].map((name) => lab.addHost(name));
    lab.connect({ host: A, device: 'eth0' }, { host: B, device: 'eth0' }, 'delay 5ms');
    A.sh('ip link set lo up; ip address add 10.0.0.1/24 brd + dev eth0; ip link set eth0 up');
    B.sh('ip link set lo up; ip address add 10.0.0.2/24 brd + dev eth0; ip link set eth0 up');

    const server = http.createServer((request, response) => {
      // The lab has its own clock; Node's Date header would tell the real one.
      response.sendDate = false;
      response.setHeader('Content-Type', 'text/plain');
      response.end(`${request.method} ${request.url} from ${request.socket.remoteAddress}\n`);
    });
    nodeNet(B)
      .createServer((socket) => server.emit('connection', socket))
      .listen(80);

    const net = nodeNet(A);
    const request = http.get(
      { host: '10.0.0.2', port: 80, path: '/page', createConnection: net.createConnection },
      (response) => {
        net.process.stdout(`HTTP/${response.httpVersion} ${response.statusCode} ${response.statusMessage}\n`);
        response.setEncoding('utf8');
        response.on('data', (piece) => net.process.stdout(piece));
      },
    );
    request.on('error', (error) => net.process.stderr(`${error.message}\n`));
    lab.lingerFor(1e9);
  },
};
